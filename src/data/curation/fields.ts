/** What a condition can ask of each episode (of a decision log: of each row). */
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import { episodeAdvantages } from "../measures/advantage.ts";
import { actionVariance, episodeMeans, stateSimilarity, transitionDiversity } from "../measures/local.ts";
import { pathRegularity } from "../measures/operators.ts";
import type { Recording, Tag, Trajectories } from "../trajectories.ts";
import { countOf, episodeLengths, returns, takeEpisodes } from "../views.ts";

const ofTrajectories = (measure: (t: Trajectories) => ArrayLike<number>) => (recording: Recording) =>
  recording.kind === "trajectories" ? Array.from(measure(recording)) : undefined;

const all = { asked: Infinity };

/** Measures of an episode; each compares it with the whole recording as it is at that step of the recipe. */
const measures: { readonly [name: string]: (recording: Recording) => readonly number[] | undefined } = {
  advantage: ofTrajectories(episodeAdvantages),
  actionVariance: ofTrajectories((t) => episodeMeans(t, actionVariance(t, { ...all, among: Infinity }))),
  stateSimilarity: ofTrajectories((t) => episodeMeans(t, stateSimilarity(t, { ...all, among: Infinity }))),
  transitionDiversity: ofTrajectories((t) => episodeMeans(t, transitionDiversity(t, { ...all, among: Infinity }))),
  regularity: ofTrajectories((t) =>
    Float64Array.from({ length: countOf(t) }, (_, e) => pathRegularity(takeEpisodes(t, [e]), t)),
  ),
};

const plain: { readonly [name: string]: (recording: Recording) => ArrayLike<Tag> } = {
  index: (recording) => Array.from({ length: countOf(recording) }, (_, e) => e),
  return: returns,
  length: episodeLengths,
  terminated: (r) => lastRows(r).map((row) => r.kind === "decisions" || r.terminated[row] === 1),
  truncated: (r) => lastRows(r).map((row) => r.kind === "trajectories" && r.truncated[row] === 1),
};

const starts = (r: Recording): Int32Array =>
  r.kind === "trajectories" ? r.offsets : Int32Array.from({ length: countOf(r) + 1 }, (_, i) => i);

const lastRows = (r: Recording): number[] => Array.from(starts(r).subarray(1), (end) => end - 1);

const reductions: { readonly [name: string]: (values: readonly number[]) => number } = {
  mean: (v) => v.reduce((a, b) => a + b, 0) / v.length,
  sum: (v) => v.reduce((a, b) => a + b, 0),
  min: (v) => v.reduce((a, b) => Math.min(a, b), Infinity),
  max: (v) => v.reduce((a, b) => Math.max(a, b), -Infinity),
  first: (v) => v[0],
  last: (v) => v[v.length - 1],
};

/** The names that there are in this recording. */
export function fieldNames(recording: Recording): string[] {
  const extras = Object.keys(recording.extras).filter((name) => recording.extras[name].shape.length === 1);
  return [
    ...Object.keys(plain),
    ...Object.keys(recording.tags).map((name) => `tags.${name}`),
    ...extras.flatMap((name) => Object.keys(reductions).map((how) => `extras.${name}.${how}`)),
    ...(recording.kind === "trajectories" ? Object.keys(measures).map((name) => `measures.${name}`) : []),
  ];
}

/**
 * A field's value of each episode. @throws Problem "unknown-name" with the fields there are, the nearest first
 */
export function fieldValues(recording: Recording, field: string, where: string): readonly Tag[] {
  const unknown = () => problem("unknown-name", { where, what: "field", name: field, known: fieldNames(recording) });
  if (!fieldNames(recording).includes(field)) throw unknown();
  if (Object.hasOwn(plain, field)) return Array.from(plain[field](recording));
  const at = field.indexOf(".");
  const [kind, rest] = [field.slice(0, at), field.slice(at + 1)];
  if (kind === "tags") return recording.tags[rest];
  if (kind === "measures") return measures[rest](recording) ?? [];
  const dot = rest.lastIndexOf(".");
  return reduced(recording, recording.extras[rest.slice(0, dot)], rest.slice(dot + 1));
}

function reduced(recording: Recording, column: NdArray, how: string): readonly number[] {
  const ends = starts(recording);
  return Array.from({ length: ends.length - 1 }, (_, e) =>
    reductions[how](Array.from(column.data.subarray(ends[e], ends[e + 1]) as Float64Array, Number)),
  );
}
