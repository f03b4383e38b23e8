import assert from "node:assert/strict";
import { test } from "node:test";
import { grad, type NdArray, ndarray, randomKey, type Tensor, zeros } from "../tensor/index.ts";
import { assertClose, below, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import golden from "./distributions.golden.json" with { type: "json" };
import { categorical, gaussian, mixture, point } from "./distributions.ts";

const value = wave([3, 2], 3, 2);
const choices = ndarray([0, 3, 1], { dtype: "int32" });

function assertGolden(got: { readonly [name: string]: NdArray }, wanted: { readonly [name: string]: number[] }): void {
  assert.deepEqual(Object.keys(got).sort(), Object.keys(wanted).sort());
  for (const [name, numbers] of Object.entries(wanted)) assertClose(numbersOf(got[name]), numbers, name);
}

test("gaussian: log-density, entropy, mode and slopes as in torch.distributions", async () => {
  const got = await valuesOf({ mean: wave([3, 2], 1), logSpread: wave([2], 2), value }, ({ value: x, ...params }) => {
    const of = ({ mean, logSpread }: typeof params) => gaussian(mean, logSpread);
    const d = of(params);
    const slopes = grad((p: typeof params) => of(p).logProb(x).sum())(params);
    return { logProb: d.logProb(x), entropy: d.entropy(), mode: d.mode(), ...below("slope", slopes) };
  });
  assertGolden(got, golden.gaussian);
});

test("categorical: log-mass, entropy, mode, probabilities, mixing and slopes as in torch.distributions", async () => {
  const inputs = { scores: wave([3, 4], 4, 3), other: wave([3, 4], 5), choices };
  const got = await valuesOf(inputs, ({ scores, other, choices: x }) => {
    const d = categorical(scores);
    const loss = (s: Tensor): Tensor => categorical(s).logProb(x).sum().add(categorical(s).entropy().square().sum());
    return {
      logProb: d.logProb(x),
      entropy: d.entropy(),
      mode: d.mode(),
      probabilities: d.probabilities(),
      mixed: d.mixedWith(categorical(other), 0.3).logProb(x),
      "slope/scores": grad(loss)(scores),
    };
  });
  assertGolden(got, golden.categorical);
});

test("mixture: log-density, mode and slopes as in torch.distributions", async () => {
  const inputs = { weights: wave([3, 4], 6, 2), mean: wave([3, 4, 2], 7, 2), logSpread: wave([3, 4, 2], 8), value };
  const got = await valuesOf(inputs, ({ value: x, ...parts }) => {
    const slopes = grad((p: typeof parts) => mixture(p).logProb(x).sum())(parts);
    return { logProb: mixture(parts).logProb(x), mode: mixture(parts).mode(), ...below("slope", slopes) };
  });
  assertGolden(got, golden.mixture);
});

const draws = 20_000;
const key = randomKey(5);
const rows = (tensor: Tensor): Tensor => tensor.unsqueeze(0).broadcastTo(draws, ...tensor.shape);
/** Five standard errors of a share. */
const shareError = (p: number): number => 5 * Math.sqrt((p * (1 - p)) / draws);

test("a gaussian's draws have its mean and spread, independently by element", async () => {
  const inputs = { mean: ndarray([1, -2]), logSpread: ndarray([0, -1]) };
  const { x } = await valuesOf(
    inputs,
    ({ mean, logSpread }, draw) => ({ x: gaussian(rows(mean), logSpread).sample(draw) }),
    key,
  );
  const values = numbersOf(x);
  const [first, second] = [0, 1].map((j) => values.filter((_, i) => i % 2 === j));
  const mean = (v: number[]): number => v.reduce((a, b) => a + b) / v.length;
  const spread = (v: number[]): number => Math.sqrt(mean(v.map((u) => (u - mean(v)) ** 2)));
  assertClose([mean(first), mean(second)], [1, -2], "mean", { error: 0.036, floor: 1 });
  assertClose([spread(first), spread(second)], [1, Math.exp(-1)], "spread", { error: 0.025 });
  const together = mean(first.map((u, i) => (u - 1) * (second[i] + 2) * Math.E));
  assert.ok(Math.abs(together) < 0.036, `the two go together by ${together}`);
});

test("a categorical's draws have its probabilities", async () => {
  const scores = ndarray([0, 1, -1, 2]);
  const { x } = await valuesOf({ scores }, (given, draw) => ({ x: categorical(rows(given.scores)).sample(draw) }), key);
  const counts = [0, 0, 0, 0];
  for (const choice of numbersOf(x)) counts[choice]++;
  const total = [0, 1, -1, 2].reduce((sum, s) => sum + Math.exp(s), 0);
  [0, 1, -1, 2].forEach((s, i) => {
    const p = Math.exp(s) / total;
    assert.ok(Math.abs(counts[i] / draws - p) < shareError(p), `${i} comes at ${counts[i] / draws}, wanted ${p}`);
  });
});

test("a mixture's draws fall on its parts by their weights, with each part's spread", async () => {
  const inputs = { weights: ndarray([0, 1]), mean: ndarray([[-5], [5]]), logSpread: ndarray([[0], [-1]]) };
  const f = ({ weights, mean, logSpread }: { weights: Tensor; mean: Tensor; logSpread: Tensor }) =>
    mixture({ weights: rows(weights), mean: rows(mean), logSpread });
  const { x } = await valuesOf(inputs, (parts, draw) => ({ x: f(parts).sample(draw) }), key);
  const values = numbersOf(x);
  const left = values.filter((v) => v < 0);
  const share = 1 / (1 + Math.E);
  assert.ok(Math.abs(left.length / draws - share) < shareError(share), `${left.length}`);
  const right = values.filter((v) => v >= 0);
  const spread = (v: number[], centre: number): number =>
    Math.sqrt(v.reduce((s, u) => s + (u - centre) ** 2, 0) / v.length);
  assertClose([spread(left, -5), spread(right, 5)], [1, Math.exp(-1)], "spread", { error: 0.05 });
});

test("a draw has no slope unless it is asked for: sample is cut, rsample is not", async () => {
  const given = { mean: wave([1, 2], 1), logSpread: wave([2], 2) };
  const { cut } = await valuesOf(
    given,
    (params, draw) => {
      const slopes = grad((p: typeof params) => gaussian(p.mean, p.logSpread).sample(draw).add(p.mean.mul(0)).sum())(
        params,
      );
      return { cut: slopes.mean };
    },
    randomKey(1),
  );
  assert.deepEqual(numbersOf(cut), [0, 0]);
});

test("a draw follows its parameters: d sample / d mean is 1, d sample / d logSpread is the noise times the spread", async () => {
  const got = await valuesOf(
    { mean: zeros([4, 2]), logSpread: ndarray([0.5, -0.5]) },
    (params, draw) => {
      const slopes = grad((p: typeof params) => gaussian(p.mean, p.logSpread).rsample(draw).sum())(params);
      const sample = gaussian(params.mean, params.logSpread).rsample(draw);
      return { byMean: slopes.mean, byLogSpread: slopes.logSpread, wanted: sample.sum(0) };
    },
    key,
  );
  assertClose(numbersOf(got.byMean), Array<number>(8).fill(1), "mean");
  assertClose(numbersOf(got.byLogSpread), numbersOf(got.wanted), "logSpread");
});

test("probabilities far out stay finite and sum to 1", async () => {
  const { p, entropy, logits } = await valuesOf(
    {
      scores: ndarray([
        [1000, 0],
        [-1000, 1000],
      ]),
    },
    ({ scores }) => {
      const d = categorical(scores);
      return { p: d.probabilities(), entropy: d.entropy(), logits: d.logits };
    },
  );
  assert.deepEqual(numbersOf(p), [1, 0, 0, 1]);
  assert.deepEqual(numbersOf(entropy).map(Math.abs), [0, 0]);
  assert.ok(numbersOf(logits).every(Number.isFinite));
});

test("a point is always itself and has no density", async () => {
  const { mode, sample } = await valuesOf({ value }, ({ value: x }, draw) => ({
    mode: point(x).mode(),
    sample: point(x).sample(draw),
  }));
  assert.deepEqual(mode.data, value.data);
  assert.deepEqual(sample.data, value.data);
  await assert.rejects(
    valuesOf({ value }, ({ value: x }) => ({ y: point(x).logProb(x) })),
    /a point has no density/,
  );
});
