/** A recording made from others by a recipe, which it carries with it. */
import { problem } from "../../problems.ts";
import { ndarray } from "../../tensor/ndarray.ts";
import { fold, permutation, randomKey } from "../../tensor/random.ts";
import { concat } from "../concat.ts";
import { firstOfEach } from "../duplicates.ts";
import { canonicalJson, recorded } from "../fingerprint.ts";
import { trajectoryWeights } from "../measures/advantage.ts";
import { episodesBy } from "../measures/tags.ts";
import { split } from "../split.ts";
import type { Recording, Trajectories } from "../trajectories.ts";
import { countOf, relabelReward, tag, takeEpisodes } from "../views.ts";
import { holds, numbersOf } from "./conditions.ts";
import { fieldValues } from "./fields.ts";
import { checkRecipe, type Recipe, type Step } from "./recipe.ts";
import { trimEpisodes } from "./trim.ts";

/** What a step did, for people. */
export interface CurationStep {
  /** Which step of the recipe, e.g. "source ann, step 2". */
  readonly where: string;
  readonly step: Step;
  readonly before: { readonly episodes: number; readonly rows: number };
  readonly after: { readonly episodes: number; readonly rows: number };
}

export interface CurateOptions {
  readonly onStep?: (done: CurationStep) => void;
}

const prefix = "curate ";

/**
 * Makes the recording that a recipe describes. Sources are not changed. The last line of the result's lineage is the recipe
 * with its sources' fingerprints (`recipeOf` reads it): the same recipe on the same sources gives the same fingerprint.
 * @param sources the recordings by the names that the recipe has for them
 * @example curate({ kind: "recipe", sources: [{ name: "play" }], steps: [{ do: "select", by: "return", top: 0.1 }] }, { play })
 * @throws Problem "bad-recipe" for a recipe that is none or does not fit its sources, "unknown-name" for a field or tag that
 *   is not there, "bad-value" for sources that cannot be merged
 */
export function curate(
  recipe: Recipe,
  sources: { readonly [name: string]: Recording },
  options: CurateOptions = {},
): Recording {
  const checked = checkRecipe(recipe);
  const prepared = checked.sources.map(({ name, fingerprint, steps = [] }) => {
    const where = `recipe, source ${name}`;
    if (!Object.hasOwn(sources, name)) {
      throw problem("unknown-name", { where: "recipe", what: "source", name, known: Object.keys(sources) });
    }
    const given = sources[name];
    if (fingerprint !== undefined && fingerprint !== given.provenance.fingerprint) {
      const reason = `the recipe was made for contents with the fingerprint ${fingerprint}, these have ${given.provenance.fingerprint}`;
      throw problem("bad-recipe", { where: "recipe", part: `source ${name}`, reason });
    }
    return followed(given, steps, where, options);
  });
  for (const { kind } of prepared) {
    if (kind === prepared[0].kind) continue;
    const reason = "a decision log and trajectories cannot be merged";
    throw problem("bad-recipe", { where: "recipe", part: "sources", reason });
  }
  const merged = prepared.length === 1 ? prepared[0] : concat(...(prepared as [Recording, ...Recording[]]));
  const made = followed(merged, checked.steps, "recipe", options);
  const named = checked.sources.map((source) => ({
    ...source,
    fingerprint: sources[source.name].provenance.fingerprint,
  }));
  const { environment, made: spec, license } = made.provenance;
  return recorded<Recording>(made, {
    environment,
    made: spec,
    lineage: [
      ...checked.sources.flatMap(({ name }) => sources[name].provenance.lineage),
      prefix + canonicalJson({ ...checked, sources: named }),
    ],
    license,
  });
}

/** The recipe a recording was made by last, if it was. */
export function recipeOf(recording: Recording): Recipe | undefined {
  const last = recording.provenance.lineage.at(-1);
  return last?.startsWith(prefix) ? checkRecipe(JSON.parse(last.slice(prefix.length))) : undefined;
}

function followed(recording: Recording, steps: readonly Step[], where: string, { onStep }: CurateOptions): Recording {
  return steps.reduce((before, step, i) => {
    const here = `${where}, step ${i + 1} (${step.do})`;
    const after = done(before, step, here);
    const size = (of: Recording) => ({ episodes: countOf(of), rows: of.reward.length });
    onStep?.({ where: here, step, before: size(before), after: size(after) });
    return after;
  }, recording);
}

const indicesWhere = (held: readonly boolean[]): number[] => held.flatMap((yes, e) => (yes ? [e] : []));

function done(recording: Recording, step: Step, where: string): Recording {
  const count = countOf(recording);
  switch (step.do) {
    case "filter":
      return takeEpisodes(recording, indicesWhere(holds(recording, step.where, where)));
    case "select":
      return takeEpisodes(recording, selected(recording, step, where));
    case "trim": {
      const { do: _, ...ends } = step;
      return trimEpisodes(episodesOnly(recording, where), ends);
    }
    case "split":
      return dealt(recording, step, where);
    case "relabel":
      return relabelled(recording, step, where);
    case "reweight":
      return reweighted(recording, step, where);
    case "balance":
      return takeEpisodes(recording, balanced(recording, step, where));
    case "dedupe":
      return count === 0 ? recording : takeEpisodes(recording, firstOfEach(recording));
  }
}

type StepOf<D extends Step["do"]> = Extract<Step, { do: D }>;

function episodesOnly(recording: Recording, where: string): Trajectories {
  if (recording.kind === "trajectories") return recording;
  const reason = "a decision log has no episodes for it";
  throw problem("bad-recipe", { where, part: "do", reason });
}

/** A whole number above 1 or equal to it is a count, a number below it a share (rounded). */
const howMany = (given: number, of: number): number => Math.min(of, given < 1 ? Math.round(given * of) : given);

function selected(recording: Recording, step: StepOf<"select">, where: string): readonly number[] {
  const count = countOf(recording);
  if ("episodes" in step) {
    const wrong = step.episodes.find((e) => e >= count);
    if (wrong === undefined) return step.episodes;
    throw problem("bad-recipe", {
      where,
      part: "episodes",
      reason: `there is no episode ${wrong}; there are ${count}`,
    });
  }
  if ("sample" in step) {
    return [...permutation(count, randomKey(step.seed)).slice(0, howMany(step.sample, count))].sort((a, b) => a - b);
  }
  const values = fieldValues(recording, step.by, where);
  numbersOf(values, step.by, where);
  const sign = step.top === undefined ? 1 : -1;
  const known = values.flatMap((v, e) => (typeof v === "number" && !Number.isNaN(v) ? [{ e, v: sign * v }] : []));
  const best = known.sort((a, b) => a.v - b.v || a.e - b.e).slice(0, howMany(step.top ?? step.bottom ?? 0, count));
  return best.map(({ e }) => e).sort((a, b) => a - b);
}

function dealt(recording: Recording, step: StepOf<"split">, where: string): Recording {
  const { parts, seed, keep, tag: name = "part" } = step;
  if (keep !== undefined) {
    if (!Object.hasOwn(parts, keep)) {
      throw problem("unknown-name", { where, what: "part", name: keep, known: Object.keys(parts) });
    }
    return split(recording, parts, randomKey(seed))[keep];
  }
  const numbered = tag(
    recording,
    name,
    Array.from({ length: countOf(recording) }, (_, e) => e),
  );
  const of = new Array<string | null>(countOf(recording)).fill(null);
  for (const [part, { tags }] of Object.entries(split(numbered, parts, randomKey(seed)))) {
    for (const e of tags[name]) of[e as number] = part;
  }
  return tag(recording, name, of);
}

function relabelled(recording: Recording, step: StepOf<"relabel">, where: string): Recording {
  if ("tag" in step) {
    const held = step.where === undefined ? undefined : holds(recording, step.where, where);
    const before = recording.tags[step.tag];
    const values = Array.from({ length: countOf(recording) }, (_, e) =>
      held === undefined || held[e] ? step.value : (before?.[e] ?? null),
    );
    return tag(recording, step.tag, values);
  }
  const { reward } = step;
  if ("success" in reward) {
    const held = holds(recording, reward.success, where);
    const ends = recording.kind === "trajectories" ? recording.offsets.subarray(1) : undefined;
    const rewards = new Float64Array(recording.reward.length);
    held.forEach((yes, e) => {
      rewards[ends === undefined ? e : ends[e] - 1] = Number(yes);
    });
    return relabelReward(recording, rewards);
  }
  if ("extra" in reward) {
    const column = Object.hasOwn(recording.extras, reward.extra) ? recording.extras[reward.extra] : undefined;
    if (column?.shape.length === 1)
      return relabelReward(recording, Float64Array.from(column.data as Float64Array, Number));
    const known = Object.keys(recording.extras);
    throw problem("unknown-name", { where, what: "extra column of one number a step", name: reward.extra, known });
  }
  const { scale = 1, shift = 0, low = -Infinity, high = Infinity } = reward;
  return relabelReward(recording, (_, r) => Math.min(high, Math.max(low, r * scale + shift)));
}

function reweighted(recording: Recording, step: StepOf<"reweight">, where: string): Recording {
  if (countOf(recording) === 0) return recording;
  if ("by" in step) {
    const { by, temperature } = step;
    const options = { by, ...(temperature === undefined ? {} : { temperature }) };
    return weighted(recording, trajectoryWeights(episodesOnly(recording, where), options));
  }
  const groups = episodesBy(where, recording, step.tag);
  const weights = new Float64Array(recording.reward.length);
  const rowsOf = (e: number): readonly [number, number] =>
    recording.kind === "trajectories" ? [recording.offsets[e], recording.offsets[e + 1]] : [e, e + 1];
  for (const episodes of groups.values()) {
    const rows = episodes.reduce((sum, e) => sum + rowsOf(e)[1] - rowsOf(e)[0], 0);
    for (const e of episodes) weights.fill(1 / (rows * groups.size), ...rowsOf(e));
  }
  return weighted(recording, weights);
}

/** The recording with the extra column "weight". */
const weighted = (recording: Recording, weights: Float64Array): Recording =>
  recorded<Recording>(
    { ...recording, extras: { ...recording.extras, weight: ndarray(weights) } },
    recording.provenance,
  );

function balanced(recording: Recording, step: StepOf<"balance">, where: string): readonly number[] {
  const groups = [...episodesBy(where, recording, step.tag).values()];
  const least = groups.reduce((n, { length }) => Math.min(n, length), step.most ?? Infinity);
  const chosen = groups.flatMap((episodes, i) => {
    const order = permutation(episodes.length, fold(randomKey(step.seed), "balance", i));
    return [...order.slice(0, least)].map((at) => episodes[at]);
  });
  return chosen.sort((a, b) => a - b);
}
