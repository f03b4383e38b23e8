/** Sides that are processes of their own, and the online learner's: each starts, works, and says something sensible. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryBenchmarks } from "./memory.ts";
import { lines, onlineSide } from "./online.ts";
import { openOutOfCore } from "./out-of-core.ts";

test("the online learner learns the same from text as from rows hashed before", async () => {
  const text = lines(20_000);
  const [fromText, hashed] = [false, true].map((before) => onlineSide(text, { hashed: before }));
  const found = await fromText.check?.(0);
  assert.deepEqual(found, await hashed.check?.(0));
  assert.ok(found && found.last < found.first, JSON.stringify(found));
  assert.ok((await hashed.run(0.01)) > 0);
});

test("the process that holds a small program says how much", async () => {
  await using ours = await memoryBenchmarks[0].openOurs();
  const held = await ours.run(0.1);
  assert.ok(held > 30 && held < 1000, `${held} MB`);
});

test("training from a file and from memory both go, and each says what it holds", async () => {
  const sizes = { transitions: 20_000, shardRows: 5000, batch: 256 };
  await using speed = await openOutOfCore("shards", "updates", sizes);
  assert.ok((await speed.run(0.1)) > 1000);
  await using size = await openOutOfCore("memory", "megabytes", sizes);
  assert.ok((await size.run(0.1)) > 30);
});
