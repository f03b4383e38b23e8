import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { grad } from "../grad.ts";
import { evaluate } from "../interpret.ts";
import { type NdArray, sizeOf } from "../ndarray.ts";
import { trace } from "../program.ts";
import { runOnce } from "../runtime.ts";
import { constant, type Tensor } from "../tensor.ts";
import { close } from "./testing.ts";

const functions: { readonly [name: string]: (x: Tensor, y: Tensor) => Tensor } = {
  add: (x, y) => x.add(y),
  sub: (x, y) => x.sub(y),
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y.abs().add(0.5)),
  pow: (x, y) => x.abs().add(0.5).pow(y),
  minimum: (x, y) => x.minimum(y),
  maximum: (x, y) => x.maximum(y),
  where: (x, y) => x.less(0.25).where(x, y),
  less: (x, y) => x.less(y).cast("float64"),
  lessEqual: (x, y) => x.lessEqual(y).cast("float64"),
  equal: (x, y) => x.equal(y).cast("float64"),
  logic: (x, y) => x.less(0).and(y.less(0)).or(x.equal(y)).cast("float64"),
};

/** A shape and two that broadcast to it: axes made 1, leading ones left out. */
const shapes = fc
  .array(fc.record({ size: fc.integer({ min: 1, max: 4 }), x: fc.boolean(), y: fc.boolean() }), { maxLength: 4 })
  .chain((axes) =>
    fc.tuple(fc.constant(axes), fc.nat({ max: axes.length }), fc.nat({ max: axes.length }), fc.boolean()),
  )
  .map(([axes, dropped, other, first]) => {
    const whole = axes.map(({ size, x, y }) => (x || y ? size : 1));
    const x = axes
      .map(({ size, x: own }) => (own ? size : 1))
      .slice(
        first
          ? leadingOnes(
              axes.map((a) => a.x),
              dropped,
            )
          : 0,
      );
    const y = axes
      .map(({ size, y: own }) => (own ? size : 1))
      .slice(
        first
          ? 0
          : leadingOnes(
              axes.map((a) => a.y),
              other,
            ),
      );
    return { whole, x, y };
  });

/** How many leading axes may be left out, at most `wanted`: those of size 1. */
const leadingOnes = (own: readonly boolean[], wanted: number): number => {
  const first = own.indexOf(true);
  return Math.min(wanted, first < 0 ? own.length : first);
};

const filled = (shape: readonly number[], seed: number): NdArray => ({
  shape,
  dtype: "float64",
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.round(4 * Math.sin(2.1 * i + seed)) / 2),
});

/** Values, and slopes of a sum that weighs every element differently, with and without spreading beforehand. */
function outcomes(x: Tensor, y: Tensor, whole: readonly number[]) {
  const weights = constant(filled(whole, 3));
  const of = (f: (a: Tensor, b: Tensor) => Tensor) => ({
    value: f(x, y),
    slope: grad((p: { x: Tensor; y: Tensor }) => f(p.x, p.y).mul(weights).sum())({ x, y }),
  });
  return Object.entries(functions).map(([name, f]) => ({
    name,
    plain: of(f),
    spread: of((a, b) => f(a.broadcastTo(...whole), b.broadcastTo(...whole))),
  }));
}

const flat = ({ value, slope }: { value: Tensor; slope: { x: Tensor; y: Tensor } }) => [value, slope.x, slope.y];

test("broadcasting beforehand changes neither values nor slopes, in the reference", () => {
  fc.assert(
    fc.property(shapes, fc.nat({ max: 50 }), ({ whole, x, y }, seed) => {
      for (const { name, plain, spread } of outcomes(constant(filled(x, seed)), constant(filled(y, seed + 1)), whole)) {
        const got = evaluate([...flat(plain), ...flat(spread)]);
        assert.deepEqual(got[0].shape, whole, name);
        for (const i of [0, 1, 2]) {
          assert.deepEqual(got[i].shape, got[i + 3].shape, name);
          close(got[i].data, got[i + 3].data, 1e-12, `${name} ${i}`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("… nor in the runtime, whose passes take spreading out again", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat({ max: 50 }), async ({ whole, x, y }, seed) => {
      const inputs = { x: { shape: x, dtype: "float64" }, y: { shape: y, dtype: "float64" } } as const;
      const program = trace("broadcasting", { state: {}, inputs }, (state, given) => ({
        state,
        outputs: Object.fromEntries(
          outcomes(given.x, given.y, whole).map(({ name, plain, spread }) => [name, [...flat(plain), ...flat(spread)]]),
        ),
      }));
      const values = { x: filled(x, seed), y: filled(y, seed + 1) };
      const all = (await runOnce(program, values)) as { readonly [name: string]: readonly NdArray[] };
      const wanted = outcomes(constant(values.x), constant(values.y), whole);
      for (const { name, plain } of wanted) {
        const got = all[name];
        const reference = evaluate(flat(plain));
        for (const i of [0, 1, 2]) {
          close(got[i].data, reference[i].data, 1e-12, `${name} ${i}`);
          close(got[i + 3].data, reference[i].data, 1e-12, `${name} ${i}, spread`);
        }
      }
    }),
    { numRuns: 10 },
  );
});
