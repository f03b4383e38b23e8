/** What an algorithm is: one record, and everything else about it derived. */
import type { Distribution, Net, ParamsOf } from "../nn/index.ts";
import type { MemoryShapes, Planning, Remembered, Remembering } from "../policies/index.ts";
import type { TextPlace } from "../spaces/index.ts";
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
  /** [batch] what a row counts for, where rows are drawn by priority: correcting for that. Absent where all are alike. */
  readonly weight?: Tensor;
}

/** A stretch of play, as it happened: [time, world, …]. */
export interface Rollout {
  /** [time, world, observation] */
  readonly observation: Tensor;
  /** [time, world, action] as the method made them, or int32 [time, world] */
  readonly action: Tensor;
  /** [time, world] */
  readonly reward: Tensor;
  /** [time, world, observation] what each step led to, the last observation of an episode included */
  readonly nextObservation: Tensor;
  /** [time, world] 0 where the episode truly ended with this step, 1 elsewhere */
  readonly continues: Tensor;
  /** [time, world] 1 where it was cut off after this step */
  readonly truncated: Tensor;
  /** [time, world] 1 for a step that was played, 0 for a row that fills up behind the end of a world's one episode */
  readonly played: Tensor;
  /** [time, world, …] what the policy remembered when it acted; empty where it remembers nothing */
  readonly memory: Remembered;
}

/** Steps of a rollout, and what the method made of them before it moved. */
export interface JudgedSteps {
  /** [batch, observation], as the networks take them */
  readonly observation: Tensor;
  readonly action: Tensor;
  /** [batch] log-probability of the action when it was chosen */
  readonly logProb: Tensor;
  /** [batch] how much better the action was than usual */
  readonly advantage: Tensor;
  /** [batch] value of the observation before the update */
  readonly value: Tensor;
  /** [batch] what the value should have been */
  readonly target: Tensor;
  /** [batch] 1 for a step that was played, 0 for a row that fills up */
  readonly played: Tensor;
}

/** The same as stretches, for methods that remember: every part [batch, time, …]. */
export interface JudgedStretches extends JudgedSteps {
  /** [batch, time] 1 where an episode begins with that step */
  readonly begins: Tensor;
  /** [batch, …] what was remembered before the first step */
  readonly memory: Remembered;
}

/** Steps of a rollout beside as many that somebody showed, of whom only what was seen is known. */
export interface ImitatedSteps extends JudgedSteps {
  /** [batch, observation] what each step of the rollout led to */
  readonly nextObservation: Tensor;
  readonly shown: {
    /** [batch, observation] */
    readonly observation: Tensor;
    /** [batch, observation] */
    readonly nextObservation: Tensor;
  };
}

/** What somebody saw, and what they did. */
export interface Demonstrations {
  readonly observation: Tensor;
  readonly action: Tensor;
  /** [batch] each: the step columns that the method asked for. Absent where it asks for none. */
  readonly labels?: { readonly [name: string]: Tensor };
}

/** Stretches of what somebody saw and did. */
export interface Sequences {
  /** [batch, time, observation] */
  readonly observation: Tensor;
  /** [batch, time, action], or int32 [batch, time] */
  readonly action: Tensor;
  /** [batch, time] 1 for a step that was made, 0 where a stretch is filled up behind its episode's end */
  readonly made: Tensor;
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
  sequences: Sequences;
  decisions: DecisionBatch;
  rollouts: JudgedSteps;
  memories: JudgedStretches;
  imitations: ImitatedSteps;
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
  /** Where in an observation sentences stand, as tokens and what they are worth. Absent where there are none. */
  readonly texts?: readonly TextPlace[];
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
  /** What it must be shown. Default: anything that has numbers. */
  readonly observations?: "with text";
  readonly departures: readonly string[];
  readonly options: O;
  /** Whether observations are centred and scaled by the recording's moments; the policy then carries them. Default no. */
  readonly normalise?: (options: ValuesOf<O>) => boolean;
  /** Step columns of the recording (its extras) that it learns from beside what was seen and done. Default none. */
  readonly labels?: (options: ValuesOf<O>) => readonly string[];
  /** After how many updates the pattern of updates repeats. Default 1. */
  readonly cycle?: (options: ValuesOf<O>) => number;
  networks(sizes: Sizes, options: ValuesOf<O>): N;
  optimisers(options: TracedOf<O>): { readonly [K in keyof N]: Optimiser };
  init(learners: Learners<N>, sizes: Sizes, options: ValuesOf<O>): S;
  step(
    context: StepContext<O, N>,
    state: S,
    batch: Sources[D],
    key: Key,
  ): {
    readonly state: S;
    readonly metrics: { readonly [K in M]?: Tensor };
    /** [batch] how surprising each row was, for methods that can draw by it. */
    readonly surprise?: Tensor;
  };
  /** What becomes the policy: nothing else of the state is exported. */
  policy(
    context: Context<O, N>,
    state: S,
    observation: Tensor,
    memory: Remembered,
  ): Distribution | Remembering | Planning;
  /** What the policy carries from one decision of an episode to the next. Default: nothing. */
  readonly memory?: (sizes: Sizes, options: ValuesOf<O>) => MemoryShapes;
  /** What a stretch is that a method learns from as one. */
  readonly stretch?: (options: ValuesOf<O>) => Stretch;
  /** How many steps a transition spans. Default 1. */
  readonly nStep?: (options: ValuesOf<O>) => number;
  /** How it plays and learns in a world, for methods that can (see online/). */
  readonly online?: D extends "rollouts" | "memories" | "imitations" ? OnRollouts<O, N, S, D> : OnReplay<O, N, S>;
}

/** Stretches side by side, or with `before` one about every step of the recording. */
export type Stretch =
  | { readonly length: number /** How far apart two begin. */; readonly stride: number }
  | {
      readonly length: number;
      /** How many of its steps lie before the one it is about. Both ends of an episode are filled up with the step that is there. */
      readonly before: number;
    };

/** How a method that learns from transitions behaves in a world. */
export interface OnReplay<O extends Options, N, S> {
  /** @param progress scalar: the share of the run that is behind, 0 … 1. Default: the policy. */
  explore?(context: Context<O, N>, state: S, observation: Tensor, progress: Tensor): Distribution;
  /** Whether its step says how surprising each row was, so that a schedule may draw by it. Default no. */
  readonly prioritises?: boolean;
  /** Where its schedule differs from the usual one. */
  readonly schedule?: Partial<Schedule>;
}

/** When a method that learns from transitions plays, and when it learns. */
export interface Schedule {
  /** Steps to play in all. */
  readonly steps: number;
  /** Environments played side by side. */
  readonly worlds: number;
  /** Transitions kept. */
  readonly capacity: number;
  /** Steps of random actions before anything is learned. */
  readonly warmup: number;
  /** Steps played between two rounds of updates. */
  readonly every: number;
  /** Updates in a round. */
  readonly updates: number;
  /** Draw surprising transitions more often (Schaul and others 2015, arXiv:1511.05952): exponents 0.6, and 0.4 rising to 1. */
  readonly prioritised: boolean;
}

/** What a method says of its play: all that its steps see, but what is added from elsewhere. */
type SaidSteps<D> = D extends "imitations" ? Omit<ImitatedSteps, "shown"> : JudgedSteps;

/** How a method that learns from its own latest play goes about it. */
export interface OnRollouts<O extends Options, N, S, D extends keyof Sources = "rollouts"> {
  /** Before the updates on a rollout: what it says of each step [time, world, …], and the state that has seen it. */
  judge(context: Context<O, N>, state: S, rollout: Rollout): { readonly state: S; readonly steps: SaidSteps<D> };
  readonly play: (options: ValuesOf<O>) => Play;
}

export interface Play {
  /** Steps to play in all. */
  readonly steps: number;
  readonly worlds: number;
  /** Steps of each world in a rollout. */
  readonly horizon: number;
  /** How often each row of a rollout is learned from. */
  readonly epochs: number;
  /** Steps an update sees; at most, and by default, all of the rollout. */
  readonly batchSize?: number;
  /** For methods that remember: steps in a row that are learned from as one; it divides the horizon. */
  readonly stretch?: number;
  /** Whether each world plays one episode a rollout, from its start, and rows behind its end only fill up. Default false. */
  readonly wholeEpisodes?: boolean;
}

/** Every algorithm, whatever its types. */
// biome-ignore lint/suspicious/noExplicitAny: the loop treats state and networks as opaque trees
export type AnyAlgorithm = Algorithm<any, any, any, any, any>;

/** Whether it learns from its own latest play alone. */
export const learnsByPlay = ({ learnsFrom }: AnyAlgorithm): boolean =>
  learnsFrom === "rollouts" || learnsFrom === "memories" || learnsFrom === "imitations";

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
