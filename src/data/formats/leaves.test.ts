import assert from "node:assert/strict";
import { test } from "node:test";
import { box, dict, stackValues, text } from "../../spaces/index.ts";
import { called } from "../columns.ts";
import { fromLeaves, leafColumn, leavesOf } from "./leaves.ts";

test("a text with a vocabulary goes to other formats and comes back as its numbers; one without is passed over", () => {
  const vocabulary = { words: ["go", "to", "%"], length: 5 };
  const space = dict({ at: box(0, 1), task: text(20, vocabulary), x: box(0, 9, { shape: [2] }) });
  const values = stackValues(
    space,
    ["go to 70%", "go"].map((task, i) => ({ at: Float32Array.of(i), task, x: Float32Array.of(3, 4 + i) })),
  );
  const leaves = leavesOf(space);
  assert.deepEqual(
    leaves.map(({ path, at, width }) => [path[0], at, width]),
    [
      ["at", 0, 1],
      ["task", 1, 10],
      ["x", 11, 2],
    ],
  );
  const columns = new Map(leaves.map((leaf) => [leaf.path[0], leafColumn(space, leaf, values)]));
  assert.deepEqual(columns.get("x")?.data, Float32Array.of(3, 4, 3, 5));
  const back = fromLeaves(space, 2, ({ path }) => columns.get(path[0])!, called("test"), "observation");
  assert.deepEqual(back, values);
  assert.deepEqual(leavesOf(dict({ at: box(0, 1), task: text(20) })).length, 1);
});
