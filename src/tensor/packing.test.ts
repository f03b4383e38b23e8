import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evaluate } from "./interpret.ts";
import { type Dtype, ndarray, sizeOf } from "./ndarray.ts";
import { packed, packedSpecs, packsOf, unpacked } from "./packing.ts";
import { Store } from "./runtime.ts";
import { apply } from "./tensor.ts";
import { normal, numbersOf } from "./testing.ts";
import { leavesOf, type Spec } from "./tree.ts";

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
const leaf = fc.record({ shape: shapes, dtype: fc.constantFrom<Dtype>("float32", "int32", "bool", "float64") });
const trees = fc.array(fc.oneof(leaf, fc.array(leaf, { minLength: 1, maxLength: 3 })), { minLength: 1, maxLength: 6 });

test("what is packed and unpacked is what it was, in its tree; every leaf is in one pack or alone", () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const packs = packsOf(tree);
      const inputs = Object.fromEntries(
        Object.entries(packedSpecs(tree, packs)).map(([name, spec]) => [name, apply("input", [], { name, ...spec })]),
      );
      const back = packed(unpacked(tree, packs, inputs), packs);
      assert.deepEqual(Object.keys(back).sort(), Object.keys(inputs).sort());
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]) => [
          name,
          {
            ...ndarray(
              Array.from({ length: sizeOf(shape) }, (_, i) => i % 2),
              { dtype },
            ),
            shape,
          },
        ]),
      );
      const values = evaluate(Object.values(back), feeds);
      Object.keys(back).forEach((name, i) => void assert.deepEqual(numbersOf(values[i]), numbersOf(feeds[name])));
      const inPacks = packs.flatMap(({ leaves }) => leaves.map(({ path }) => path));
      const alone = Object.keys(inputs).filter((name) => !name.startsWith("%"));
      assert.deepEqual([...inPacks, ...alone].sort(), [...leavesOf<Spec>(tree).keys()].sort());
    }),
  );
});

test("large leaves, other types and single leaves cross by themselves", () => {
  const spec = (shape: number[], dtype: Dtype = "float32"): Spec => ({ shape, dtype });
  const packs = packsOf({
    a: spec([3]),
    b: spec([8193]),
    c: spec([2, 2]),
    step: spec([], "int32"),
    flag: spec([], "bool"),
  });
  assert.deepEqual(packs, [
    {
      name: "%float32",
      dtype: "float32",
      size: 7,
      leaves: [
        { path: "a", at: 0, size: 3 },
        { path: "c", at: 3, size: 4 },
      ],
    },
  ]);
});

test("a leaf written by itself is in its pack at the next look, and a pack that was written is in its leaves", () => {
  const store = new Store({ a: normal(1, 2), b: normal(2, 3) });
  store.spareAt("b").data.set([1, 2, 3] as never);
  store.swap("b");
  assert.deepEqual(numbersOf(store.read().b), [1, 2, 3]);
  const [a] = [numbersOf(store.at("a"))];
  assert.deepEqual(numbersOf(store.at("%float32")), [...a, 1, 2, 3]);
  store.spareAt("%float32").data.set([5, 6, 7, 8, 9] as never);
  store.swap("%float32");
  assert.deepEqual(numbersOf(store.read().a), [5, 6]);
  assert.deepEqual(numbersOf(store.read().b), [7, 8, 9]);
  assert.deepEqual(numbersOf(store.at("%float32")), [5, 6, 7, 8, 9]);
});
