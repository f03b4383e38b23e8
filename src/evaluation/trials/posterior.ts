/** What is known of a rate of success after some trials: the whole density, not a mean. */
import betaCdf from "@stdlib/stats-base-dists-beta-cdf";
import betaPdf from "@stdlib/stats-base-dists-beta-pdf";
import betaQuantile from "@stdlib/stats-base-dists-beta-quantile";
import { problem } from "../../problems.ts";
import type { Estimate } from "../estimate.ts";
import { type IntervalOptions, levelOf } from "../intervals.ts";

export interface Posterior {
  readonly successes: number;
  readonly trials: number;
  /** Beta(alpha, beta) */
  readonly alpha: number;
  readonly beta: number;
  /** At a rate in [0, 1]. */
  density(rate: number): number;
  quantile(share: number): number;
}

/**
 * Beta(1 + successes, 1 + failures): the posterior of a rate under a flat prior (Bayes 1763; as TRI's evaluations report
 * it, arXiv:2507.05331).
 * @throws Problem "bad-value" unless 0 ≤ successes ≤ trials are whole numbers
 */
export function successPosterior(successes: number, trials: number): Posterior {
  const whole = Number.isSafeInteger(successes) && Number.isSafeInteger(trials);
  if (!whole || successes < 0 || successes > trials) {
    const given = `${successes} of ${trials}`;
    throw problem("bad-value", { where: "successPosterior", given, wanted: "whole numbers, successes of trials" });
  }
  const [alpha, beta] = [1 + successes, 1 + trials - successes];
  return {
    successes,
    trials,
    alpha,
    beta,
    density: (rate) => betaPdf(rate, alpha, beta),
    quantile: (share) => betaQuantile(share, alpha, beta),
  };
}

/** The posterior's mean with its central credible interval. */
export function rateEstimate({ alpha, beta, trials, quantile }: Posterior, options: IntervalOptions = {}): Estimate {
  const level = levelOf("rateEstimate", options);
  const tail = (1 - level) / 2;
  const interval: [number, number] = [quantile(tail), quantile(1 - tail)];
  return { value: alpha / (alpha + beta), interval, level, n: trials, method: "Beta posterior, flat prior" };
}

/** P(first's rate > second's), the two posteriors being independent; by quadrature, good to 1e-6. */
export function probabilityBetter(first: Posterior, second: Posterior): number {
  // Evenly spaced in the first's own probability, so that narrow posteriors are not missed.
  const points = 4096;
  let sum = 0;
  for (let i = 0; i < points; i++) {
    sum += betaCdf(first.quantile((i + 0.5) / points), second.alpha, second.beta);
  }
  return sum / points;
}
