import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEpisodes, type Trajectories } from "../../data/index.ts";
import { box } from "../../spaces/index.ts";
import { fold, generator, randomKey } from "../../tensor/index.ts";
import { extraneousFrames } from "./extraneous-frames.ts";

/** Along a line from 0 to 1; half of the demonstrators stop somewhere and wave. */
function walks(): { readonly recording: Trajectories; readonly waved: Uint8Array } {
  const waved: number[] = [];
  const episodes = Array.from({ length: 8 }, (_, e) => {
    const random = generator(fold(randomKey(7), e));
    const stop = e % 2 === 0 ? 3 + random.integer(6) : -1;
    const actions: number[][] = [];
    const places = [0];
    for (let t = 0; t < 12; t++) {
      for (let k = 0; t === stop && k < 5; k++) {
        actions.push([0, 1]);
        places.push(places[places.length - 1]);
      }
      actions.push([1, 0]);
      places.push((t + 1) / 12);
    }
    waved.push(...actions.map(([, wave]) => wave));
    const noisy = (x: number): number => x + 0.005 * random.normal();
    return {
      observations: places.map((x) => [noisy(x)]),
      actions: actions.map((action) => action.map((x) => Math.max(-1, Math.min(1, 0.95 * x + 0.02 * random.normal())))),
      rewards: actions.map(() => 0),
      terminated: true,
      tags: { episode: e },
    };
  });
  const spaces = { observationSpace: box(-2, 2), actionSpace: box([-1, -1], [1, 1]) };
  return { recording: fromEpisodes(episodes, spaces), waved: Uint8Array.from(waved) };
}

const quick = { steps: 300, frames: 12, pairs: 4, hidden: [16], actionWidth: 16, size: 8, learningRate: 3e-3 };

test("what half of the demonstrators do beside the task is dropped, the task is kept, and it follows from the seed", async () => {
  const { recording, waved } = walks();
  const { kept, recording: task, embedding, loss } = await extraneousFrames(recording, quick);
  const share = (of: number): number =>
    kept.reduce((sum, k, i) => sum + (waved[i] === of ? k : 0), 0) / waved.filter((w) => w === of).length;
  assert.ok(share(1) <= 0.2, `${share(1)} of the waving is kept`);
  assert.ok(share(0) >= 0.8, `${share(0)} of the task is kept`);
  assert.deepEqual(embedding.shape, [waved.length, quick.size]);
  assert.ok(loss < 0.05, `loss ${loss}`);
  assert.equal(
    task.reward.length,
    kept.reduce((a, b) => a + b, 0),
  );
  const again = await extraneousFrames(recording, quick);
  assert.deepEqual(again.kept, kept);
  assert.deepEqual(again.embedding.data, embedding.data);
  assert.notDeepEqual((await extraneousFrames(recording, { ...quick, seed: 1 })).embedding.data, embedding.data);
});

test("what cannot be compared is said", async () => {
  const { recording } = walks();
  const alone = fromEpisodes([{ observations: [[0], [1]], actions: [[0, 0]], rewards: [0], terminated: true }], {
    observationSpace: recording.observationSpace,
    actionSpace: recording.actionSpace,
  });
  await assert.rejects(extraneousFrames(alone), /"1 episodes"; wanted at least two demonstrations/);
  await assert.rejects(extraneousFrames(recording, { ...quick, pairs: 0 }), /option "pairs" is 0/);
});
