/** The numbers behind a card's pictures, as plain JSON: where behaviour went, and what it earned. */
import { Matrix, SVD } from "ml-matrix";
import { problem } from "../problems.ts";
import { flattenBatch } from "../spaces/flatten.ts";
import type { Space } from "../spaces/space.ts";
import { type NdArray, ndarray, takeRows } from "../tensor/ndarray.ts";
import type { Card } from "./card-schema.ts";
import { beside, evenly, standardised } from "./measures/rows.ts";
import { moments } from "./replay.ts";
import type { Recording } from "./trajectories.ts";
import { returns } from "./views.ts";

export interface DensityAxis {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly bins: number;
}

export interface CardPictures {
  /** Returns (of a log: rewards) of each source, or of all; of more than 2,000 those at even places when sorted. */
  readonly returns: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** How many of the rows looked at lie in each cell; null for an empty recording. */
  readonly density: {
    readonly x: DensityAxis;
    readonly y: DensityAxis;
    /** [y.bins][x.bins], from the lowest y up */
    readonly counts: readonly (readonly number[])[];
    readonly rows: number;
  } | null;
}

export interface PictureOptions {
  /** Two columns to look at, e.g. ["state 0", "action 1"]. Default: the first two principal directions of all. */
  readonly axes?: readonly [string, string];
  /** Cells an axis. Default 32. */
  readonly bins?: number;
}

/** A density on principal directions is of at most this many rows, evenly spaced; directions are found from fewer. */
const looked = 20_000;
const narrow = 64;

/** @throws Problem "unknown-name" for an axis that is no column */
export function cardPictures(recording: Recording, made: Card, options: PictureOptions = {}): CardPictures {
  return {
    returns: returnsBySource(recording, made.measures?.sources?.tag),
    density: recording.reward.length === 0 ? null : densityOf(recording, options),
  };
}

function returnsBySource(recording: Recording, tag: string | undefined): CardPictures["returns"] {
  const sums = returns(recording);
  const groups = new Map<string, number[]>();
  sums.forEach((sum, e) => {
    const name = tag === undefined ? "all" : String(recording.tags[tag][e]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [sum]);
    else group.push(sum);
  });
  const thinned = (values: readonly number[]): readonly number[] => {
    const sorted = Float64Array.from(values).sort();
    return Array.from(evenly(sorted.length, 2000), (i) => sorted[i]);
  };
  const largest = [...groups].sort(([, a], [, b]) => b.length - a.length).slice(0, 6);
  return largest.map(([name, values]) => ({ name, values: thinned(values) }));
}

interface Columns {
  readonly rows: NdArray;
  readonly names: readonly string[];
}

function columnsOf(recording: Recording, rows: Int32Array): Columns {
  const log = recording.kind === "decisions";
  const [seenSpace, seen] = log
    ? [recording.contextSpace, recording.context]
    : [recording.observationSpace, recording.observation];
  const doneSpace: Space = log ? { kind: "discrete", n: recording.actions.count, start: 0 } : recording.actionSpace;
  const done = log ? ndarray(recording.action) : recording.action;
  const choices = log ? recording.actions.names : doneSpace.kind === "discrete" ? doneSpace.names : undefined;
  const states = flattenBatch(seenSpace, takeRows(seen, rows));
  const actions = flattenBatch(doneSpace, takeRows(done, rows));
  const named = (what: string, width: number, known?: readonly string[]) =>
    Array.from({ length: width }, (_, i) => known?.[i] ?? `${what} ${i}`);
  return {
    rows: beside(states, actions),
    names: [
      ...named("state", states.shape[1], log ? recording.contextNames : undefined),
      ...named(
        "action",
        actions.shape[1],
        choices?.map((choice) => `action ${choice}`),
      ),
    ],
  };
}

function densityOf(recording: Recording, { axes, bins = 32 }: PictureOptions): CardPictures["density"] {
  const both = recording.kind === "trajectories" && axes === undefined ? choicesOf(recording, bins) : undefined;
  if (both !== undefined) return both;
  const width = recording.kind === "decisions" ? recording.context : recording.observation;
  const wide = width.data.length / width.shape[0] > 4 * narrow;
  const at = evenly(recording.reward.length, wide ? 1000 : looked);
  const { rows, names } = columnsOf(recording, at);
  const [x, y] = axes === undefined ? principal(rows, names) : axes.map((name) => chosen(rows, names, name));
  return counted(x, y, bins);
}

interface Projected {
  readonly label: string;
  readonly values: Float64Array;
}

function chosen({ data, shape: [n, width] }: NdArray, names: readonly string[], name: string): Projected {
  const column = names.indexOf(name);
  if (column < 0) throw problem("unknown-name", { where: "card --axes", what: "column", name, known: names });
  return { label: name, values: Float64Array.from({ length: n }, (_, i) => Number(data[i * width + column])) };
}

/** The two directions in which standardised states and actions vary most; their sign makes the largest part positive. */
function principal(rows: NdArray, names: readonly string[]): readonly [Projected, Projected] {
  const all = standardised(rows, moments(rows));
  const [n, width] = all.shape;
  const some = takeRows(all, evenly(n, width > narrow ? 128 : 2000));
  const matrix = Matrix.from1DArray(some.shape[0], width, Array.from(some.data, Number));
  const svd = new SVD(matrix, { autoTranspose: true });
  const total = svd.diagonal.reduce((sum, s) => sum + s * s, 0);
  const along = (k: number): Projected => {
    const values = new Float64Array(n);
    const direction =
      k < svd.diagonal.length ? svd.rightSingularVectors.getColumn(k) : new Array<number>(width).fill(0);
    const parts = direction.map((v, d) => ({ v, d })).sort((a, b) => Math.abs(b.v) - Math.abs(a.v));
    const sign = parts[0].v < 0 ? -1 : 1;
    for (let i = 0; i < n; i++)
      for (let d = 0; d < width; d++) values[i] += sign * direction[d] * Number(all.data[i * width + d]);
    const share = total > 0 ? Math.round((100 * (svd.diagonal[k] ?? 0) ** 2) / total) : 0;
    const brief = (name: string): string => (name.length > 24 ? `${name.slice(0, 23)}…` : name);
    const most = parts.slice(0, 2).map(({ v, d }) => `${sign * v < 0 ? "−" : ""}${brief(names[d])}`);
    return { label: `direction ${k + 1}: ${share}% of variance, mostly ${most.join(", ")}`, values };
  };
  return [along(0), along(1)];
}

function counted(x: Projected, y: Projected, bins: number): NonNullable<CardPictures["density"]> {
  const axis = ({ label, values }: Projected): DensityAxis => {
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return high > low ? { label, low, high, bins } : { label, low: low - 0.5, high: low + 0.5, bins: 1 };
  };
  const [ax, ay] = [axis(x), axis(y)];
  const cell = ({ low, high, bins: n }: DensityAxis, v: number) =>
    Math.min(n - 1, Math.floor(((v - low) / (high - low)) * n));
  const counts = Array.from({ length: ay.bins }, () => new Array<number>(ax.bins).fill(0));
  for (let i = 0; i < x.values.length; i++) counts[cell(ay, y.values[i])][cell(ax, x.values[i])]++;
  return { x: ax, y: ay, counts, rows: x.values.length };
}

/** Choices in numbered states need no directions: the table of what was chosen where, as long as it is not too large. */
function choicesOf(recording: Recording, bins: number): CardPictures["density"] | undefined {
  if (recording.kind === "decisions") return undefined;
  const { observationSpace: seen, actionSpace: done } = recording;
  if (seen.kind !== "discrete" || done.kind !== "discrete" || done.n > bins) return undefined;
  const xBins = Math.min(seen.n, 4 * bins);
  const counts = Array.from({ length: done.n }, () => new Array<number>(xBins).fill(0));
  recording.reward.forEach((_, i) => {
    const state = Number(recording.observation.data[i]) - seen.start;
    counts[Number(recording.action.data[i]) - done.start][Math.floor((state * xBins) / seen.n)]++;
  });
  return {
    x: { label: "state", low: seen.start, high: seen.start + seen.n, bins: xBins },
    y: { label: "action", low: done.start, high: done.start + done.n, bins: done.n },
    counts,
    rows: recording.reward.length,
  };
}
