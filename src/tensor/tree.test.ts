import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { zeros } from "./ndarray.ts";
import { checkSameSpecs, leavesOf, mapTree, zipTree } from "./tree.ts";

const a = zeros([2]);
const b = zeros([3], "int32");

test("leaves come by path, in the order of names whatever the tree was built in", () => {
  const tree = {
    policy: {
      layers: [
        { weight: a, bias: b },
        { weight: b, bias: a },
      ],
    },
    critic: a,
  };
  const paths = [
    "critic",
    "policy/layers/0/bias",
    "policy/layers/0/weight",
    "policy/layers/1/bias",
    "policy/layers/1/weight",
  ];
  assert.deepEqual([...leavesOf(tree).keys()], paths);
  const { critic, policy } = tree;
  assert.deepEqual([...leavesOf({ critic, policy }).keys()], paths);
  assert.equal(leavesOf(tree).get("policy/layers/1/weight"), b);
  assert.deepEqual([...leavesOf(a)], [["value", a]]);
  assert.deepEqual([...leavesOf({ none: undefined, empty: {}, list: [] }).keys()], []);
});

test("lists keep the order of their positions beyond ten", () => {
  const list = Array.from({ length: 12 }, (_, i) => zeros([i]));
  assert.deepEqual([...leavesOf({ list }).values()], list);
});

test("mapping keeps the form, and gives each leaf its path", () => {
  const tree = { x: [a, { y: b }], z: a, none: undefined };
  assert.deepEqual(
    mapTree(tree, (_: unknown, path) => path),
    { x: ["x/0", { y: "x/1/y" }], z: "z" },
  );
  assert.deepEqual(
    mapTree(a, (_: unknown, path) => path),
    "value",
  );
});

test("any tree's mapped leaves are its leaves mapped", () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.nat(5).map((size) => zeros([size])),
      fc.dictionary(
        fc.string({ minLength: 1 }).filter((key) => !key.includes("/") && key !== "__proto__"),
        tie("tree"),
      ),
      fc.array(tie("tree"), { maxLength: 3 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const wanted = new Map([...leavesOf(value)].map(([path, { shape }]) => [path, { shape, dtype: "bool" }]));
      const mapped = mapTree(value, ({ shape }: { shape: readonly number[] }) => ({ shape, dtype: "bool" }));
      assert.deepEqual(leavesOf(mapped), wanted);
    }),
    { numRuns: 100 },
  );
});

test("two trees meet leaf by leaf, by name", () => {
  assert.deepEqual(
    zipTree({ p: a, q: b }, { q: a, p: b }, (x: unknown, y: unknown, path) => [x === a, y === b, path]),
    { p: [true, true, "p"], q: [false, false, "q"] },
  );
  assert.throws(() => zipTree({ p: a, q: a }, { p: a, r: a }, () => a, "blend"), {
    code: "tree-mismatch",
    message: "blend: missing q; unexpected r. Both trees need the same leaves.",
  });
});

test("what is no leaf is named with its path", () => {
  assert.throws(() => leavesOf({ policy: { rate: 3 } }, "state"), {
    code: "tree-leaf",
    message: 'state: the leaf "policy/rate" is the number 3; wanted a tensor, or a record or array of them.',
  });
  assert.throws(() => mapTree({ x: [null] }, () => 0), { code: "tree-leaf", message: /"x\/0" is null/ });
  assert.throws(() => leavesOf({ x: new Float32Array(2) }), { code: "tree-leaf" });
  assert.throws(() => leavesOf("text"), { code: "tree-leaf" });
});

test("specifications that differ are refused by name", () => {
  const wanted = { w: { shape: [2, 3], dtype: "float32" } };
  checkSameSpecs(wanted, { w: zeros([2, 3]) }, "load", "");
  assert.throws(() => checkSameSpecs(wanted, { w: zeros([3, 2]) }, "load", ""), {
    code: "tree-leaf",
    message: 'load: the leaf "w" is float32[3,2]; wanted float32[2,3].',
  });
  assert.throws(() => checkSameSpecs(wanted, { w: zeros([2, 3], "int32") }, "load", ""), { code: "tree-leaf" });
  assert.throws(() => checkSameSpecs(wanted, {}, "load", "Look."), {
    code: "tree-mismatch",
    message: /missing w\. Look\./,
  });
});
