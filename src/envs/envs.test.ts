import assert from "node:assert/strict";
import { test } from "node:test";
import { trajectories } from "../data/build.ts";
import { box, contains, dict, discrete, sample, type Value } from "../spaces/index.ts";
import { ndarray } from "../tensor/ndarray.ts";
import { generator, randomKey } from "../tensor/random.ts";
import type { Environment } from "./environment.ts";
import {
  checkEnvironment,
  clipAction,
  type Episode,
  flattenObservation,
  frameStack,
  joinEpisodes,
  make,
  normaliseObservation,
  normaliseReward,
  recordEpisodes,
  register,
  registered,
  rescaleAction,
  scaleReward,
  timeLimit,
  vectorise,
} from "./index.ts";

test("every registered environment passes the check, and its time limit cuts, not ends", () => {
  assert.ok(registered().length >= 13);
  for (const { name, about, needs = [] } of registered()) {
    if (needs.length > 0) continue; // tested where its data are
    assert.deepEqual(checkEnvironment(make(name), { steps: 60 }), [], name);
    assert.match(about, /\.$/);
    const env = make(name, { maxSteps: 2 });
    const random = generator(randomKey(1));
    env.reset({ seed: 1 });
    const ends = [env.step(sample(env.actionSpace, random))];
    if (!ends[0].terminated) ends.push(env.step(sample(env.actionSpace, random)));
    const last = ends[ends.length - 1];
    assert.equal(last.truncated, !last.terminated, name);
    if (ends.length === 2) assert.equal(ends[0].truncated, false, name);
    assert.throws(() => env.step(sample(env.actionSpace, random)), /Call reset first/, name);
  }
});

test("a time limit that coincides with the end leaves it an end", () => {
  const env = make("GridMaze-umaze-v0", { start: [1.5, 1.5], goal: [2.5, 1.5], maxSteps: 1 });
  env.reset({ seed: 1 });
  const { terminated, truncated } = env.step(1);
  assert.deepEqual([terminated, truncated], [true, false]);
});

test("unknown names and options are named with their neighbours", () => {
  assert.throws(() => make("PointMaze-medum-v0"), /no environment "PointMaze-medum-v0"\. Known: PointMaze-medium-v0/);
  assert.throws(() => make("CartPole-v1", { gravity: 1 }), /CartPole-v1 has no option "gravity"\. It has: maxSteps/);
  assert.throws(() => make("CartPole-v1", { maxSteps: 0 }), /option "maxSteps" is 0/);
  assert.throws(
    () => register({ name: "CartPole-v1", about: "", create: () => make("CartPole-v1") }),
    /no environment has yet/,
  );
});

test("a registered environment of one's own is made with its options and limit", () => {
  const seen: unknown[] = [];
  register({
    name: "Counter-v0",
    about: "Counts.",
    maxSteps: 2,
    options: ["from"],
    create: (options) => {
      seen.push(options.from);
      return counter();
    },
  });
  const env = make("Counter-v0", { from: 3 });
  assert.deepEqual(seen, [3]);
  env.reset();
  assert.equal(env.step(0).truncated, false);
  assert.equal(env.step(0).truncated, true);
});

test("an episode is a function of the seed and its number, not of what came before", () => {
  const play = (steps: number): unknown => {
    const env = make("PointMaze-medium-v0", { noise: 0.2 });
    env.reset({ seed: 5 });
    for (let t = 0; t < steps; t++) env.step(Float32Array.of(1, 0));
    return [env.reset().observation, env.step(Float32Array.of(0, 1)).observation];
  };
  assert.deepEqual(play(3), play(17));
  const env = make("CartPole-v1");
  assert.notDeepEqual(env.reset({ seed: 1 }).observation, env.reset().observation);
  assert.notDeepEqual(env.reset({ seed: 1 }).observation, env.reset({ seed: 2 }).observation);
});

test("actions outside the space, and foreign saves, are refused in a sentence", () => {
  const env = make("Pendulum-v1");
  assert.throws(() => env.step(Float32Array.of(0)), /Call reset first/);
  env.reset({ seed: 1 });
  assert.throws(
    () => env.step(Float32Array.of(2.5)),
    /Pendulum-v1\.step: got Float32Array \[2\.5\]; wanted a value of Box\[1\] in \[-2, 2\]/,
  );
  assert.throws(() => env.restore!({ inner: { state: [1] }, own: 0 }), /what Pendulum-v1\.save returned/);
  assert.throws(() => env.restore!(7), /same wrapped environment/);
  assert.throws(() => env.reset({ seed: 0.5 }), /whole number/);
});

/** Observes 1, 2, 3 …, rewards the same. */
function counter(): Environment {
  let at = 0;
  return {
    name: "Counter-v0",
    observationSpace: box(0, Infinity),
    actionSpace: discrete(2),
    reset: () => {
      at = 1;
      return { observation: Float32Array.of(at), info: {} };
    },
    step: () => ({ observation: Float32Array.of(++at), reward: at, terminated: false, truncated: false, info: {} }),
    save: () => at,
    restore: (saved) => {
      at = saved as number;
    },
  };
}

test("observations normalised: given numbers, and running ones as the definition says", () => {
  const fixed = normaliseObservation(counter(), { mean: [1], std: [2] });
  assert.deepEqual(fixed.reset().observation, Float32Array.of(0));
  assert.deepEqual(fixed.step(0).observation, Float32Array.of(0.5));
  const running = normaliseObservation(counter());
  running.reset();
  running.step(0);
  const last = running.step(0).observation as Float32Array;
  const { mean, std, count } = running.statistics();
  assert.deepEqual([mean, count], [[2], 3]);
  assert.ok(Math.abs(std[0] - Math.sqrt(2 / 3)) < 1e-6);
  assert.ok(Math.abs(last[0] - 1 / Math.sqrt(2 / 3)) < 1e-6);
  const saved = JSON.parse(JSON.stringify(running.save!()));
  const ahead = running.step(0).observation;
  running.restore!(saved);
  assert.deepEqual(running.step(0).observation, ahead);
  assert.throws(() => normaliseObservation(counter(), { mean: [1, 2], std: [1, 1] }), /2 numbers/);
});

test("rewards scaled, and normalised by the spread of the discounted return", () => {
  const scaled = scaleReward(counter(), { scale: 10, shift: -1 });
  scaled.reset();
  assert.equal(scaled.step(0).reward, 19);
  const env = normaliseReward(counter(), { discount: 0.5 });
  env.reset();
  assert.equal(env.step(0).reward, 2);
  // Returns 2, then 2 · 0.5 + 3 = 4: mean 3, standard deviation 1.
  assert.ok(Math.abs(env.step(0).reward - 3) < 1e-6);
});

test("frames stack oldest first and start filled", () => {
  const env = frameStack(counter(), 3);
  assert.deepEqual(env.reset().observation, Float32Array.of(1, 1, 1));
  const first = env.step(0).observation;
  assert.deepEqual(first, Float32Array.of(1, 1, 2));
  assert.deepEqual(env.step(0).observation, Float32Array.of(1, 2, 3));
  assert.deepEqual(first, Float32Array.of(1, 1, 2), "the caller's to keep");
  assert.ok(contains(env.observationSpace, first));
  assert.deepEqual((env.observationSpace as { shape: unknown }).shape, [3, 1]);
});

test("observations of several parts flatten", () => {
  const inner: Environment = {
    ...counter(),
    observationSpace: dict({ place: box(0, 9, { shape: [2] }), colour: discrete(3) }),
    reset: () => ({ observation: { place: Float32Array.of(4, 5), colour: 2 }, info: {} }),
  };
  const env = flattenObservation(inner);
  assert.deepEqual(env.reset().observation, Float32Array.of(0, 0, 1, 4, 5));
});

test("actions clip and rescale", () => {
  const played = (wrapped: (env: Environment) => Environment, action: number): Value => {
    let taken: Value = 0;
    const step = (action: Value) => {
      taken = action;
      return counter().step(0);
    };
    const inner: Environment = { ...counter(), actionSpace: box(-2, 4), step };
    wrapped(inner).step(Float32Array.of(action));
    return taken;
  };
  assert.deepEqual(played(clipAction, 9), Float32Array.of(4));
  assert.deepEqual(played(clipAction, -9), Float32Array.of(-2));
  assert.deepEqual(
    played((env) => rescaleAction(env), 0),
    Float32Array.of(1),
  );
  assert.deepEqual(
    played((env) => rescaleAction(env), 1),
    Float32Array.of(4),
  );
  assert.deepEqual(
    played((env) => rescaleAction(env, 0, 1), 0.25),
    Float32Array.of(-0.5),
  );
  assert.throws(() => rescaleAction(counter()), /wanted a Box with finite bounds/);
});

test("wrappers keep save and restore where the inside has them, and only there", () => {
  const { save, restore, ...plain } = counter();
  assert.ok(save && restore);
  assert.equal(timeLimit(plain, 3).save, undefined);
  const env = timeLimit(frameStack(make("CartPole-v1"), 2), 50);
  env.reset({ seed: 2 });
  for (let t = 0; t < 5; t++) env.step(t % 2);
  const saved = JSON.parse(JSON.stringify(env.save!()));
  const ahead = [0, 1, 0].map((a) => env.step(a));
  env.restore!(saved);
  assert.deepEqual(
    [0, 1, 0].map((a) => env.step(a)),
    ahead,
  );
});

test("a vector steps as its parts do, and resets on the same step, keeping the last observation", () => {
  const vector = vectorise([0, 1, 2].map(() => () => make("CartPole-v1")));
  const first = vector.reset({ seed: 4 });
  assert.deepEqual(first.observation.shape, [3, 4]);
  assert.notDeepEqual(first.observation.data.slice(0, 4), first.observation.data.slice(4, 8), "each has its own seed");
  const alone = make("CartPole-v1");
  alone.reset({ seed: 0 });
  const inside = vector.environments[1].save!();
  alone.restore!(inside);
  let ended = 0;
  for (let t = 0; t < 60; t++) {
    const { observation, finalObservation, finalInfo, reward, terminated } = vector.step(
      ndarray([1, 1, 1], { dtype: "int32" }),
    );
    const expected = alone.step(1);
    const row = (array: typeof observation) => array.data.slice(4, 8);
    assert.equal(terminated[1], Number(expected.terminated));
    assert.equal(reward[1], expected.reward);
    if (expected.terminated) {
      ended++;
      assert.deepEqual(row(finalObservation!), expected.observation);
      assert.ok(finalInfo![1]);
      assert.deepEqual(row(observation), alone.reset().observation, "the next episode under the same seed");
    } else {
      assert.deepEqual(row(observation), expected.observation);
      assert.equal(finalInfo?.[1], undefined);
    }
  }
  assert.ok(ended > 2);
  const saved = JSON.parse(JSON.stringify(vector.save!()));
  const actions = ndarray([0, 1, 0], { dtype: "int32" });
  const ahead = vector.step(actions);
  vector.restore!(saved);
  assert.deepEqual(vector.step(actions), ahead);
  assert.throws(() => vectorise([() => make("CartPole-v1"), () => make("Acrobot-v1")]), /environment 1 \(Acrobot-v1\)/);
  assert.throws(
    () => vector.step(ndarray([0], { dtype: "int32" })),
    /wanted \[3\], one action an environment, got \[1\]/,
  );
});

test("recorded episodes become trajectories", () => {
  const episodes: Episode[] = [];
  const env = recordEpisodes(make("GridMaze-umaze-v0"), (episode) => episodes.push(episode));
  env.reset({ seed: 1 });
  for (const action of [1, 1, 2, 2, 3, 3]) env.step(action);
  env.reset();
  env.step(0);
  env.reset(); // cut off here
  env.reset(); // nothing was played
  assert.equal(episodes.length, 2);
  const recording = trajectories(joinEpisodes(env, episodes, { environment: env.name, tags: { who: ["a", "b"] } }));
  assert.deepEqual([...recording.offsets], [0, 6, 7]);
  assert.deepEqual([...recording.terminated], [0, 0, 0, 0, 0, 1, 0]);
  assert.deepEqual([...recording.truncated], [0, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual([...recording.action.data], [1, 1, 2, 2, 3, 3, 0]);
  assert.deepEqual([...recording.observation.data.slice(0, 8)], [1.5, 1.5, 1.5, 3.5, 2.5, 1.5, 1.5, 3.5]);
  assert.deepEqual([...recording.finalObservation.data.slice(0, 4)], [1.5, 3.5, 1.5, 3.5]);
});
