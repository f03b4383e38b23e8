import assert from "node:assert/strict";
import { test } from "node:test";
import { grad, type NdArray, ndarray, type Tensor } from "../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import { cycleConsistencyLoss } from "./cycle-consistency.ts";

const rowsOf = ({ data, shape }: NdArray): number[][] =>
  Array.from({ length: shape[0] }, (_, i) => Array.from(data.slice(i * shape[1], (i + 1) * shape[1]), Number));

/** The same from the definition, one moment at a time. */
function byHand(from: number[][], through: number[][], times: readonly number[], temperature: number): number {
  const near = (a: number[], rows: number[][]): number[] => {
    const weights = rows.map((b) => Math.exp(-b.reduce((sum, x, i) => sum + (x - a[i]) ** 2, 0) / temperature));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((w) => w / total);
  };
  const errors = from.map((u, i) => {
    const there = near(u, through);
    const neighbour = u.map((_, d) => there.reduce((sum, w, j) => sum + w * through[j][d], 0));
    const back = near(neighbour, from).reduce((sum, w, k) => sum + w * times[k], 0);
    return (back - times[i]) ** 2;
  });
  return errors.reduce((a, b) => a + b, 0) / errors.length;
}

test("the loss is its definition, also with pairs side by side and other temperatures", async () => {
  const inputs = { u: wave([2, 5, 3], 1, 2), v: wave([2, 4, 3], 2, 2), t: wave([2, 5], 3, 4) };
  const got = await valuesOf(inputs, ({ u, v, t }) => ({
    both: cycleConsistencyLoss(u, v, t, 0.7),
    first: cycleConsistencyLoss(u.at(0, 0), v.at(0, 0), t.at(0, 0)),
  }));
  const pair = (i: number, temperature: number): number => {
    const part = ({ data, shape }: NdArray): NdArray => {
      const size = data.length / shape[0];
      return { shape: shape.slice(1), dtype: "float32", data: data.slice(i * size, (i + 1) * size) as Float32Array };
    };
    const times = Array.from(part(inputs.t).data, Number);
    return byHand(rowsOf(part(inputs.u)), rowsOf(part(inputs.v)), times, temperature);
  };
  assertClose(numbersOf(got.both), [(pair(0, 0.7) + pair(1, 0.7)) / 2], "both");
  assertClose(numbersOf(got.first), [pair(0, 1)], "first");
});

test("recordings that follow one line at their own paces lead back; a scrambled one does not", async () => {
  const line = (places: readonly number[]): NdArray => ndarray(places.map((x) => [10 * x, -10 * x]));
  const inputs = {
    u: line([0, 1, 2, 3]),
    slow: line([0, 0, 1, 1, 2, 2, 3, 3]),
    still: line([1, 1, 1]),
    t: ndarray([0, 1, 2, 3]),
  };
  const got = await valuesOf(inputs, ({ u, slow, still, t }) => ({
    aligned: cycleConsistencyLoss(u, slow, t),
    // Everything leads back to moment 1: (1 + 0 + 1 + 4) / 4.
    lost: cycleConsistencyLoss(u, still, t),
    slope: grad((x: Tensor) => cycleConsistencyLoss(x, still, t))(u),
  }));
  assertClose(numbersOf(got.aligned), [0], "aligned");
  assertClose(numbersOf(got.lost), [1.5], "lost");
  assert.ok(numbersOf(got.slope).every(Number.isFinite));
});
