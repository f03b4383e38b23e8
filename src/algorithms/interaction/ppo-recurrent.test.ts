import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "../../envs/index.ts";
import { evaluate } from "../../evaluation/index.ts";
import { box, discrete } from "../../spaces/index.ts";
import { trainOnline } from "../online/train-online.ts";
import { ppo } from "./ppo.ts";
import { ppoRecurrent } from "./ppo-recurrent.ts";

/** A sign is shown once; four steps later the choice must be the one it named. Reward 1 or 0, then the end. */
const remembering = () =>
  simulate<Float32Array, number>({
    name: "Remembering-v0",
    observationSpace: box([-1, 0], [1, 1]),
    actionSpace: discrete(2),
    stateSize: 3,
    start(state, random) {
      state.set([random.integer(2) * 2 - 1, 0, 0]);
    },
    advance(state, action) {
      state[1]++;
      state[2] = action;
      return state[1] === 4 && action * 2 - 1 === state[0] ? 1 : 0;
    },
    ended: (state) => state[1] === 4,
    observe: (state) => Float32Array.of(state[1] === 0 ? state[0] : 0, state[1] === 3 ? 1 : 0),
  });

test("what was seen four steps ago decides, which a policy without a memory cannot know", async () => {
  const play = { worlds: 8, horizon: 32, epochs: 6, learningRate: 1e-2, discount: 1 };
  const memory = { ...play, memory: 16, stretch: 8, batchSize: 64, steps: 12_000 };
  const { policy } = await trainOnline(ppoRecurrent, remembering, { options: memory, seed: 1 });
  assert.ok((await evaluate(policy, remembering, { episodes: 50 })).return.value > 0.95);
  const without = { ...play, hidden: [16], batchSize: 64, steps: 4000 };
  const { policy: blind } = await trainOnline(ppo, remembering, { options: without, seed: 1 });
  assert.ok((await evaluate(blind, remembering, { episodes: 200 })).return.value < 0.65);
});
