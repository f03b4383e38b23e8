import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generator, randomKey } from "../tensor/random.ts";
import { box, dict, discrete, multiDiscrete, sample, text, tuple, valueFromJson, valueToJson } from "./index.ts";

test("a value of any space comes back from JSON as it was", () => {
  const space = dict({
    place: box(-Infinity, Infinity, { shape: [2, 2] }),
    exact: box(-1, 1, { shape: [3], dtype: "float64" }),
    choices: multiDiscrete([2, 5]),
    both: tuple(discrete(3, { start: -1 }), text(8)),
  });
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const value = sample(space, generator(randomKey(seed)));
      assert.deepEqual(valueFromJson(space, JSON.parse(JSON.stringify(valueToJson(space, value)))), value);
    }),
  );
  const odd = Float32Array.of(Number.NaN, Infinity, -Infinity, 0);
  const open = box(-Infinity, Infinity, { shape: [4] });
  assert.deepEqual(valueFromJson(open, JSON.parse(JSON.stringify(valueToJson(open, odd)))), odd);
});
