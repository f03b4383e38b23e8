/** What an algorithm is: one record, and everything else about it derived. */
import type { Distribution, Net, ParamsOf } from "../nn/index.ts";
import type { Key, Learner, Optimiser, Tensor } from "../tensor/index.ts";
import type { Options, TracedOf, ValuesOf } from "./options.ts";

/** A step of experience, and where it led. Actions are vectors in [−1, 1]ⁿ, int32 choices, or int32 vectors of choices. */
export interface Transitions {
  /** [batch, observation] */
  readonly observation: Tensor;
  /** [batch, action], int32 [batch], or int32 [batch, choices] for a MultiDiscrete */
  readonly action: Tensor;
  /** [batch] */
  readonly reward: Tensor;
  /** [batch, observation] */
  readonly nextObservation: Tensor;
  /** [batch] 0 where the episode truly ended, 1 elsewhere; a time limit is not an end */
  readonly continues: Tensor;
  /** [batch] steps between the two observations; the discount is raised to it. At least 1 */
  readonly span: Tensor;
}

/** What somebody saw, and what they did. */
export interface Demonstrations {
  readonly observation: Tensor;
  readonly action: Tensor;
}

/** What was chosen among a fixed set, how likely that was, and what it earned. */
export interface DecisionBatch {
  /** [batch, context] */
  readonly observation: Tensor;
  /** int32 [batch] */
  readonly action: Tensor;
  /** [batch] the logging policy's probability of the action */
  readonly propensity: Tensor;
  /** [batch] */
  readonly reward: Tensor;
}

/** What each kind of experience brings to a step. */
export interface Sources {
  transitions: Transitions;
  demonstrations: Demonstrations;
  decisions: DecisionBatch;
}

/** Sizes of what networks see and produce. */
export interface Sizes {
  readonly observation: number;
  readonly action:
    | { readonly kind: "continuous"; readonly size: number }
    | { readonly kind: "discrete"; readonly size: number }
    /** Several choices at once, among `sizes`; `size` is their sum. */
    | { readonly kind: "multi-discrete"; readonly size: number; readonly sizes: readonly number[] };
  /** Numbers known of each choice [choices, features], for methods that use them. */
  readonly actionFeatures?: Tensor;
}

export type Networks = { readonly [name: string]: Net<never, never, unknown> };
export type Learners<N> = { readonly [K in keyof N]: Learner<ParamsOf<N[K]>> };

export interface Context<O extends Options, N> {
  readonly options: TracedOf<O>;
  readonly nets: N;
  readonly sizes: Sizes;
}

export interface StepContext<O extends Options, N> extends Context<O, N> {
  /** One optimiser step down a scalar loss: the learner after it, and the loss before it. */
  readonly descend: <P>(learner: Learner<P>, loss: (params: P) => Tensor) => readonly [Learner<P>, Tensor];
  /** Where this update stands in the cycle: 0 … cycle − 1, a plain number, so that `if` decides what is traced. */
  readonly turn: number;
}

export interface Algorithm<
  D extends keyof Sources = keyof Sources,
  O extends Options = Options,
  N = unknown,
  S = unknown,
  M extends string = string,
> {
  readonly name: string;
  readonly title: string;
  /** Where it was published: "arXiv:…", or authors, year and venue. */
  readonly paper: string;
  /** Our catalogue's id, where it has one. */
  readonly id?: string;
  readonly learnsFrom: D;
  /** What it can learn to make: a Box, a Discrete, or any of Box, Discrete and MultiDiscrete. */
  readonly actions: "continuous" | "discrete" | "any";
  readonly departures: readonly string[];
  readonly options: O;
  /** Whether observations are centred and scaled by the recording's moments; the policy then carries them. Default no. */
  readonly normalise?: (options: ValuesOf<O>) => boolean;
  /** After how many updates the pattern of updates repeats. Default 1. */
  readonly cycle?: (options: ValuesOf<O>) => number;
  networks(sizes: Sizes, options: ValuesOf<O>): N;
  optimisers(options: TracedOf<O>): { readonly [K in keyof N]: Optimiser };
  init(learners: Learners<N>): S;
  step(
    context: StepContext<O, N>,
    state: S,
    batch: Sources[D],
    key: Key,
  ): { readonly state: S; readonly metrics: { readonly [K in M]?: Tensor } };
  /** What becomes the policy: nothing else of the state is exported. */
  policy(context: Context<O, N>, state: S, observation: Tensor): Distribution;
}

/** Every algorithm, whatever its types. */
// biome-ignore lint/suspicious/noExplicitAny: the loop treats state and networks as opaque trees
export type AnyAlgorithm = Algorithm<any, any, any, any, any>;

/** The algorithm as it was given; its types are inferred, and an optimiser too many or too few does not compile. */
export const defineAlgorithm = <
  D extends keyof Sources,
  O extends Options,
  N,
  S,
  M extends string,
  P extends { readonly [K in keyof N]: Optimiser },
>(
  algorithm: Algorithm<D, O, N, S, M> & { optimisers(options: TracedOf<O>): Only<P, keyof N> },
): Algorithm<D, O, N, S, M> => algorithm;

/** A record with no names but these: TypeScript lets a computed value have more than was asked for. */
type Only<P, Names extends PropertyKey> = P & { readonly [K in Exclude<keyof P, Names>]: never };
