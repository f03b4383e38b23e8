/** A number with the interval it deserves. */
export interface Estimate {
  readonly value: number;
  /** [low, high] */
  readonly interval: readonly [number, number];
  /** Confidence of the interval, e.g. 0.95. */
  readonly level: number;
  /** Independent observations behind it (episodes, rows, seeds). */
  readonly n: number;
  /** How value and interval were computed, e.g. "mean, Student t". */
  readonly method: string;
}

/** What an estimator says instead of a number when the data cannot support one. */
export interface Refusal {
  readonly refused: true;
  readonly method: string;
  /** One sentence: what is missing, how much of it there is, what would help. */
  readonly reason: string;
  /** The measured quantities behind the reason, e.g. { effectiveSampleSize: 3.1 }. */
  readonly diagnostics: { readonly [name: string]: number };
}

export const isRefusal = (answer: Estimate | Refusal): answer is Refusal => "refused" in answer;
