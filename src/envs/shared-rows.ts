/** The memory that a vector shares with its workers: what is asked, who has answered, and every number of a step. */
import type { Space } from "../spaces/space.ts";
import { storedForm } from "../spaces/stored.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";

/** Places in a worker's part of `control`. */
export const places = {
  /** How many calls it was asked for; it sleeps on this. */
  asked: 0,
  /** Whether the call is a step; any other comes in a message. */
  step: 1,
  /** How many calls it has answered; the vector waits on this. */
  answered: 2,
  /** Whether the answer to the last comes with a message. */
  message: 3,
} as const;

/** A worker's places are a cache line apart from the next one's, so that they do not slow each other. */
const stride = 16;
export const placeOf = (worker: number, place: keyof typeof places): number => worker * stride + places[place];

/** The same arrays on both sides. The vector writes actions; each worker its own rows of the rest. */
export interface SharedRows {
  readonly control: Int32Array;
  /** [n, …action] */
  readonly actions: NdArray;
  /** [n, …observation] */
  readonly observation: NdArray;
  /** [n, …observation] the last observations of episodes that ended; rows of others hold what they held */
  readonly finalObservation: NdArray;
  readonly reward: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** [n] which of the infos that its worker has told of was said, or `unnumbered` */
  readonly info: Int32Array;
  /** [n] the same of the last infos of episodes that ended */
  readonly finalInfo: Int32Array;
}

/** For an info that is none of those told of: it comes with the message, or there is none. */
export const unnumbered = -1;

const bytes = (length: number, each: number) => new SharedArrayBuffer(length * each);
const ints = (length: number) => new Int32Array(bytes(length, 4));

function shared(space: Space, n: number): NdArray {
  const { shape, dtype } = storedForm(space);
  const length = n * sizeOf(shape);
  const data =
    dtype === "float64"
      ? new Float64Array(bytes(length, 8))
      : dtype === "float32"
        ? new Float32Array(bytes(length, 4))
        : ints(length);
  return { shape: [n, ...shape], dtype, data };
}

export const sharedRows = (
  n: number,
  workers: number,
  { observationSpace, actionSpace }: { readonly observationSpace: Space; readonly actionSpace: Space },
): SharedRows => ({
  control: ints(workers * stride),
  actions: shared(actionSpace, n),
  observation: shared(observationSpace, n),
  finalObservation: shared(observationSpace, n),
  reward: new Float64Array(bytes(n, 8)),
  terminated: new Uint8Array(bytes(n, 1)),
  truncated: new Uint8Array(bytes(n, 1)),
  info: ints(n),
  finalInfo: ints(n),
});
