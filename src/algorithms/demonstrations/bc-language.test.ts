import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEpisodes, type Trajectories } from "../../data/index.ts";
import { openPolicy } from "../../policies/index.ts";
import { box, dict, text } from "../../spaces/index.ts";
import { close, read, run } from "../testing.ts";
import { train } from "../train.ts";
import { bcLanguage } from "./bc-language.ts";

// What is to be done is what was said, and a little more on the right than on the left.
const words = { words: ["go", "to", "half", "%"], length: 6 };
const observationSpace = dict({ at: box(-9, 9), instruction: text(20, words) });
const wanted = (percent: number, at: number): number => percent / 100 - 0.5 + 0.1 * at;
const said = [10, 20, 30, 50, 60, 80, 90];
const shown: Trajectories = fromEpisodes(
  [
    ...said.map((percent) => ({ percent, instruction: `go to ${percent}%` })),
    { percent: 50, instruction: "go to half" },
  ].flatMap(({ percent, instruction }) =>
    [-2, 0, 2].map((at) => {
      const seen = { at: Float32Array.of(at), instruction };
      return {
        observations: [seen, seen],
        actions: [Float32Array.of(wanted(percent, at))],
        rewards: [0],
        terminated: true,
        extras: { goal: [percent / 100], state: [at] },
      };
    }),
  ),
  { observationSpace, actionSpace: box(-1, 1) },
);
const options = { code: 16, hidden: [32], batchSize: 24, steps: 300, learningRate: 1e-2 };

/** How far off what is done is, at worst, by what was said. */
async function learned(given: object): Promise<(amounts: readonly (number | "half")[]) => Promise<number>> {
  const { policy } = await train(bcLanguage, shown, { options: { ...options, ...given } });
  const reopened = await openPolicy(policy.bytes);
  await policy[Symbol.asyncDispose]();
  return async (amounts) => {
    let most = 0;
    for (const amount of amounts) {
      for (const at of [-2, 1]) {
        const instruction = `go to ${amount === "half" ? amount : `${amount}%`}`;
        const { action } = await reopened.act({ at: Float32Array.of(at), instruction }, { deterministic: true });
        most = Math.max(most, Math.abs((action as Float32Array)[0] - wanted(amount === "half" ? 50 : amount, at)));
      }
    }
    return most;
  };
}

test("the file acts on sentences, and amounts that were never said are done when numerals are read for what they are worth", async () => {
  const [heard, unheard] = [[10, 60, "half"] as const, [40, 70]];
  const reading = await learned({});
  assert.ok((await reading(heard)) < 0.05);
  assert.ok((await reading(unheard)) < 0.08);
  assert.ok((await (await learned({ goal: "code" }))(unheard)) < 0.08, "without the head too");
  const spelling = await learned({ numbers: false });
  assert.ok((await spelling(heard)) < 0.05, "digits are enough for what was said");
  assert.ok((await spelling(unheard)) > 0.1, "and not for what was not");
});

test("the heads say what their labels say", async () => {
  const { nets, state, columns } = await run(bcLanguage, shown, {
    options: { code: 8, hidden: [16], state: true },
    updates: 150,
  });
  const told = nets.policy(state.policy.params, columns.observation);
  close(read(told.goal!), read(columns["labels/goal"]), 0.1, "goal");
  close(read(told.state!), read(columns["labels/state"]), 0.3, "state");
});

test("labels are asked for only where a head learns from them, and missing ones are named", async () => {
  const bare = { ...shown, extras: {} };
  const short = { options: { ...options, steps: 2 } };
  await assert.rejects(train(bcLanguage, bare, short), /learns from the step column "goal".*the recording has none/);
  const { policy } = await train(bcLanguage, bare, { options: { ...short.options, goal: "code" } });
  await policy[Symbol.asyncDispose]();
  const onlyGoal = { ...shown, extras: { goal: shown.extras.goal } };
  await assert.rejects(
    train(bcLanguage, onlyGoal, { options: { ...short.options, state: true } }),
    /"state".*the recording has goal/,
  );
});

test("a recording without sentences is refused", async () => {
  const mute = fromEpisodes(
    [
      {
        observations: [Float32Array.of(0), Float32Array.of(0)],
        actions: [Float32Array.of(0)],
        rewards: [0],
        terminated: true,
      },
    ],
    {
      observationSpace: box(-1, 1),
      actionSpace: box(-1, 1),
    },
  );
  await assert.rejects(train(bcLanguage, mute, { options }), /bc-language reads sentences; wanted .* got Box\[1\]/);
});
