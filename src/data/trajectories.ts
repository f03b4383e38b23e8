/** The data model: columns over steps, episode offsets, tags. Nothing here is changed in place. */
import type { Space } from "../spaces/space.ts";
import type { NdArray } from "../tensor/ndarray.ts";

/** How an environment is made again, as plain JSON: see makeFrom in envs. */
export interface EnvironmentSpec {
  /** Its registered name; with `export`, the name it goes by. */
  readonly name: string;
  readonly options?: { readonly [name: string]: unknown };
  /** Parameters that are not at their own values. */
  readonly parameters?: { readonly [name: string]: number };
  /** Steps after which an episode is cut off; null: never; left out: as registered. */
  readonly maxSteps?: number | null;
  /** The URL of a module to import first, which registers the name, or exports the environment. */
  readonly module?: string;
  /** The module's function from options to an environment. */
  readonly export?: string;
}

/** What is known of a recording beside its columns. */
export interface Provenance {
  /** The environment's registered name, when the behaviour happened in one; "" otherwise. */
  readonly environment: string;
  /** How that environment was made, when it is known: options, changed parameters, time limit. */
  readonly made?: EnvironmentSpec;
  /** SHA-256 over the columns, hexadecimal; equal contents have equal fingerprints. */
  readonly fingerprint: string;
  /** File it was read from, or the operation that made it ("filter", "concat" …), oldest first. */
  readonly lineage: readonly string[];
  readonly license?: string;
}

export type Tag = string | number | boolean | null;
/** Per-episode labels: who acted, quality, source, style … */
export type Tags = { readonly [name: string]: readonly Tag[] };
/** Those of one episode, or of every one alike. */
export type Labels = { readonly [name: string]: Tag };

/**
 * Recorded episodes, end to end. Rows [offsets[e], offsets[e + 1]) of every step column are episode e.
 * Box values keep the space's shape and dtype behind the leading axis; Discrete values are int32 [steps];
 * Dict and Tuple values are stored flattened (see spaces/flatten).
 */
export interface Trajectories {
  readonly kind: "trajectories";
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** [steps, …observation] what was seen before each action */
  readonly observation: NdArray;
  /** [steps, …action] or int32 [steps] */
  readonly action: NdArray;
  /** [steps] */
  readonly reward: Float64Array;
  /** [steps] 1 where the episode truly ended with this step */
  readonly terminated: Uint8Array;
  /** [steps] 1 where the episode was cut off after this step, by a time limit or the end of the recording */
  readonly truncated: Uint8Array;
  /** [episodes + 1] first row of each episode, then the number of steps */
  readonly offsets: Int32Array;
  /** [episodes, …observation] what was seen after each episode's last action */
  readonly finalObservation: NdArray;
  /** Further step columns [steps, …], e.g. propensity, intervention, or a label. */
  readonly extras: { readonly [name: string]: NdArray };
  readonly tags: Tags;
  readonly provenance: Provenance;
}

/** What could be chosen at a decision. */
export interface ActionSet {
  readonly count: number;
  readonly names: readonly string[];
  /** [count, features] numbers that describe each action, when known */
  readonly features?: NdArray;
}

/**
 * Logged decisions: context, chosen action, the probability with which the logging policy chose it, and the reward
 * that followed. A trajectory of length one with a propensity and an action set.
 */
export interface DecisionLog {
  readonly kind: "decisions";
  /** Box [features] */
  readonly contextSpace: Space;
  readonly actions: ActionSet;
  /** [rows, features] float32 */
  readonly context: NdArray;
  /** [features] what each number of the context is, when known; a one-hot category is "column=value" */
  readonly contextNames?: readonly string[];
  /** [rows] in 0 … actions.count − 1 */
  readonly action: Int32Array;
  /** [rows] in (0, 1]: the logging policy's probability of the logged action */
  readonly propensity: Float64Array;
  /** [rows] */
  readonly reward: Float64Array;
  /** [rows, actions] 1 where the action could have been chosen; absent when all always could */
  readonly available?: NdArray;
  /** [rows, actions] the logging policy's whole distribution, when it was recorded */
  readonly loggingPolicy?: NdArray;
  /** Further columns [rows, …], e.g. timestamp (milliseconds), position. */
  readonly extras: { readonly [name: string]: NdArray };
  readonly tags: Tags;
  readonly provenance: Provenance;
}

export type Recording = Trajectories | DecisionLog;
