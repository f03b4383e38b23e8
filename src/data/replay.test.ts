import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { box, discrete, multiDiscrete } from "../spaces/make.ts";
import { ndarray } from "../tensor/ndarray.ts";
import { randomKey } from "../tensor/random.ts";
import { decisionLog } from "./decision-log.ts";
import { type Episode, fromEpisodes } from "./episodes.ts";
import { around, chunks, decisions, demonstrations, moments, transitions, windows } from "./replay.ts";
import { aliasTable, episodeWeights, sampler } from "./samplers.ts";

const spaces = { observationSpace: box(-Infinity, Infinity), actionSpace: box(-1, 1) };

/** An episode whose observations count on from `first`, so that a row says where it came from. */
const counting = (first: number, rewards: readonly number[], terminated: boolean): Episode => ({
  observations: Array.from({ length: rewards.length + 1 }, (_, i) => [first + i]),
  actions: rewards.map(() => [0.5]),
  rewards,
  terminated,
});

test("one-step transitions: the final observation follows the last step, and a time limit is not an end", () => {
  const t = fromEpisodes([counting(0, [1, 2], true), counting(10, [3], false)], spaces);
  const { count, columns } = transitions(t);
  assert.equal(count, 3);
  assert.deepEqual([...columns.observation.data], [0, 1, 10]);
  assert.deepEqual([...columns.nextObservation.data], [1, 2, 11]);
  assert.deepEqual([...columns.reward.data], [1, 2, 3]);
  assert.deepEqual([...columns.continues.data], [1, 0, 1]);
  assert.deepEqual([...columns.span.data], [1, 1, 1]);
  assert.deepEqual(columns.action.shape, [3, 1]);
});

test("n-step transitions agree with following each episode step by step", () => {
  const rewards = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 6 });
  const episodes = fc.array(fc.tuple(rewards, fc.boolean()), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(episodes, fc.integer({ min: 1, max: 8 }), fc.constantFrom(0, 0.5, 1), (made, nStep, discount) => {
      const t = fromEpisodes(
        made.map(([r, terminated], e) => counting(e * 100, r, terminated)),
        spaces,
      );
      const { columns } = transitions(t, { nStep, discount });
      let row = 0;
      made.forEach(([r, terminated], e) => {
        for (let start = 0; start < r.length; start++, row++) {
          let [sum, weight, span, continues] = [0, 1, 0, 1];
          while (span < nStep && start + span < r.length) {
            sum += weight * r[start + span];
            weight *= discount;
            span++;
            if (start + span === r.length && terminated) continues = 0;
          }
          assert.equal(columns.reward.data[row], sum);
          assert.equal(columns.span.data[row], span);
          assert.equal(columns.continues.data[row], continues);
          assert.equal(columns.nextObservation.data[row], e * 100 + start + span);
        }
      });
    }),
  );
});

test("several steps need a discount, said in a sentence", () => {
  const t = fromEpisodes([counting(0, [1], true)], spaces);
  assert.throws(() => transitions(t, { nStep: 3 }), /option "discount" is null/);
  assert.throws(() => transitions(t, { nStep: 0 }), /"nStep" is 0/);
});

test("discrete observations become one-hot and discrete actions count from 0", () => {
  const t = fromEpisodes([{ observations: [3, 4], actions: [2], rewards: [1], terminated: true }], {
    observationSpace: discrete(2, { start: 3 }),
    actionSpace: discrete(2, { start: 1 }),
  });
  const { columns } = demonstrations(t);
  assert.deepEqual([...columns.observation.data], [1, 0]);
  assert.deepEqual([...columns.action.data], [1]);
  assert.deepEqual([...transitions(t).columns.nextObservation.data], [0, 1]);
});

test("several choices stay whole numbers, one column each; seen, they are one-hot one after another", () => {
  const space = multiDiscrete([2, 3]);
  const episode = {
    observations: [
      [1, 0],
      [0, 2],
    ],
    actions: [[1, 2]],
    rewards: [0],
    terminated: true,
  };
  const { columns } = transitions(fromEpisodes([episode], { observationSpace: space, actionSpace: space }));
  assert.deepEqual(columns.action, ndarray([[1, 2]], { dtype: "int32" }));
  assert.deepEqual(columns.nextObservation, ndarray([[1, 0, 0, 0, 1]]));
});

test("action chunks and observation windows stay inside their episode, the fill masked", () => {
  const t = fromEpisodes([counting(0, [0, 0, 0], true), counting(10, [0, 0], true)], spaces);
  const made = chunks(t, { horizon: 3, history: 2 });
  assert.deepEqual([...made.action.rows.data], [0, 1, 2, 1, 2, 2, 2, 2, 2, 3, 4, 4, 4, 4, 4]);
  assert.deepEqual([...made.action.mask.data], [1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0]);
  assert.deepEqual([...made.observation.rows.data], [0, 0, 0, 1, 1, 2, 3, 3, 3, 4]);
  assert.deepEqual([...made.observation.mask.data], [0, 1, 1, 1, 1, 1, 0, 1, 1, 1]);
});

test("a stretch around each step is filled up at both ends of its episode", () => {
  const t = fromEpisodes([counting(0, [0, 0, 0], true), counting(10, [0], true)], spaces);
  const made = around(t, { length: 4, before: 1 });
  assert.deepEqual([...made.rows.data], [0, 0, 1, 2, 0, 1, 2, 2, 1, 2, 2, 2, 3, 3, 3, 3]);
  assert.deepEqual([...made.mask.data], [0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0]);
  assert.throws(() => around(t, { length: 2, before: 2 }), /length/);
});

test("windows cover every step and end with the episode", () => {
  const t = fromEpisodes([counting(0, [0, 0, 0, 0, 0], true), counting(10, [0, 0], true)], spaces);
  const made = windows(t, { length: 3, stride: 2 });
  assert.equal(made.count, 3);
  assert.deepEqual([...made.rows.data], [0, 1, 2, 2, 3, 4, 5, 6, 6]);
  assert.deepEqual([...made.mask.data], [1, 1, 1, 1, 1, 1, 1, 1, 0]);
});

test("a sampler is a function of key and update", () => {
  const options = { count: 100, batchSize: 16, key: randomKey(7) };
  const first = sampler(options);
  const later = sampler(options);
  for (let update = 0; update < 5; update++) first.indices(update);
  assert.deepEqual(first.indices(9), later.indices(9));
  assert.notDeepEqual(first.indices(9), first.indices(10));
  const out = new Int32Array(16);
  assert.equal(first.indices(9, out), out);
  assert.deepEqual(out, later.indices(9));
});

test("epochs: every row once before any comes again, in another order, wherever one starts", () => {
  const rows = sampler({ count: 10, batchSize: 4, key: randomKey(1), mode: "epochs" });
  const drawn = [0, 1, 2, 3, 4].flatMap((update) => [...rows.indices(update)]);
  const sorted = (part: number[]) => [...part].sort((a, b) => a - b);
  assert.deepEqual(sorted(drawn.slice(0, 10)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(sorted(drawn.slice(10)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.notDeepEqual(drawn.slice(0, 10), drawn.slice(10));
  const resumed = sampler({ count: 10, batchSize: 4, key: randomKey(1), mode: "epochs" });
  assert.deepEqual([...resumed.indices(3)], drawn.slice(12, 16));
});

/** Pearson's statistic: about its degrees of freedom when the frequencies are as expected. */
const chiSquare = (counts: Float64Array, expected: readonly number[]): number =>
  expected.reduce((sum, e, i) => sum + (e === 0 ? 0 : (counts[i] - e) ** 2 / e), 0);

test("weighted draws come in proportion to their weights, and never with weight 0", () => {
  const weights = [0, 1, 2, 0, 5, 0.5, 10, 0];
  const rows = sampler({ count: 8, batchSize: 1000, key: randomKey(2), weights });
  const counts = new Float64Array(8);
  for (let update = 0; update < 50; update++) for (const i of rows.indices(update)) counts[i]++;
  assert.deepEqual([counts[0], counts[3], counts[7]], [0, 0, 0]);
  const expected = weights.map((w) => (w / 18.5) * 50_000);
  assert.ok(chiSquare(counts, expected) < 25, `${counts}`); // 4 degrees of freedom: 25 is passed once in 20,000
});

test("the alias table holds any weights to a thousandth, and gives nothing to a weight of 0", () => {
  const weight = fc.oneof(
    fc.constant(0),
    fc.double({ min: 0.001, max: 1, noNaN: true }),
    fc.constantFrom(0.1, 0.3, 1e-9),
  );
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 12 }), (weights) => {
      fc.pre(weights.some((w) => w > 0));
      const table = aliasTable(weights);
      const total = weights.reduce((a, b) => a + b, 0);
      const mass = new Float64Array(weights.length);
      for (let i = 0; i < weights.length; i++) {
        for (let v = 0; v < 1; v += 2 ** -10)
          mass[table.draw((i + 0.5) / weights.length, v)] += 2 ** -10 / weights.length;
      }
      mass.forEach((m, i) => {
        if (weights[i] === 0) assert.equal(m, 0);
        else assert.ok(Math.abs(m - weights[i] / total) < 2e-3, `${weights} gave ${mass}`);
      });
    }),
  );
});

test("uniform draws are uniform", () => {
  const rows = sampler({ count: 10, batchSize: 1000, key: randomKey(3) });
  const counts = new Float64Array(10);
  for (let update = 0; update < 20; update++) for (const i of rows.indices(update)) counts[i]++;
  assert.ok(chiSquare(counts, new Array(10).fill(2000)) < 35, `${counts}`);
});

test("samplers refuse what they cannot draw from", () => {
  const options = { count: 3, batchSize: 2, key: randomKey(0) };
  assert.throws(() => sampler({ ...options, count: 0 }), /"count" is 0/);
  assert.throws(() => sampler({ ...options, batchSize: 0 }), /"batchSize" is 0/);
  assert.throws(() => sampler({ ...options, weights: [1, 2] }), /wanted 3, one a row/);
  assert.throws(() => sampler({ ...options, weights: [1, -1, 1] }), /weights\[1\]/);
  assert.throws(() => sampler({ ...options, weights: [0, 0, 0] }), /at least one weight above 0/);
  assert.throws(() => sampler({ ...options, weights: [1, 1, 1], mode: "epochs" }), /every row comes once/);
  assert.throws(() => sampler(options).indices(-1), /"update" is -1/);
});

test("episode weights reach every step, whole or shared", () => {
  const t = fromEpisodes([counting(0, [0, 0], true), counting(10, [0], true)], spaces);
  assert.deepEqual([...episodeWeights(t, [1, 3])], [1, 1, 3]);
  assert.deepEqual([...episodeWeights(t, (e) => e + 1, { perEpisode: true })], [0.5, 0.5, 2]);
});

test("moments keep their digits under a large mean", () => {
  const { mean, std } = moments(
    ndarray(
      [
        [1e8 + 1, 3],
        [1e8 - 1, 3],
      ],
      { dtype: "float64" },
    ),
  );
  assert.deepEqual([...mean], [1e8, 3]);
  assert.deepEqual([...std], [1, 0]);
});

test("decision columns are float32 for training", () => {
  const log = decisionLog({ context: [[5]], actions: 2, action: [1], propensity: [0.25], reward: [2] });
  const { count, columns } = decisions(log);
  assert.equal(count, 1);
  assert.deepEqual([...columns.propensity.data], [0.25]);
  assert.equal(columns.reward.dtype, "float32");
});
