import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray, type Tensor } from "../tensor/index.ts";
import { assertClose, assertSlopes, exactly, wave64 } from "../tensor/testing.ts";
import { type DivergenceName, fDivergence, fDivergences, variationalBound } from "./divergences.ts";
import golden from "./formulas.golden.json" with { type: "json" };

const names = Object.keys(fDivergences) as DivergenceName[];
const inputs = { p: wave64([2, 4], 9), q: wave64([2, 4], 10) };

for (const name of names) {
  test(`${name}: its value, its slopes, and 0 between equals`, () => {
    const { value, none } = exactly(inputs, (x) => {
      const [p, q] = [x.p.softmax(), x.q.softmax()];
      return { value: fDivergence(name, p, q), none: fDivergence(name, p, p) };
    });
    assertClose(value, golden[name], name, { error: 1e-12 });
    assertClose(none, [0, 0], "of a distribution from itself", { error: 1e-12, floor: 1 });
    assertSlopes(inputs, (x) => fDivergence(name, x.p.softmax(), x.q.softmax()).sum(), name);
  });

  test(`${name}: the conjugate is the largest of u t − f(u) over u ≥ 0`, () => {
    const grid = Float64Array.from({ length: 4001 }, (_, i) => 10 ** ((i - 2000) / 400));
    const { conjugate, largest } = exactly({ v: wave64([12], 3, 4), u: ndarray(grid) }, ({ v, u }) => {
      const t = fDivergences[name].activation(v);
      const heights = t.unsqueeze(1).mul(u).sub(fDivergences[name].generator(u));
      return { conjugate: fDivergences[name].conjugate(t), largest: heights.max(1) };
    });
    assertClose(largest, conjugate, name, { error: 2e-4, floor: 1 });
  });

  test(`${name}: the best critic reaches the divergence, any other stays below, activations stay where f* is finite`, () => {
    // Each outcome counted by its probability: expectations instead of samples.
    const bound = (p: Tensor, q: Tensor, t: Tensor): Tensor =>
      p
        .mul(t)
        .sub(q.mul(fDivergences[name].conjugate(t)))
        .sum(-1);
    const got = exactly({ ...inputs, v: wave64([2, 4], 11) }, (x) => {
      const [p, q] = [x.p.softmax(), x.q.softmax()];
      return {
        best: bound(p, q, fDivergences[name].slope(p.div(q))),
        other: bound(p, q, fDivergences[name].activation(x.v)),
        far: fDivergences[name].conjugate(fDivergences[name].activation(x.v.mul(20))),
        sampled: variationalBound(name, x.v, x.v),
        expected: fDivergences[name]
          .activation(x.v)
          .sub(fDivergences[name].conjugate(fDivergences[name].activation(x.v)))
          .mean(),
      };
    });
    assertClose(got.best, golden[name], "at the best critic", { error: 1e-11 });
    got.other.forEach((value, i) => {
      assert.ok(value < golden[name][i], `another critic: ${value}`);
    });
    assert.ok(got.far.every(Number.isFinite));
    assertClose(got.sampled, got.expected, "from samples", { error: 1e-12 });
  });
}
