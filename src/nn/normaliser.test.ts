import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Compiled, grad, ndarray, randomKey, type Spec, Store, type Tensor, trace, zeros } from "../tensor/index.ts";
import { assertClose, normal, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import { mlp } from "./layers.ts";
import { type Moments, momentsOf, noMoments, normalise, normalised, observed } from "./normaliser.ts";
import { assertEnsemble } from "./testing.ts";

const leaves = ({ count, mean, squares }: Moments): { count: Tensor; mean: Tensor; squares: Tensor } => ({
  count,
  mean,
  squares,
});

test("moments seen in batches of any sizes are the data set's", async () => {
  const data = normal(3, 40, 2);
  for (let i = 0; i < 40; i++) data.data[2 * i + 1] = 500 + 3 * Number(data.data[2 * i + 1]);
  const whole = momentsOf(data);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { maxLength: 5 }), async (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), 40];
      const got = await valuesOf({ data }, ({ data }) => {
        const batches = edges.slice(1).map((to, i) => data.slice(0, edges[i], to));
        return leaves(batches.reduce(observed, noMoments(2)));
      });
      assert.deepEqual(numbersOf(got.count), [40]);
      assertClose(numbersOf(got.mean), numbersOf(whole.mean), "mean");
      assertClose(numbersOf(got.squares), numbersOf(whole.squares), "squares", { error: 1e-4 });
    }),
    { numRuns: 10, seed: 1 },
  );
  assert.throws(() => momentsOf(zeros([0, 2])), /at least one row/);
});

test("normalised data has mean 0 and variance 1, and before anything is seen it stays as it is", async () => {
  const { mean, variance, one, raw, cut, slope } = await valuesOf({ x: wave([30, 3], 1, 7) }, ({ x }) => {
    const moved = x.add(20);
    const seen = observed(noMoments(3), moved);
    const out = normalise(seen, moved);
    return {
      mean: out.mean(0),
      variance: out.variance(0),
      one: normalise(observed(noMoments(3), x.slice(0, 0, 1)), x.slice(0, 0, 2)).sub(
        x.slice(0, 0, 2).sub(x.slice(0, 0, 1)),
      ),
      raw: normalise(noMoments(3), x).sub(x).abs().max(),
      cut: normalise(noMoments(3), x.mul(10), { clip: 5 }).abs().max(),
      slope: grad((m: Moments) => normalise(m, moved).square().sum())(seen).mean,
    };
  });
  assertClose(numbersOf(mean), [0, 0, 0], "mean", { floor: 1 });
  assertClose(numbersOf(variance), [1, 1, 1], "variance", { error: 1e-4 });
  assert.ok(numbersOf(raw)[0] < 1e-6);
  assertClose(numbersOf(one), [0, 0, 0, 0, 0, 0], "after one row", { floor: 1 });
  assert.deepEqual(numbersOf(cut), [5]);
  assert.deepEqual(numbersOf(slope), [0, 0, 0]);
});

test("a policy carries its moments: a step updates them, and rows of any number are normalised by them", async () => {
  const net = normalised(mlp({ inputs: 2, hidden: [4], outputs: 1 }), 2);
  const moments = {
    count: { shape: [], dtype: "float32" },
    mean: { shape: [2], dtype: "float32" },
    squares: { shape: [2], dtype: "float32" },
  } as const;
  const anyRows: Spec = { shape: [-1, 2], dtype: "float32" };
  const program = trace("see", { state: { moments }, inputs: { rows: anyRows } }, (state, { rows }, key) => {
    const params = { ...net.init(key), moments: state.moments };
    return {
      state: { moments: observed(state.moments, rows) },
      outputs: { out: net(params, rows), plain: normalise(state.moments, rows) },
    };
  });
  await using compiled = await Compiled.open(program);
  const start = { count: { ...ndarray([0]), shape: [] }, mean: zeros([2]), squares: zeros([2]) };
  const store = new Store<{ moments: typeof moments }>({ moments: start } as never);
  const first = normal(1, 5, 2);
  const second = normal(2, 3, 2);
  const at = { key: randomKey(1) };
  await compiled.run({ rows: first }, store, at);
  await compiled.run({ rows: second }, store, at);
  const both = ndarray(Float32Array.of(...numbersOf(first), ...numbersOf(second)), { shape: [8, 2] });
  const seen = store.read().moments;
  assert.deepEqual(numbersOf(seen.count), [8]);
  assertClose(numbersOf(seen.mean), numbersOf(momentsOf(both).mean), "mean");
  assertClose(numbersOf(seen.squares), numbersOf(momentsOf(both).squares), "squares");
  const { plain, out } = await compiled.run({ rows: second }, store, at);
  const wanted = numbersOf(second).map(
    (v, i) => (v - numbersOf(seen.mean)[i % 2]) / Math.sqrt(numbersOf(seen.squares)[i % 2] / 8),
  );
  assertClose(numbersOf(plain), wanted, "normalised");
  assert.deepEqual(out.shape, [3, 1]);
});

test("an ensemble of normalised networks is its members apart", async () => {
  await assertEnsemble(normalised(mlp({ inputs: 3, hidden: [4], outputs: 2 }), 3), { x: wave([5, 3], 1) });
});
