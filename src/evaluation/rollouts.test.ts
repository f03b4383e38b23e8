import assert from "node:assert/strict";
import { test } from "node:test";
import type { Environment } from "../envs/environment.ts";
import type { ActOptions, Decisions, Policy } from "../policies/policy.ts";
import { box, discrete } from "../spaces/index.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { fold, generator, randomKey } from "../tensor/random.ts";
import { evaluate, rollouts } from "./rollouts.ts";

const line = box(-100, 100, { shape: [1] });
const twoWays = discrete(2);

/** A walk on a line with noise of its own: +1 or −1 as told, ends at ±goal, cut off after `limit` steps. */
function walk({ goal = 3, limit = 12, noise = true, success = true } = {}): Environment {
  let [x, steps, at] = [0, 0, 0];
  let random = generator(randomKey(0));
  return {
    name: "Walk-v0",
    observationSpace: line,
    actionSpace: twoWays,
    reset({ seed = 0 } = {}) {
      random = generator(fold(randomKey(seed), "walk"));
      [x, steps, at] = [random.integer(3) - 1, 0, seed];
      return { observation: Float32Array.of(x), info: { at } };
    },
    step(action) {
      x += action === 1 ? 1 : -1;
      if (noise && random.uniform() < 0.2) x += 1;
      steps++;
      const terminated = Math.abs(x) >= goal;
      return {
        observation: Float32Array.of(x),
        reward: x >= goal ? 1 : -0.1,
        terminated,
        truncated: !terminated && steps >= limit,
        info: success ? { success: x >= goal } : {},
      };
    },
  };
}

/** Goes right with a probability that depends on where it is; counts its calls. */
function drifter(): Policy & { readonly batches: number[] } {
  const batches: number[] = [];
  const actBatch = async (observations: NdArray, options: ActOptions = {}): Promise<Decisions> => {
    batches.push(observations.shape[0]);
    const action = Int32Array.from(observations.data as Float32Array, (x, i) => {
      if (options.deterministic) return x >= 0 ? 1 : 0;
      assert.ok(options.key, "a key is required unless deterministic");
      return generator(options.keys?.[i] ?? fold(options.key, i)).uniform() < 0.5 + x / 10 ? 1 : 0;
    });
    return { action: { shape: [action.length], dtype: "int32", data: action }, info: {} };
  };
  return {
    name: "drifter",
    observationSpace: line,
    actionSpace: twoWays,
    batches,
    actBatch,
    act: () => assert.fail("rollouts are batched"),
    [Symbol.asyncDispose]: async () => {},
  };
}

test("the result is a function of the starts and the seed, not of how many run side by side", async () => {
  for (const deterministic of [true, false]) {
    const results = await Promise.all(
      [1, 3, 7, 64].map((parallel) =>
        rollouts(drifter(), () => walk(), { episodes: 20, seed: 4, deterministic, parallel, observations: true }),
      ),
    );
    for (const other of results.slice(1)) assert.deepEqual(other, results[0]);
  }
  const seeded = async (seed: number) =>
    (await rollouts(drifter(), () => walk(), { starts: [1, 2, 3, 4, 5, 6], seed, deterministic: false })).episodes;
  assert.deepEqual(await seeded(1), await seeded(1));
  assert.notDeepEqual(await seeded(1), await seeded(2));
});

test("equal starts of a stochastic policy still draw apart", async () => {
  const { episodes } = await rollouts(drifter(), () => walk({ noise: false }), {
    starts: Array(12).fill(5),
    deterministic: false,
  });
  assert.ok(new Set(episodes.map((episode) => episode.length)).size > 1);
});

test("an episode is what the environment did, counted by hand", async () => {
  const { episodes } = await rollouts(drifter(), () => walk({ noise: false, limit: 4, goal: 3 }), {
    starts: [0, 1, 2, 3, 4, 5, 6, 7],
    discount: 0.5,
    observations: true,
  });
  for (const episode of episodes) {
    const seen = [...(episode.observations?.data ?? [])].map(Number);
    const [first, last] = [seen[0], seen.at(-1)];
    // Right from 0 or 1, left from −1, until ±3.
    const steps = first < 0 ? 2 : 3 - first;
    assert.equal(episode.length, steps);
    assert.equal(seen.length, steps + 1);
    assert.deepEqual([episode.terminated, episode.truncated], [true, false]);
    assert.equal(episode.success, last === 3);
    const end = last === 3 ? 1 : -0.1;
    assert.ok(Math.abs(episode.return - (-0.1 * (steps - 1) + end)) < 1e-12);
    const discounted = Array.from({ length: steps }, (_, t) => 0.5 ** t * (t === steps - 1 ? end : -0.1));
    assert.ok(Math.abs(episode.discountedReturn - discounted.reduce((a, b) => a + b)) < 1e-12);
  }
  assert.deepEqual(new Set(episodes.map((episode) => episode.observations?.data[0])), new Set([-1, 0, 1]));
});

test("episodes are cut off by the environment or by maxSteps, and counted as such", async () => {
  const cut = await rollouts(drifter(), () => walk({ goal: 50, limit: 6 }), { episodes: 3 });
  assert.deepEqual(
    cut.episodes.map((e) => [e.length, e.terminated, e.truncated]),
    Array(3).fill([6, false, true]),
  );
  const short = await rollouts(drifter(), () => walk({ goal: 50, limit: 60 }), { episodes: 3, maxSteps: 2 });
  assert.deepEqual(
    short.episodes.map((e) => [e.length, e.truncated]),
    Array(3).fill([2, true]),
  );
});

test("success on any step is success, though the last step says otherwise", async () => {
  const passing = (): Environment => {
    const inner = walk({ noise: false, goal: 50, limit: 5 });
    return { ...inner, step: (action) => ({ ...inner.step(action), info: { success: false } }) };
  };
  const once = (): Environment => {
    const inner = passing();
    let steps = 0;
    return { ...inner, step: (action) => ({ ...inner.step(action), info: { success: ++steps === 2 } }) };
  };
  assert.equal((await rollouts(drifter(), once, { episodes: 1 })).episodes[0].success, true);
  assert.equal((await rollouts(drifter(), passing, { episodes: 1 })).episodes[0].success, false);
});

test("observations are batched, and finished episodes leave the batch", async () => {
  const policy = drifter();
  const { episodes } = await rollouts(policy, () => walk(), { episodes: 10, parallel: 10, deterministic: false });
  assert.equal(policy.batches[0], 10);
  assert.equal(policy.batches.length, Math.max(...episodes.map((e) => e.length)));
  assert.equal(
    policy.batches.reduce((a, b) => a + b),
    episodes.reduce((a, e) => a + e.length, 0),
  );
});

test("a policy with memory keeps each episode's own, though others end", async () => {
  // Its memory counts its decisions; it turns left after two, so an episode that is given another's count goes astray.
  const counter: Policy = {
    ...drifter(),
    name: "counter",
    async actBatch(observations, options = {}) {
      const n = observations.shape[0];
      const before = options.memory?.count ?? { shape: [n], dtype: "int32" as const, data: new Int32Array(n) };
      assert.equal(before.shape[0], n);
      const origin = options.memory?.origin ?? observations;
      // It also remembers where its episode began, and says so by staying right until twice as far left.
      const count = Int32Array.from(before.data as Int32Array, (c) => c + 1);
      const action = Int32Array.from(count, (c, i) => (c <= 2 + Number(origin.data[i]) ? 1 : 0));
      return {
        action: { shape: [n], dtype: "int32", data: action },
        memory: { count: { shape: [n], dtype: "int32", data: count }, origin },
        info: {},
      };
    },
  };
  const run = (parallel: number) =>
    rollouts(counter, () => walk({ noise: false, limit: 9 }), { episodes: 15, parallel, observations: true });
  const together = await run(15);
  assert.deepEqual(together, await run(1));
  assert.ok(new Set(together.episodes.map((e) => e.length)).size > 1);
});

test("evaluate gives each number with its interval, and success only where there is such a thing", async () => {
  const report = await evaluate(drifter(), () => walk(), { episodes: 40, level: 0.9, discount: 0.9 });
  const { episodes } = report.rollouts;
  assert.equal(report.return.n, 40);
  assert.equal(report.return.level, 0.9);
  assert.ok(Math.abs(report.return.value - episodes.reduce((t, e) => t + e.return, 0) / 40) < 1e-12);
  assert.equal(report.success?.value, episodes.filter((e) => e.success).length / 40);
  assert.match(report.success?.method ?? "", /Clopper/);
  assert.ok(report.discountedReturn && report.discountedReturn.value !== report.return.value);
  const silent = await evaluate(drifter(), () => walk({ success: false }), { episodes: 3 });
  assert.equal(silent.success, undefined);
  assert.equal(silent.discountedReturn, undefined);
});

test("what cannot be rolled out says why", async () => {
  const wide: Policy = { ...drifter(), observationSpace: box(-1, 1, { shape: [2] }) };
  await assert.rejects(
    rollouts(wide, () => walk()),
    /drifter in Walk-v0/,
  );
  await rollouts({ ...drifter(), observationSpace: box(-3, 3, { shape: [1] }) }, () => walk(), { episodes: 1 });
  await assert.rejects(
    rollouts(drifter(), () => walk(), { episodes: 0 }),
    /"episodes" is 0/,
  );
  await assert.rejects(
    rollouts(drifter(), () => walk(), { starts: [] }),
    /nothing to measure/,
  );
  let calls = 0;
  await rollouts(drifter(), () => walk(), {
    episodes: 5,
    parallel: 2,
    onEpisode: (done, total) => assert.deepEqual([done, total], [++calls, 5]),
  });
  assert.equal(calls, 5);
});

test("the environments it made are closed at the end, also when it fails", async () => {
  const open = new Set<Environment>();
  const holding = (): Environment => {
    const env: Environment = { ...walk(), close: () => void open.delete(env) };
    open.add(env);
    return env;
  };
  let most = 0;
  await rollouts(drifter(), holding, { episodes: 5, parallel: 3, onEpisode: () => (most = Math.max(most, open.size)) });
  assert.deepEqual([most, open.size], [3, 0]);
  const wide: Policy = { ...drifter(), observationSpace: box(-1, 1, { shape: [2] }) };
  await assert.rejects(rollouts(wide, holding), /drifter in Walk-v0/);
  assert.equal(open.size, 0);
});
