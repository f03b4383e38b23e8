import assert from "node:assert/strict";
import { test } from "node:test";
import { generator, randomKey } from "../../tensor/random.ts";
import { make } from "../registry.ts";
import { pushingDemonstrator } from "./demonstrators.ts";
import { type MiniMetaTask, miniMeta, miniMetaTaskNames, onPath } from "./mini-meta.ts";

const named = miniMetaTaskNames.map((task) => `MiniMeta-${task}-v0`);

test("ten tasks have one observation and one action, and rewards of at most 1 a step, 1 exactly where done", () => {
  assert.equal(named.length, 10);
  const [first] = named.map((name) => make(name));
  for (const name of named) {
    const env = make(name);
    assert.deepEqual([env.observationSpace, env.actionSpace], [first.observationSpace, first.actionSpace]);
    const hand = pushingDemonstrator(name);
    let { observation } = env.reset({ seed: 2 });
    let [before, rose] = [0, 0];
    for (let t = 0; t < 100; t++) {
      const step = env.step(hand.decide(observation as Float32Array, new Float64Array(hand.memorySize), undefined));
      assert.ok(step.reward <= 1 && (step.reward === 1) === step.info.success, `${name}: ${step.reward}`);
      if (step.reward > before) rose++;
      before = step.reward;
      observation = step.observation;
      assert.equal(step.terminated, false);
    }
    assert.ok(rose > 5, `${name}: the dense reward hardly rises on the way`);
  }
});

test("a variation fixes a task's places and no other's; the goal can be hidden; sparse is 1 only where done", () => {
  const seen = (task: MiniMetaTask, options: object, seed: number): number[] => [
    ...(miniMeta({ ...options, task }).reset({ seed }).observation as Float32Array),
  ];
  assert.deepEqual(seen("push", { variation: 3 }, 1).slice(6), seen("push", { variation: 3 }, 2).slice(6));
  assert.notDeepEqual(seen("push", { variation: 3 }, 1).slice(6), seen("push", { variation: 4 }, 1).slice(6));
  assert.notDeepEqual(seen("push", {}, 1).slice(6), seen("push", {}, 2).slice(6));
  const few = new Set(
    Array.from({ length: 30 }, (_, seed) =>
      seen("push", { variation: [3, 4] }, seed)
        .slice(6)
        .join(),
    ),
  );
  assert.deepEqual(few, new Set([3, 4].map((variation) => seen("push", { variation }, 9).slice(6).join())));
  assert.throws(() => make("MiniMeta-reach-v0", { variation: [4, 3] }), /two of them/);
  assert.deepEqual(seen("reach", { hideGoal: true }, 1).slice(12), [0, 0]);
  assert.notDeepEqual(seen("reach", {}, 1).slice(12), [0, 0]);
  const sparse = miniMeta({ task: "reach", reward: "sparse" });
  sparse.reset({ seed: 1 });
  assert.equal(sparse.step(new Float32Array(3)).reward, 0);
  assert.throws(() => miniMeta({ task: "juggle" as MiniMetaTask }), /no task "juggle"/);
  assert.throws(() => make("MiniMeta-reach-v0", { variation: -1 }), /"random", a whole number/);
});

test("handles keep to their paths: a door's to its arc, a drawer's to its line", () => {
  const [x, y] = onPath("door", 0.5, 0.5, 1);
  assert.ok(Math.abs(x - 0.3) < 1e-9 && Math.abs(y - 0.3) < 1e-9);
  for (const task of ["door", "drawer-open", "window", "button", "drawer-close"] as const) {
    const env = miniMeta({ task });
    const hand = pushingDemonstrator(`MiniMeta-${task}-v0`, { noise: 0.5 });
    const random = generator(randomKey(1));
    let { observation } = env.reset({ seed: 5 });
    for (let t = 0; t < 80; t++) {
      observation = env.step(hand.decide(observation, new Float64Array(hand.memorySize), random)).observation;
      const [px, py] = onPath(task, observation[10], observation[11], observation[9]);
      assert.ok(Math.hypot(px - observation[6], py - observation[7]) < 1e-6, task);
    }
  }
});

test("a peg that is not before its slot is stopped by the wall", () => {
  const env = miniMeta({ task: "peg-insert" });
  const hand = pushingDemonstrator("MiniMeta-peg-insert-v0");
  let { observation } = env.reset({ seed: 1 });
  while (observation[5] === 0) {
    observation = env.step(hand.decide(observation, new Float64Array(hand.memorySize), undefined)).observation;
  }
  // Straight for the goal from aside.
  const goal = [observation[12] + 0.06, observation[13]];
  for (let t = 0; t < 60; t++) {
    const far = Math.hypot(goal[0] - observation[0], goal[1] - observation[1]) || 1;
    const action = Float32Array.of(
      (0.5 * (goal[0] - observation[0])) / far,
      (0.5 * (goal[1] - observation[1])) / far,
      1,
    );
    observation = env.step(action).observation;
  }
  assert.ok(observation[7] < goal[1] - 0.05, `${observation[7]} of ${goal[1]}`);
});

test("turned, the hand goes where its mounting sends it, another way in each task, and the skilled hand allows for it", () => {
  const ways = miniMetaTaskNames.map((task) => {
    const env = miniMeta({ task, turned: true });
    env.reset({ seed: 3 });
    const [, , vx, vy] = env.step(Float32Array.of(1, 0, -1)).observation;
    return Math.atan2(vy, vx);
  });
  ways.forEach((way, number) => {
    const apart = (way - (2 * Math.PI * number) / 10) / (2 * Math.PI);
    assert.ok(Math.abs(apart - Math.round(apart)) < 1e-3, `task ${number} goes to ${way}`);
  });
  for (const task of miniMetaTaskNames) {
    const env = miniMeta({ task, turned: true });
    const hand = pushingDemonstrator(`MiniMeta-${task}-v0`, { options: { turned: true } });
    let { observation, info } = env.reset({ seed: 4 });
    for (let t = 0; t < 50 && info.success !== true; t++) {
      ({ observation, info } = env.step(hand.decide(observation, new Float64Array(hand.memorySize), undefined)));
    }
    assert.equal(info.success, true, task);
  }
});

test("the dense reward leads: half of the way to the goal is worth half, whatever the way's length", () => {
  const rewardOn = (part: number): number => {
    const env = miniMeta({ task: "reach" });
    const { observation } = env.reset({ seed: 5 });
    const saved = env.save!() as { readonly state: number[] };
    const state = [...saved.state];
    for (const i of [0, 1]) state[i] += part * (observation[12 + i] - observation[i]);
    env.restore!({ ...saved, state });
    return env.step(new Float32Array(3)).reward;
  };
  [0, 0.25, 0.5, 0.75].forEach((part) => {
    assert.ok(Math.abs(rewardOn(part) - 0.9 * part) < 1e-6, `${part}`);
  });
  assert.equal(rewardOn(1), 1);
});

test("the skilled hand solves every task from every one of 200 starts, within half of an episode", () => {
  for (const task of miniMetaTaskNames) {
    const env = miniMeta({ task });
    const hand = pushingDemonstrator(`MiniMeta-${task}-v0`);
    const memory = new Float64Array(hand.memorySize);
    for (let seed = 0; seed < 200; seed++) {
      let { observation, info } = env.reset({ seed });
      for (let t = 0; t < 50 && info.success !== true; t++) {
        ({ observation, info } = env.step(hand.decide(observation, memory, undefined)));
      }
      assert.equal(info.success, true, `${task}, start ${seed}`);
    }
  }
});
