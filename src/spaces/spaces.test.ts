import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Problem } from "../problems.ts";
import { ndarray } from "../tensor/ndarray.ts";
import { generator, randomKey } from "../tensor/random.ts";
import {
  allocateRows,
  box,
  contains,
  describe,
  dict,
  discrete,
  flatDim,
  flatten,
  flattenBatch,
  multiDiscrete,
  parseSpace,
  readRow,
  type Space,
  sameSpace,
  sample,
  stackValues,
  text,
  tuple,
  unflatten,
  type Value,
  writeRow,
} from "./index.ts";

const limits = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 3 }))
  .map(([low, width, open]): [number, number] => [
    open & 1 ? -Infinity : low / 7,
    open & 2 ? Infinity : low / 7 + width / 3,
  ]);
const boxes = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    limits,
    fc.constantFrom("float32" as const, "float64" as const),
  )
  .map(([shape, [low, high], dtype]) => box(low, high, { shape, dtype }));
const numeric: fc.Arbitrary<Space> = fc.letrec<{ space: Space }>((tie) => ({
  space: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    boxes,
    fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: -3, max: 3 }))
      .map(([n, start]) => discrete(n, { start })),
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }).map(multiDiscrete),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie("space"), { minKeys: 1, maxKeys: 3 }).map(dict),
    fc.array(tie("space"), { minLength: 1, maxLength: 3 }).map((items) => tuple(...items)),
  ),
})).space;

const float32Only = (space: Space): boolean => !JSON.stringify(space).includes("float64");

test("samples belong; flattening has the announced width and comes back", () => {
  fc.assert(
    fc.property(numeric, fc.nat(), (space, seed) => {
      const random = generator(randomKey(seed));
      const value = sample(space, random);
      assert.ok(contains(space, value), describe(space));
      const flat = flatten(space, value);
      assert.equal(flat.length, flatDim(space));
      if (float32Only(space)) assert.deepEqual(unflatten(space, flat), value);
    }),
    { seed: 1 },
  );
});

test("the stored form of a batch flattens as its values do, and rows read back", () => {
  fc.assert(
    fc.property(numeric, fc.nat(), (space, seed) => {
      const random = generator(randomKey(seed));
      const values = [0, 1, 2].map(() => sample(space, random));
      const stored = stackValues(space, values);
      const flat = flattenBatch(space, stored);
      assert.deepEqual(flat.shape, [3, flatDim(space)]);
      values.forEach((value, row) => {
        const width = flatDim(space);
        assert.deepEqual(flat.data.slice(row * width, (row + 1) * width), flatten(space, value));
        if (float32Only(space)) assert.deepEqual(readRow(space, stored, row), value);
      });
    }),
    { seed: 2 },
  );
});

test("a row written twice holds the second value", () => {
  const space = tuple(discrete(3), box(0, 9));
  const rows = allocateRows(space, 2);
  writeRow(space, rows, 1, [2, Float32Array.of(5)]);
  writeRow(space, rows, 1, [0, Float32Array.of(6)]);
  assert.deepEqual([...rows.data], [0, 0, 0, 0, 1, 0, 0, 6]);
});

test("JSON there and back is the same space, infinities included", () => {
  fc.assert(
    fc.property(numeric, (space) => {
      const back = parseSpace(JSON.parse(JSON.stringify(space)), "test");
      assert.ok(sameSpace(space, back));
      assert.deepEqual(back, space);
      assert.deepEqual(parseSpace(space, "test"), space);
    }),
    { seed: 3 },
  );
});

test("sameSpace tells neighbours apart", () => {
  const spaces: Space[] = [
    box(-1, 1, { shape: [2] }),
    box(-1, 2, { shape: [2] }),
    box(-1, 1, { shape: [2, 1] }),
    box(-1, 1, { shape: [2], dtype: "float64" }),
    discrete(2),
    discrete(2, { start: 1 }),
    multiDiscrete([2]),
    multiDiscrete([2, 2]),
    dict({ a: discrete(2) }),
    dict({ b: discrete(2) }),
    tuple(discrete(2)),
    tuple(discrete(2), discrete(2)),
    text(3),
    text(4),
  ];
  for (const [i, a] of spaces.entries()) {
    for (const [j, b] of spaces.entries()) assert.equal(sameSpace(a, b), i === j, `${describe(a)} ~ ${describe(b)}`);
  }
  assert.ok(sameSpace(dict({ a: discrete(2), b: text(1) }), dict({ b: text(1), a: discrete(2) })));
});

test("values outside are refused", () => {
  const outside: [Space, unknown][] = [
    [box(-1, 1, { shape: [2] }), new Float32Array([0, 1.01])],
    [box(-1, 1, { shape: [2] }), new Float32Array([0, Number.NaN])],
    [box(-1, 1, { shape: [2] }), new Float32Array([0])],
    [box(-1, 1, { shape: [2] }), [0, 0]],
    [discrete(3), 3],
    [discrete(3), -1],
    [discrete(3), 0.5],
    [discrete(3, { start: 1 }), 0],
    [discrete(3), "0"],
    [multiDiscrete([2, 3]), Int32Array.of(2, 0)],
    [multiDiscrete([2, 3]), Int32Array.of(1)],
    [dict({ a: discrete(2) }), { a: 0, b: 0 }],
    [dict({ a: discrete(2) }), {}],
    [dict({ a: discrete(2) }), null],
    [tuple(discrete(2)), [2]],
    [tuple(discrete(2)), []],
    [text(2), "abc"],
    [text(2), 1],
  ];
  for (const [space, value] of outside)
    assert.equal(contains(space, value), false, `${describe(space)}: ${String(value)}`);
  // 4.8 is not a float32; the nearest one is above it and still counts as the bound.
  assert.ok(contains(box(-4.8, 4.8), Float32Array.of(4.8)));
  assert.ok(contains(box(-4.8, 4.8), Float64Array.of(4.8 + 1e-9)), "which is 4.8 once stored");
  assert.ok(!contains(box(-4.8, 4.8, { dtype: "float64" }), Float64Array.of(4.8 + 1e-9)));
  assert.throws(() => flatten(discrete(2), 2), /flatten: got 2; wanted a value of Discrete\(2\)/);
});

test("Dict flattens in sorted order, whatever the order of its keys", () => {
  const value: Value = { b: Float32Array.of(7), a: 1 };
  const space = dict({ b: box(0, 9), a: discrete(2) });
  assert.deepEqual([...flatten(space, value)], [0, 1, 7]);
});

test("broken spaces are named", () => {
  const refuse = (json: unknown, pattern: RegExp): void => {
    assert.throws(
      () => parseSpace(json, "policy.onnx"),
      (e) => e instanceof Problem && pattern.test(e.message),
    );
  };
  refuse({ kind: "bok" }, /policy\.onnx: not a space: its kind is "bok"; wanted box/);
  refuse(7, /its kind is missing/);
  refuse({ kind: "discrete", n: 0, start: 0 }, /n: /);
  refuse({ kind: "box", shape: [2], low: [0], high: [1, 1], dtype: "float32" }, /one low and one high/);
  refuse({ kind: "box", shape: [1], low: [2], high: [1], dtype: "float32" }, /each low at most its high/);
  refuse({ kind: "tuple", items: [{ kind: "discrete", n: -1, start: 0 }] }, /items\.0/);
  assert.throws(() => box(1, -1), /low at most high/);
  assert.throws(() => box([0, 0], [1, 1], { shape: [3] }), /2 bounds/);
  assert.throws(() => discrete(2, { names: ["a"] }), /1 names/);
  assert.throws(() => flatDim(text(3)), /Text/);
  assert.throws(() => flattenBatch(discrete(2), ndarray(Int32Array.of(0, 2))), /2 in row 1/);
});

test("spaces in words", () => {
  assert.equal(describe(box(-1, 1, { shape: [2] })), "Box[2] in [-1, 1]");
  assert.equal(
    describe(dict({ b: text(3), a: discrete(2, { names: ["l", "r"] }) })),
    "Dict(a: Discrete(2: l, r), b: Text(at most 3))",
  );
});
