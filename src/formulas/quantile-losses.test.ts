import assert from "node:assert/strict";
import { test } from "node:test";
import { grad, ndarray, type Tensor } from "../tensor/index.ts";
import { assertClose, assertSlopes, exactly, numbersOf, valuesOf, wave, wave64 } from "../tensor/testing.ts";
import golden from "./formulas.golden.json" with { type: "json" };
import { expectileLoss } from "./losses.ts";
import { asymmetricLoss, gumbelLoss, quantileHuberLoss, quantileLoss } from "./quantile-losses.ts";

const losses = ({ quantiles, targets, error }: { readonly [name: string]: Tensor }) => ({
  quantileHuber: quantileHuberLoss(quantiles, targets, 0.8),
  asymmetric: asymmetricLoss(error, 0.3, 1.5),
  gumbel: gumbelLoss(error, 0.7),
});

test("losses are what their definitions say, in double and in single precision", async () => {
  const inputs = { quantiles: wave64([4, 5], 6, 2), targets: wave64([4, 3], 7, 2), error: wave64([5], 11, 2) };
  const inDouble = exactly(inputs, losses);
  const single = { quantiles: wave([4, 5], 6, 2), targets: wave([4, 3], 7, 2), error: wave([5], 11, 2) };
  const inSingle = await valuesOf(single, losses);
  for (const name of ["quantileHuber", "asymmetric", "gumbel"] as const) {
    assertClose(inDouble[name], golden[name], name, { error: 1e-12 });
    assertClose(numbersOf(inSingle[name]), golden[name], name);
    assertSlopes(inputs, (x) => losses(x)[name], name);
  }
});

test("as κ goes to 0 the quantile Huber loss becomes the quantile loss; powers 1 and 2 are quantile and expectile", () => {
  const got = exactly({ quantiles: wave64([4, 5], 6, 2), targets: wave64([4, 3], 7, 2) }, ({ quantiles, targets }) => {
    const levels = [0.1, 0.3, 0.5, 0.7, 0.9];
    const each = levels.map((tau, i) => quantileLoss(targets.sub(quantiles.at(1, i).unsqueeze(1)), tau));
    const error = targets.sub(0.1);
    return {
      small: quantileHuberLoss(quantiles, targets, 1e-9),
      quantile: each.reduce((a, b) => a.add(b)),
      squared: asymmetricLoss(error, 0.8, 2),
      expectile: expectileLoss(error, error.at(0, 0).at(0, 0).mul(0).add(0.8)),
    };
  });
  assertClose(got.small, got.quantile, "κ → 0", { error: 1e-7 });
  assertClose(got.squared, got.expectile, "expectile", { error: 1e-12 });
});

/** The root of a loss's slope in one number, which is what it learns. */
function minimiser(sample: readonly number[], loss: (error: Tensor) => Tensor, low: number, high: number): number {
  const target = ndarray(Float64Array.from(sample));
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    const { slope } = exactly({ target, at: ndarray(Float64Array.of(middle)) }, (x) => ({
      slope: grad((p: Tensor) => loss(x.target.sub(p)))(x.at),
    }));
    if (slope[0] > 0) high = middle;
    else low = middle;
  }
  return low;
}

test("what they learn: the quantile, and the soft maximum of the Gumbel loss", () => {
  const sample = Array.from({ length: 101 }, (_, i) => Math.sin(i) + 0.2 * i ** 0.5);
  const sorted = [...sample].sort((a, b) => a - b);
  assertClose([minimiser(sample, (u) => quantileLoss(u, 0.735), -5, 5)], [sorted[74]], "quantile", { error: 1e-6 });
  const soft = 0.5 * Math.log(sample.reduce((sum, x) => sum + Math.exp(x / 0.5), 0) / sample.length);
  assertClose([minimiser(sample, (u) => gumbelLoss(u, 0.5, { bound: 50 }), -5, 5)], [soft], "soft", { error: 1e-6 });
});

test("an outlier does not overflow the Gumbel loss, and a power's slope at 0 is 0", async () => {
  const { loss, slope, kink } = await valuesOf({ error: ndarray([1e4, -3]), zero: ndarray([0, 1]) }, (x) => ({
    loss: gumbelLoss(x.error, 0.1),
    slope: grad((e: Tensor) => gumbelLoss(e, 0.1))(x.error),
    kink: grad((e: Tensor) => asymmetricLoss(e, 0.9, 1.5))(x.zero),
  }));
  assert.ok(Number.isFinite(numbersOf(loss)[0]));
  assert.ok(numbersOf(slope).every(Number.isFinite));
  assert.ok(Math.abs(numbersOf(kink)[0]) < 1e-9);
  assertClose([numbersOf(kink)[1]], [(0.9 * 1.5) / 2], "slope at 1");
});
