/** The card of a recording: what is in it, measured, and what to beware of, in sentences. Plain JSON. */
import { describe } from "../spaces/contains.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";
import { coverageOf } from "./card-coverage.ts";
import { type CardMeasureOptions, measuresOf } from "./card-measures.ts";
import type { Card } from "./card-schema.ts";
import { duplicateRows, episodeKeys } from "./duplicates.ts";
import { summarise } from "./summaries.ts";
import type { DecisionLog, Recording, Trajectories } from "./trajectories.ts";
import { countOf, episodeLengths, returns } from "./views.ts";
import { type Suspects, warningsOf } from "./warnings.ts";

export interface CardOptions extends CardMeasureOptions {
  /** A recording that policies learned from this one will be judged on: what the two share is said. */
  readonly test?: Recording;
  /** Whether to take the published measures of trajectories, which cost some seconds on a large recording. Default true. */
  readonly measures?: boolean;
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

const featureNames = (recording: Recording, width: number): readonly string[] => {
  const known = recording.kind === "decisions" ? recording.contextNames : undefined;
  return known ?? Array.from({ length: width }, (_, i) => `feature ${i}`);
};

const featuresOf = (recording: Recording): NdArray =>
  recording.kind === "decisions" ? recording.context : recording.observation;

function suspectsOf(recording: Recording, keys: readonly string[]): Suspects {
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
  return { duplicates: duplicateRows(recording), constant, equalToReward, acrossParts: acrossParts(recording, keys) };
}

/** Tags by which a recording is dealt out to learning and judging. */
const partTags = ["split", "part", "fold", "partition"];

/** Such tags of which two values hold the same episode. */
function acrossParts(recording: Recording, keys: readonly string[]): readonly string[] {
  return partTags.filter((name) => {
    const seen = new Map<string, unknown>();
    return keys.some((key, e) => {
      const part = recording.tags[name]?.[e] ?? null;
      if (part === null) return false;
      if (!seen.has(key)) seen.set(key, part);
      return seen.get(key) !== part;
    });
  });
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

const endShare = (t: Trajectories, ends: Uint8Array): number => {
  const episodes = countOf(t);
  return episodes === 0 ? 0 : ends.reduce((sum, end) => sum + end, 0) / episodes;
};

/** What another recording shares with this one. */
function overlapOf(recording: Recording, keys: readonly string[], test: Recording): NonNullable<Card["overlap"]> {
  const known = new Set(keys);
  const others = episodeKeys(test);
  const [mine, theirs] = [recording, test].map(({ extras }) => extras.timestamp?.data);
  const last = (times: ArrayLike<number | bigint>) =>
    Array.from(times, Number).reduce((a, b) => Math.max(a, b), -Infinity);
  const first = (times: ArrayLike<number | bigint>) =>
    Array.from(times, Number).reduce((a, b) => Math.min(a, b), Infinity);
  return {
    shared: others.filter((key) => known.has(key)).length,
    of: others.length,
    later: mine && theirs ? last(mine) > first(theirs) : null,
  };
}

/**
 * Measures a recording. A pure function of it and the options: equal recordings have equal cards.
 * @throws Problem "unknown-name", "bad-option" or "bad-value" for options that do not fit the recording
 */
export function card(recording: Recording, options: CardOptions = {}): Card {
  const sums = returns(recording);
  const rows = recording.reward.length;
  const decisions = recording.kind === "decisions";
  const keys = decisions && options.test === undefined ? [] : episodeKeys(recording);
  const suspects = suspectsOf(recording, keys);
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
    measures: decisions || options.measures === false ? null : measuresOf(recording, options),
    duplicates: suspects.duplicates,
    duplicateEpisodes: decisions ? 0 : keys.length - new Set(keys).size,
    overlap: options.test === undefined ? null : overlapOf(recording, keys, options.test),
    constantFeatures: [...suspects.constant],
    extras: Object.keys(recording.extras).sort(),
    provenance: { environment, fingerprint, lineage: [...lineage], ...(license === undefined ? {} : { license }) },
  };
  return { ...measured, warnings: warningsOf(recording, measured, suspects) };
}

export const cardJson = (made: Card): string => `${JSON.stringify(made, null, 2)}\n`;
