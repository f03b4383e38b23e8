import { test } from "node:test";
import { noMoments, observed } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Rollout } from "../define.ts";
import { close, read, rowsOf } from "../testing.ts";
import { advantagesOf, noReturns, onScale, scaledRewards } from "./judged.ts";

/** [time, world] from a list for each world. */
const columns = (...worlds: readonly (readonly number[])[]): Tensor =>
  rowsOf(worlds[0].map((_, t) => worlds.map((world) => world[t])));

const rolled = (reward: Tensor, ended: Tensor, truncated: Tensor): Rollout => {
  const [time, worlds] = reward.shape;
  const observation = reward.reshape(time, worlds, 1);
  const continues = ended.from(1);
  const played = reward.mul(0).add(1);
  return {
    observation,
    nextObservation: observation,
    action: observation,
    reward,
    continues,
    truncated,
    played,
    memory: {},
  };
};

/** As the definition has it, a world at a time, from the last step to the first. */
function backwards(
  reward: readonly number[],
  ended: readonly number[],
  cut: readonly number[],
  value: readonly number[],
  next: readonly number[],
  discount: number,
  lambda: number,
): number[] {
  const advantage = reward.map(() => 0);
  let later = 0;
  for (let t = reward.length - 1; t >= 0; t--) {
    const error = reward[t] + discount * (1 - ended[t]) * next[t] - value[t];
    if (ended[t] || cut[t]) later = 0;
    later = error + discount * lambda * (1 - ended[t]) * later;
    advantage[t] = later;
  }
  return advantage;
}

const worlds = [
  // An end in the middle, and play that goes on behind the last row.
  {
    reward: [1, 2, 3, 4, 5],
    ended: [0, 1, 0, 0, 0],
    cut: [0, 0, 0, 0, 0],
    value: [0.5, -1, 2, 0, 1],
    next: [-1, 9, 0, 1, 7],
  },
  // Cut in the middle: what was seen there still counts. An end and a cut at once is an end.
  {
    reward: [0, 1, 0, 2, 0],
    ended: [0, 0, 0, 1, 0],
    cut: [0, 1, 0, 1, 0],
    value: [1, 1, 3, 2, 0],
    next: [1, 6, 2, 8, 3],
  },
];

for (const [discount, lambda] of [
  [0.9, 0.95],
  [0.5, 0],
  [1, 1],
]) {
  test(`advantages stop at ends, count the value at cuts, and never cross either (γ ${discount}, λ ${lambda})`, () => {
    const part = (name: keyof (typeof worlds)[number]): Tensor => columns(worlds[0][name], worlds[1][name]);
    const rollout = rolled(part("reward"), part("ended"), part("cut"));
    const said = { value: part("value"), nextValue: part("next"), logProb: part("value") };
    const { advantage, target } = advantagesOf(rollout, said, { discount, lambda });
    const each = worlds.map((w) => backwards(w.reward, w.ended, w.cut, w.value, w.next, discount, lambda));
    close(read(advantage), read(columns(each[0], each[1])), 1e-5, "advantage");
    const targets = worlds.map((w, i) => w.value.map((value, t) => value + each[i][t]));
    close(read(target), read(columns(targets[0], targets[1])), 1e-5, "target");
  });
}

test("rewards are divided by the spread of the discounted sum so far, which begins anew behind an end and a cut", () => {
  const reward = columns([1, 1, 1, 1, 1], [2, 0, 2, 0, 2]);
  const [ended, cut] = [columns([0, 1, 0, 0, 0], [0, 0, 0, 0, 0]), columns([0, 0, 0, 0, 0], [0, 0, 1, 0, 0])];
  const [{ reward: scaled }, { moments, soFar }] = scaledRewards(rolled(reward, ended, cut), noReturns(2), 0.5);
  const sums = [1, 1.5, 1, 1.5, 1.75, 2, 1, 2.5, 0, 2];
  const mean = sums.reduce((a, b) => a + b) / sums.length;
  const spread = Math.sqrt(sums.reduce((a, b) => a + (b - mean) ** 2, 0) / sums.length);
  close(
    read(scaled),
    read(reward).map((r) => r / spread),
    1e-5,
    "reward",
  );
  close(read(moments.count), [10], 0);
  close(read(soFar), [1.75, 2], 1e-6, "carried on");
});

test("cut into rollouts, the scale of rewards becomes what it is over all of them", () => {
  const reward = [
    [1, 2],
    [0, 1],
    [3, -1],
    [1, 1],
    [2, 0],
    [1, 4],
  ];
  const ended = [
    [0, 0],
    [0, 1],
    [0, 0],
    [1, 0],
    [0, 0],
    [0, 0],
  ];
  const cut = [
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  const part = (from: number, to: number) => {
    const rows = (of: readonly (readonly number[])[]): Tensor => rowsOf(of.slice(from, to));
    return rolled(rows(reward), rows(ended), rows(cut));
  };
  const [, whole] = scaledRewards(part(0, 6), noReturns(2), 0.9);
  let parts = noReturns(2);
  for (const [from, to] of [
    [0, 1],
    [1, 4],
    [4, 6],
  ])
    [, parts] = scaledRewards(part(from, to), parts, 0.9);
  close(read(parts.moments.squares), read(whole.moments.squares), 1e-4, "squares");
  close(read(parts.moments.mean), read(whole.moments.mean), 1e-5, "mean");
  close(read(parts.soFar), read(whole.soFar), 1e-5, "carried on");
});

test("observations are scaled by what was known when they were acted upon; what is known then grows", () => {
  const before = observed(noMoments(1), rowsOf([[1], [3]]));
  const none = columns([0, 0], [0, 0]);
  const rollout = rolled(columns([5, 2], [3, 1]), none, none);
  const [seen, after] = onScale(rollout, before);
  close(read(seen.observation), [3, 1, 0, -1], 1e-4, "observation");
  close(read(seen.nextObservation), [3, 1, 0, -1], 1e-4, "next observation");
  close(read(after.mean), [2.5], 1e-5, "mean");
});
