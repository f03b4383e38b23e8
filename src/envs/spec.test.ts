import assert from "node:assert/strict";
import { test } from "node:test";
import { make, makeFrom, register, scaleReward, specOf } from "./index.ts";

const module = import.meta.resolve("./testing.ts");

test("a spec says options, limit and changed parameters, and what is made from it has them", async () => {
  const maze = make("PointMaze-umaze-v0", { noise: 0.1 });
  assert.deepEqual(specOf(maze), { name: "PointMaze-umaze-v0", options: { noise: 0.1 }, maxSteps: 150 });
  assert.deepEqual(specOf(make("CartPole-v1", { maxSteps: Infinity })), { name: "CartPole-v1", maxSteps: null });
  const env = make("CartPole-v1", { maxSteps: 7 });
  env.perturb!({ gravity: 3, force: 10 });
  const spec = JSON.parse(JSON.stringify(specOf(env)));
  assert.deepEqual(spec, { name: "CartPole-v1", maxSteps: 7, parameters: { gravity: 3 } });
  const again = await makeFrom(spec);
  assert.deepEqual(specOf(again), spec);
  assert.deepEqual(again.reset({ seed: 3 }), env.reset({ seed: 3 }));
  for (let t = 0; t < 7; t++) assert.deepEqual(again.step(t % 2), env.step(t % 2));
  env.perturb!({ gravity: 9.8 });
  assert.deepEqual(specOf(env), { name: "CartPole-v1", maxSteps: 7 });
});

test("what JSON cannot carry, or a wrapper has changed, has no spec", () => {
  assert.equal(specOf(scaleReward(make("CartPole-v1"), { scale: 2 })), undefined);
  register({ name: "Any-v0", about: "Takes anything.", options: ["it"], create: () => make("CartPole-v1") });
  assert.equal(specOf(make("Any-v0", { it: () => 1 })), undefined);
  assert.equal(specOf(make("Any-v0", { it: Float32Array.of(1) })), undefined);
  assert.ok(specOf(make("Any-v0", { it: [{ of: null }] })));
});

test("an environment comes from a module too: what it exports, or what it registers", async () => {
  const env = await makeFrom({ name: "Slope-v0", module, export: "slope", options: { ends: 4 }, maxSteps: 3 });
  env.reset({ seed: 1 });
  assert.equal(env.step(1).reward, 1);
  env.step(1);
  assert.equal(env.step(1).truncated, true);
  const registered = await makeFrom({ name: "Slope-v0", module });
  assert.equal(registered.name, "Slope-v0");
  const missing = makeFrom({ name: "Slope-v0", module, export: "slop" });
  await assert.rejects(missing, /option "export" is "slop"; wanted a function that .*testing\.ts exports/);
  await assert.rejects(makeFrom({ name: "Slope-v0", export: "slope" }), /none was given/);
  await assert.rejects(
    makeFrom({ name: "Slope-v0", module, export: "slope", parameters: { steepness: 1 } }),
    /no parameters/,
  );
});
