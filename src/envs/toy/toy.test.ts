import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { sample } from "../../spaces/sample.ts";
import type { Value } from "../../spaces/space.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { EnvironmentOptions } from "../registration.ts";
import { make } from "../registry.ts";
import { toSvg } from "../scene.ts";
import type { SavedSimulation } from "../simulation.ts";
import { lakes, randomLake } from "./frozen-lake.ts";
import { toy, toys, transitions } from "./index.ts";
import { solve } from "./solve.ts";
import { taxiActionMask } from "./taxi.ts";

interface GoldenTable {
  readonly name: string;
  readonly ours: string;
  readonly options: EnvironmentOptions;
  readonly states: number;
  readonly actions: number;
  readonly maxSteps: number | null;
  readonly kept: readonly number[];
  readonly rows: readonly (readonly (readonly [number, number, number, number])[])[];
  readonly start: readonly (readonly [number, number])[] | number;
  readonly digest: number;
  readonly masks?: readonly string[];
}

interface GoldenEpisode {
  readonly ours: string;
  readonly options: EnvironmentOptions;
  readonly actions: readonly number[];
  readonly seen: readonly (readonly number[])[];
  readonly rewards: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL("toy.golden.json", import.meta.url), "utf8")) as {
  readonly tables: readonly GoldenTable[];
  readonly episodes: readonly GoldenEpisode[];
};

const near = (a: number, b: number, tolerance: number, why = ""): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b} ± ${tolerance} ${why}`);

for (const table of golden.tables) {
  test(`${table.ours} ${JSON.stringify(table.options)} has the tables of Gymnasium 1.4`, () => {
    const model = transitions(table.ours, table.options);
    assert.deepEqual([model.states, model.actions], [table.states, table.actions]);
    table.rows.forEach((wanted, row) => {
      const [state, action] = [table.kept[Math.floor(row / table.actions)], row % table.actions];
      const [from, to] = model.offsets.subarray(state * table.actions + action);
      assert.equal(to - from, wanted.length, `outcomes of ${action} in ${state}`);
      wanted.forEach(([probability, next, reward, terminated], i) => {
        near(model.probability[from + i], probability, 1e-11);
        const got = [model.next[from + i], model.reward[from + i], model.terminated[from + i]];
        assert.deepEqual(got, [next, reward, terminated], `action ${action} in ${state}, outcome ${i}`);
      });
    });
    let digest = 0;
    for (let pair = 0; pair < table.states * table.actions; pair++) {
      const [s, a] = [Math.floor(pair / table.actions), pair % table.actions];
      for (let i = model.offsets[pair]; i < model.offsets[pair + 1]; i++) {
        const after = (model.next[i] + 1) * (model.reward[i] + 50) * (2 - model.terminated[i]);
        digest += model.probability[i] * after * (s + 1) * (a + 2);
      }
    }
    near(digest / table.digest, 1, 1e-9, "over the whole table");
    const started = [...model.start.entries()].filter(([, chance]) => chance > 0);
    if (typeof table.start === "number") assert.equal(started.length, table.start);
    else assert.deepEqual(started, table.start);
    table.masks?.forEach((mask, i) => {
      assert.equal(taxiActionMask(table.kept[i]).join(""), mask, `mask of ${table.kept[i]}`);
    });
    assert.equal(toys.find((entry) => entry.name === table.ours)!.maxSteps ?? null, table.maxSteps);
  });
}

test("DeepSea and Catch play as bsuite's, observation by observation", () => {
  let treasures = 0;
  for (const { ours, options, actions, seen, rewards } of golden.episodes) {
    const env = toy(ours, options);
    let { observation } = env.reset({ seed: 0 });
    if (ours === "Catch-v0") {
      // Where the ball starts is drawn: take the golden one's column.
      const columns = options.columns as number;
      const state = (seen[0][0] % columns) * columns + Math.floor(columns / 2);
      const saved = env.save!() as SavedSimulation;
      env.restore!({ ...saved, state: [state, ...saved.state.slice(1)] });
    } else assert.deepEqual(ones(observation), seen[0]);
    actions.forEach((action, t) => {
      const step = env.step(action);
      observation = step.observation;
      assert.deepEqual(ones(observation), seen[t + 1]);
      near(step.reward, rewards[t], 1e-9);
      assert.equal(step.terminated, t === actions.length - 1);
      treasures += Number(step.info.success);
    });
  }
  assert.ok(treasures > 2, "the golden episodes meet successes");
});

const ones = (picture: Value): number[] =>
  [...(picture as Float32Array).entries()].filter(([, v]) => v === 1).map(([i]) => i);

test("what happens is as frequent as the tables say", () => {
  const env = toy("FrozenLake-v1", { successRate: 0.6 });
  const model = env.model();
  const counts = new Map<number, number>();
  const tries = 6000;
  env.reset({ seed: 5 });
  const saved = env.save!() as SavedSimulation;
  for (let i = 0; i < tries; i++) {
    // Cell 6, between two holes, going down.
    env.restore!({ ...saved, state: [6, 0, 0, 1], drawn: i * 3 });
    const { observation } = env.step(1);
    counts.set(observation as number, (counts.get(observation as number) ?? 0) + 1);
  }
  const pair = 6 * 4 + 1;
  for (let i = model.offsets[pair]; i < model.offsets[pair + 1]; i++) {
    near(counts.get(model.next[i])! / tries, model.probability[i], 0.02, `of ${model.next[i]}`);
  }
});

test("every outcome is a chance, and they sum to one", () => {
  for (const { create } of toys) {
    const { offsets, probability, states, actions, start } = create({}).model();
    for (let pair = 0; pair < states * actions; pair++) {
      let sum = 0;
      for (let i = offsets[pair]; i < offsets[pair + 1]; i++) sum += probability[i];
      near(sum, 1, 1e-12);
    }
    near(
      start.reduce((a, b) => a + b, 0),
      1,
      1e-12,
    );
  }
});

test("nothing breaks the interface, every picture is drawn, and a fickle passenger changes the destination once", () => {
  for (const { name } of toys) {
    assert.deepEqual(checkEnvironment(make(name)), [], name);
    const env = make(name);
    env.reset({ seed: 1 });
    assert.match(toSvg(env.scene!()), /^<svg xmlns.*<\/svg>$/);
  }
  const env = toy("Taxi-v4", { fickle: true, fickleProbability: 1 });
  env.reset({ seed: 2 });
  const saved = env.save!() as SavedSimulation;
  // At red (0, 0) with the passenger aboard for blue: driving on changes it, and driving further does not.
  env.restore!({ ...saved, state: [4 * 4 + 3, 0, 0, 1, 1] });
  const first = Number(env.step(0).observation) % 4;
  assert.notEqual(first, 3);
  assert.equal(Number(env.step(0).observation) % 4, first);
});

test("saved, sent as JSON and restored, a world goes on as it would have", () => {
  fc.assert(
    fc.property(fc.nat(toys.length - 1), fc.nat(1000), fc.nat(12), (which, seed, before) => {
      const { name, create } = toys[which];
      const options = name === "DeepSea-v0" ? { stochastic: true } : {};
      const env = create(options);
      const random = generator(randomKey(seed));
      env.reset({ seed });
      for (let t = 0; t < before; t++) if (env.step(sample(env.actionSpace, random) as number).terminated) env.reset();
      const other = create(options);
      other.restore!(JSON.parse(JSON.stringify(env.save!())));
      for (let t = 0; t < 6; t++) {
        const action = sample(env.actionSpace, random) as number;
        const step = env.step(action);
        assert.deepEqual(other.step(action), step);
        if (step.terminated) break;
      }
    }),
    { seed: 8, numRuns: 60 },
  );
});

test("parameters change the tables and what happens", () => {
  const env = toy("FrozenLake-v1");
  env.reset({ seed: 1 });
  env.perturb!({ successRate: 1, ice: -0.5 });
  assert.equal(env.model().probability.length, 64);
  assert.deepEqual(
    [env.step(2), env.step(1)].map(({ observation, reward }) => [observation, reward]),
    [
      [1, -0.5],
      [5, 0],
    ],
  );
  const wind = toy("Catch-v0");
  wind.perturb!({ wind: 1 });
  wind.reset({ seed: 3 });
  const columns = () => ones(wind.step(1).observation)[0] % 5;
  assert.ok(new Set(Array.from({ length: 8 }, columns)).size > 1, "the ball drifts");
});

test("DeepSea's noise is in the last row's outer columns, in its stochastic form", () => {
  const rewards = (state: number, stochastic: boolean): number[] => {
    const env = toy("DeepSea-v0", { size: 4, stochastic, randomActions: false });
    env.reset({ seed: 1 });
    const saved = env.save!() as SavedSimulation;
    return Array.from({ length: 300 }, (_, i) => {
      env.restore!({ ...saved, state: [state, 0, 0, 1], drawn: i * 4 });
      return env.step(0).reward;
    });
  };
  const squares = (values: readonly number[]): number => values.reduce((sum, v) => sum + v * v, 0) / values.length;
  for (const state of [12, 15]) {
    near(squares(rewards(state, true)), 1, 0.3, `in ${state}`);
    assert.equal(squares(rewards(state, false)), 0);
  }
  for (const state of [13, 14, 8]) assert.equal(squares(rewards(state, true)), 0);
});

test("a random lake can be crossed, and another seed makes another", () => {
  assert.notDeepEqual(randomLake({ seed: 1 }), randomLake({ seed: 2 }));
  for (let seed = 0; seed < 20; seed++) {
    const env = toy("FrozenLake-v1", { map: randomLake({ size: 6, frozen: 0.6, seed }), slippery: false });
    assert.equal(env.model().states, 36);
    assert.ok(solve(env.model(), 0.99).values[0] > 0, `no way in lake ${seed}`);
  }
});

test("bad options are refused in a sentence", () => {
  const refused = (name: string, options: EnvironmentOptions, sentence: RegExp) =>
    assert.throws(() => toy(name, options), sentence);
  refused("FrozenLake-v1", { map: "5x5" }, /option "map" is "5x5"; wanted one of 4x4, 8x8/);
  refused("FrozenLake-v1", { map: ["FFF", "FFG"] }, /at least one S/);
  refused("FrozenLake-v1", { successRate: 2 }, /a chance in \[0, 1\]/);
  refused("DeepSea-v0", { size: 1 }, /a whole number from 2/);
  refused("DeepSea-v0", { size: 2, mapping: [0, 1] }, /4 numbers, each 0 or 1/);
  refused("Taxi-v3", { rainy: true }, /Taxi-v3 has no option "rainy"/);
  assert.throws(() => toy("Taxi-v5"), /there is no toy world "Taxi-v5"/);
  assert.equal(Object.keys(lakes).length, 2);
});
