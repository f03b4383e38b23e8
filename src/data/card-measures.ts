/** The published measures of a recording, as its card has them. */
import { problem } from "../problems.ts";
import { flatDim } from "../spaces/flatten.ts";
import type { CardMeasures } from "./card-schema.ts";
import { positiveSidedVariance } from "./measures/advantage.ts";
import { behaviourEntropy } from "./measures/behaviour-entropy.ts";
import { type Coverage, coverageOver } from "./measures/coverage.ts";
import { actionVariance, type LocalOptions, stateSimilarity, transitionDiversity } from "./measures/local.ts";
import { operatorTiers } from "./measures/operators.ts";
import { trajectoryQuality, wholeEpisodes } from "./measures/quality.ts";
import { episodesBy } from "./measures/tags.ts";
import type { Trajectories } from "./trajectories.ts";
import { countOf, returns, takeEpisodes } from "./views.ts";

export interface CardMeasureOptions {
  /** What measures are relative to: everything seen in training, or a set by a noiseless expert. */
  readonly reference?: Trajectories;
  /** Return of a policy that acts by chance. */
  readonly random?: number;
  /** Return of the best policy known. */
  readonly best?: number;
  /** The tag that tells sources apart. Default: the first of source, operator, policy, player, quality … that does. */
  readonly source?: string;
}

/** Beyond this many numbers a state is an image: its neighbours say little, and cost much. */
const widest = 256;

/** Names of tags that tell who or what acted, the likeliest first. */
const tellers = ["source", "operator", "policy", "player", "collector", "demonstrator", "who", "quality", "tier"];

/** @throws Problem "unknown-name" for a source tag that is not there, "bad-value" for a reference of another world */
export function measuresOf(t: Trajectories, options: CardMeasureOptions): CardMeasures {
  const { reference } = options;
  const missing: string[] = [];
  const width = flatDim(t.observationSpace) + flatDim(t.actionSpace);
  const small = width <= widest;
  const any = t.reward.length > 0;
  if (!any) missing.push("The recording is empty.");
  if (any && !small)
    missing.push(`States and actions of ${width} numbers are too many for measures of neighbourhoods.`);
  const scale = any ? scaleOf(t, options) : null;
  const coverage = any ? coverageOver(reference ?? t, { exactUpTo: 200_000 }) : undefined;
  const covered = coverage?.(t) ?? null;
  const local = (measure: (of: Trajectories, options: LocalOptions) => { readonly value: number }) => {
    if (!any || !small) return null;
    const value = measure(t, { ...(reference ? { scale: reference } : {}) }).value;
    const unit = reference === undefined || reference.reward.length === 0 ? 0 : measure(reference, {}).value;
    return { value, relative: unit > 0 ? value / unit : null };
  };
  const source = sourceTag(t, options.source);
  return {
    quality: scale === null ? null : { value: qualityOf(t, scale), ...scale },
    stateActionCoverage: covered && {
      value: reference ? covered.value : null,
      pairs: covered.pairs,
      referencePairs: reference ? covered.referencePairs : null,
      exact: covered.exact,
    },
    positiveSidedVariance: any && small ? positiveSidedVariance(t) : null,
    actionVariance: local(actionVariance),
    stateSimilarity: local(stateSimilarity),
    transitionDiversity: local(transitionDiversity),
    behaviourEntropy: entropyOf(t),
    operators:
      source === undefined || !small ? [] : [...operatorTiers(t, { operator: source, asked: 300, among: 3000 })],
    sources:
      source === undefined || scale === null || coverage === undefined
        ? null
        : { tag: source, values: sourcesOf(t, source, scale, coverage) },
    missing,
  };
}

type Scale = Pick<NonNullable<CardMeasures["quality"]>, "random" | "best" | "scale">;

/** What was given; for what was not, the lowest and highest return that there is. */
function scaleOf(t: Trajectories, { random, best, reference }: CardMeasureOptions): Scale {
  if (random !== undefined && best !== undefined) {
    if (random < best) return { random, best, scale: "given" };
    throw problem("bad-option", {
      where: "card",
      name: "best",
      given: best,
      wanted: `above that of chance (${random})`,
    });
  }
  const from = reference ?? t;
  const sums = returns(from);
  return {
    random: random ?? sums.reduce((a, b) => Math.min(a, b), Infinity),
    best: best ?? sums.reduce((a, b) => Math.max(a, b), -Infinity),
    scale: reference ? "reference" : "recording",
  };
}

const qualityOf = (t: Trajectories, { random, best }: Scale): number | null =>
  random < best && wholeEpisodes(t).length > 0 ? trajectoryQuality(t, { random, best }) : null;

function sourcesOf(t: Trajectories, tag: string, scale: Scale, coverage: (part: Trajectories) => Coverage) {
  const groups = [...episodesBy("card", t, tag)].sort(([, a], [, b]) => b.length - a.length).slice(0, 20);
  return groups.map(([value, episodes]) => {
    const part = takeEpisodes(t, episodes);
    return {
      value: String(value),
      episodes: episodes.length,
      quality: qualityOf(part, scale),
      coverage: coverage(part).value,
    };
  });
}

/** The tag that tells sources: one of 2 to 20 values, and fewer than there are episodes. */
function sourceTag(t: Trajectories, asked: string | undefined): string | undefined {
  if (asked !== undefined) {
    episodesBy("card --source", t, asked);
    return asked;
  }
  const tells = (name: string): boolean => {
    if (!Object.hasOwn(t.tags, name)) return false;
    const values = new Set(t.tags[name].filter((v) => v !== null));
    return (
      values.size >= 2 &&
      values.size <= 20 &&
      values.size < countOf(t) &&
      [...values].every((v) => typeof v === "string")
    );
  };
  return tellers.find(tells);
}

function entropyOf(t: Trajectories): number | null {
  const { behaviour, success } = t.tags;
  const told = success?.every((v) => [true, false, 1, 0, null].includes(v as boolean));
  if (behaviour === undefined || !told || countOf(t) === 0) return null;
  const known = new Set(behaviour.filter((v) => v !== null)).size;
  return behaviourEntropy(t, { behaviour: "behaviour", known: Math.max(1, known) });
}
