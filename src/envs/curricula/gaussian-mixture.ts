/** Mixtures of Gaussians with full covariances: fitted by expectation–maximisation, their number chosen by AIC. */
import { problem } from "../../problems.ts";
import type { Generator } from "../../tensor/random.ts";

type Points = readonly (readonly number[])[];

/** Plain JSON. */
export interface GaussianMixture {
  readonly weights: readonly number[];
  /** [part][dimension] */
  readonly means: Points;
  /** [part][dimension × dimension]: lower triangular factors L of the covariances L Lᵀ, row by row. */
  readonly factors: Points;
  /** Of the points it was fitted to. */
  readonly logLikelihood: number;
}

export interface MixtureOptions {
  /** Most rounds of EM. Default 100. */
  readonly rounds?: number;
  /** Stops when the mean log-likelihood gains less. Default 1e-3. */
  readonly tolerance?: number;
}

/** Added to the variances, so that a part on one point keeps a density. */
const least = 1e-6;

/** AIC = 2 p − 2 log L, p the free numbers of weights, means and covariances. */
export function aic({ weights, means, logLikelihood }: GaussianMixture): number {
  const d = means[0].length;
  return 2 * (weights.length * (1 + d + (d * (d + 1)) / 2) - 1) - 2 * logLikelihood;
}

/** The fit of least AIC among those with so many parts. @throws Problem "bad-value" for fewer points than parts */
export function mixtureByAic(points: Points, parts: readonly number[], random: Generator): GaussianMixture {
  const fits = parts.map((k) => fitMixture(points, k, random));
  return fits.reduce((best, fit) => (aic(fit) < aic(best) ? fit : best));
}

/**
 * EM from a partition by k-means (k-means++ beginnings, at most 20 rounds).
 * @throws Problem "bad-value" for fewer points than parts
 */
export function fitMixture(
  points: Points,
  parts: number,
  random: Generator,
  { rounds = 100, tolerance = 1e-3 }: MixtureOptions = {},
): GaussianMixture {
  const n = points.length;
  if (!(parts >= 1 && n >= parts)) {
    throw problem("bad-value", {
      where: "fitMixture",
      given: `${n} points for ${parts} parts`,
      wanted: "at least one each",
    });
  }
  const table: Table = { n, d: points[0].length, rows: Float64Array.from(points.flat()) };
  let shares = partition(table, parts, random);
  let fit = maximised(table, shares, parts);
  let before = Number.NEGATIVE_INFINITY;
  for (let round = 0; ; round++) {
    const { shares: next, logLikelihood } = expected(table, fit);
    fit = { ...fit, logLikelihood };
    if (round >= rounds || logLikelihood / n - before < tolerance) return fit;
    before = logLikelihood / n;
    shares = next;
    fit = maximised(table, shares, parts);
  }
}

/** A draw from one part. */
export function drawFrom({ means, factors }: GaussianMixture, part: number, random: Generator): number[] {
  const d = means[part].length;
  const z = Array.from({ length: d }, () => random.normal());
  return means[part].map((mean, i) => {
    let x = mean;
    for (let j = 0; j <= i; j++) x += factors[part][i * d + j] * z[j];
    return x;
  });
}

/** Element (i, j) of a part's covariance. */
export function covariance({ means, factors }: GaussianMixture, part: number, i: number, j: number): number {
  const d = means[part].length;
  let sum = 0;
  for (let m = 0; m < d; m++) sum += factors[part][i * d + m] * factors[part][j * d + m];
  return sum;
}

/** The points, row after row. */
interface Table {
  readonly n: number;
  readonly d: number;
  readonly rows: Float64Array;
}

/** [n × parts] shares of 0 and 1. */
function partition({ n, d, rows }: Table, parts: number, random: Generator): Float64Array {
  const centres = new Float64Array(parts * d);
  const own = new Int32Array(n);
  const nearest = new Float64Array(n);
  const place = (k: number, p: number): void => centres.set(rows.subarray(p * d, (p + 1) * d), k * d);
  /** Own and nearest centre among the first `count`; whether any point changed its centre. */
  const assign = (count: number): boolean => {
    let moved = false;
    for (let p = 0; p < n; p++) {
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      for (let k = 0; k < count; k++) {
        let far = 0;
        for (let i = 0; i < d; i++) far += (rows[p * d + i] - centres[k * d + i]) ** 2;
        if (far < least) [best, least] = [k, far];
      }
      moved ||= own[p] !== best;
      own[p] = best;
      nearest[p] = least;
    }
    return moved;
  };
  place(0, random.integer(n));
  for (let k = 1; k < parts; k++) {
    assign(k);
    place(k, nearest.some((x) => x > 0) ? random.choice(nearest) : random.integer(n));
  }
  assign(parts);
  const counts = new Float64Array(parts);
  for (let round = 0; round < 20; round++) {
    const sums = new Float64Array(parts * d);
    counts.fill(0);
    for (let p = 0; p < n; p++) {
      counts[own[p]]++;
      for (let i = 0; i < d; i++) sums[own[p] * d + i] += rows[p * d + i];
    }
    for (let k = 0; k < parts; k++) {
      if (counts[k] > 0) for (let i = 0; i < d; i++) centres[k * d + i] = sums[k * d + i] / counts[k];
    }
    if (!assign(parts)) break;
  }
  const shares = new Float64Array(n * parts);
  own.forEach((k, p) => {
    shares[p * parts + k] = 1;
  });
  return shares;
}

/** Weights, means and covariances from what share of each point each part has. */
function maximised({ n, d, rows }: Table, shares: Float64Array, parts: number): GaussianMixture {
  const weights: number[] = [];
  const means: number[][] = [];
  const factors: number[][] = [];
  for (let k = 0; k < parts; k++) {
    let total = 10 * Number.EPSILON;
    const mean = new Array<number>(d).fill(0);
    for (let p = 0; p < n; p++) {
      const share = shares[p * parts + k];
      total += share;
      for (let i = 0; i < d; i++) mean[i] += share * rows[p * d + i];
    }
    for (let i = 0; i < d; i++) mean[i] /= total;
    const spread = new Array<number>(d * d).fill(0);
    const from = new Float64Array(d);
    for (let p = 0; p < n; p++) {
      const share = shares[p * parts + k];
      if (share < 1e-12) continue;
      for (let i = 0; i < d; i++) from[i] = rows[p * d + i] - mean[i];
      for (let i = 0; i < d; i++) {
        for (let j = 0; j <= i; j++) spread[i * d + j] += share * from[i] * from[j];
      }
    }
    for (let i = 0; i < d; i++)
      for (let j = 0; j <= i; j++) spread[i * d + j] = spread[i * d + j] / total + (i === j ? least : 0);
    weights.push(total / n);
    means.push(mean);
    factors.push(choleskyFactor(spread, d));
  }
  const all = weights.reduce((sum, w) => sum + w, 0);
  return { weights: weights.map((w) => w / all), means, factors, logLikelihood: Number.NEGATIVE_INFINITY };
}

/** The lower factor of a positive definite matrix of which the lower half is given. */
function choleskyFactor(matrix: readonly number[], d: number): number[] {
  const factor = new Array<number>(d * d).fill(0);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j];
      for (let m = 0; m < j; m++) sum -= factor[i * d + m] * factor[j * d + m];
      // Rounding may leave a variance a hair below the least one.
      factor[i * d + j] = i === j ? Math.sqrt(Math.max(sum, least * 1e-3)) : sum / factor[j * d + j];
    }
  }
  return factor;
}

/** What share of each point each part has, and log L. */
function expected({ n, d, rows }: Table, { weights, means, factors }: GaussianMixture) {
  const parts = weights.length;
  const shares = new Float64Array(n * parts);
  const constants = weights.map((w, k) => {
    let log = Math.log(w) - (d / 2) * Math.log(2 * Math.PI);
    for (let i = 0; i < d; i++) log -= Math.log(factors[k][i * d + i]);
    return log;
  });
  const z = new Float64Array(d);
  let logLikelihood = 0;
  for (let p = 0; p < n; p++) {
    const at = p * parts;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < parts; k++) {
      const [mean, factor] = [means[k], factors[k]];
      let square = 0;
      for (let i = 0; i < d; i++) {
        let x = rows[p * d + i] - mean[i];
        for (let j = 0; j < i; j++) x -= factor[i * d + j] * z[j];
        z[i] = x / factor[i * d + i];
        square += z[i] * z[i];
      }
      shares[at + k] = constants[k] - square / 2;
      most = Math.max(most, shares[at + k]);
    }
    let total = 0;
    for (let k = 0; k < parts; k++) {
      shares[at + k] = Math.exp(shares[at + k] - most);
      total += shares[at + k];
    }
    for (let k = 0; k < parts; k++) shares[at + k] /= total;
    logLikelihood += most + Math.log(total);
  }
  return { shares, logLikelihood };
}
