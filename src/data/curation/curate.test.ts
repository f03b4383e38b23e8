import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import { randomKey } from "../../tensor/random.ts";
import { concat } from "../concat.ts";
import { decisionLog } from "../decision-log.ts";
import { type Episode, fromEpisodes } from "../episodes.ts";
import { anyRecording, anyTrajectories, plain } from "../formats/testing.ts";
import { trajectoryWeights } from "../measures/advantage.ts";
import { actionVariance, episodeMeans } from "../measures/local.ts";
import { pushes } from "../measures/testing.ts";
import { sampler } from "../samplers.ts";
import { split } from "../split.ts";
import type { Recording, Trajectories } from "../trajectories.ts";
import { episodeLengths, filterEpisodes, returns, tag, takeEpisodes } from "../views.ts";
import { curate, recipeOf } from "./curate.ts";
import type { Recipe, Step } from "./recipe.ts";

const spaces = { observationSpace: box(-Infinity, Infinity), actionSpace: box(-1, 1) };
const walk = (player: string, sum: number, actions: number[]): Episode => ({
  observations: Array.from({ length: actions.length + 1 }, (_, i) => [i + sum]),
  actions: actions.map((a) => [a]),
  rewards: actions.map((_, i) => (i === 0 ? sum : 0)),
  terminated: true,
  tags: { player, success: sum > 2 },
  extras: { bad: actions.map((a) => (a < 0 ? 1 : 0)) },
});
const play = fromEpisodes(
  [
    walk("ann", 1, [0, 0.5, 0.5, 0]),
    walk("bob", 2, [-1, 1]),
    walk("ann", 3, [0.1]),
    walk("bob", 4, [-1, -1, 1, 1, 1]),
    walk("ann", 5, [0, 0]),
  ],
  spaces,
);

const after = (recording: Recording, ...steps: Step[]): Trajectories =>
  curate({ kind: "recipe", sources: [{ name: "it" }], steps }, { it: recording }) as Trajectories;
const sums = (recording: Recording): number[] => [...returns(recording)];
const same = (a: Recording, b: Recording): void => assert.equal(a.provenance.fingerprint, b.provenance.fingerprint);

test("conditions pick what a predicate in code would", () => {
  const kept = (where: Extract<Step, { do: "filter" }>["where"]) => sums(after(play, { do: "filter", where }));
  assert.deepEqual(kept({ field: "return", atLeast: 3 }), [3, 4, 5]);
  assert.deepEqual(kept({ field: "return", above: 3, below: 5 }), [4]);
  assert.deepEqual(kept({ field: "return", atMost: { quantile: 0.5 } }), [1, 2, 3]);
  assert.deepEqual(kept({ field: "tags.player", is: "bob" }), [2, 4]);
  assert.deepEqual(kept({ field: "length", oneOf: [1, 5] }), [3, 4]);
  assert.deepEqual(kept({ field: "extras.bad.mean", atMost: 0.4 }), [1, 3, 4, 5]);
  assert.deepEqual(kept({ field: "extras.bad.last", is: 0 }), [1, 2, 3, 4, 5]);
  assert.deepEqual(kept({ field: "terminated", is: false }), []);
  assert.deepEqual(kept({ field: "index", oneOf: [0, 4] }), [1, 5]);
  const both = [
    { field: "tags.player", is: "ann" },
    { field: "tags.success", is: true },
  ];
  assert.deepEqual(kept({ all: both }), [3, 5]);
  assert.deepEqual(kept({ any: both }), [1, 3, 4, 5]);
  assert.deepEqual(kept({ not: { any: both } }), [2]);
});

test("measures are fields too", () => {
  const t = pushes(4, [6, 5, 4, 7, 8]);
  const means = episodeMeans(t, actionVariance(t, { asked: Infinity }));
  const most = means.toSorted()[2];
  same(
    after(t, { do: "filter", where: { field: "measures.actionVariance", atMost: { quantile: 0.5 } } }),
    filterEpisodes(t, ({ index }) => means[index] <= most),
  );
  for (const name of ["stateSimilarity", "transitionDiversity", "advantage", "regularity"])
    assert.equal(after(t, { do: "select", by: `measures.${name}`, top: 2 }).offsets.length - 1, 2);
});

test("select takes the highest, the lowest, those named or some by chance, in their order", () => {
  assert.deepEqual(sums(after(play, { do: "select", by: "return", top: 2 })), [4, 5]);
  assert.deepEqual(sums(after(play, { do: "select", by: "return", top: 0.4 })), [4, 5]);
  assert.deepEqual(sums(after(play, { do: "select", by: "return", top: 1 })), [5], "1 is a count");
  assert.deepEqual(sums(after(play, { do: "select", by: "length", bottom: 2 })), [2, 3]);
  assert.deepEqual(sums(after(play, { do: "select", episodes: [4, 0] })), [5, 1]);
  const drawn = sums(after(play, { do: "select", sample: 3, seed: 1 }));
  assert.equal(drawn.length, 3);
  assert.deepEqual(drawn, drawn.toSorted());
  assert.notDeepEqual(drawn, sums(after(play, { do: "select", sample: 3, seed: 2 })));
});

test("trim leaves out steps at the ends, and says where an episode was cut", () => {
  const t = after(play, { do: "trim", from: 1, to: -1 });
  assert.deepEqual([...episodeLengths(t)], [2, 3], "what has nothing left is left out");
  assert.deepEqual([...t.observation.data], [2, 3, 5, 6, 7]);
  assert.deepEqual([...t.finalObservation.data], [4, 8]);
  assert.deepEqual([...t.truncated], [0, 1, 0, 0, 1]);
  assert.deepEqual([...t.terminated], [0, 0, 0, 0, 0]);
  assert.deepEqual(t.tags.player, ["ann", "bob"]);
  assert.deepEqual([...t.extras.bad.data], [0, 0, 1, 0, 0]);
  const idle = after(play, { do: "trim", idle: 0.1 });
  assert.deepEqual([...idle.action.data], [0.5, 0.5, -1, 1, -1, -1, 1, 1, 1]);
  assert.equal(idle.terminated[1], 0);
  const late = after(play, { do: "trim", from: -1 });
  assert.deepEqual([...late.terminated], [1, 1, 1, 1, 1]);
  assert.deepEqual([...late.finalObservation.data], [...play.finalObservation.data]);
});

test("trimming nothing changes nothing, and a cut at any step keeps the rest", () => {
  fc.assert(
    fc.property(anyTrajectories, fc.integer({ min: 0, max: 4 }), (t, at) => {
      same(after(t, { do: "trim", from: 0 }), t);
      if (t.reward.length === 0) return;
      const [front, back] = [after(t, { do: "trim", to: at }), after(t, { do: "trim", from: at })];
      assert.equal(front.reward.length + back.reward.length, t.reward.length);
      assert.ok([...episodeLengths(front)].every((n) => n <= at));
      const ends = front.offsets.subarray(1);
      assert.ok(ends.every((end) => front.terminated[end - 1] + front.truncated[end - 1] === 1));
    }),
    { numRuns: 60 },
  );
});

test("split keeps one of disjoint parts, or labels all", () => {
  const parts = { train: 0.6, test: 0.4 };
  const direct = split(play, parts, randomKey(7));
  same(after(play, { do: "split", parts, seed: 7, keep: "train" }), direct.train);
  same(after(play, { do: "split", parts, seed: 7, keep: "test" }), direct.test);
  const labelled = after(play, { do: "split", parts, seed: 7, tag: "part" });
  assert.deepEqual(sums(filterEpisodes(labelled, (e) => e.tags.part === "test")), sums(direct.test));
});

test("relabel sets tags and rewards", () => {
  const good = after(play, { do: "relabel", tag: "good", value: true, where: { field: "return", above: 3 } });
  assert.deepEqual(good.tags.good, [null, null, null, true, true]);
  const again = after(good, { do: "relabel", tag: "good", value: "no", where: { field: "return", below: 2 } });
  assert.deepEqual(again.tags.good, ["no", null, null, true, true]);
  assert.deepEqual(sums(after(play, { do: "relabel", reward: { scale: 2, shift: -1, high: 5 } })), [-2, 2, 5, 1, 4]);
  const sparse = after(play, { do: "relabel", reward: { success: { field: "tags.success", is: true } } });
  assert.deepEqual([...sparse.reward], [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1]);
  assert.deepEqual([...after(play, { do: "relabel", reward: { extra: "bad" } }).reward], [...play.extras.bad.data]);
});

test("reweight leaves weights for a sampler", () => {
  const byReturn = after(play, { do: "reweight", by: "return" });
  assert.deepEqual([...byReturn.extras.weight.data], [...trajectoryWeights(play, { by: "return" })]);
  const even = after(play, { do: "reweight", tag: "player" });
  const weights = even.extras.weight.data as Float64Array;
  const of = (name: string) =>
    weights.reduce((sum, w, row) => {
      const e = even.offsets.findLastIndex((from) => from <= row);
      return sum + (even.tags.player[e] === name ? w : 0);
    }, 0);
  assert.ok(Math.abs(of("ann") - 0.5) < 1e-12 && Math.abs(of("bob") - 0.5) < 1e-12);
  const draw = sampler({ count: weights.length, batchSize: 4, key: randomKey(0), weights });
  assert.equal(draw.indices(0).length, 4);
});

test("balance takes as many of each, dedupe what was not there before", () => {
  const even = after(play, { do: "balance", tag: "player", seed: 3 });
  assert.deepEqual(even.tags.player.toSorted(), ["ann", "ann", "bob", "bob"]);
  assert.equal(after(play, { do: "balance", tag: "player", seed: 3, most: 1 }).offsets.length - 1, 2);
  const twice = takeEpisodes(play, [0, 1, 0, 2, 1]);
  same(after(twice, { do: "dedupe" }), takeEpisodes(play, [0, 1, 2]));
  const ending = { ...walk("ann", 1, [0.5]), observations: [[1], [7]] };
  const otherEnd = fromEpisodes([walk("ann", 1, [0.5]), ending, { ...ending, terminated: false }], spaces);
  assert.equal(after(otherEnd, { do: "dedupe" }).offsets.length - 1, 3, "what was seen last, and how it ended, count");
  const told = tag(takeEpisodes(play, [0, 0]), "player", ["ann", "cid"]);
  assert.equal(after(told, { do: "dedupe" }).offsets.length - 1, 1, "labels do not make an episode another");
});

test("sources are merged in order, each after its own steps, and are left as they were", () => {
  const before = plain(play);
  const steps: Step[] = [{ do: "relabel", tag: "from", value: "first" }];
  const recipe: Recipe = {
    kind: "recipe",
    sources: [{ name: "a", steps }, { name: "b" }],
    steps: [{ do: "filter", where: { field: "return", atLeast: 4 } }],
  };
  const other = takeEpisodes(play, [4, 3]);
  const said: string[] = [];
  const made = curate(
    recipe,
    { a: play, b: other },
    { onStep: ({ where, before: b, after: a }) => said.push(`${where}: ${b.episodes} → ${a.episodes}`) },
  );
  same(
    made,
    filterEpisodes(concat(tag(play, "from", "first"), other), (e) => e.return >= 4),
  );
  assert.deepEqual(said, ["recipe, source a, step 1 (relabel): 5 → 5", "recipe, step 1 (filter): 7 → 4"]);
  assert.deepEqual(plain(play), before);
});

test("a recording carries its recipe, and the recipe makes it again", () => {
  const recipe: Recipe = {
    kind: "recipe",
    sources: [{ name: "it", file: "play.parquet" }],
    steps: [
      { do: "dedupe" },
      { do: "filter", where: { not: { field: "length", below: 2 } } },
      { do: "select", sample: 0.5, seed: 9 },
      { do: "reweight", by: "advantage" },
    ],
  };
  const made = curate(recipe, { it: play });
  const carried = recipeOf(made);
  assert.ok(carried);
  assert.equal(carried.sources[0].fingerprint, play.provenance.fingerprint);
  assert.equal(made.provenance.lineage.length, play.provenance.lineage.length + 1);
  const again = curate(JSON.parse(JSON.stringify(carried)), { it: play });
  same(again, made);
  assert.deepEqual(recipeOf(again), carried);
  assert.equal(recipeOf(play), undefined);
  assert.throws(
    () => curate(carried, { it: takeEpisodes(play, [0]) }),
    /source it: the recipe was made for contents with the fingerprint/,
  );
});

test("any recording goes through a recipe, twice to the same fingerprint", () => {
  const steps: Step[] = [
    { do: "dedupe" },
    { do: "select", by: "return", top: 0.8 },
    { do: "relabel", reward: { scale: 0.5 } },
    { do: "filter", where: { field: "tags.quality", atLeast: { quantile: 0.2 } } },
    { do: "reweight", tag: "quality" },
  ];
  fc.assert(
    fc.property(anyRecording, (recording) => {
      same(after(recording, ...steps), after(recording, ...steps));
    }),
    { numRuns: 40 },
  );
});

test("a decision log is curated by rows", () => {
  const log = decisionLog({
    context: [[1], [2], [2]],
    actions: 2,
    action: [0, 1, 1],
    propensity: [0.5, 0.5, 0.5],
    reward: [0, 1, 1],
  });
  assert.deepEqual(sums(after(log, { do: "dedupe" })), [0, 1]);
  assert.deepEqual(sums(after(log, { do: "filter", where: { field: "return", above: 0 } })), [1, 1]);
  assert.throws(
    () => after(log, { do: "trim", from: 1 }),
    /step 1 \(trim\): do: a decision log has no episodes for it/,
  );
});

/** Each wrong recipe and what its sentence must say. */
const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ["nothing", null, /^recipe: the recipe itself: /],
  ["no kind", { sources: [{ name: "it" }] }, /^recipe: kind: /],
  ["no sources", { kind: "recipe", sources: [] }, /^recipe: sources: /],
  ["two of a name", { sources: [{ name: "it" }, { name: "it" }] }, /two sources have the same name/],
  ["a word misspelt", { step: [] }, /Unrecognized key: "step"/],
  ["an unknown step", { steps: [{ do: "drop" }] }, /step 1: "do" is "drop"; wanted one of filter, select/],
  ["no condition", { steps: [{ do: "filter" }] }, /step 1 where: /],
  [
    "no comparison",
    { steps: [{ do: "filter", where: { field: "return" } }] },
    /step 1 where: wanted a comparison: is, oneOf/,
  ],
  ["a comparison that is none", { steps: [{ do: "filter", where: { field: "return", over: 3 } }] }, /"over"/],
  [
    "deep inside",
    { steps: [{ do: "filter", where: { any: [{ not: { field: 3, is: 1 } }] } }] },
    /step 1 where any 1 not field: /,
  ],
  [
    "a field that is not there",
    { steps: [{ do: "filter", where: { field: "retrun", above: 3 } }] },
    /step 1 \(filter\): there is no field "retrun". Known: return/,
  ],
  [
    "an order of words",
    { steps: [{ do: "filter", where: { field: "tags.player", above: 3 } }] },
    /tags.player is "ann" in some episode/,
  ],
  ["top and bottom", { steps: [{ do: "select", by: "return", top: 1, bottom: 1 }] }, /step 1: wanted top or bottom/],
  ["an episode too far", { steps: [{ do: "select", episodes: [9] }] }, /there is no episode 9; there are 5/],
  [
    "a part that is none",
    { steps: [{ do: "split", parts: { a: 1 }, seed: 0, keep: "b" }] },
    /there is no part "b". Known: a/,
  ],
  [
    "a tag that is not there",
    { steps: [{ do: "balance", tag: "plyer", seed: 0 }] },
    /there is no tag "plyer". Known: player/,
  ],
  [
    "an extra that is not there",
    { steps: [{ do: "relabel", reward: { extra: "cost" } }] },
    /no extra column of one number a step "cost"/,
  ],
  ["a fingerprint that is none", { sources: [{ name: "it", fingerprint: "abc" }] }, /source 1 fingerprint: wanted 64/],
  ["a source that is missing", { sources: [{ name: "that" }] }, /there is no source "that". Known: it/],
];

for (const [what, change, sentence] of wrong) {
  test(`a wrong recipe is one sentence: ${what}`, () => {
    const recipe =
      change === null || what === "no kind"
        ? change
        : { kind: "recipe", sources: [{ name: "it" }], ...(change as object) };
    assert.throws(
      () => curate(recipe as Recipe, { it: play }),
      (error) => {
        assert.ok(error instanceof Problem, String(error));
        assert.match(error.message, sentence);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      },
    );
  });
}

test("what cannot be merged or made idle is one sentence", () => {
  const log = decisionLog({ context: [[1]], actions: 2, action: [0], propensity: [0.5], reward: [0] });
  const both: Recipe = { kind: "recipe", sources: [{ name: "a" }, { name: "b" }] };
  assert.throws(() => curate(both, { a: play, b: log }), /a decision log and trajectories cannot be merged/);
  const choices = fromEpisodes([{ observations: [[0], [1]], actions: [1], rewards: [0], terminated: true }], {
    ...spaces,
    actionSpace: discrete(2),
  });
  assert.throws(() => after(choices, { do: "trim", idle: 0 }), /among choices none is idle/);
});
