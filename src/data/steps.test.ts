import assert from "node:assert/strict";
import { test } from "node:test";
import { box, discrete } from "../spaces/index.ts";
import { ndarray } from "../tensor/ndarray.ts";
import { fromEpisodes } from "./episodes.ts";
import { takeSteps } from "./steps.ts";

const recording = fromEpisodes(
  [
    {
      observations: [[0], [1], [2], [3], [4]],
      actions: [0, 1, 0, 1],
      rewards: [0, 1, 2, 3],
      terminated: true,
      tags: { who: "ann" },
      extras: { mark: ndarray([10, 11, 12, 13]) },
    },
    {
      observations: [[5], [6], [7]],
      actions: [1, 0],
      rewards: [5, 6],
      terminated: false,
      tags: { who: "bob" },
      extras: { mark: ndarray([15, 16]) },
    },
  ],
  { observationSpace: box(-9, 9), actionSpace: discrete(2), environment: "Line-v0" },
);

test("each run of kept steps is an episode that ends with what was truly seen next", () => {
  const got = takeSteps(recording, [1, 0, 1, 1, 1, 0]);
  assert.deepEqual([...got.observation.data], [0, 2, 3, 5]);
  assert.deepEqual([...got.action.data], [0, 0, 1, 1]);
  assert.deepEqual([...got.reward], [0, 2, 3, 5]);
  assert.deepEqual([...got.offsets], [0, 1, 3, 4]);
  assert.deepEqual([...got.finalObservation.data], [1, 4, 6]);
  assert.deepEqual([...got.terminated], [0, 0, 1, 0]);
  assert.deepEqual([...got.truncated], [1, 0, 0, 1]);
  assert.deepEqual([...got.extras.mark.data], [10, 12, 13, 15]);
  assert.deepEqual(got.tags.who, ["ann", "ann", "bob"]);
  assert.equal(got.provenance.lineage.at(-1), "steps: kept 4 of 6");
  assert.equal(got.provenance.environment, "Line-v0");
});

test("keeping all changes nothing, and an episode of which nothing is kept is gone", () => {
  const all = takeSteps(recording, new Uint8Array(6).fill(1));
  assert.equal(all.provenance.fingerprint, recording.provenance.fingerprint);
  assert.deepEqual(takeSteps(recording, [false, false, false, false, true, true]).tags.who, ["bob"]);
});

test("what cannot be kept is said", () => {
  assert.throws(() => takeSteps(recording, [1]), /"1 values"; wanted 6, one a step/);
  assert.throws(() => takeSteps(recording, new Uint8Array(6)), /nothing that is kept/);
});
