import assert from "node:assert/strict";
import { test } from "node:test";
import { make } from "../envs/index.ts";
import { box, discrete, type Value } from "../spaces/index.ts";
import { ndarray, sliceRows } from "../tensor/ndarray.ts";
import { fold, randomKey } from "../tensor/random.ts";
import { collect } from "./collect.ts";
import { controlExpert } from "./control-experts.ts";
import { type MazeDemonstratorOptions, mazeDemonstrator } from "./maze-demonstrator.ts";
import type { Policy } from "./policy.ts";
import { randomPolicy, scripted } from "./scripted.ts";

const near = (a: number, b: number, tolerance: number, why = ""): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b} ± ${tolerance} ${why}`);

test("single and batched decisions are the same under the same keys", async () => {
  const policy = mazeDemonstrator({ map: "PointMaze-medium-v0", skill: 0.6, noise: 0.3 });
  const rows = ndarray([
    [1.5, 1.5, 0, 0, 6.5, 6.5],
    [2.5, 2.5, 0.5, 0, 6.5, 6.5],
    [4.5, 4.5, 0, -1, 6.5, 6.5],
  ]);
  const keys = [1, 2, 3].map((seed) => randomKey(seed));
  const batch = await policy.actBatch(rows, { keys });
  for (const [row, key] of keys.entries()) {
    const alone = await policy.act(sliceRows(rows, row, row + 1).data as Float32Array, { key });
    assert.deepEqual(alone.action, batch.action.data.slice(row * 2, row * 2 + 2));
    assert.equal(alone.probability, batch.probability![row]);
  }
  const key = randomKey(9);
  const shared = await policy.actBatch(rows, { key });
  assert.deepEqual(shared, await policy.actBatch(rows, { keys: [0, 1, 2].map((row) => fold(key, row)) }));
  assert.deepEqual(
    await policy.actBatch(rows, { deterministic: true }),
    await policy.actBatch(rows, { deterministic: true, key }),
  );
});

test("what cannot be acted on is refused in a sentence", async () => {
  const policy = controlExpert("CartPole-v1");
  await assert.rejects(policy.act(new Float32Array(4)), /needs a key/);
  await assert.rejects(policy.act(new Float32Array(3), { deterministic: true }), /wanted a value of Box\[4\]/);
  await assert.rejects(policy.actBatch(ndarray([[0, 0, 0, 0]])), /needs a key/);
  await assert.rejects(policy.actBatch(ndarray([[0, 0, 0, 0]]), { keys: [] }), /0 keys/);
  const wrong = scripted({
    name: "wrong",
    observationSpace: box(0, 1),
    actionSpace: discrete(2),
    decide: () => ({ action: 2 }),
  });
  await assert.rejects(wrong.act(Float32Array.of(0), { deterministic: true }), /wrong, its action: got 2/);
  assert.throws(() => controlExpert("CartPol-v1"), /Known: CartPole-v1/);
  assert.throws(() => controlExpert("CartPole-v1", { skill: 2 }), /in \[0, 1\]/);
  assert.throws(() => mazeDemonstrator({ map: "medium", skill: -1 }), /"skill" is -1/);
  assert.throws(() => mazeDemonstrator({ map: "medium", style: "up" as "left" }), /"style" is "up"/);
});

test("experts reach the returns they are known for", async () => {
  const atLeast = {
    "CartPole-v1": 475,
    "Pendulum-v1": -250,
    "MountainCar-v0": -130,
    "MountainCarContinuous-v0": 90,
    "Acrobot-v1": -100,
  };
  for (const [name, wanted] of Object.entries(atLeast)) {
    const played = await collect(controlExpert(name), () => make(name), { episodes: 20, seed: 1 });
    const mean = played.reward.reduce((sum, r) => sum + r, 0) / 20;
    assert.ok(mean >= wanted, `${name}: ${mean}`);
    const unskilled = await collect(controlExpert(name, { skill: 0 }), () => make(name), { episodes: 5, seed: 1 });
    assert.ok(unskilled.reward.reduce((sum, r) => sum + r, 0) / 5 < mean, name);
  }
});

/** The probability that a policy states for one observation, against how often its actions really fall. */
async function frequencies(policy: Policy, observation: Value, draws: number, binOf: (action: Value) => number) {
  const found = new Map<number, { count: number; stated: number }>();
  for (let i = 0; i < draws; i++) {
    const { action, probability } = await policy.act(observation, { key: fold(randomKey(3), i) });
    const bin = binOf(action);
    const cell = found.get(bin) ?? { count: 0, stated: 0 };
    found.set(bin, { count: cell.count + 1, stated: probability! });
  }
  return found;
}

test("stated probabilities are those of the actions", async () => {
  const grid = mazeDemonstrator({ map: "GridMaze-medium-v0", skill: 0.7, noise: 0.2 });
  const seen = Float32Array.of(2.5, 3.5, 6.5, 6.5);
  const observed = await frequencies(grid, seen, 4000, (action) => action as number);
  let total = 0;
  for (const { count, stated } of observed.values()) {
    near(count / 4000, stated, 0.025);
    total += stated;
  }
  near(total, 1, 1e-12);
  const expert = controlExpert("MountainCar-v0", { skill: 0.5 });
  for (const { count, stated } of (await frequencies(expert, Float32Array.of(-0.5, 0.01), 4000, Number)).values())
    near(count / 4000, stated, 0.025);
});

test("stated densities integrate to one and match what is drawn", async () => {
  const policy = mazeDemonstrator({ map: "PointMaze-medium-v0", skill: 0.8, noise: 0.5 });
  const seen = Float32Array.of(1.5, 1.5, 0, 0, 6.5, 6.5);
  // E[1 / density] over draws is the volume of the support: 4 for [−1, 1]².
  let [volume, quarter] = [0, 0];
  const draws = 20000;
  for (let i = 0; i < draws; i++) {
    const { action, probability } = await policy.act(seen, { key: fold(randomKey(8), i) });
    volume += 1 / probability! / draws;
    const [fx, fy] = action as Float32Array;
    if (fx < 0 && fy < 0) quarter += 1 / probability! / draws;
  }
  near(volume, 4, 0.15);
  near(quarter, 1, 0.12, "each quarter has its share");
  const sure = await mazeDemonstrator({ map: "PointMaze-medium-v0" }).act(seen, { key: randomKey(1) });
  assert.equal(sure.probability, undefined);
  const uniform = await randomPolicy(make("PointMaze-medium-v0")).act(seen, { key: randomKey(1) });
  assert.equal(uniform.probability, 0.25);
});

/** The cells an expert of this style passes through. */
async function route(options: MazeDemonstratorOptions & { map: string }, episodes = 3): Promise<Set<string>> {
  const played = await collect(mazeDemonstrator(options), () => make(options.map), { episodes, seed: 1 });
  assert.ok(played.offsets.length - 1 === played.terminated.reduce((sum, v) => sum + v, 0), "every episode arrives");
  const width = played.observation.shape[1];
  const cells = new Set<string>();
  for (let row = 0; row < played.reward.length; row++) {
    const [x, y] = played.observation.data.slice(row * width, row * width + 2) as Float32Array;
    cells.add(`${Math.floor(x)},${Math.floor(y)}`);
  }
  return cells;
}

test("styles go round by their side: left of the way from start to goal is up, in the ring", async () => {
  for (const kind of ["Point", "Grid"]) {
    const map = `${kind}Maze-ring-v0`;
    const [left, right] = [await route({ map, style: "left" }), await route({ map, style: "right" })];
    assert.ok(left.has("4,1") && !left.has("4,5"), map);
    assert.ok(right.has("4,5") && !right.has("4,1"), map);
    for (const maze of ["medium", "large"]) {
      const named = `${kind}Maze-${maze}-v0`;
      assert.notDeepEqual(
        await route({ map: named, style: "left" }),
        await route({ map: named, style: "right" }),
        named,
      );
    }
  }
});

test("more skill arrives sooner; none at all is chance", async () => {
  const length = async (name: string, skill: number): Promise<number> => {
    const policy = mazeDemonstrator({ map: name, skill, noise: 0.1 });
    return (await collect(policy, () => make(name), { episodes: 20, seed: 1 })).reward.length / 20;
  };
  for (const name of ["PointMaze-medium-v0", "GridMaze-medium-v0"]) {
    const lengths = [await length(name, 1), await length(name, 0.6), await length(name, 0.3), await length(name, 0)];
    for (let i = 1; i < lengths.length; i++) assert.ok(lengths[i] > 1.1 * lengths[i - 1], `${name}: ${lengths}`);
  }
});

test("demonstrators reach random goals from random starts, and act somewhere in walls too", async () => {
  for (const map of ["PointMaze-large-v0", "GridMaze-large-v0"]) {
    const factory = () => make(map, { start: "random", goal: "random" });
    const played = await collect(mazeDemonstrator({ map, skill: 1 }), factory, { episodes: 60, seed: 2 });
    assert.equal(
      played.terminated.reduce((sum, v) => sum + v, 0),
      60,
      map,
    );
  }
  const lost = await mazeDemonstrator({ map: "PointMaze-large-v0" }).act(Float32Array.of(0.1, 0.1, 0, 0, 12, 9), {
    deterministic: true,
  });
  assert.deepEqual(lost.action, Float32Array.of(0, 0));
});
