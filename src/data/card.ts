/** The card of a recording: what is in it, measured, and what to beware of, in sentences. Plain JSON. */
import * as z from "zod";
import { describe } from "../spaces/contains.ts";
import type { Space } from "../spaces/space.ts";
import { type NdArray, ndarray, sizeOf } from "../tensor/ndarray.ts";
import { moments } from "./replay.ts";
import type { DecisionLog, Recording, Trajectories } from "./trajectories.ts";
import { countOf, episodeLengths, returns } from "./views.ts";
import { type Suspects, warningsOf } from "./warnings.ts";

const summarySchema = z.object({
  n: z.int(),
  mean: z.number(),
  /** The sample's: divided by n − 1; 0 for one value. */
  std: z.number(),
  min: z.number(),
  q25: z.number(),
  median: z.number(),
  q75: z.number(),
  max: z.number(),
});

const actionsSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("choices"),
    counts: z.array(
      z.object({ name: z.string(), rows: z.int(), share: z.number(), meanReward: z.number().nullable() }),
    ),
    /** Share of the actions that at least `enough` rows chose. */
    support: z.object({ enough: z.int(), share: z.number() }),
  }),
  z.object({
    kind: z.literal("dimensions"),
    dimensions: z.array(
      z.object({
        low: z.number(),
        high: z.number(),
        /** Rows in each of the equal parts between low and high. */
        histogram: z.array(z.int()),
        mean: z.number(),
        std: z.number(),
        /** Share of rows at the space's low or high; 0 where there is no bound. */
        atBounds: z.number(),
      }),
    ),
  }),
]);

export const cardSchema = z.object({
  kind: z.enum(["trajectories", "decisions"]),
  rows: z.int(),
  episodes: z.int(),
  observations: z.string(),
  actions: z.string(),
  /** Undiscounted return of each episode; of a decision log, the reward of each row. Null when there is none. */
  returns: summarySchema.nullable(),
  lengths: summarySchema.nullable(),
  /** Share of episodes that ended so. */
  terminated: z.number(),
  truncated: z.number(),
  /** The values of each tag, most frequent first, at most 20. */
  tags: z.record(z.string(), z.array(z.object({ value: z.string(), episodes: z.int(), meanReturn: z.number() }))),
  coverage: actionsSchema,
  /** Of a decision log: probabilities of the logged actions. */
  propensities: summarySchema
    .extend({
      /** Mean of 1/propensity² : what importance weighting by 1/propensity does to the sample, as a share kept. */
      effectiveShare: z.number(),
    })
    .nullable(),
  /** Rows that repeat an earlier one in observation, action and reward. */
  duplicates: z.int(),
  /** Features that never change. */
  constantFeatures: z.array(z.string()),
  extras: z.array(z.string()),
  warnings: z.array(z.string()),
  provenance: z.object({
    environment: z.string(),
    fingerprint: z.string(),
    lineage: z.array(z.string()),
    license: z.string().exactOptional(),
  }),
});

export type Card = z.output<typeof cardSchema>;
export type Summary = z.output<typeof summarySchema>;

/** Linear interpolation between order statistics, as numpy's default. `sorted` must be. */
function quantile(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

export function summarise(values: ArrayLike<number>): Summary | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const { mean, std } = moments(ndarray(sorted));
  const n = sorted.length;
  return {
    n,
    mean: mean[0],
    std: n > 1 ? std[0] * Math.sqrt(n / (n - 1)) : 0,
    min: sorted[0],
    q25: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    q75: quantile(sorted, 0.75),
    max: sorted[n - 1],
  };
}

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, v) => sum + v, 0) / values.length;

function tagBreakdown(recording: Recording, sums: Float64Array): Card["tags"] {
  const entries = Object.entries(recording.tags).map(([name, values]) => {
    const groups = new Map<string, number[]>();
    values.forEach((value, e) => {
      const group = groups.get(String(value)) ?? [];
      group.push(sums[e]);
      groups.set(String(value), group);
    });
    const rows = [...groups].map(([value, group]) => ({ value, episodes: group.length, meanReturn: meanOf(group) }));
    rows.sort((a, b) => b.episodes - a.episodes || (a.value < b.value ? -1 : 1));
    return [name, rows.slice(0, 20)] as const;
  });
  return Object.fromEntries(entries);
}

/** Rows that an estimate of one action's value should at least have. */
const enough = 30;

function choices(action: Int32Array, reward: Float64Array, start: number, names: readonly string[]): Card["coverage"] {
  const rows = new Int32Array(names.length);
  const sums = new Float64Array(names.length);
  for (let i = 0; i < action.length; i++) {
    rows[action[i] - start]++;
    sums[action[i] - start] += reward[i];
  }
  return {
    kind: "choices",
    counts: names.map((name, a) => ({
      name,
      rows: rows[a],
      share: action.length === 0 ? 0 : rows[a] / action.length,
      meanReward: rows[a] === 0 ? null : sums[a] / rows[a],
    })),
    support: { enough, share: rows.filter((n) => n >= enough).length / names.length },
  };
}

const bins = 10;

function dimensions(space: Space, action: NdArray): Card["coverage"] {
  const width = sizeOf(action.shape.slice(1));
  const rows = action.shape[0];
  const { mean, std } = moments(action);
  const round = action.dtype === "float32" ? Math.fround : (x: number): number => x;
  const made = Array.from({ length: width }, (_, d) => {
    const values = Float64Array.from({ length: rows }, (_, i) => Number(action.data[i * width + d]));
    const seen = values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
    const low = space.kind === "box" && Number.isFinite(space.low[d]) ? space.low[d] : rows > 0 ? seen[0] : 0;
    const high = space.kind === "box" && Number.isFinite(space.high[d]) ? space.high[d] : rows > 0 ? seen[1] : 0;
    const histogram = new Array<number>(bins).fill(0);
    let bound = 0;
    for (const v of values) {
      histogram[high > low ? Math.max(0, Math.min(bins - 1, Math.floor(((v - low) / (high - low)) * bins))) : 0]++;
      if (space.kind === "box" && (v <= round(space.low[d]) || v >= round(space.high[d]))) bound++;
    }
    return { low, high, histogram, mean: mean[d], std: std[d], atBounds: rows === 0 ? 0 : bound / rows };
  });
  return { kind: "dimensions", dimensions: made };
}

function coverageOf(recording: Recording): Card["coverage"] {
  if (recording.kind === "decisions") return choices(recording.action, recording.reward, 0, recording.actions.names);
  const { actionSpace: space, action, reward } = recording;
  if (space.kind !== "discrete") return dimensions(space, action);
  const names = space.names ?? Array.from({ length: space.n }, (_, i) => String(space.start + i));
  return choices(action.data as Int32Array, reward, space.start, names);
}

/**
 * Rows whose bytes in every one of these columns equal an earlier row's. Rows are told apart by a 53-bit hash: among a
 * million, two different ones are taken for equal once in twenty thousand recordings.
 */
function countDuplicates(columns: readonly NdArray[], rows: number): number {
  const views = columns.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const seen = new Set<number>();
  for (let row = 0; row < rows; row++) {
    let a = 0x811c9dc5;
    let b = 0x9747b28c;
    for (const view of views) {
      const width = view.length / rows;
      for (let i = row * width; i < (row + 1) * width; i++) {
        a = Math.imul(a ^ view[i], 0x01000193);
        b = Math.imul(b ^ view[i], 0x5bd1e995);
        b ^= b >>> 15;
      }
    }
    seen.add((a >>> 0) * 2 ** 21 + (b >>> 11));
  }
  return rows - seen.size;
}

const featureNames = (recording: Recording, width: number): readonly string[] => {
  const known = recording.kind === "decisions" ? recording.contextNames : undefined;
  return known ?? Array.from({ length: width }, (_, i) => `feature ${i}`);
};

const featuresOf = (recording: Recording): NdArray =>
  recording.kind === "decisions" ? recording.context : recording.observation;

function suspectsOf(recording: Recording, duplicates: number): Suspects {
  const features = featuresOf(recording);
  const rows = recording.reward.length;
  const width = sizeOf(features.shape.slice(1));
  const names = featureNames(recording, width);
  const constant: string[] = [];
  const equalToReward: string[] = [];
  for (let f = 0; f < width; f++) {
    let same = true;
    let leaks = true;
    for (let row = 0; row < rows && (same || leaks); row++) {
      const value = features.data[row * width + f];
      same &&= value === features.data[f];
      leaks &&= value === Math.fround(recording.reward[row]) || value === recording.reward[row];
    }
    if (rows > 1 && same) constant.push(names[f]);
    else if (rows > 1 && leaks) equalToReward.push(names[f]);
  }
  return { duplicates, constant, equalToReward };
}

function propensitiesOf(log: DecisionLog): Card["propensities"] {
  const summary = summarise(log.propensity);
  if (summary === null) return null;
  let sum = 0;
  let squares = 0;
  for (const p of log.propensity) {
    sum += 1 / p;
    squares += 1 / p ** 2;
  }
  return { ...summary, effectiveShare: sum ** 2 / squares / log.propensity.length };
}

const rowsCompared = (recording: Recording): readonly NdArray[] => {
  const action = recording.kind === "decisions" ? ndarray(recording.action) : recording.action;
  const times = recording.extras.timestamp ? [recording.extras.timestamp] : [];
  return [featuresOf(recording), action, ndarray(recording.reward), ...times];
};

const endShare = (t: Trajectories, ends: Uint8Array): number => {
  const episodes = countOf(t);
  return episodes === 0 ? 0 : ends.reduce((sum, end) => sum + end, 0) / episodes;
};

/** Measures a recording. A pure function of it: equal recordings have equal cards. */
export function card(recording: Recording): Card {
  const sums = returns(recording);
  const rows = recording.reward.length;
  const duplicates = countDuplicates(rowsCompared(recording), rows);
  const suspects = suspectsOf(recording, duplicates);
  const decisions = recording.kind === "decisions";
  const { environment, fingerprint, lineage, license } = recording.provenance;
  const measured = {
    kind: recording.kind,
    rows,
    episodes: countOf(recording),
    observations: describe(decisions ? recording.contextSpace : recording.observationSpace),
    actions: decisions ? `${recording.actions.count} actions` : describe(recording.actionSpace),
    returns: summarise(sums),
    lengths: decisions ? null : summarise(episodeLengths(recording)),
    terminated: decisions ? 1 : endShare(recording, recording.terminated),
    truncated: decisions ? 0 : endShare(recording, recording.truncated),
    tags: tagBreakdown(recording, sums),
    coverage: coverageOf(recording),
    propensities: decisions ? propensitiesOf(recording) : null,
    duplicates,
    constantFeatures: [...suspects.constant],
    extras: Object.keys(recording.extras).sort(),
    provenance: { environment, fingerprint, lineage: [...lineage], ...(license === undefined ? {} : { license }) },
  };
  return { ...measured, warnings: warningsOf(recording, measured, suspects) };
}

export const cardJson = (made: Card): string => `${JSON.stringify(made, null, 2)}\n`;
