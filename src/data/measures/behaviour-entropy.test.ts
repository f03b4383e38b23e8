import assert from "node:assert/strict";
import test from "node:test";
import { behaviourEntropy, conditionalBehaviourEntropy } from "./behaviour-entropy.ts";
import { choices, close } from "./testing.ts";

const rollouts = (...given: readonly (readonly [string, boolean, string])[]) =>
  choices(
    given.map(() => ({ steps: [[0, 0]] as const })),
    given.map(([way, success, start]) => ({ way, success, start })),
  );
const known = { behaviour: "way", known: 4 };

test("entropy over successes, to the base of the ways there are", () => {
  const two = rollouts(["left", true, "a"], ["right", true, "a"], ["middle", false, "a"]);
  assert.ok(close(behaviourEntropy(two, known), 0.5), "two of four ways alike: log 2 / log 4");
  const all = rollouts(["1", true, "a"], ["2", true, "a"], ["3", true, "a"], ["4", true, "a"]);
  assert.ok(close(behaviourEntropy(all, known), 1));
  const skew = rollouts(["1", true, "a"], ["1", true, "a"], ["1", true, "a"], ["2", true, "a"]);
  assert.ok(close(behaviourEntropy(skew, known), (0.75 * Math.log(4 / 3) + 0.25 * Math.log(4)) / Math.log(4)));
});

test("failures are no diversity", () => {
  const wandering = rollouts(["1", false, "a"], ["2", false, "a"], ["3", true, "a"]);
  assert.equal(behaviourEntropy(wandering, known), 0);
  assert.equal(behaviourEntropy(rollouts(["1", false, "a"]), known), 0);
});

test("a policy whose start decides its way has marginal entropy and no conditional one", () => {
  const sorted = rollouts(["left", true, "a"], ["left", true, "a"], ["right", true, "b"], ["right", true, "b"]);
  const task = { behaviour: "way", known: 2 };
  assert.equal(behaviourEntropy(sorted, task), 1);
  assert.equal(conditionalBehaviourEntropy(sorted, { ...task, start: "start" }), 0);
  const free = rollouts(["left", true, "a"], ["right", true, "a"], ["left", true, "b"], ["right", false, "b"]);
  assert.ok(close(conditionalBehaviourEntropy(free, { ...task, start: "start" }), 0.5), "a start counts once");
});

test("a wrong question is one sentence", () => {
  const t = rollouts(["left", true, "a"], ["right", true, "a"]);
  assert.throws(() => behaviourEntropy(t, { behaviour: "wy", known: 2 }), /there is no tag "wy". Known: way/);
  assert.throws(() => behaviourEntropy(t, { behaviour: "way", known: 1 }), /at least the 2 seen/);
  assert.throws(() => behaviourEntropy(t, { ...known, success: "way" }), /got "left"; wanted true or false/);
});
