import assert from "node:assert/strict";
import { test } from "node:test";
import { type Box, box, discrete } from "../spaces/index.ts";
import { checkEnvironment } from "./check.ts";
import type { Environment } from "./environment.ts";
import { inTrials } from "./in-trials.ts";
import { parameter } from "./parameters.ts";
import { simulate } from "./simulation.ts";
import { inTurn, withTaskId } from "./task-family.ts";
import { taskMixture } from "./task-mixture.ts";
import { timeLimit } from "./time-limit.ts";

/** A place in [0, 1) is drawn and stays; a choice of 1 earns it, times the task's worth, and is a success. */
const earning = (worth: number, choices = 2): Environment =>
  timeLimit(
    simulate<Float32Array, number, { bonus: ReturnType<typeof parameter> }>({
      name: `Earning${worth}-v0`,
      observationSpace: box([0], [1]),
      actionSpace: discrete(choices),
      stateSize: 2,
      parameters: { bonus: parameter(0, 0, 1, "beside what is earned") },
      start(state, random) {
        state.set([random.uniform(), 0]);
      },
      advance(state, action, _, { bonus }) {
        state[1] = action;
        return action * (worth * state[0] + bonus);
      },
      ended: () => false,
      observe: ([place]) => Float32Array.of(place),
      info: ([, action]) => ({ success: action === 1 }),
      draw: () => ({ x: 0, y: 0, width: 1, height: 1, shapes: [] }),
    }),
    3,
  );
const family = { one: () => earning(1), ten: () => earning(10), hundred: () => earning(100) };

test("a mixture plays each task about equally often, says which, and follows from the seed", () => {
  const mixed = taskMixture("Mixed-v0", family);
  checkEnvironment(mixed);
  const met: unknown[] = [];
  for (let episode = 0; episode < 300; episode++) {
    const { observation, info } = mixed.reset(episode === 0 ? { seed: 3 } : {});
    const { reward, info: after } = mixed.step(1);
    const worth = { one: 1, ten: 10, hundred: 100 }[info.task as keyof typeof family];
    assert.ok(Math.abs(reward - worth * (observation as Float32Array)[0]) < 1e-4);
    assert.equal(after.task, info.task);
    met.push(info.task);
  }
  for (const task of Object.keys(family)) {
    const share = met.filter((it) => it === task).length / met.length;
    assert.ok(Math.abs(share - 1 / 3) < 0.1, `${task}: ${share}`);
  }
  const again = taskMixture("Mixed-v0", family);
  const second = met.map((_, episode) => again.reset(episode === 0 ? { seed: 3 } : {}).info.task);
  assert.deepEqual(second, met);
});

test("what is changed in a mixture is changed in tasks that are opened later, and saved with it", () => {
  const mixed = taskMixture("Mixed-v0", family);
  mixed.reset({ seed: 1 });
  mixed.perturb!({ bonus: 0.5 });
  const saved = JSON.parse(JSON.stringify(mixed.save!()));
  const bonuses = (env: Environment) =>
    Array.from({ length: 12 }, () => {
      const { observation, info } = env.reset();
      const worth = { one: 1, ten: 10, hundred: 100 }[info.task as keyof typeof family];
      return Math.round(100 * (env.step(1).reward - worth * (observation as Float32Array)[0])) / 100;
    });
  assert.deepEqual(bonuses(mixed), Array(12).fill(0.5));
  const other = taskMixture("Mixed-v0", family);
  other.restore!(saved);
  assert.deepEqual(bonuses(other), Array(12).fill(0.5));
  assert.throws(() => other.restore!({ ...saved, task: 3 }), /what Mixed-v0.save returned/);
});

test("a mixture is of at least one task, and all have one observation and one action", () => {
  assert.throws(() => taskMixture("None-v0", {}), /no task/);
  const unlike = taskMixture("Unlike-v0", { one: () => earning(1), other: () => earning(1, 3) });
  assert.throws(() => {
    for (let seed = 0; seed < 20; seed++) unlike.reset({ seed });
  }, /Unlike-v0: other.*the first task's/);
});

test("the id stands behind the observation, one-hot in the order of the names, and survives a save", () => {
  const told = withTaskId(family);
  assert.deepEqual(Object.keys(told), Object.keys(family));
  for (const [number, make] of Object.values(told).entries()) {
    const env = make();
    checkEnvironment(env);
    const seen = env.reset({ seed: 1 }).observation as Float32Array;
    assert.deepEqual(
      [...seen.slice(1)],
      [0, 1, 2].map((i) => Number(i === number)),
    );
    assert.deepEqual([...(env.step(1).observation as Float32Array)], [...seen]);
    assert.deepEqual((env.observationSpace as Box).high, [1, 1, 1, 1]);
  }
  assert.deepEqual(told.ten().observationSpace, told.one().observationSpace);
});

test("in turn, worlds hold the tasks one after another and then begin anew", () => {
  const next = inTurn(withTaskId(family));
  const held = Array.from({ length: 6 }, () => (next().reset({ seed: 1 }).observation as Float32Array).indexOf(1, 1));
  assert.deepEqual(held, [1, 2, 3, 1, 2, 3]);
});

test("a trial is several episodes from one start, told what was done, earned and begun anew", () => {
  const env = inTrials(taskMixture("Mixed-v0", family), { episodes: 2 });
  checkEnvironment(env);
  const first = env.reset({ seed: 4 });
  const [place] = first.observation as Float32Array;
  assert.deepEqual([...(first.observation as Float32Array)], [place, 0, 0, 0, 0]);
  const steps = [1, 0, 1, 0, 1, 0].map((action) => env.step(action));
  const [worth] = steps.map(({ reward }) => reward);
  const seen = steps.map(({ observation }) => [...(observation as Float32Array)]);
  const close = (got: number[], wanted: number[]) =>
    got.forEach((x, i) => {
      assert.ok(Math.abs(x - wanted[i]) < 1e-5, `${got} and ${wanted}`);
    });
  // [place, chose 0, chose 1, earned, anew]: the third step ends the first episode, and the second begins where it did.
  close(seen[0], [place, 0, 1, worth, 0]);
  close(seen[1], [place, 1, 0, 0, 0]);
  close(seen[2], [place, 0, 1, worth, 1]);
  close(seen[3], [place, 1, 0, 0, 0]);
  assert.deepEqual(
    steps.flatMap(({ terminated, truncated }) => [terminated, truncated]),
    [...Array(10).fill(false), true, false],
  );
  assert.deepEqual(
    steps.map(({ info }) => info.success),
    [false, false, false, false, true, false],
  );
  assert.deepEqual(
    steps.map(({ info }) => info.episode),
    [0, 0, 0, 1, 1, 1],
  );
  assert.equal(new Set(steps.map(({ info }) => info.task)).size, 1);
  const places = Array.from({ length: 5 }, () => (env.reset().observation as Float32Array)[0]);
  assert.equal(new Set(places).size, 5);
  assert.throws(() => inTrials(earning(1), { episodes: 0 }), /"episodes" is 0/);
});

test("a trial goes on from where it was saved", () => {
  const [env, other] = [1, 2].map(() => inTrials(taskMixture("Mixed-v0", family), { episodes: 3 }));
  env.reset({ seed: 9 });
  for (let t = 0; t < 4; t++) env.step(t % 2);
  other.restore!(JSON.parse(JSON.stringify(env.save!())));
  const go = (it: Environment) => [0, 1, 1, 0, 1].map((action) => it.step(action));
  assert.deepEqual(go(other), go(env));
  assert.deepEqual(other.reset(), env.reset());
});
