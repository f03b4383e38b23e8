import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, evaluate, type NdArray, ndarray, randomKey, type Tensor } from "../tensor/index.ts";
import { below, valuesOf, wave } from "../tensor/testing.ts";
import { assertEnsemble } from "./testing.ts";
import { textEncoder } from "./text-encoder.ts";

const numerals = [2, 5] as const;
const sizes = { vocabulary: 8, length: 4, size: 6, heads: 2 };
const int = (...rows: number[][]): NdArray => ndarray(rows, { dtype: "int32" });
const numbers = (x: Tensor): number[] => Array.from(evaluate([x])[0].data, Number);

test("without layers it is the mean of normalised sums of sign, place and worth", async () => {
  const encoder = textEncoder({ ...sizes, layers: 0, numerals });
  const worths = ndarray(Float32Array.of(0.5, 0.3, 0.3, 9), { shape: [1, 4] });
  const got: { readonly [path: string]: NdArray } = await valuesOf(
    { tokens: int([6, 3, 4, 0]), worths },
    (given, draw) => {
      const params = encoder.init(draw);
      return { out: encoder(params, given.tokens, given.worths), ...below("params", params) };
    },
    randomKey(1),
  );
  const row = ({ data }: NdArray, i: number) => Array.from(data.slice(6 * i, 6 * i + 6), Number);

  // A numeral's signs are all read as the first of them; a worth beside a word is not read.
  const wanted = [
    [6, 0],
    [2, 0.3],
    [2, 0.3],
    [0, 0],
  ].map(([sign, amount], place) => {
    const places = row(got["params/positions/positions"], place);
    const sum = row(got["params/tokens/table"], sign).map(
      (x, i) => x + places[i] + amount * Number(got["params/worth"].data[i]),
    );
    const mean = sum.reduce((a, b) => a + b) / 6;
    const spread = Math.sqrt(sum.reduce((s, x) => s + (x - mean) ** 2, 0) / 6 + 1e-5);
    return sum.map((x) => (x - mean) / spread);
  });
  Array.from(got.out.data, Number).forEach((x, i) => {
    assert.ok(Math.abs(x - wanted.reduce((sum, place) => sum + place[i], 0) / 4) < 1e-5);
  });
});

test("with numerals the worth is read and the digits are not; without, the other way round", async () => {
  for (const read of [true, false]) {
    const encoder = textEncoder({ ...sizes, layers: 1, ...(read ? { numerals } : {}) });
    const given = {
      tokens: int([6, 3, 4, 7], [6, 4, 2, 7], [6, 3, 4, 7]),
      worths: ndarray([
        [0, 0.3, 0.3, 0],
        [0, 0.3, 0.3, 0],
        [0, 0.7, 0.7, 0],
      ]),
    };
    const { out } = await valuesOf(
      given,
      ({ tokens, worths }, draw) => ({
        out: encoder(encoder.init(draw), tokens, worths),
      }),
      randomKey(1),
    );
    const rows = [0, 1, 2].map((i) => numbers(constant(out as NdArray).at(0, i)));
    const same = (a: number[], b: number[]) => a.every((x, i) => Math.abs(x - b[i]) < 1e-6);
    assert.deepEqual([same(rows[0], rows[1]), same(rows[0], rows[2])], [read, !read]);
  }
});

test("an ensemble of encoders is its members side by side", async () => {
  const encoder = textEncoder({ ...sizes, layers: 1, numerals });
  await assertEnsemble(encoder, { tokens: int([6, 3, 4, 7], [1, 2, 0, 0]), worths: wave([2, 4], 1) });
});
