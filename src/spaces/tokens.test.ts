import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generator, randomKey } from "../tensor/random.ts";
import {
  box,
  contains,
  describe,
  dict,
  flatDim,
  flatten,
  parseSpace,
  readRow,
  sameSpace,
  sample,
  stackValues,
  text,
  textPlaces,
  tuple,
  unflatten,
} from "./index.ts";
import { numeralTokens, tokenCount } from "./tokens.ts";

const words = ["open", "the", "drawer", "by", "%", "a", "a fifth"];
const vocabulary = { words, length: 8 };
const space = text(40, vocabulary);
const [zero, own] = numeralTokens;

test("a sentence is its words' numbers, and beside each what its numeral is worth", () => {
  const numbers = [...flatten(space, "Open the drawer by 2.5%")];
  const point = zero + 10;
  assert.deepEqual(numbers.slice(0, 8), [own, own + 1, own + 2, own + 3, zero + 2, point, zero + 5, own + 4]);
  assert.deepEqual(numbers.slice(8), [0, 0, 0, 0, 2.5, 2.5, 2.5, 0]);
  assert.equal(flatDim(space), 16);
  assert.equal(tokenCount(vocabulary), own + words.length);
});

test("the longest word known is taken, and never a part of another", () => {
  assert.deepEqual([...flatten(space, "a fifth a").slice(0, 3)], [own + 6, own + 5, 0]);
  assert.deepEqual([...flatten(space, "another openly").slice(0, 3)], [1, 1, 0], "both unknown");
  const phrases = text(40, { words: ["open it", "20%"], length: 2, numerals: false });
  assert.deepEqual([...flatten(phrases, "open it 20%")], [own, own + 1, 0, 0]);
  assert.deepEqual([...flatten(phrases, "open it 120%")], [own, 1, 0, 0], "an amount that is no word of its own");
});

test("sentences come back from their numbers, and whatever comes back means the same", () => {
  for (const said of ["open the drawer by 50%", "", "a fifth by 7.25%"]) {
    assert.equal(unflatten(space, flatten(space, said)), said);
  }
  assert.equal(unflatten(space, flatten(space, "shut  the DRAWER")), "? the drawer");
  const parts = fc.constantFrom(...words, "12", "0.5", "shut", "7");
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 4 }), (said) => {
      const sentence = said.join(" ");
      if (!contains(space, sentence)) return;
      const numbers = flatten(space, sentence);
      assert.deepEqual(flatten(space, unflatten(space, numbers)), numbers);
    }),
  );
});

test("within a record it stands among numbers, and is found there; without a vocabulary it has none", () => {
  const seen = dict({ task: space, at: box(0, 1, { shape: [2] }), more: tuple(box(0, 1), space) });
  // In the order of names: at (2 numbers), more (1 and 16), task.
  assert.deepEqual(
    textPlaces(seen),
    [3, 19].map((at) => ({ at, vocabulary })),
  );
  const value = { task: "open the drawer", at: Float32Array.of(0.5, 1), more: [Float32Array.of(0), "by 5"] };
  assert.deepEqual(readRow(seen, stackValues(seen, [value, value]), 1), value);
  assert.deepEqual(textPlaces(dict({ at: box(0, 1) })), []);
  assert.throws(() => flatDim(dict({ task: text(9) })), /Give the Text a vocabulary/);
});

test("its vocabulary is part of a space: what belongs, what is drawn, what is equal, its JSON", () => {
  assert.ok(!contains(space, "the the the the the the the the the"), "nine tokens");
  assert.ok(!contains(space, 123456789));
  const random = generator(randomKey(1));
  const drawn = Array.from({ length: 30 }, () => sample(space, random));
  assert.ok(drawn.every((sentence) => contains(space, sentence)) && new Set(drawn).size > 10);
  assert.ok(sameSpace(space, parseSpace(JSON.parse(JSON.stringify(space)), "here")));
  for (const other of [text(40), text(40, { words, length: 9 }), text(40, { words: words.slice(1), length: 8 })]) {
    assert.ok(!sameSpace(space, other) && !sameSpace(other, space), describe(other));
  }
  assert.ok(!sameSpace(space, text(40, { ...vocabulary, numerals: false })));
  assert.equal(describe(space), "Text(at most 40, 8 tokens of 7 words)");
  assert.throws(() => text(9, { words: ["a", "a"], length: 2 }), /words, each of them once/);
  assert.throws(() => text(9, { words, length: 0 }), /at least 1/);
});
