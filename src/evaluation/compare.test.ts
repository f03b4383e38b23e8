import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, generator, randomKey } from "../tensor/random.ts";
import { compare, compareRollouts } from "./compare.ts";
import { decide } from "./decide.ts";
import { type BanditWorld, draw, exactValue, logOf, tableAt } from "./decisions/world.ts";
import { type Estimate, isRefusal } from "./estimate.ts";
import type { EpisodeResult, Rollouts } from "./rollouts.ts";

const estimate = (value: number, half: number, n = 1000): Estimate => ({
  value,
  interval: [value - half, value + half],
  level: 0.95,
  n,
  method: "test",
});

test("the interval against the minimum gain decides", () => {
  const verdict = (value: number, half: number, minimumGain = 0) =>
    decide({ improvement: estimate(value, half), minimumGain }).verdict;
  assert.equal(verdict(0.05, 0.02), "ship");
  assert.equal(verdict(0.05, 0.02, 0.031), "collect more");
  assert.equal(verdict(0.05, 0.02, 0.0299), "ship");
  assert.equal(verdict(0.05, 0.02, 0.071), "hold");
  assert.equal(verdict(-0.05, 0.02), "hold");
  assert.equal(verdict(-0.01, 0.02), "collect more");
  assert.equal(verdict(0, 0), "hold", "two equal policies: nothing is gained");
});

test("rowsNeeded is what makes the interval exclude the minimum gain, and is left out where nothing realistic does", () => {
  // Half-width 0.02 on 1,000 rows; half that needs four times as many.
  assert.equal(decide({ improvement: estimate(0.01, 0.02) }).rowsNeeded, 3000);
  assert.equal(decide({ improvement: estimate(-0.01, 0.02) }).rowsNeeded, 3000);
  assert.equal(decide({ improvement: estimate(0.05, 0.02), minimumGain: 0.04 }).rowsNeeded, 3000);
  const tiny = decide({ improvement: estimate(0.0001, 0.02) });
  assert.equal(tiny.rowsNeeded, undefined);
  assert.match(tiny.why, /no realistic amount/);
  assert.match(
    decide({ improvement: estimate(0.001, 0.02), unit: "episode", realisticGrowth: 1000 }).why,
    /399000 more episodes/,
  );
  const one = decide({ improvement: { ...estimate(1, Number.POSITIVE_INFINITY, 1) } });
  assert.deepEqual([one.verdict, one.rowsNeeded], ["collect more", undefined]);
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      (value, half) => {
        const { rowsNeeded } = decide({ improvement: estimate(value, half) });
        if (rowsNeeded === undefined) return true;
        const after = half * Math.sqrt(1000 / (1000 + rowsNeeded));
        const before = half * Math.sqrt(1000 / (1000 + rowsNeeded - 1));
        return after <= value * (1 + 1e-9) && (rowsNeeded === 1 || before >= value * (1 - 1e-9));
      },
    ),
  );
});

test("a refusal is passed on with its reason", () => {
  const answer = decide({ improvement: { refused: true, method: "IPS", reason: "too few rows.", diagnostics: {} } });
  assert.equal(answer.verdict, "collect more");
  assert.match(answer.why, /cannot say .*too few rows\.$/);
});

const world: BanditWorld = {
  context: [0.6, 0.4],
  logging: [
    [0.6, 0.4],
    [0.5, 0.5],
  ],
  reward: [
    [0.2, 0.8],
    [0.7, 0.3],
  ],
};
const champion = [
  [0.6, 0.4],
  [0.5, 0.5],
];
const better = [
  [0.5, 0.5],
  [0.6, 0.4],
];
const model = [
  [0.3, 0.7],
  [0.6, 0.4],
];
const gain = exactValue(world, better) - exactValue(world, champion);

test("compare covers the true improvement, narrowly because it is paired, and decides", () => {
  const repeats = 300;
  const held = { "doubly robust": 0, SNIPS: 0, logging: 0 };
  const shipped = { ship: 0, hold: 0, "collect more": 0 };
  for (let r = 0; r < repeats; r++) {
    const outcomes = draw(world, 500, generator(fold(randomKey(9), r)));
    const log = logOf(world, outcomes);
    const at = (table: readonly (readonly number[])[]) => tableAt(table, outcomes);
    const options = { predictions: at(model), resamples: 150 };
    const covers = ({ improvement }: ReturnType<typeof compare>): number => {
      assert.ok(!isRefusal(improvement), isRefusal(improvement) ? improvement.reason : "");
      return improvement.interval[0] <= gain && gain <= improvement.interval[1] ? 1 : 0;
    };
    const paired = compare(at(champion), at(better), log, options);
    held["doubly robust"] += covers(paired);
    held.SNIPS += covers(compare(at(champion), at(better), log, { resamples: 150 }));
    held.logging += covers(compare("logging", at(better), log, options));
    shipped[paired.decision.verdict]++;
    const { champion: old, challenger: fresh, improvement } = paired;
    assert.ok(!isRefusal(old) && !isRefusal(fresh) && !isRefusal(improvement));
    assert.ok(Math.abs(fresh.value - old.value - improvement.value) < 1e-12);
    const width = (e: Estimate) => e.interval[1] - e.interval[0];
    assert.ok(width(improvement) < 0.6 * width(fresh), "what both share cancels");
  }
  // 0.95 within three standard errors of 300 repeats; 150 resamples cost a point.
  for (const [name, count] of Object.entries(held))
    assert.ok(count / repeats > 0.91 && count / repeats <= 0.985, `${name}: ${count / repeats}`);
  assert.ok(shipped.ship > 0.95 * repeats, JSON.stringify(shipped));
});

test("compare names the side that the log cannot support, and what it lacks", () => {
  const outcomes = draw(
    {
      ...world,
      logging: [
        [1, 0],
        [1, 0],
      ],
    },
    500,
    generator(randomKey(1)),
  );
  const answer = compare(
    "logging",
    tableAt(better, outcomes),
    logOf(
      {
        ...world,
        logging: [
          [1, 0],
          [1, 0],
        ],
      },
      outcomes,
    ),
  );
  assert.ok(isRefusal(answer.improvement) && !isRefusal(answer.champion) && isRefusal(answer.challenger));
  assert.match(answer.decision.why, /for the challenger, .*actions the log never takes/);
  assert.ok(answer.diagnostics.challenger.unsupportedMass > 0.4);
  assert.throws(
    () => compare("logging", tableAt(better, outcomes), logOf(world, outcomes), { method: "doubly robust" }),
    /predictions/,
  );
});

test("rollouts are compared start by start where the starts are the same", () => {
  const episode = (start: number, value: number): EpisodeResult => ({
    start,
    return: value,
    discountedReturn: value,
    length: 5,
    terminated: true,
    truncated: false,
  });
  const played = (values: readonly number[], from = 0): Rollouts => ({
    policy: "p",
    environment: "Walk-v0",
    deterministic: true,
    episodes: values.map((v, i) => episode(from + i, v)),
  });
  const old = played([10, 20, 30, 40]);
  const paired = compareRollouts(old, played([11, 21.1, 31, 40.9]));
  assert.match(paired.improvement.method, /paired/);
  assert.equal(paired.decision.verdict, "ship");
  const apart = compareRollouts(old, played([11, 21.1, 31, 40.9], 100));
  assert.match(apart.improvement.method, /Welch/);
  assert.equal(apart.decision.verdict, "collect more");
  assert.throws(() => compareRollouts(old, { ...old, environment: "Other-v0" }), /Other-v0/);
  assert.throws(() => compareRollouts(old, old, { measure: "success" }), /success/);
});
