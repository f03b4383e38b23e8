import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEpisodes, type Trajectories } from "../../data/index.ts";
import { box } from "../../spaces/index.ts";
import { fold, generator, randomKey } from "../../tensor/index.ts";
import { behaviourClusters } from "./behaviour-clusters.ts";

/** Twelve walks, in threes: to the left, to the right, to the left in leaps, and to and fro. */
function walks(): { readonly recording: Trajectories; readonly kinds: readonly number[] } {
  const kinds = Array.from({ length: 12 }, (_, e) => e % 4);
  const episodes = kinds.map((kind, e) => {
    const random = generator(fold(randomKey(9), e));
    const observations = [[random.between(-0.2, 0.2)]];
    for (let t = 0; t < 10 + random.integer(4); t++) {
      const [at] = observations[t];
      observations.push([at + [-0.1, 0.1, -0.3, t % 2 === 0 ? 0.2 : -0.2][kind] + 0.01 * random.normal()]);
    }
    const steps = observations.length - 1;
    return { observations, actions: Array(steps).fill([0]), rewards: Array(steps).fill(0), terminated: true };
  });
  const spaces = { observationSpace: box(-9, 9), actionSpace: box(-1, 1) };
  return { recording: fromEpisodes(episodes, spaces), kinds };
}

const quick = { steps: 200, length: 6, hidden: 12, size: 6, learningRate: 1e-2 };

test("episodes of one kind share a cluster, those of others have others, and it follows from the seed", async () => {
  const { recording, kinds } = walks();
  const { cluster, embedding } = await behaviourClusters(recording, quick);
  // How often two episodes are together exactly where they should be (Rand 1971).
  let [right, all] = [0, 0];
  for (let i = 0; i < 12; i++) {
    for (let j = 0; j < i; j++) {
      all++;
      if ((cluster[i] === cluster[j]) === (kinds[i] === kinds[j])) right++;
    }
  }
  assert.ok(right / all >= 0.85, `${right} of ${all} pairs, ${cluster}`);
  assert.deepEqual(embedding.shape, [12, 6]);
  const again = await behaviourClusters(recording, quick);
  assert.deepEqual(again.cluster, cluster);
  assert.deepEqual(again.embedding.data, embedding.data);
});

test("one cluster holds everything, and too few episodes are refused", async () => {
  const { recording } = walks();
  const { cluster } = await behaviourClusters(recording, { ...quick, steps: 4, clusters: 1 });
  assert.deepEqual([...cluster], Array(12).fill(0));
  await assert.rejects(behaviourClusters(recording, { ...quick, clusters: 13 }), /"12 episodes"; wanted at least 13/);
  await assert.rejects(behaviourClusters(recording, { ...quick, length: 0 }), /option "length" is 0/);
});
