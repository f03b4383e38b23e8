import assert from "node:assert/strict";
import { test } from "node:test";
import { alternate, quantile, type Side } from "./alternate.ts";

const calls: string[] = [];
const side = (name: string, speeds: number[]): Side => ({
  run: async (seconds) => {
    calls.push(`${name} ${seconds}`);
    return speeds.shift() as number;
  },
  [Symbol.asyncDispose]: async () => {},
});

test("sides take turns, ours first; ratio and spread are of the rounds' own ratios", async () => {
  // A slow machine in the second round slows all: its ratios stay.
  const peers = [side("peer", [10, 1, 10]), side("other", [40, 4, 60])];
  const result = await alternate(side("ours", [20, 2, 30]), peers, { rounds: 3, seconds: 0 });
  const round = ["ours 0", "peer 0", "other 0"];
  assert.deepEqual(calls, [...round, ...round, ...round]);
  assert.deepEqual(result, {
    ours: 20,
    peers: [
      { peer: 10, ratio: 2, spread: 0.25 },
      { peer: 40, ratio: 0.5, spread: 0 },
    ],
  });
});

test("where less is better, a ratio above 1 is still in our favour", async () => {
  const { peers } = await alternate(side("ours", [2]), [side("peer", [6])], {
    rounds: 1,
    seconds: 0,
    lessIsBetter: true,
  });
  assert.deepEqual(peers, [{ peer: 6, ratio: 3, spread: 0 }]);
});

test("quantiles are NumPy's", () => {
  assert.equal(quantile([3, 1, 2, 10], 0.5), 2.5);
  assert.equal(quantile([3, 1, 2, 10], 0.75), 4.75);
  assert.equal(quantile([7], 0.25), 7);
});
