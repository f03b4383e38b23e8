import assert from "node:assert/strict";
import { test } from "node:test";
import { constant as constantOf, ndarray, type Tensor } from "../tensor/index.ts";
import { assertClose, assertSlopes, exactly, numbersOf, valuesOf, wave, wave64 } from "../tensor/testing.ts";
import { infoNce, nceLoss, tripletLoss } from "./contrastive.ts";
import golden from "./formulas.golden.json" with { type: "json" };
import { bradleyTerry, dpoLogits, dpoLoss, ipoLoss, plackettLuce, preferenceLoss } from "./preferences.ts";

const cases: {
  readonly [name: string]: readonly [
    inputs: readonly (readonly [shape: readonly number[], at: number])[],
    f: (...x: Tensor[]) => Tensor,
  ];
} = {
  plackettLuce: [[[[2, 4], 8]], plackettLuce],
  infoNce: [[[[4, 4], 12]], (scores) => infoNce(scores)],
  nce: [
    [
      [[4], 13],
      [[4, 3], 14],
    ],
    nceLoss,
  ],
  triplet: [
    [
      [[4, 3], 15],
      [[4, 3], 16],
      [[4, 3], 17],
    ],
    (a, p, n) => tripletLoss(a, p, n, 0.5),
  ],
};

for (const [name, [inputs, f]] of Object.entries(cases)) {
  test(`${name}: as its definition says, with its slopes`, async () => {
    const wanted = golden[name as "infoNce"];
    const of = (x: { readonly [name: string]: Tensor }) => ({ y: f(...inputs.map((_, i) => x[`x${i}`])) });
    const double = Object.fromEntries(inputs.map(([shape, at], i) => [`x${i}`, wave64(shape, at)]));
    const single = Object.fromEntries(inputs.map(([shape, at], i) => [`x${i}`, wave(shape, at)]));
    assertClose(exactly(double, of).y, wanted, name, { error: 1e-12 });
    assertClose(numbersOf((await valuesOf(single, of)).y), wanted, name);
    assertSlopes(double, (x) => of(x).y.sum(), name);
  });
}

const inputs = { a: wave64([5], 1, 3), b: wave64([5], 2, 3), c: wave64([5], 3, 3), d: wave64([5], 4, 3) };

test("two ranked are Bradley–Terry, the chances of both orders sum to 1, far scores stay finite", () => {
  const got = exactly(inputs, ({ a, b }) => ({
    two: plackettLuce(a.unsqueeze(-1).mul(ones(2)).add(b.sub(a).unsqueeze(-1).mul(second))),
    pair: bradleyTerry(a, b),
    both: bradleyTerry(a, b).exp().add(bradleyTerry(b, a).exp()),
    far: bradleyTerry(a.mul(1e4), b.mul(-1e4)),
    half: preferenceLoss(a, b, a.mul(0).add(0.5)),
    wanted: bradleyTerry(a, b).add(bradleyTerry(b, a)).mean().mul(-0.5),
  }));
  assertClose(got.two, got.pair, "two", { error: 1e-12 });
  assertClose(got.both, [1, 1, 1, 1, 1], "both", { error: 1e-12 });
  assert.ok(got.far.every(Number.isFinite));
  assertClose(got.half, got.wanted, "an even label", { error: 1e-12 });
});

const ones = (n: number) => constantOf(ndarray(new Float64Array(n).fill(1)));
const second = constantOf(ndarray(Float64Array.of(0, 1)));

test("DPO: the policy's and the reference's own ratio cancel, smoothing meets halfway, IPO is least at its margin", () => {
  const got = exactly(inputs, ({ a, b, c, d }) => {
    const pair = { preferred: a, preferredReference: b, other: c, otherReference: d };
    const atMargin = { preferred: a.mul(0).add(1.25), preferredReference: a.mul(0), other: a, otherReference: a };
    return {
      logits: dpoLogits(pair, 0.3),
      wanted: bradleyTerry(a.sub(b).mul(0.3), c.sub(d).mul(0.3)).exp(),
      chances: dpoLogits(pair, 0.3).sigmoid(),
      untrained: dpoLogits({ ...pair, preferredReference: a, otherReference: c }, 0.3),
      loss: dpoLoss(pair, 0.3),
      plain: bradleyTerry(a.sub(b).mul(0.3), c.sub(d).mul(0.3)).mean().neg(),
      even: dpoLoss(pair, 0.3, 0.5),
      turned: dpoLoss({ preferred: c, preferredReference: d, other: a, otherReference: b }, 0.3, 0.5),
      ipo: ipoLoss(atMargin, 0.4),
      ipoOff: ipoLoss({ ...atMargin, preferred: a.mul(0).add(2.25) }, 0.4),
    };
  });
  assertClose(got.chances, got.wanted, "chances", { error: 1e-12 });
  assert.ok(got.untrained.every((x) => Math.abs(x) < 1e-12));
  assertClose(got.loss, got.plain, "loss", { error: 1e-12 });
  assertClose(got.even, got.turned, "smoothed by a half", { error: 1e-12 });
  assertClose([...got.ipo, ...got.ipoOff], [0, 1], "IPO", { error: 1e-12 });
});

test("InfoNCE: any column may be the partner, and guessing costs log n", () => {
  const got = exactly({ s: wave64([4, 4], 12), to: ndarray(Int32Array.of(0, 1, 2, 3)) }, ({ s, to }) => ({
    diagonal: infoNce(s),
    named: infoNce(s, to),
    guess: infoNce(s.mul(0)),
  }));
  assert.deepEqual(got.diagonal, got.named);
  assertClose(got.guess, [Math.log(4)], "guess", { error: 1e-12 });
});
