import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Problem } from "../problems.ts";
import { generator, randomKey } from "../tensor/random.ts";
import { box, dict, discrete, multiDiscrete, parseValue, sample, text, tuple, valueToJson } from "./index.ts";

const nested = dict({
  place: box(-Infinity, Infinity, { shape: [2, 3] }),
  exact: box(-1, 1, { shape: [3], dtype: "float64" }),
  one: box(0, 1, { shape: [] }),
  choices: multiDiscrete([2, 5]),
  both: tuple(discrete(3, { start: -1 }), text(8)),
});

test("a value written as JSON is that value again", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const value = sample(nested, generator(randomKey(seed)));
      assert.deepEqual(parseValue(nested, JSON.parse(JSON.stringify(valueToJson(nested, value))), "x"), value);
    }),
  );
});

test("a Box is a flat list, lists as its shape is, or one number", () => {
  const wanted = Float32Array.of(1, 2, 3, 4, 5, 6);
  const space = box(0, 9, { shape: [2, 3] });
  for (const json of [
    [1, 2, 3, 4, 5, 6],
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ]) {
    assert.deepEqual(parseValue(space, json, "x"), wanted);
  }
  assert.deepEqual(parseValue(box(0, 9), 4, "x"), Float32Array.of(4));
  assert.deepEqual(parseValue(box(0, 9), [4], "x"), Float32Array.of(4));
  for (const json of [
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [[1, 2, 3]],
    [1, 2, 3],
    1,
    [[[1, 2, 3]], [4, 5, 6]],
  ]) {
    assert.throws(() => parseValue(space, json, "x"), /^Problem: x: got .*; wanted a value of Box\[2, 3\] in \[0, 9\]/);
  }
});

test("what is no value is one sentence that names the part, never another error", () => {
  const refused = (json: unknown, words: RegExp): void =>
    assert.throws(
      () => parseValue(nested, json, "line 3"),
      (error) => error instanceof Problem && words.test(error.message),
    );
  const good = { place: [1, 2, 3, 4, 5, 6], exact: [0, 0, 0], one: 0.5, choices: [1, 4], both: [-1, "hi"] };
  parseValue(nested, good, "line 3");
  refused({ ...good, place: [1, 2, 3, 4, 5, null] }, /^line 3\.place: got an array of 6; wanted a value of Box/);
  refused(
    { ...good, exact: [0, 2, 0] },
    /^line 3\.exact, element 1: got 2; wanted a value of Box\[1\] float64 in \[-1, 1\]/,
  );
  refused({ ...good, place: [1, 2, 3, 4, 5, 1e300] }, /line 3\.place: got \[1, 2, 3, 4, 5, 1e\+300\]/);
  refused({ ...good, both: [3, "hi"] }, /line 3\.both\.0: got 3; wanted a value of Discrete\(3 from -1\)/);
  refused({ ...good, both: [0, 7] }, /line 3\.both\.1: got 7; wanted a value of Text/);
  refused({ ...good, choices: [0.5, 1] }, /line 3\.choices/);
  refused({ ...good, choices: [2 ** 32, 1] }, /line 3\.choices/);
  refused({ ...good, extra: 1 }, /line 3: got a record of place, .*extra; wanted a value of Dict/);
  const { one: _, ...short } = good;
  refused(short, /line 3: got a record/);
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (json) => {
      try {
        parseValue(nested, json, "x");
      } catch (error) {
        assert.ok(error instanceof Problem);
      }
    }),
  );
});
