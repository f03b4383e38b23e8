/** What acts. */
import type { Space, Value } from "../spaces/space.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import type { RandomKey } from "../tensor/random.ts";

export interface ActOptions {
  /** The policy's single best action, without chance. Default false. */
  readonly deterministic?: boolean;
  /** Where chance comes from; the same key gives the same actions. Required unless deterministic. */
  readonly key?: RandomKey;
  /** actBatch only: a key a row in place of `key`, so that a row's action does not depend on its place in the batch. */
  readonly keys?: readonly RandomKey[];
  /** What a policy with memory returned the last time; leave out at the start of an episode. */
  readonly memory?: Memory;
}

/** A recurrent policy's state, one row an episode. Opaque to callers. */
export type Memory = { readonly [name: string]: NdArray };

/** Decisions for a batch of observations. */
export interface Decisions {
  /** [batch, …action] or int32 [batch] */
  readonly action: NdArray;
  /** [batch] probability (Discrete, MultiDiscrete) or density (Box) of each action under the policy, where it is defined */
  readonly probability?: Float64Array;
  readonly memory?: Memory;
  /** Further outputs by name, e.g. "probabilities" [batch, actions]. */
  readonly info: { readonly [name: string]: NdArray };
}

export interface Decision {
  readonly action: Value;
  readonly probability?: number;
  readonly memory?: Memory;
  readonly info: { readonly [name: string]: NdArray };
}

export interface Policy extends AsyncDisposable {
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** One observation, one decision. */
  act(observation: Value, options?: ActOptions): Promise<Decision>;
  /** Observations [batch, …], in the form recordings store them (see data/trajectories). */
  actBatch(observations: NdArray, options?: ActOptions): Promise<Decisions>;
}
