import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { constant as constantOf, grad, type NdArray, ndarray, type Tensor } from "../tensor/index.ts";
import { assertClose, assertSlopes, exactly, numbersOf, valuesOf, wave64 } from "../tensor/testing.ts";
import golden from "./formulas.golden.json" with { type: "json" };
import { clippedSurrogate, effectiveSize, importanceRatio, perDecisionWeights, selfNormalised } from "./importance.ts";
import { generalisedAdvantages, lambdaReturns, nStepReturns, upgoingReturns } from "./lambda-returns.ts";
import { retrace, vTrace } from "./off-policy-returns.ts";
import { returnsToGo } from "./returns.ts";

const [steps, batch] = [7, 3];
const marked = (...cells: readonly (readonly [number, number])[]): Float64Array =>
  Float64Array.from({ length: steps * batch }, (_, i) =>
    Number(cells.some(([t, b]) => t === Math.floor(i / batch) && b === i % batch)),
  );
const shape = { shape: [steps, batch] };
const given = {
  reward: wave64([steps, batch], 1, 2),
  value: wave64([steps, batch], 2, 2),
  nextValue: wave64([steps, batch], 3, 2),
  logRatio: wave64([steps, batch], 4),
  q: wave64([steps, batch], 5, 2),
  continues: ndarray(
    marked([3, 0], [6, 2]).map((x) => 1 - x),
    shape,
  ),
  truncated: ndarray(marked([2, 1], [4, 1]), shape),
};
type Given = { readonly [name in keyof typeof given]: Tensor };
const discount = 0.9;
const lambda = 0.7;

const formulas = ({ logRatio, ...x }: Given) => {
  const ratio = logRatio.exp();
  const ends = x.continues.from(1).maximum(x.truncated);
  const { target, advantage } = vTrace({ ...x, ratio }, { discount, lambda, errorClip: 1.1, traceClip: 0.9 });
  return {
    nStep1: nStepReturns(x, { discount, steps: 1 }),
    nStep3: nStepReturns(x, { discount, steps: 3 }),
    lambda: lambdaReturns(x, { discount, lambda }),
    advantage: generalisedAdvantages(x, { discount, lambda }),
    upgoing: upgoingReturns(x, { discount }),
    vTrace: target,
    vTraceAdvantage: advantage,
    retrace: retrace({ ...x, ratio }, { discount, lambda }),
    perDecision: perDecisionWeights(ratio, x.truncated),
    perEpisode: perDecisionWeights(ratio, ends),
  };
};

test("every return is what its definition, written with loops, says", async () => {
  const inDouble = exactly(given, formulas);
  const single = Object.fromEntries(
    Object.entries(given).map(([name, { data, ...rest }]) => [
      name,
      { ...rest, dtype: "float32", data: Float32Array.from(data as Float64Array) },
    ]),
  ) as typeof given;
  const inSingle = await valuesOf(single, formulas as (x: Given) => { readonly [name: string]: Tensor });
  for (const name of Object.keys(golden).filter((name) => name in inDouble)) {
    const wanted = golden[name as "nStep1"];
    assert.equal(wanted.length, steps * batch);
    assertClose(inDouble[name as "nStep1"], wanted, name, { error: 1e-12 });
    assertClose(numbersOf(inSingle[name]), wanted, name);
  }
});

test("time may be any axis, or the one that is named so", () => {
  const wanted = exactly(given, formulas);
  const turned = exactly(given, (x) => {
    const by = (names: readonly string[]) =>
      Object.fromEntries(Object.entries(x).map(([name, t]) => [name, t.transpose().named(...names)])) as Given;
    return {
      named: lambdaReturns(by(["batch", "time"]), { discount, lambda }).transpose(),
      numbered: lambdaReturns(by(["", ""]), { discount, lambda, axis: -1 }).transpose(),
    };
  });
  assert.deepEqual(turned.named, wanted.lambda);
  assert.deepEqual(turned.numbered, wanted.lambda);
});

test("limits tie them together", () => {
  const got = exactly(given, ({ logRatio: _, ...x }) => {
    const ratio = x.reward.mul(0).add(1);
    // V(s_{t+1}) as seen from t and from t + 1 are one number, wherever the next row goes on.
    const value = x.value;
    const nextValue = value.slice(0, 1).pad(0, 0, 1);
    const s = { ...x, value, nextValue, truncated: x.truncated };
    const options = { discount, lambda };
    return {
      oneStep: lambdaReturns(x, { discount, lambda: 0 }),
      n1: nStepReturns(x, { discount, steps: 1 }),
      monteCarlo: lambdaReturns(x, { discount, lambda: 1 }),
      nAll: nStepReturns(x, { discount, steps: 100 }),
      advantage: generalisedAdvantages(s, options),
      lambdaLessValue: lambdaReturns(s, options).sub(value),
      vTrace: vTrace({ ...s, ratio }, { discount }).target,
      nStep: nStepReturns(s, { discount, steps }),
      retrace: retrace({ ...s, q: value, ratio }, options),
      tdLambda: lambdaReturns(s, options),
    };
  });
  const same = (a: keyof typeof got, b: keyof typeof got): void =>
    assertClose(got[a], got[b], `${a} is ${b}`, { error: 1e-12 });
  same("oneStep", "n1");
  same("monteCarlo", "nAll");
  same("advantage", "lambdaLessValue");
  same("vTrace", "nStep");
  same("retrace", "tdLambda");
});

test("λ = 1 without values is the sum of what was earned, at any length", () => {
  const rewards = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(rewards, (r) => {
      const { got } = exactly({ reward: ndarray(Float64Array.from(r)) }, ({ reward }) => ({
        got: lambdaReturns(
          { reward, continues: reward.mul(0).add(1), nextValue: reward.mul(0) },
          { discount: 0.8, lambda: 1 },
        ),
      }));
      assertClose(got, [...returnsToGo(r, 0.8)], "return", { error: 1e-12 });
    }),
    { numRuns: 30 },
  );
});

test("nothing behind an end or a cut reaches what comes before it", () => {
  const slopes = exactly(given, ({ logRatio, ...x }) => {
    const of = (reward: Tensor): Tensor => {
      const out = formulas({ ...x, reward, logRatio });
      const first = [out.lambda, out.advantage, out.vTrace, out.retrace].map((y) => y.slice(0, 0, 3));
      return first.map((y) => y.at(1, 1).sum()).reduce((a, b) => a.add(b));
    };
    return { slope: grad(of)(x.reward).at(1, 1) };
  });
  assert.ok(slopes.slope.slice(0, 3).every((s) => s > 0));
  assert.deepEqual(slopes.slope.slice(3), [0, 0, 0, 0]);
});

test("slopes through a return, and none through which way UPGO goes", () => {
  const { continues, truncated, ...floats } = given;
  const names = ["lambda", "vTrace", "retrace", "perEpisode"] as const;
  for (const name of names) {
    const weigh = (x: { readonly [K in keyof typeof floats]: Tensor }): Tensor => {
      const masks = exactMasks(continues, truncated);
      return formulas({ ...x, ...masks } as Given)
        [name].square()
        .mean();
    };
    assertSlopes(floats, weigh, name);
  }
});

const exactMasks = (continues: NdArray, truncated: NdArray) => ({
  continues: constantOf(continues),
  truncated: constantOf(truncated),
});

test("weights: self-normalised average to 1, the effective size lies between 1 and n, ratios stay finite", () => {
  const got = exactly({ w: ndarray(Float64Array.from([1, 3, 0, 4])) }, ({ w }) => ({
    normal: selfNormalised(w),
    size: effectiveSize(w),
    even: effectiveSize(w.mul(0).add(2)),
    far: importanceRatio(w.mul(1000), w.mul(-1000)),
    surrogate: clippedSurrogate(w, w.sub(2), 0.2),
  }));
  assertClose(got.normal, [0.5, 1.5, 0, 2], "normalised", { error: 1e-12 });
  assertClose([...got.size, ...got.even], [64 / 26, 4], "effective size", { error: 1e-12 });
  assert.ok(got.far.every(Number.isFinite));
  assertClose(got.surrogate, [-1, 1.2, -1.6, 2.4], "surrogate", { error: 1e-12 });
});

test("an axis of time that is not there, or of no known length, is refused", async () => {
  const { reward, continues, nextValue } = given;
  const refused = (f: (x: { reward: Tensor; continues: Tensor; nextValue: Tensor }) => Tensor, pattern: RegExp) =>
    assert.throws(() => exactly({ reward, continues, nextValue }, (x) => ({ y: f(x) })), pattern);
  refused((x) => lambdaReturns(x, { discount, lambda, axis: "time" }), /there is no axis "time"/);
  refused((x) => lambdaReturns(x, { discount, lambda, axis: 2 }), /there is no axis 2/);
  refused((x) => nStepReturns(x, { discount, steps: 0 }), /"steps" is 0/);
});
