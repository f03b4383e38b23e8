/** Draws follow the density (or the masses) that their distribution states, and survive a batch of any size. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, grad, ndarray, randomKey, type Tensor, zeros } from "../../tensor/index.ts";
import { assertClose, exactly, numbersOf, valuesOf } from "../../tensor/testing.ts";
import {
  atoms,
  bernoulli,
  beta,
  categorical,
  type Distribution,
  gaussian,
  mixture,
  multiDiscrete,
  tanhGaussian,
  truncatedNormal,
} from "../distributions.ts";

const draws = 20_000;
const key = randomKey(11);

interface Case {
  /** For rows [n, 1] of zeros: the numbers of the distribution are added to them. */
  readonly of: (zero: Tensor) => Distribution;
  readonly low: number;
  readonly high: number;
}

const cases: { readonly [name: string]: Case } = {
  "a gaussian": { of: (zero) => gaussian(zero.add(1), zero.sub(0.5)), low: -4, high: 6 },
  "a squashed gaussian": { of: (zero) => tanhGaussian(zero.add(0.4), zero.sub(0.2)), low: -1, high: 1 },
  "a beta": { of: (zero) => beta(zero.add(2.5), zero.add(1.2)), low: 0, high: 1 },
  "a beta with a pole": { of: (zero) => beta(zero.add(0.5), zero.add(3), { low: -1, high: 1 }), low: -1, high: 1 },
  "a steep beta": { of: (zero) => beta(zero.add(40), zero.add(90)), low: 0, high: 1 },
  "a truncated normal": {
    of: (zero) => truncatedNormal(zero.add(0.7), zero, { low: -1, high: 1 }),
    low: -1,
    high: 1,
  },
  "a truncated normal from far above": {
    of: (zero) => truncatedNormal(zero.add(9), zero, { low: -1, high: 1 }),
    low: -1,
    high: 1,
  },
  "a truncated normal from far below": {
    of: (zero) => truncatedNormal(zero.sub(9), zero, { low: -1, high: 1 }),
    low: -1,
    high: 1,
  },
  "a mixture": {
    of: (zero) => {
      const two = zero.unsqueeze(-1).add(constant(ndarray([[-1], [1]], { dtype: zero.dtype })));
      return mixture({
        weights: zero.add(constant(ndarray([0, 1], { dtype: zero.dtype }))),
        mean: two,
        logSpread: two.mul(0).sub(1),
      });
    },
    low: -4,
    high: 4,
  },
};

for (const [name, { of, low, high }] of Object.entries(cases)) {
  test(`${name}: draws and density say the same (Kolmogorov–Smirnov), without slope`, async () => {
    const { x, slope } = await valuesOf(
      { zero: zeros([draws, 1]) },
      ({ zero }, draw) => ({
        x: of(zero).sample(draw),
        slope: grad((z: Tensor) => of(z).sample(draw).sum().add(z.sum().mul(0)))(zero)
          .abs()
          .max(),
      }),
      key,
    );
    assert.deepEqual(numbersOf(slope), [0]);
    const sample = numbersOf(x).sort((a, b) => a - b);
    assert.ok(sample[0] >= low && sample[draws - 1] <= high);

    // The density's integral, on a grid that is fine where the density may be steep.
    const cells = 4000;
    const ends = Array.from(
      { length: cells + 1 },
      (_, i) => low + (high - low) * Math.sin((Math.PI * i) / cells / 2) ** 2,
    );
    const middles = ends.slice(1).map((end, i) => (end + ends[i]) / 2);
    const { logProb } = exactly(
      {
        at: ndarray(Float64Array.from(middles), { shape: [cells, 1] }),
        zero: ndarray(new Float64Array(cells), { shape: [cells, 1] }),
      },
      ({ at, zero }) => ({ logProb: of(zero).logProb(at) }),
    );
    let [total, seen, gap] = [0, 0, 0];
    middles.forEach((_, i) => {
      total += Math.exp(logProb[i]) * (ends[i + 1] - ends[i]);
      while (seen < draws && sample[seen] <= ends[i + 1]) seen++;
      gap = Math.max(gap, Math.abs(total - seen / draws));
    });
    assertClose([total], [1], "the density's integral", { error: 0.01 });
    // A gap this wide comes once in ten thousand.
    assert.ok(gap < 2.3 / Math.sqrt(draws) + Math.abs(total - 1), `gap ${gap}`);
  });
}

test("one of several vectors comes as often as its weight says, and at its best is the likeliest", async () => {
  const { x, mode } = await valuesOf(
    { zero: zeros([draws, 1]) },
    ({ zero }, draw) => {
      const values = zero.unsqueeze(-1).add(constant(ndarray([[-1, 0], [2, 5], [7, 7]]))); // biome-ignore format: a row a vector
      const some = atoms(zero.add(constant(ndarray([0.2, 0.5, 0.3].map(Math.log)))), values);
      return { x: some.sample(draw), mode: some.mode().slice(0, 0, 1) };
    },
    key,
  );
  const firsts = numbersOf(x).filter((_, i) => i % 2 === 0);
  const shares = [-1, 2, 7].map((value) => firsts.filter((first) => first === value).length / draws);
  assertClose(shares, [0.2, 0.5, 0.3], "shares", { error: 0.015, floor: 1 }); // four standard errors
  assert.deepEqual(numbersOf(mode), [2, 5]);
});

test("choices and switches come as often as their masses say, together as often as apart", async () => {
  const scores = [0.5, -1, 1, 0.3, -0.7];
  const { many, switches, masked } = await valuesOf(
    { zero: zeros([draws, 5]) },
    ({ zero }, draw) => {
      const s = zero.add(constant(ndarray(scores)));
      const open = zero.add(constant(ndarray([1, 0, 1, 0, 1]))).greater(0);
      return {
        many: multiDiscrete(s.slice(-1, 0, 4), [2, 2]).sample(draw.at("many")),
        switches: bernoulli(s).sample(draw.at("switches")),
        masked: categorical(s, { available: open }).sample(draw.at("masked")),
      };
    },
    key,
  );
  const share = (hits: (row: number) => boolean): number =>
    Array.from({ length: draws }, (_, row) => Number(hits(row))).reduce((a, b) => a + b) / draws;
  const near = (got: number, p: number, what: string): void =>
    assert.ok(Math.abs(got - p) <= 5 * Math.sqrt((p * (1 - p)) / draws), `${what}: ${got}, wanted ${p}`);
  const softmax = (x: readonly number[]): number[] => {
    const total = x.reduce((sum, s) => sum + Math.exp(s), 0);
    return x.map((s) => Math.exp(s) / total);
  };
  const [first, second] = [softmax(scores.slice(0, 2)), softmax(scores.slice(2, 4))];
  const pairs = numbersOf(many);
  first.forEach((p, a) => {
    second.forEach((q, b) => {
      near(
        share((row) => pairs[2 * row] === a && pairs[2 * row + 1] === b),
        p * q,
        `${a} with ${b}`,
      );
    });
  });
  const on = numbersOf(switches);
  const odds = scores.map((s) => 1 / (1 + Math.exp(-s)));
  odds.forEach((p, i) => {
    near(
      share((row) => on[5 * row + i] === 1),
      p,
      `switch ${i}`,
    );
  });
  near(
    share((row) => on[5 * row] === 1 && on[5 * row + 3] === 1),
    odds[0] * odds[3],
    "two switches",
  );
  const chosen = numbersOf(masked);
  const allowed = softmax([scores[0], scores[2], scores[4]]);
  [0, 2, 4].forEach((choice, i) => {
    near(
      share((row) => chosen[row] === choice),
      allowed[i],
      `choice ${choice}`,
    );
  });
  assert.equal(
    share((row) => chosen[row] % 2 === 1),
    0,
  );
});

test("a squashed draw knows its own density, and follows its parameters", async () => {
  const got = await valuesOf(
    { mean: ndarray([[0.3, -0.8]]), logSpread: ndarray([[-0.5, 0.2]]) },
    (given, draw) => {
      const of = (p: typeof given) => tanhGaussian(p.mean, p.logSpread).rsampleWithLogProb(draw);
      const slopes = grad((p: typeof given) => of(p).value.sum())(given);
      const { value, logProb } = of(given);
      const flat = value.square().from(1);
      return {
        logProb,
        again: tanhGaussian(given.mean, given.logSpread).logProb(value),
        byMean: slopes.mean,
        wanted: flat,
        far: tanhGaussian(given.mean.mul(100), given.logSpread).rsampleWithLogProb(draw).logProb,
      };
    },
    key,
  );
  assertClose(numbersOf(got.logProb), numbersOf(got.again), "log-density");
  assertClose(numbersOf(got.byMean), numbersOf(got.wanted), "slope");
  assert.ok(numbersOf(got.far).every(Number.isFinite));
});

test("a squashed normal's entropy, from draws, is what its density integrates to", async () => {
  const { entropy } = await valuesOf(
    { zero: zeros([draws, 1]) },
    ({ zero }, draw) => ({ entropy: tanhGaussian(zero.add(0.4), zero.sub(0.2)).entropy(draw, 2).mean(0) }),
    key,
  );
  const cells = 20_000;
  const at = Float64Array.from({ length: cells }, (_, i) => -1 + (2 * i + 1) / cells);
  const { logProb } = exactly(
    { at: ndarray(at, { shape: [cells, 1] }), zero: ndarray(new Float64Array(cells), { shape: [cells, 1] }) },
    (x) => ({ logProb: tanhGaussian(x.zero.add(0.4), x.zero.sub(0.2)).logProb(x.at) }),
  );
  const wanted = logProb.reduce((sum, l) => sum - (Math.exp(l) * l * 2) / cells, 0);
  assertClose(numbersOf(entropy), [wanted], "entropy", { error: 0.02, floor: 1 });
});

test("a truncated draw follows its centre and its scale, on either side of the bounds' middle", async () => {
  const given = { centre: ndarray([[0.3, -0.6, 2, -3]]), logScale: ndarray([[-0.4, 0.3, 0.2, -0.1]]) };
  const bounds = { low: -1, high: 1 };
  const step = 0.02;
  const got = await valuesOf(
    given,
    (params, draw) => {
      const at = (byCentre: number, byScale: number): Tensor =>
        truncatedNormal(params.centre.add(byCentre), params.logScale.add(byScale), bounds).sample(draw);
      const slopes = grad((p: typeof params) => truncatedNormal(p.centre, p.logScale, bounds).rsample(draw).sum())(
        params,
      );
      return {
        byCentre: slopes.centre,
        byScale: slopes.logScale,
        wantedCentre: at(step, 0)
          .sub(at(-step, 0))
          .div(2 * step),
        wantedScale: at(0, step)
          .sub(at(0, -step))
          .div(2 * step),
      };
    },
    key,
  );
  assertClose(numbersOf(got.byCentre), numbersOf(got.wantedCentre), "centre", { error: 2e-3, floor: 0.5 });
  assertClose(numbersOf(got.byScale), numbersOf(got.wantedScale), "scale", { error: 2e-3, floor: 0.5 });
});
