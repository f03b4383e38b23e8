import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEpisodes } from "../../data/index.ts";
import { scripted } from "../../policies/index.ts";
import { box, discrete } from "../../spaces/index.ts";
import { fold, generator, randomKey } from "../../tensor/index.ts";
import { isRefusal } from "../estimate.ts";
import { fqe } from "./fqe.ts";

// A corridor of four rooms. Going right from the last ends the episode and earns 1, anything else 0; left stays put in
// the first. The log goes left or right by a fair coin, and is cut off after 12 steps.
const rooms = 4;
const discount = 0.9;
const spaces = { observationSpace: discrete(rooms), actionSpace: discrete(2) };

function wandered(episodes: number, seed: number) {
  return fromEpisodes(
    Array.from({ length: episodes }, (_, e) => {
      const random = generator(fold(randomKey(seed), e));
      const observations = [random.integer(rooms)];
      const actions: number[] = [];
      const rewards: number[] = [];
      let ended = false;
      while (!ended && actions.length < 12) {
        const room = observations[observations.length - 1];
        const right = random.integer(2);
        ended = right === 1 && room === rooms - 1;
        actions.push(right);
        rewards.push(ended ? 1 : 0);
        observations.push(ended ? room : Math.min(rooms - 1, Math.max(0, room + (right ? 1 : -1))));
      }
      return { observations, actions, rewards, terminated: ended };
    }),
    spaces,
  );
}

const always = (action: number) => scripted({ name: `always ${action}`, ...spaces, decide: () => ({ action }) });
const quick = { discount, steps: 1500, hidden: [32], learningRate: 3e-3, targetRate: 0.05, members: 8 };

test("going right is worth γ to the number of rooms left, and the interval says so", async () => {
  const log = wandered(150, 1);
  const starts = log.offsets.subarray(0, -1);
  const truth =
    starts.reduce((sum, row) => sum + discount ** (rooms - 1 - Number(log.observation.data[row])), 0) / starts.length;
  const { value, improvement, support } = await fqe(always(1), log, quick);
  assert.ok(!isRefusal(value) && !isRefusal(improvement));
  assert.ok(Math.abs(value.value - truth) < 0.03, `${value.value}, truly ${truth}`);
  assert.ok(value.interval[0] < truth && truth < value.interval[1], `${value.interval} around ${truth}`);
  assert.ok(improvement.interval[0] > 0);
  assert.equal(support, 1);
});

test("going left earns nothing, and a fair coin what the log earned", async () => {
  const log = wandered(150, 2);
  const left = await fqe(always(0), log, quick);
  assert.ok(!isRefusal(left.value) && Math.abs(left.value.value) < 0.03, JSON.stringify(left.value));
  const coin = scripted({
    name: "coin",
    ...spaces,
    decide: (_, random) => ({ action: random?.integer(2) ?? 0, probability: 0.5 }),
  });
  const fair = await fqe(coin, log, { ...quick, deterministic: false });
  assert.ok(!isRefusal(fair.improvement));
  // The log is cut off after 12 steps, the policy's value is not: it may be a little more.
  assert.ok(Math.abs(fair.improvement.value) < 0.05, JSON.stringify(fair.improvement));
});

test("however few the updates, the fit sees as far as the discount does", async () => {
  const earned = (action: number): number => (action === 0 ? 0.5 : 1);
  const endless = { observationSpace: discrete(1), actionSpace: discrete(2) };
  const log = fromEpisodes(
    Array.from({ length: 20 }, (_, e) => {
      const random = generator(fold(randomKey(6), e));
      const actions = Array.from({ length: 20 }, () => random.integer(2));
      return { observations: new Array(21).fill(0), actions, rewards: actions.map(earned), terminated: false };
    }),
    endless,
  );
  const half = scripted({ name: "half", ...endless, decide: () => ({ action: 0 }) });
  const { value } = await fqe(half, log, { discount: 0.99, steps: 1000, hidden: [16], learningRate: 3e-3, members: 4 });
  assert.ok(!isRefusal(value), JSON.stringify(value));
  assert.ok(Math.abs(value.value - 50) < 4, `${value.value}, truly 0.5 / (1 - 0.99)`);
});

test("the interval narrows with the number of episodes", async () => {
  const width = async (episodes: number) => {
    const { value } = await fqe(always(1), wandered(episodes, 3), quick);
    assert.ok(!isRefusal(value));
    return value.interval[1] - value.interval[0];
  };
  assert.ok((await width(20)) > 1.5 * (await width(400)));
});

test("too few episodes, and a policy that leaves the log behind, are refused with the reason", async () => {
  const few = await fqe(always(1), wandered(5, 4), quick);
  assert.ok(isRefusal(few.value));
  assert.match(few.value.reason, /5 episodes/);
  const line = box([-1], [1]);
  const timid = fromEpisodes(
    Array.from({ length: 30 }, (_, e) => {
      const random = generator(fold(randomKey(5), e));
      const draw = (spread: number) => Float32Array.of(spread * (random.uniform() - 0.5));
      return {
        observations: [draw(1), draw(1), draw(1)],
        actions: [draw(0.2), draw(0.2)],
        rewards: [0, 1],
        terminated: true,
      };
    }),
    { observationSpace: line, actionSpace: line },
  );
  const bold = scripted({
    name: "bold",
    observationSpace: line,
    actionSpace: line,
    decide: () => ({ action: Float32Array.of(1) }),
  });
  const far = await fqe(bold, timid, quick);
  assert.ok(isRefusal(far.value));
  assert.match(far.value.reason, /only 0% of what the policy does is near/);
});
