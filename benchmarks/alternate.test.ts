import assert from "node:assert/strict";
import { test } from "node:test";
import { alternate, quantile, type Side } from "./alternate.ts";

test("sides take turns, ours first; ratio and spread are of the rounds' own ratios", async () => {
  const calls: string[] = [];
  const side = (name: string, speeds: number[]): Side => ({
    run: async (seconds) => {
      calls.push(`${name} ${seconds}`);
      return speeds.shift() as number;
    },
    [Symbol.asyncDispose]: async () => {},
  });
  // A slow machine in the second round slows both: its ratio stays.
  const result = await alternate(side("ours", [20, 2, 30]), side("peer", [10, 1, 10]), { rounds: 3, seconds: 0 });
  assert.deepEqual(calls, ["ours 0", "peer 0", "ours 0", "peer 0", "ours 0", "peer 0"]);
  assert.deepEqual(result, { ours: 20, peer: 10, ratio: 2, spread: 0.25 });
});

test("quantiles are NumPy's", () => {
  assert.equal(quantile([3, 1, 2, 10], 0.5), 2.5);
  assert.equal(quantile([3, 1, 2, 10], 0.75), 4.75);
  assert.equal(quantile([7], 0.25), 7);
});
