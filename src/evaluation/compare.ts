/** Should the challenger replace the champion? The improvement, its interval, and what to do about it. */
import type { DecisionLog } from "../data/trajectories.ts";
import { problem } from "../problems.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { type Decision, decide } from "./decide.ts";
import { type Diagnostics, diagnostics, type EstimatorOptions, refuseWeights } from "./decisions/diagnostics.ts";
import { doublyRobustTerms } from "./decisions/doubly-robust.ts";
import { type Ratio, type RatioOptions, ratioEstimate } from "./decisions/ratio.ts";
import { checkPredictions, importanceWeights } from "./decisions/weights.ts";
import type { Estimate, Refusal } from "./estimate.ts";
import { differenceOfMeans, type IntervalOptions, meanEstimate, pairedDifference } from "./intervals.ts";
import type { Rollouts } from "./rollouts.ts";

export interface CompareOptions extends EstimatorOptions, RatioOptions {
  readonly minimumGain?: number;
  /** [rows, actions] a model's expected reward of each action, not fitted to these rows. */
  readonly predictions?: NdArray;
  /** Default "doubly robust" when there are predictions, "SNIPS" otherwise. */
  readonly method?: "doubly robust" | "SNIPS";
}

export interface Comparison {
  readonly champion: Estimate | Refusal;
  readonly challenger: Estimate | Refusal;
  /** Challenger minus champion, row by row, so that what both share cancels. */
  readonly improvement: Estimate | Refusal;
  readonly decision: Decision;
  readonly diagnostics: { readonly champion?: Diagnostics; readonly challenger: Diagnostics };
}

/**
 * Two policies on one decision log.
 * @param champion [rows, actions] its probabilities, or "logging": what the log's own policy earned
 * @param challenger [rows, actions] its probabilities
 * @throws Problem "shape", "bad-target", "bad-log", "not-finite"; "bad-option" for doubly robust without predictions
 */
export function compare(
  champion: NdArray | "logging",
  challenger: NdArray,
  log: DecisionLog,
  options: CompareOptions = {},
): Comparison {
  const { predictions, level = 0.95 } = options;
  const method = options.method ?? (predictions === undefined ? "SNIPS" : "doubly robust");
  if (method === "doubly robust" && predictions === undefined) {
    throw problem("bad-option", {
      where: "compare",
      name: "predictions",
      given: "nothing",
      wanted: "[rows, actions] expected rewards, which the doubly robust method needs",
    });
  }
  if (predictions !== undefined) checkPredictions(log, predictions, "compare");

  const how = { ...options, level, doublyRobust: method === "doubly robust" };
  const old = champion === "logging" ? logged(log, how) : reweighted("champion", champion, log, how);
  const fresh = reweighted("challenger", challenger, log, how);
  const refusal = fresh.refusal ?? old.refusal;
  const gained = refusal ?? difference(fresh, old, how);
  return {
    champion: old.refusal ?? old.value,
    challenger: fresh.refusal ?? fresh.value,
    improvement: gained,
    decision: decide({ improvement: gained, minimumGain: options.minimumGain ?? 0 }),
    diagnostics: {
      challenger: diagnostics(log, challenger),
      ...(champion === "logging" ? {} : { champion: diagnostics(log, champion) }),
    },
  };
}

type How = CompareOptions & { readonly level: number; readonly doublyRobust: boolean };

/** One policy's value, and what a paired difference needs of it. */
interface Side {
  readonly value: Estimate;
  readonly refusal?: Refusal;
  /** For SNIPS. */
  readonly ratio: Ratio;
  /** [rows] For doubly robust: terms whose mean is the value. */
  readonly terms: Float64Array;
}

function logged({ reward }: DecisionLog, { level }: How): Side {
  const value = { ...meanEstimate(reward, { level }), method: "mean logged reward, Student t" };
  return { value, ratio: { top: reward, bottom: new Float64Array(reward.length).fill(1) }, terms: reward };
}

function reweighted(name: string, target: NdArray, log: DecisionLog, how: How): Side {
  const weighted = importanceWeights(log, target, `compare: ${name}`);
  const { weight } = weighted;
  const ratio = { top: weight.map((w, i) => w * log.reward[i]), bottom: weight };
  const terms = how.predictions === undefined ? ratio.top : doublyRobustTerms(log, target, how.predictions, weight);
  const method = how.doublyRobust ? "doubly robust" : "SNIPS";
  const estimate = how.doublyRobust ? meanEstimate(terms, how) : ratioEstimate([ratio], ([v]) => v, how);
  const value = { ...estimate, method: `${method}, ${how.doublyRobust ? "Student t" : estimate.method}` };
  const refusal = refuseWeights(method, log, target, weighted, how);
  if (refusal === undefined) return { value, ratio, terms };
  return { value, ratio, terms, refusal: { ...refusal, reason: `for the ${name}, ${refusal.reason}` } };
}

function difference(fresh: Side, old: Side, how: How): Estimate {
  if (how.doublyRobust) {
    const method = "paired difference of doubly robust terms, Student t";
    return { ...pairedDifference(fresh.terms, old.terms, how), method };
  }
  const estimate = ratioEstimate([fresh.ratio, old.ratio], ([challenger, champion]) => challenger - champion, how);
  return { ...estimate, method: `paired difference of SNIPS, ${estimate.method}` };
}

export interface CompareRolloutsOptions extends IntervalOptions {
  /** Default "return". */
  readonly measure?: "return" | "discountedReturn" | "length" | "success";
  readonly minimumGain?: number;
}

/**
 * Two policies' episodes: start by start where both were played from the same starts, as independent samples (Welch)
 * otherwise.
 * @throws Problem "bad-value" when they were played in different environments, or success is asked for and never reported
 */
export function compareRollouts(
  champion: Rollouts,
  challenger: Rollouts,
  options: CompareRolloutsOptions = {},
): { readonly improvement: Estimate; readonly decision: Decision } {
  const { measure = "return", minimumGain = 0 } = options;
  if (champion.environment !== challenger.environment) {
    throw problem("bad-value", {
      where: "compareRollouts: the challenger's environment",
      given: challenger.environment,
      wanted: `the champion's, ${champion.environment}`,
    });
  }
  const measured = ({ policy, episodes }: Rollouts): readonly number[] => {
    if (measure === "success" && episodes.every((episode) => episode.success === undefined)) {
      throw problem("bad-value", {
        where: `compareRollouts: success of ${policy}`,
        given: "no report of it",
        wanted: "an environment whose info says success",
      });
    }
    return episodes.map((episode) => Number(episode[measure] ?? 0));
  };
  const paired =
    champion.episodes.length === challenger.episodes.length &&
    champion.episodes.every((episode, i) => episode.start === challenger.episodes[i].start);
  const subtract = paired ? pairedDifference : differenceOfMeans;
  const improvement = subtract(measured(challenger), measured(champion), options);
  return { improvement, decision: decide({ improvement, minimumGain, unit: "episode" }) };
}
