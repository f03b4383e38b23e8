import assert from "node:assert/strict";
import { test } from "node:test";
import { type Environment, simulate, timeLimit } from "../envs/index.ts";
import { type Policy, scripted } from "../policies/index.ts";
import { box } from "../spaces/index.ts";
import { evaluateTasks } from "./tasks.ts";

const line = box(-1, 1);
/** Succeeds where the action lies above a bar drawn in [0, `highest`], once an episode; pays `pay` then. */
const bar =
  (highest: number, pay: number, speaks = true) =>
  (): Environment =>
    timeLimit(
      simulate<Float32Array, Float32Array>({
        name: "Bar",
        observationSpace: line,
        actionSpace: line,
        stateSize: 2,
        start: (state, random) => {
          state.set([random.between(0, highest), 0]);
        },
        advance(state, action) {
          state[1] = action[0] > state[0] ? 1 : 0;
          return pay * state[1];
        },
        ended: () => false,
        observe: () => Float32Array.of(0),
        info: (state) => (speaks ? { success: state[1] === 1 } : {}),
      }),
      2,
    ) as Environment;
const says = (value: number): Policy =>
  scripted({
    name: "says",
    observationSpace: line,
    actionSpace: line,
    decide: () => ({ action: Float32Array.of(value) }),
  });

test("the score is the mean over tasks of their shares of successes, whatever the tasks pay", async () => {
  const tasks = { easy: bar(0.4, 1), even: bar(1, 1000), hard: bar(100, 1) };
  const { success, tasks: each } = await evaluateTasks(says(0.5), tasks, { episodes: 400, seed: 3 });
  assert.equal(each.easy.success?.value, 1);
  assert.ok(Math.abs(each.even.success!.value - 0.5) < 0.1);
  assert.ok(each.hard.success!.value < 0.05);
  const mean = ["easy", "even", "hard"].reduce((sum, name) => sum + each[name].success!.value / 3, 0);
  assert.ok(Math.abs(success.value - mean) < 1e-12);
  assert.ok(success.interval[0] < success.value && success.value < success.interval[1]);
  assert.ok(success.interval[1] - success.interval[0] < 0.06);
});

test("each task may have a policy of its own", async () => {
  const tasks = { even: bar(1, 1), same: bar(1, 1) };
  const own = (task: string): Policy => says(task === "even" ? 1 : -1);
  const { success, tasks: each } = await evaluateTasks(own, tasks, { episodes: 50 });
  assert.deepEqual([each.even.success?.value, each.same.success?.value, success.value], [1, 0, 0.5]);
});

test("without a task, or with one that never speaks of success, there is no score", async () => {
  await assert.rejects(evaluateTasks(says(1), {}), /no task/);
  await assert.rejects(evaluateTasks(says(1), { mute: bar(1, 1, false) }), /mute.*info\.success/);
});
