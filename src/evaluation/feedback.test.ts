import assert from "node:assert/strict";
import { test } from "node:test";
import { type Feedback, fromEpisodes, segment } from "../data/index.ts";
import { box, discrete } from "../spaces/index.ts";
import { randomKey } from "../tensor/random.ts";
import { type Estimate, isRefusal } from "./estimate.ts";
import { feedbackSummary } from "./feedback.ts";
import { proportion } from "./intervals.ts";

/** Episode e has three steps of reward e. */
const walks = fromEpisodes(
  Array.from({ length: 30 }, (_, e) => ({
    observations: [[0], [1], [2], [3]],
    actions: [0, 1, 0],
    rewards: [e, e, e],
    terminated: true,
  })),
  { observationSpace: box(0, 9), actionSpace: discrete(2) },
);
let pieces = 0;
const common = (rater: string) => ({ kind: "feedback", rater, time: 0, id: String(pieces++) }) as const;
const prefers = (
  rater: string,
  first: number,
  second: number,
  choice: "first" | "second" | "tie" | "neither",
): Feedback => ({
  ...common(rater),
  type: "preference",
  first: segment(walks, first),
  second: segment(walks, second),
  choice,
});
const rates = (rater: string, episode: number, value: number, aspect?: string): Feedback => ({
  ...common(rater),
  type: "rating",
  segment: segment(walks, episode, 0, 2),
  value,
  low: 0,
  high: 10,
  ...(aspect === undefined ? {} : { aspect }),
});
const summary = (feedback: readonly Feedback[]) => feedbackSummary(feedback, walks, { key: randomKey(1) });
const sure = (answer: Estimate | { readonly refused: true }): Estimate =>
  "refused" in answer ? assert.fail("refused") : answer;

test("counts: pieces by type and rater, and what of the recording they judge", () => {
  const made = summary([rates("ann", 0, 3), rates("bob", 0, 5), rates("ann", 2, 1), prefers("bob", 2, 4, "tie")]);
  assert.deepEqual(made.types, { preference: 1, rating: 3 });
  assert.deepEqual(made.raters, { ann: 2, bob: 2 });
  assert.deepEqual(
    [made.judged, made.of],
    [
      { episodes: 3, steps: 8 },
      { episodes: 30, steps: 90 },
    ],
  );
  assert.deepEqual(made.choices, { first: 0, second: 0, tie: 1, neither: 0 });
  assert.deepEqual(summary([]).measures, {});
});

test("a pair is one pair whichever way round it is shown; most raters decide; rewards that are equal say nothing", () => {
  const { measures, choices } = summary([
    prefers("ann", 1, 2, "second"), // 2 earned more
    prefers("bob", 2, 1, "first"), // the same pair, the same side
    prefers("cat", 1, 2, "first"), // outvoted
    prefers("ann", 5, 3, "second"), // 3 earned less
    prefers("ann", 4, 4, "first"), // equal rewards
    prefers("ann", 7, 8, "neither"),
    prefers("ann", 8, 9, "first"), // split
    prefers("bob", 8, 9, "second"),
  ]);
  assert.deepEqual(choices, { first: 4, second: 3, tie: 0, neither: 1 });
  assert.deepEqual(measures["preferred earned more"], proportion(1, 2));
  assert.deepEqual(measures["first chosen"], proportion(4, 7));
  assert.ok(isRefusal(measures["agreement on preferences"] as Estimate), "two pairs are too few");
});

test("who chooses alike agrees, even shown the pairs the other way round", () => {
  const pairs = Array.from({ length: 15 }, (_, i) => [i, i + 10]);
  const alike = pairs.flatMap(([a, b], i) =>
    i % 3 === 0
      ? [prefers("ann", a, b, "first"), prefers("bob", b, a, "second")]
      : [prefers("ann", a, b, "second"), prefers("bob", b, a, "first")],
  );
  assert.equal(sure(summary(alike).measures["agreement on preferences"]).value, 1);
  // Who always takes the first agrees with nobody.
  const order = pairs.flatMap(([a, b]) => [prefers("ann", a, b, "first"), prefers("bob", b, a, "first")]);
  const { measures } = summary(order);
  assert.ok(sure(measures["agreement on preferences"]).value < 0);
  assert.equal(sure(measures["first chosen"]).value, 1);
});

test("ratings and scalars: a mean over segments, each aspect and scale by itself", () => {
  const { measures } = summary([
    rates("ann", 0, 2),
    rates("bob", 0, 4),
    rates("ann", 1, 9),
    rates("ann", 0, 8, "safety"),
    { ...common("ann"), type: "scalar", segment: segment(walks, 0), value: -1 },
    { ...common("ann"), type: "comment", segment: segment(walks, 0), text: "hm" },
  ]);
  const value = (name: string): readonly number[] => {
    const { value: mean, n } = sure(measures[name]);
    return [mean, n];
  };
  assert.deepEqual(value("rating of how good it was (0 to 10)"), [6, 2]);
  assert.deepEqual(value("rating of safety (0 to 10)"), [8, 1]);
  assert.deepEqual(value("scalar"), [-1, 1]);
  assert.equal(Object.keys(measures).length, 6);
});

test("interventions: the share of all episodes in which somebody took over", () => {
  const takes = (episode: number): Feedback => ({
    ...common("ann"),
    type: "intervention",
    segment: segment(walks, episode, 1, 2),
  });
  assert.deepEqual(summary([takes(3), takes(3), takes(5)]).measures["episodes taken over"], proportion(2, 30));
});
