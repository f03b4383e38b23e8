/** One environment of a vector: stepped and, at the end of an episode, reset, its results written into its row of a batch. */
import { readRow, writeRow } from "../spaces/stored.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";
import type { Environment, Info } from "./environment.ts";
import { inPlaceOf, type Numbers, type Outcome } from "./in-place.ts";

/** A batch of results, one row an environment. */
export interface Rows {
  /** [n, …observation] where an episode ended, the first observation of the next */
  readonly observation: NdArray;
  readonly reward: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** [n, …observation] the last observations of episodes that ended; asked for only then */
  final(): NdArray;
}

export interface Row {
  readonly env: Environment;
  /** What was said with the observation in the row. */
  info: Info;
  /** What was said with the last observation of an episode that ended with this step. */
  finalInfo: Info | undefined;
  reset(options: { readonly seed?: number }, rows: Pick<Rows, "observation">): void;
  step(actions: NdArray, rows: Rows): void;
}

/** @param row the environment's place in every batch */
export function rowOf(env: Environment, row: number): Row {
  const { observationSpace, actionSpace } = env;
  const fast = inPlaceOf(env);
  if (observationSpace.kind !== "box" || fast === undefined) {
    return {
      env,
      info: {},
      finalInfo: undefined,
      reset(options, rows) {
        const first = env.reset(options);
        this.info = first.info;
        writeRow(observationSpace, rows.observation, row, first.observation);
      },
      step(actions, rows) {
        const step = env.step(readRow(actionSpace, actions, row));
        rows.reward[row] = step.reward;
        rows.terminated[row] = Number(step.terminated);
        rows.truncated[row] = Number(step.truncated);
        this.info = step.info;
        this.finalInfo = undefined;
        if (step.terminated || step.truncated) {
          writeRow(observationSpace, rows.final(), row, step.observation);
          this.finalInfo = step.info;
          this.reset({}, rows);
        } else writeRow(observationSpace, rows.observation, row, step.observation);
      },
    };
  }
  const width = sizeOf(observationSpace.shape);
  const at = row * width;
  const outcome: Outcome = { reward: 0, terminated: false, truncated: false, info: {} };
  // An action of numbers is read into the same array every time: it is only lent.
  const lent =
    actionSpace.kind === "box"
      ? new (actionSpace.dtype === "float64" ? Float64Array : Float32Array)(sizeOf(actionSpace.shape))
      : undefined;
  const actionAt = row * (lent?.length ?? 1);
  const single = actionSpace.kind === "discrete";
  const taken = (actions: NdArray) => {
    if (single) return Number(actions.data[row]);
    if (lent === undefined) return readRow(actionSpace, actions, row);
    const data = actions.data as Numbers;
    for (let i = 0; i < lent.length; i++) lent[i] = data[actionAt + i];
    return lent;
  };
  return {
    env,
    info: {},
    finalInfo: undefined,
    reset(options, rows) {
      this.info = fast.reset(options, rows.observation.data as Numbers, at);
    },
    step(actions, rows) {
      const data = rows.observation.data as Numbers;
      fast.step(taken(actions), data, at, outcome);
      rows.reward[row] = outcome.reward;
      rows.terminated[row] = outcome.terminated ? 1 : 0;
      rows.truncated[row] = outcome.truncated ? 1 : 0;
      this.info = outcome.info;
      this.finalInfo = undefined;
      if (!outcome.terminated && !outcome.truncated) return;
      const last = rows.final().data as Numbers;
      for (let i = 0; i < width; i++) last[at + i] = data[at + i];
      this.finalInfo = outcome.info;
      this.reset({}, rows);
    },
  };
}
