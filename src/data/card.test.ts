import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { box, discrete } from "../spaces/make.ts";
import { card, cardJson } from "./card.ts";
import { cardSchema } from "./card-schema.ts";
import { cardText } from "./card-text.ts";
import { decisionLog } from "./decision-log.ts";
import { type Episode, fromEpisodes } from "./episodes.ts";
import { anyRecording } from "./formats/testing.ts";
import { stateSimilarity } from "./measures/local.ts";
import { pushes } from "./measures/testing.ts";
import { summarise } from "./summaries.ts";
import { tag, takeEpisodes } from "./views.ts";

const t = fromEpisodes(
  [
    {
      observations: [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      actions: [[-1], [0.5]],
      rewards: [1, 2],
      terminated: true,
      tags: { who: "ann" },
    },
    {
      observations: [
        [0, 1],
        [5, 1],
      ],
      actions: [[1]],
      rewards: [5],
      terminated: false,
      tags: { who: "bob" },
    },
  ],
  { observationSpace: box(-Infinity, Infinity, { shape: [2] }), actionSpace: box(-1, 1), environment: "Made-v0" },
);

test("a card measures trajectories", () => {
  const made = card(t);
  assert.equal(made.rows, 3);
  assert.equal(made.episodes, 2);
  assert.equal(made.returns?.mean, 4);
  assert.equal(made.returns?.median, 4);
  assert.equal(made.lengths?.mean, 1.5);
  assert.deepEqual([made.terminated, made.truncated], [0.5, 0.5]);
  assert.deepEqual(made.tags.who[0], { value: "ann", episodes: 1, meanReturn: 3 });
  assert.deepEqual(made.constantFeatures, ["feature 1"]);
  assert.ok(made.coverage.kind === "dimensions");
  assert.equal(made.coverage.dimensions[0].atBounds, 2 / 3);
  assert.deepEqual(made.coverage.dimensions[0].histogram, [1, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
  assert.match(made.warnings.join("\n"), /1 feature never changes: feature 1\./);
  assert.match(made.warnings.join("\n"), /67 % of rows have an action at a bound/);
});

test("a card measures a decision log", () => {
  const rows = 40;
  const log = decisionLog({
    context: Array.from({ length: rows }, (_, i) => [i, i % 2]),
    contextNames: ["age", "clicked"],
    actions: { count: 3, names: ["a", "b", "c"] },
    action: Array.from({ length: rows }, (_, i) => (i < 30 ? 0 : 1)),
    propensity: new Array(rows).fill(0.5),
    reward: Array.from({ length: rows }, (_, i) => i % 2),
    extras: { timestamp: Array.from({ length: rows }, (_, i) => (i === 7 ? 0 : i)) },
  });
  const made = card(log);
  assert.ok(made.coverage.kind === "choices");
  assert.deepEqual(made.coverage.counts[0], { name: "a", rows: 30, share: 0.75, meanReward: 0.5 });
  assert.equal(made.coverage.counts[2].meanReward, null);
  assert.deepEqual(made.coverage.support, { enough: 30, share: 1 / 3 });
  assert.equal(made.propensities?.effectiveShare, 1);
  const warnings = made.warnings.join("\n");
  assert.match(warnings, /clicked: equal to the reward in every row/);
  assert.match(warnings, /Timestamps are not increasing: row 7 /);
  assert.match(warnings, /1 of 3 actions were never chosen: c\./);
});

test("the usual mistakes are said", () => {
  const warnings = (change: object): string =>
    card(
      decisionLog({
        context: [[1], [2], [2]],
        actions: 2,
        action: [0, 1, 1],
        propensity: [1, 1, 1],
        reward: [0, 0, 0],
        ...change,
      }),
    ).warnings.join("\n");
  assert.match(warnings({}), /reward is always 0/);
  assert.match(warnings({}), /33 % of rows are exact duplicates/);
  assert.match(warnings({}), /never explored/);
  const rare = Array.from({ length: 20 }, (_, i) => i);
  const varied = { context: rare.map((i) => [i]), action: rare.map((i) => i % 2), reward: rare.map((i) => i % 3) };
  assert.match(
    warnings({ ...varied, propensity: rare.map((i) => (i === 0 ? 1e-3 : 1)) }),
    /weighting keeps 5.2 % of the sample/,
  );
  assert.match(warnings({ reward: [2, 2, 2] }), /reward is always 2/);
  assert.match(card(takeEpisodes(t, [1])).warnings.join("\n"), /All episodes are truncated/);
  assert.deepEqual(card(takeEpisodes(t, [])).warnings, ["The recording is empty."]);
});

test("a clock that starts again with each episode goes forward", () => {
  const one = { observations: [[0], [1], [2]], actions: [0, 1], rewards: [0, 1], terminated: true };
  const spaces = { observationSpace: box(0, 2), actionSpace: discrete(2) };
  const clocked = (...times: number[]) => ({ ...one, extras: { timestamp: times } });
  const said = (...episodes: Episode[]): string => card(fromEpisodes(episodes, spaces)).warnings.join();
  assert.doesNotMatch(said(clocked(5, 6), clocked(0, 1)), /Timestamps/);
  assert.match(said(clocked(5, 6), clocked(1, 0)), /row 3 is earlier/);
});

test("weights that vary are felt in the share that weighting keeps", () => {
  const made = card(
    decisionLog({ context: [[1], [2]], actions: 2, action: [0, 1], propensity: [0.25, 1], reward: [0, 1] }),
  );
  assert.equal(made.propensities?.effectiveShare, (4 + 1) ** 2 / (16 + 1) / 2);
});

/** numpy.quantile([3, 1, 4, 1, 5], [0.25, 0.5, 0.75]) and numpy.std(…, ddof=1) */
test("summaries agree with numpy", () => {
  const made = summarise([3, 1, 4, 1, 5]);
  assert.deepEqual([made?.q25, made?.median, made?.q75], [1, 3, 4]);
  assert.ok(Math.abs((made?.std ?? 0) - 1.7888543819998317) < 1e-12);
});

test("any recording has a card that its schema accepts, that JSON keeps and a terminal can show", () => {
  fc.assert(
    fc.property(anyRecording, (recording) => {
      const made = card(recording);
      assert.deepEqual(cardSchema.parse(JSON.parse(cardJson(made))), JSON.parse(JSON.stringify(made)));
      assert.doesNotMatch(cardText(made), /NaN|undefined/);
    }),
    { numRuns: 50 },
  );
});

test("the text of a card", () => {
  const text = cardText(card(t)).split("\n");
  assert.equal(text[0], "trajectories  2 episodes, 3 steps in Made-v0");
  assert.equal(text[1], "observation   Box[2] in [-Infinity, Infinity]");
  assert.match(text.join("\n"), /action {8}0: -1 █······█·█ 1, at bounds 67 %/);
  assert.match(text.join("\n"), /tag {11}who {10}ann {24}1 {2}mean return 3/);
  assert.match(text.join("\n"), /beware {8}1 feature never changes/);
});

const walker = (who: string, seed: number, reward: number): Episode => ({
  observations: Array.from({ length: 6 }, (_, i) => [i, seed]),
  actions: Array.from({ length: 5 }, () => [0.5]),
  rewards: [0, 0, 0, 0, reward],
  terminated: true,
  tags: { who, success: reward > 1, behaviour: reward > 3 ? "far" : "near" },
});
const walkers = fromEpisodes([walker("ann", 1, 4), walker("ann", 2, 4), walker("bob", 3, 2), walker("bob", 4, 0)], {
  observationSpace: box(-Infinity, Infinity, { shape: [2] }),
  actionSpace: box(-1, 1),
});

test("a card has the published measures, alone and against a reference", () => {
  const alone = card(walkers).measures;
  assert.ok(alone);
  assert.deepEqual(alone.quality, { value: 2.5 / 4, random: 0, best: 4, scale: "recording" });
  assert.deepEqual(alone.stateActionCoverage, { value: null, pairs: 20, referencePairs: null, exact: true });
  assert.equal(alone.actionVariance?.value, 0);
  assert.ok(alone.behaviourEntropy !== null && Math.abs(alone.behaviourEntropy - 0.9182958340544896) < 1e-12);
  assert.deepEqual(
    alone.operators.map(({ operator, tier, score }) => [operator, tier, score]),
    [
      ["ann", "okay", 0.625],
      ["bob", "okay", 0.375],
    ],
  );
  assert.deepEqual(alone.sources, {
    tag: "who",
    values: [
      { value: "ann", episodes: 2, quality: 1, coverage: 0.5 },
      { value: "bob", episodes: 2, quality: 0.25, coverage: 0.5 },
    ],
  });
  const part = card(takeEpisodes(walkers, [0, 2]), { reference: walkers, random: 0, best: 8 }).measures;
  assert.deepEqual(part?.quality, { value: 3 / 8, random: 0, best: 8, scale: "given" });
  assert.equal(part?.stateActionCoverage?.value, 0.5);
  const some = pushes(1, [30, 40]);
  const near = stateSimilarity(takeEpisodes(some, [0]), { scale: some }).value;
  assert.ok(near > 0);
  assert.deepEqual(card(takeEpisodes(some, [0]), { reference: some }).measures?.stateSimilarity, {
    value: near,
    relative: near / stateSimilarity(some).value,
  });
  assert.equal(part?.actionVariance?.relative, null, "the reference's is 0");
  assert.equal(card(walkers, { measures: false }).measures, null);
});

test("what is not measured says why, and what cannot be asked is one sentence", () => {
  const pixels = fromEpisodes(
    [{ observations: [new Array(600).fill(0), new Array(600).fill(1)], actions: [0], rewards: [1], terminated: true }],
    {
      observationSpace: box(0, 1, { shape: [600] }),
      actionSpace: discrete(2),
    },
  );
  const made = card(pixels).measures;
  assert.equal(made?.actionVariance, null);
  assert.match(made?.missing.join() ?? "", /602 numbers are too many/);
  assert.throws(() => card(walkers, { source: "whom" }), /there is no tag "whom". Known: who/);
  assert.throws(() => card(walkers, { random: 2, best: 1 }), /"best" is 1; wanted above that of chance \(2\)/);
  assert.throws(() => card(walkers, { reference: pixels }), /another observation space/);
});

test("repeated episodes, and episodes on both sides of a split, are said", () => {
  const twice = takeEpisodes(walkers, [0, 1, 0]);
  assert.equal(card(twice).duplicateEpisodes, 1);
  assert.match(card(twice).warnings.join(), /1 of 3 episodes repeats an earlier one exactly/);
  const dealt = tag(twice, "split", ["train", "train", "test"]);
  assert.match(card(dealt).warnings.join(), /different parts by split: what is judged was learned by heart/);
  assert.doesNotMatch(card(tag(twice, "split", ["train", "test", "train"])).warnings.join(), /different parts/);
  const made = card(walkers, { test: takeEpisodes(walkers, [3, 1]) });
  assert.deepEqual(made.overlap, { shared: 2, of: 2, later: null });
  assert.match(made.warnings.join(), /2 of the 2 episodes to test on are in this recording too/);
  assert.deepEqual(card(takeEpisodes(walkers, [0]), { test: takeEpisodes(walkers, [1]) }).overlap?.shared, 0);
});

test("a log that reaches into the time of its test log is said to", () => {
  const log = (from: number) =>
    decisionLog({
      context: [[from], [from + 1]],
      actions: 2,
      action: [0, 1],
      propensity: [0.5, 0.5],
      reward: [from, 1],
      extras: { timestamp: [from, from + 10] },
    });
  assert.equal(card(log(0), { test: log(100) }).overlap?.later, false);
  assert.match(card(log(0), { test: log(5) }).warnings.join(), /made after the one to test on began/);
});
