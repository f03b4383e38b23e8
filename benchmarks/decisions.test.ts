import assert from "node:assert/strict";
import { test } from "node:test";
import { latencyOf, openPolicy, untrainedPolicy } from "./decisions.ts";
import { openSampling } from "./sampling.ts";
import { startOf } from "./start.ts";

test("latency is the quantile of single calls, in microseconds", async () => {
  const calls: number[] = [];
  const side = latencyOf(
    async (i) => {
      calls.push(i);
      if (i === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    1,
    async () => {},
  );
  const slowest = await side.run(0.01);
  assert.ok(slowest >= 19_000 && calls.length === 1, `${slowest} µs, ${calls.length} calls`);
});

test("a policy decides for one and for a batch of one, as its file says", async () => {
  await using policy = await untrainedPolicy(8);
  assert.deepEqual(policy.description.outputs, ["action", "probability"]);
  for (const how of ["act", "actBatch"] as const) {
    await using side = await openPolicy(how, 8, 0.5);
    assert.ok((await side.run(0.01)) > 0);
  }
});

test("tokens are counted as they are drawn: all but the prompt's", async () => {
  const sizes = { vocabulary: 8, length: 6, size: 8, heads: 2, layers: 1, batch: 4, rows: 64 };
  await using side = await openSampling(sizes, 2, 1);
  assert.ok((await side.run(0.01)) > 0);
});

test("the start of a process counts until it says something; one that fails is no measurement", async () => {
  await using said = startOf(process.execPath, ["-e", "console.log(1)"]);
  assert.ok((await said.run(0.01)) > 1);
  await using silent = startOf(process.execPath, ["-e", "process.exit(3)"]);
  await assert.rejects(silent.run(0.01), /it ended with 3/);
});
