/** Worlds small enough to write down: every state, every action, everything that may follow. */
import type { ParameterValues } from "../parameters.ts";

/** One thing that may follow an action. */
export interface Outcome {
  readonly probability: number;
  readonly next: number;
  /** Its mean, where the world adds noise. */
  readonly reward: number;
  readonly terminated: boolean;
  /** The task was done by this step. Default false. */
  readonly success?: boolean;
}

/**
 * A finite Markov decision process. The outcomes of action a in state s are the entries offsets[s · actions + a] up to
 * (not with) the next offset; their probabilities sum to 1. Several entries may lead to one state.
 */
export interface TabularModel {
  readonly states: number;
  readonly actions: number;
  /** [states] chance that an episode starts there */
  readonly start: Float64Array;
  /** [states · actions + 1] */
  readonly offsets: Int32Array;
  readonly next: Int32Array;
  readonly probability: Float64Array;
  readonly reward: Float64Array;
  /** 1 where nothing follows: the value of `next` does not count. */
  readonly terminated: Uint8Array;
  /** 1 where the task is done. */
  readonly success: Uint8Array;
}

/** The laws of a tabular world; `p` holds its parameters' present values. */
export interface Laws {
  readonly states: number;
  readonly actions: number;
  /** [states] how likely an episode starts in each, up to scale */
  starts(p: ParameterValues): ArrayLike<number>;
  outcomes(state: number, action: number, p: ParameterValues): readonly Outcome[];
}

/** The laws written out as tables. */
export function tabulate(laws: Laws, p: ParameterValues): TabularModel {
  const { states, actions } = laws;
  const rows: Outcome[] = [];
  const offsets = new Int32Array(states * actions + 1);
  for (let pair = 0; pair < states * actions; pair++) {
    rows.push(...laws.outcomes(Math.floor(pair / actions), pair % actions, p));
    offsets[pair + 1] = rows.length;
  }
  const weights = Float64Array.from(laws.starts(p));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    states,
    actions,
    start: weights.map((weight) => weight / total),
    offsets,
    next: Int32Array.from(rows, (row) => row.next),
    probability: Float64Array.from(rows, (row) => row.probability),
    reward: Float64Array.from(rows, (row) => row.reward),
    terminated: Uint8Array.from(rows, (row) => Number(row.terminated)),
    success: Uint8Array.from(rows, (row) => Number(row.success === true)),
  };
}
