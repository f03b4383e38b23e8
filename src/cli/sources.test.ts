import assert from "node:assert/strict";
import { test } from "node:test";
import { specOf } from "../envs/index.ts";
import { worldOf } from "./sources.ts";

test("a world is made by name, or as a recording says it was made, with what is given besides", async () => {
  const named = await worldOf("PointMaze-umaze-v0", { noise: 0.1, maxSteps: 9 });
  assert.deepEqual(specOf(named()), { name: "PointMaze-umaze-v0", options: { noise: 0.1 }, maxSteps: 9 });
  const spec = { name: "PointMaze-umaze-v0", options: { noise: 0.1, reward: "dense" }, maxSteps: 9 };
  assert.deepEqual(specOf((await worldOf(spec))()), spec);
  const other = await worldOf(spec, { noise: 0.3, maxSteps: 4 });
  assert.deepEqual(specOf(other()), { ...spec, options: { noise: 0.3, reward: "dense" }, maxSteps: 4 });
  await assert.rejects(worldOf("PointMaze-umase-v0"), /there is no environment "PointMaze-umase-v0"/);
  await assert.rejects(worldOf({ ...spec, options: { noice: 1 } }), /has no option "noice"/);
});
