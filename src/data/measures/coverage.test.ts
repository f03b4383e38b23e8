import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { box, discrete } from "../../spaces/make.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { concat } from "../concat.ts";
import { fromEpisodes } from "../episodes.ts";
import { takeEpisodes } from "../views.ts";
import { stateActionCoverage } from "./coverage.ts";
import { distinctCounter } from "./distinct.ts";
import { anyPushes, choices, close, pushes } from "./testing.ts";

test("pairs of choices are counted as they are, over the reference's, not over the steps", () => {
  const reference = choices([
    {
      steps: [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
    },
  ]);
  const t = choices([
    {
      steps: [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    },
    { steps: [[1, 1]] },
  ]);
  assert.deepEqual(stateActionCoverage(t, reference), { value: 0.5, pairs: 2, referencePairs: 4, exact: true });
  const wider = choices([
    {
      steps: [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        [2, 2],
      ],
    },
  ]);
  assert.equal(stateActionCoverage(wider, reference).value, 1.25, "it may exceed 1");
});

const line = (xs: readonly number[], action = 0) =>
  fromEpisodes(
    [
      {
        observations: [...xs.map((x) => [x]), [0]],
        actions: xs.map(() => action),
        rewards: xs.map(() => 0),
        terminated: true,
      },
    ],
    {
      observationSpace: box(-Infinity, Infinity),
      actionSpace: discrete(2),
    },
  );

test("numbers are told apart by the reference's bins, with one further bin on each side", () => {
  const reference = line([0, 10]);
  const pairs = (...xs: number[]) => stateActionCoverage(line(xs), reference, { bins: 10 }).pairs;
  assert.equal(pairs(0, 0.9), 1);
  assert.equal(pairs(0.9, 1.1), 2);
  assert.equal(pairs(9.5, 10), 1, "the greatest value lies in the last bin");
  assert.equal(pairs(-1, -50), 1);
  assert.equal(pairs(-1, 0, 10, 11, 99), 4);
});

test("a reference counts itself as 1, and joining or reordering adds no pairs that neither has", () => {
  fc.assert(
    fc.property(anyPushes, anyPushes, (a, b) => {
      const both = concat(a, b);
      assert.equal(stateActionCoverage(both, both).value, 1);
      const of = (t: typeof a) => stateActionCoverage(t, both).pairs;
      assert.ok(of(a) <= of(both) && of(both) <= of(a) + of(b));
      const n = both.offsets.length - 1;
      const turned = takeEpisodes(
        both,
        Array.from({ length: n }, (_, e) => n - 1 - e),
      );
      assert.equal(of(turned), of(both));
      assert.equal(of(concat(a, a)), of(a));
    }),
    { numRuns: 60 },
  );
});

test("the sketch is within 1% of what there is, through all sizes, and forgets the order", () => {
  const random = generator(randomKey(5));
  const keys = Array.from({ length: 400_000 }, () => [random.integer(65_536), random.integer(65_536), 7]);
  const up = distinctCounter(1000);
  const truth = new Set<string>();
  keys.forEach((key, i) => {
    up.add(key);
    up.add(key);
    truth.add(key.join());
    if ([900, 1000].includes(i + 1)) assert.equal(up.count(), truth.size);
    if ([1500, 5000, 30_000, 120_000, 200_000, 400_000].includes(i + 1)) {
      assert.equal(up.exact(), false);
      assert.ok(Math.abs(up.count() / truth.size - 1) < 0.01, `${truth.size}: ${up.count()}`);
    }
  });
  const down = distinctCounter(10);
  for (const key of keys.slice(0, 50_000).reverse()) down.add(key);
  const same = distinctCounter(100);
  for (const key of keys.slice(0, 50_000)) same.add(key);
  assert.equal(down.count(), same.count());
});

test("keys that differ little, or are long, are told apart", () => {
  const counter = distinctCounter(0);
  for (let i = 0; i < 300; i++) for (let j = 0; j < 300; j++) counter.add([i, j]);
  assert.ok(Math.abs(counter.count() / 90_000 - 1) < 0.015, `${counter.count()}`);
  const long = distinctCounter();
  for (let i = 0; i < 500; i++)
    long.add(Array.from({ length: 100 }, (_, d) => (d === i % 100 ? 1 + Math.floor(i / 100) : 0)));
  assert.equal(long.count(), 500);
});

test("a sketched coverage is close to the exact one, and says that it is a sketch", () => {
  const t = pushes(
    3,
    Array.from({ length: 300 }, () => 20),
  );
  const reference = pushes(
    4,
    Array.from({ length: 500 }, () => 20),
  );
  const exact = stateActionCoverage(t, reference);
  const near = stateActionCoverage(t, reference, { exactUpTo: 100 });
  assert.ok(exact.exact && !near.exact);
  assert.ok(close(near.value, exact.value, 0.015), `${near.value} ${exact.value}`);
});

test("a wrong question is one sentence", () => {
  const t = pushes(1, [3]);
  assert.throws(() => stateActionCoverage(t, line([1])), /another observation space/);
  assert.throws(() => stateActionCoverage(t, takeEpisodes(t, [])), /nothing to measure/);
  assert.throws(() => stateActionCoverage(t, t, { bins: 0 }), /option "bins" is 0/);
});
