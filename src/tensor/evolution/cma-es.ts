/**
 * CMA-ES: a normal distribution whose mean, size and shape follow the better half of what was drawn from it.
 *
 * With the defaults of Hansen (2016), "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772 (2023 version), active
 * update included; the numbers in brackets are its equations. For up to a few hundred parameters.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { problem } from "../../problems.ts";
import { type NdArray, ndarray } from "../ndarray.ts";
import { fillNormal, fold, type RandomKey } from "../random.ts";
import {
  type EvolutionStrategy,
  flattened,
  fromBest,
  keyFrom,
  numberFrom,
  storedKey,
  storedNumber,
} from "./strategy.ts";

export interface CmaEsOptions {
  /** σ: the standard deviation to begin with, about a third of the distance over which the optimum is expected. */
  readonly spread: number;
  /** λ. Default 4 + ⌊3 ln n⌋; larger for noisy or rugged costs. */
  readonly population?: number;
}

/** Everything a search knows, as float64 arrays (key and generation int32). */
export interface CmaEsState {
  /** [n] m */
  readonly mean: NdArray;
  /** σ */
  readonly spread: NdArray;
  /** [n, n] C */
  readonly covariance: NdArray;
  /** [n] p_c */
  readonly path: NdArray;
  /** [n] p_σ */
  readonly stepPath: NdArray;
  readonly generation: NdArray;
  /** [2] */
  readonly key: NdArray;
}

/** @throws Problem "bad-option" for a spread that is not above 0, or fewer than 4 candidates */
export function cmaEs<P>(params: P, { spread, population }: CmaEsOptions): EvolutionStrategy<P, CmaEsState> {
  const where = "cmaEs";
  const { size: n, vector, tree } = flattened(params, where);
  const λ = population ?? 4 + Math.floor(3 * Math.log(n));
  if (!(spread > 0 && spread < Number.POSITIVE_INFINITY)) {
    throw problem("bad-option", { where, name: "spread", given: spread, wanted: "a finite number above 0" });
  }
  if (!Number.isInteger(λ) || λ < 4) {
    throw problem("bad-option", { where, name: "population", given: λ, wanted: "a whole number of at least 4" });
  }
  const { weights, μeff, c1, cμ, cc, cσ, dσ } = strategyParameters(n, λ);
  const expectedLength = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));

  /** y = B D z for every candidate, and z. */
  const steps = (state: CmaEsState): { readonly z: Float64Array; readonly y: Float64Array }[] => {
    const { directions, lengths } = axesOf(state.covariance, n);
    const key = fold(keyFrom(state.key), "candidates", numberFrom(state.generation));
    return Array.from({ length: λ }, (_, k) => {
      const z = new Float64Array(n);
      fillNormal(z, fold(key, k));
      return {
        z,
        y: product(
          directions,
          z.map((v, i) => v * lengths[i]),
          n,
        ),
      };
    });
  };

  return {
    population: λ,
    start: (key: RandomKey) => ({
      mean: ndarray(vector.slice()),
      spread: storedNumber(spread),
      covariance: ndarray(identity(n), { shape: [n, n] }),
      path: ndarray(new Float64Array(n)),
      stepPath: ndarray(new Float64Array(n)),
      generation: storedNumber(0, "int32"),
      key: storedKey(key),
    }),
    mean: (state) => tree(state.mean.data as Float64Array),
    ask(state) {
      const [mean, σ] = [state.mean.data as Float64Array, numberFrom(state.spread)];
      return steps(state).map(({ y }) => tree(y.map((v, i) => mean[i] + σ * v)));
    },
    tell(state, costs) {
      const order = fromBest(costs, λ, where);
      const candidates = steps(state);
      const ranked = order.map((k) => candidates[k]);
      const σ = numberFrom(state.spread);
      const generation = numberFrom(state.generation) + 1;
      const μ = Math.floor(λ / 2);

      const step = new Float64Array(n); // ⟨y⟩_w (41)
      const whitened = new Float64Array(n); // C^(−1/2) ⟨y⟩_w = B ⟨z⟩_w
      for (let k = 0; k < μ; k++) {
        for (let i = 0; i < n; i++) {
          step[i] += weights[k] * ranked[k].y[i];
          whitened[i] += weights[k] * ranked[k].z[i];
        }
      }
      const { directions } = axesOf(state.covariance, n);
      const turned = product(directions, whitened, n);
      const stepGain = Math.sqrt(cσ * (2 - cσ) * μeff);
      const stepPath = (state.stepPath.data as Float64Array).map((p, i) => (1 - cσ) * p + stepGain * turned[i]); // (43)
      const length = norm(stepPath);
      const nextSpread = σ * Math.exp((cσ / dσ) * (length / expectedLength - 1)); // (44)

      // h_σ: the path waits while the step size grows fast, or C would grow along with it.
      const settled = length / Math.sqrt(1 - (1 - cσ) ** (2 * generation)) < (1.4 + 2 / (n + 1)) * expectedLength;
      const gain = settled ? Math.sqrt(cc * (2 - cc) * μeff) : 0;
      const path = (state.path.data as Float64Array).map((p, i) => (1 - cc) * p + gain * step[i]); // (45)

      // A candidate of negative weight counts by its direction alone (46).
      const scaled = weights.map((w, k) => (w >= 0 ? w : (w * n) / (norm(ranked[k].z) ** 2 + 1e-300)));
      const kept = 1 + (settled ? 0 : c1 * cc * (2 - cc)) - c1 - cμ * weights.reduce((a, b) => a + b, 0);
      const before = state.covariance.data as Float64Array;
      const covariance = new Float64Array(n * n); // (47)
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          let ranks = 0;
          for (let k = 0; k < λ; k++) ranks += scaled[k] * ranked[k].y[i] * ranked[k].y[j];
          const value = kept * before[i * n + j] + c1 * path[i] * path[j] + cμ * ranks;
          covariance[i * n + j] = value;
          covariance[j * n + i] = value;
        }
      }
      return {
        mean: ndarray((state.mean.data as Float64Array).map((m, i) => m + σ * step[i])), // (42)
        spread: storedNumber(nextSpread),
        covariance: ndarray(covariance, { shape: [n, n] }),
        path: ndarray(path),
        stepPath: ndarray(stepPath),
        generation: storedNumber(generation, "int32"),
        key: state.key,
      };
    },
  };
}

/** Table 1 of the tutorial. */
function strategyParameters(n: number, λ: number) {
  const raw = Array.from({ length: λ }, (_, i) => Math.log((λ + 1) / 2) - Math.log(i + 1)); // (49)
  const μ = Math.floor(λ / 2);
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const effective = (values: readonly number[]): number => total(values) ** 2 / total(values.map((w) => w * w));
  const [μeff, μeffNegative] = [effective(raw.slice(0, μ)), effective(raw.slice(μ))];
  const cc = (4 + μeff / n) / (n + 4 + (2 * μeff) / n); // (56)
  const c1 = 2 / ((n + 1.3) ** 2 + μeff); // (57)
  const cμ = Math.min(1 - c1, (2 * (1 / 4 + μeff + 1 / μeff - 2)) / ((n + 2) ** 2 + μeff)); // (58)
  const cσ = (μeff + 2) / (n + μeff + 5); // (55)
  const dσ = 1 + 2 * Math.max(0, Math.sqrt((μeff - 1) / (n + 1)) - 1) + cσ;
  const negative = Math.min(1 + c1 / cμ, 1 + (2 * μeffNegative) / (μeff + 2), (1 - c1 - cμ) / (n * cμ)); // (50) – (52)
  const [above, below] = [total(raw.filter((w) => w > 0)), -total(raw.filter((w) => w < 0))];
  const weights = raw.map((w) => (w >= 0 ? w / above : (negative * w) / below)); // (53)
  return { weights, μeff, c1, cμ, cc, cσ, dσ };
}

interface Axes {
  /** [n, n] row-major: an eigenvector a column */
  readonly directions: Float64Array;
  /** [n] square roots of the eigenvalues */
  readonly lengths: Float64Array;
}

// A function of the matrix alone, kept because `ask` and `tell` of one generation both need it.
const known = new WeakMap<NdArray, Axes>();

function axesOf(covariance: NdArray, n: number): Axes {
  const before = known.get(covariance);
  if (before) return before;
  const matrix = Matrix.from1DArray(n, n, Array.from(covariance.data as Float64Array));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const made = {
    directions: Float64Array.from(eigenvectorMatrix.to1DArray()),
    lengths: Float64Array.from(realEigenvalues, (value) => Math.sqrt(Math.max(value, 1e-20))),
  };
  known.set(covariance, made);
  return made;
}

function product(matrix: Float64Array, vector: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += matrix[i * n + j] * vector[j];
    out[i] = sum;
  }
  return out;
}

const norm = (vector: Float64Array): number => Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0));

function identity(n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * (n + 1)] = 1;
  return out;
}
