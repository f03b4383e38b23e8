/** Linear learning from one row at a time, in plain JavaScript over typed arrays: no program is called, so a row costs microseconds. */
import { problem } from "../../problems.ts";
import { type NdArray, ndarray, type TreeOf, zeros } from "../../tensor/index.ts";
import type { SparseRow } from "./hashing.ts";

export type OnlineLoss = "squared" | "logistic";

export interface OnlineOptions {
  /** Weights in the table. */
  readonly size: number;
  /**
   * What a label is: any number ("squared": ½ (p − y)²), or 0 or 1 ("logistic": the prediction is a log-odds). Default
   * "squared".
   */
  readonly loss?: OnlineLoss;
  /** η. Default 0.5, as Vowpal Wabbit's. */
  readonly rate?: number;
  /**
   * How a slope becomes a step. "adagrad": each weight by its own slopes so far (Duchi, Hazan, Singer 2011). "normalised":
   * that, and steps that do not depend on the features' units (NAG: Ross, Mineiro, Langford 2013, arXiv:1305.6646,
   * algorithm 2). Default "normalised".
   */
  readonly step?: "adagrad" | "normalised";
}

/** Everything it knows, as a tree for `saveTree`. */
export interface OnlineState {
  /** float32 [size] w */
  readonly weight: NdArray;
  /** float32 [size] G: sums of squared slopes */
  readonly squares: NdArray;
  /** float32 [size] s: the largest value of each feature so far; "normalised" alone reads it */
  readonly scale: NdArray;
  /** float64 [2]: rows seen, and N, the sum of their values relative to the scales */
  readonly seen: NdArray;
}

export interface OnlineLinear {
  /** The prediction for a row: a number, or the log-odds of label 1. */
  predict(row: SparseRow): number;
  /**
   * Learns from one row. @returns the prediction before it @throws Problem "bad-value" for a label the loss does not
   * know, or an index outside the table
   */
  learn(row: SparseRow, label: number, importance?: number): number;
  /** Learns from rows at once: one step down the sum of their losses, as a program's minibatch makes. "adagrad" alone. */
  learnBatch(rows: readonly SparseRow[], labels: ArrayLike<number>): void;
  /** Copies. */
  state(): OnlineState;
}

/**
 * @param from a state to go on from; its arrays are copied
 * @throws Problem "bad-option"
 */
export function onlineLinear(
  { size, loss = "squared", rate = 0.5, step = "normalised" }: OnlineOptions,
  from?: TreeOf<OnlineState, NdArray>,
): OnlineLinear {
  const refuse = (name: string, given: unknown, wanted: string): never => {
    throw problem("bad-option", { where: "onlineLinear", name, given, wanted });
  };
  if (!Number.isInteger(size) || size < 1) refuse("size", size, "a whole number of at least 1");
  if (!(rate > 0 && rate < Number.POSITIVE_INFINITY)) refuse("rate", rate, "a finite number above 0");
  if (loss !== "squared" && loss !== "logistic") refuse("loss", loss, '"squared" or "logistic"');
  if (step !== "adagrad" && step !== "normalised") refuse("step", step, '"adagrad" or "normalised"');
  if (from && from.weight.shape[0] !== size) refuse("size", size, `${from.weight.shape[0]}, as in the state`);

  const table = interleaved(from ?? emptyState(size));
  const seen = Float64Array.from((from?.seen.data as Float64Array | undefined) ?? [0, 0]);
  const predict = ({ indices, values }: SparseRow): number => {
    let sum = 0;
    for (let f = 0; f < indices.length; f++) sum += table[stride * indices[f]] * values[f];
    return sum;
  };
  /** ∂loss / ∂prediction. */
  const slopeOf =
    loss === "squared"
      ? (prediction: number, label: number) => prediction - label
      : (prediction: number, label: number) => 1 / (1 + Math.exp(-prediction)) - label;
  const checkRow = ({ indices }: SparseRow): void => {
    for (let f = 0; f < indices.length; f++) {
      if (!(indices[f] >= 0 && indices[f] < size)) {
        throw problem("bad-value", { where: "onlineLinear", given: indices[f], wanted: `a place in 0 … ${size - 1}` });
      }
    }
  };
  const checkLabel = (label: number): void => {
    if (loss === "logistic" ? label === 0 || label === 1 : Number.isFinite(label)) return;
    const wanted = loss === "logistic" ? "a label of 0 or 1" : "a finite label";
    throw problem("bad-value", { where: "onlineLinear", given: label, wanted });
  };
  const sums = new Map<number, number>(); // slopes by place: a place may come more than once
  const gather = ({ indices, values }: SparseRow, slope: number): void => {
    for (let f = 0; f < indices.length; f++) {
      const at = indices[f];
      sums.set(at, (sums.get(at) ?? 0) + slope * values[f]);
    }
  };
  const descend = (): void => {
    for (const [place, g] of sums) {
      if (g === 0) continue;
      const at = stride * place;
      table[at + squares] += g * g;
      table[at] -= (rate * g) / (Math.sqrt(table[at + squares]) + 1e-10);
    }
    sums.clear();
  };

  /** Algorithm 2's lines 2(a) and (b): a feature larger than ever before shrinks its weight to the new unit. */
  const rescale = ({ indices, values }: SparseRow): void => {
    for (let f = 0; f < indices.length; f++) {
      const at = stride * indices[f];
      const largest = Math.abs(values[f]);
      if (largest <= table[at + scale]) continue;
      table[at] *= table[at + scale] / largest;
      table[at + scale] = largest;
    }
  };
  const descendNormalised = ({ indices, values }: SparseRow, slope: number): void => {
    let relative = seen[1];
    for (let f = 0; f < indices.length; f++) {
      if (values[f] === 0) continue;
      const share = values[f] / table[stride * indices[f] + scale];
      relative += share * share;
    }
    seen[0]++;
    seen[1] = relative;
    const shared = rate * Math.sqrt(seen[0] / relative);
    for (let f = 0; f < indices.length; f++) {
      const at = stride * indices[f];
      const g = slope * values[f];
      if (g === 0) continue;
      table[at + squares] += g * g;
      table[at] -= (shared * g) / (table[at + scale] * Math.sqrt(table[at + squares]));
    }
  };

  return {
    predict(row) {
      checkRow(row);
      return predict(row);
    },
    learn(row, label, importance = 1) {
      checkRow(row);
      checkLabel(label);
      if (step === "normalised") rescale(row);
      const prediction = predict(row);
      const slope = importance * slopeOf(prediction, label);
      if (step === "normalised") {
        descendNormalised(row, slope);
      } else {
        gather(row, slope);
        descend();
      }
      return prediction;
    },
    learnBatch(rows, labels) {
      if (step !== "adagrad") refuse("step", step, '"adagrad" to learn from rows at once');
      const slopes = rows.map((row, r) => {
        checkRow(row);
        checkLabel(labels[r]);
        return slopeOf(predict(row), labels[r]);
      });
      rows.forEach((row, r) => {
        gather(row, slopes[r]);
      });
      descend();
    },
    state: () => ({ ...apart(table), seen: ndarray(seen.slice()) }),
  };
}

const emptyState = (size: number): OnlineState => ({
  weight: zeros([size]),
  squares: zeros([size]),
  scale: zeros([size]),
  seen: zeros([2], "float64"),
});

/**
 * All that is known of a place lies side by side, [w, G, s, nothing], as Vowpal Wabbit has it: a feature costs one miss of
 * the cache instead of three, and no place lies across two lines.
 */
const stride = 4;
const [squares, scale] = [1, 2];

function interleaved(state: TreeOf<OnlineState, NdArray>): Float32Array {
  const columns = [state.weight, state.squares, state.scale].map(({ data }) => data as Float32Array);
  const table = new Float32Array(stride * columns[0].length);
  columns.forEach((column, c) => {
    for (let i = 0; i < column.length; i++) table[stride * i + c] = column[i];
  });
  return table;
}

function apart(table: Float32Array): Omit<OnlineState, "seen"> {
  const column = (c: number): NdArray =>
    ndarray(Float32Array.from({ length: table.length / stride }, (_, i) => table[stride * i + c]));
  return { weight: column(0), squares: column(squares), scale: column(scale) };
}
