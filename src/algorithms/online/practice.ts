/** What the loop needs of a method that plays while it learns, whatever it learns from. */
import type { Environment } from "../../envs/index.ts";
import type { Memory } from "../../policies/index.ts";
import {
  Compiled,
  fold,
  type Key,
  mapTree,
  type NdArray,
  ndarray,
  type OpenOptions,
  type Spec,
  type Store,
  type Tensor,
  trace,
  zeros,
} from "../../tensor/index.ts";
import type { Context, OnReplay } from "../define.ts";
import type { Options } from "../options.ts";
import { decided, scalarsOf, type TrainingSetup, tracedOptions } from "../training.ts";
import type { Finished, Player } from "./player.ts";

export interface Practice extends AsyncDisposable {
  /** Steps played so far, of all worlds together. */
  readonly steps: number;
  readonly updates: number;
  /** Plays, and learns when it is due, until at least `steps` were played. @returns means since the last call */
  advance(steps: number): Promise<{ readonly [metric: string]: number }>;
  /** Everything the method learns with. */
  state(): unknown;
  /** All that going on exactly needs; undefined where the worlds cannot be saved. */
  save(): Promise<Saved | undefined>;
}

export interface Saved {
  readonly arrays: { readonly [part: string]: unknown };
  readonly counts: { readonly [name: string]: number };
  /** Plain JSON. */
  readonly worlds: unknown;
}

export interface PracticeSetup extends TrainingSetup {
  readonly player: Player;
  /** Steps to play in all. */
  readonly steps: number;
  readonly open: OpenOptions;
}

export type MakeEnvironment = () => Environment | Promise<Environment>;

/** Resolved options, by name. */
export type Values = { readonly [name: string]: unknown };

/** A context as a traced program sees it. */
export const contextOf = (
  { algorithm, options, sizes }: Pick<TrainingSetup, "algorithm" | "options" | "sizes">,
  scalars: { readonly [name: string]: Tensor },
): Context<Options, unknown> => ({
  options: tracedOptions(options, scalars),
  nets: algorithm.networks(sizes, options),
  sizes,
});

export interface Actor extends AsyncDisposable {
  /** What is remembered before the first step of an episode: [worlds, …], zeros. */
  readonly blank: Memory;
  /** @param at the number of the step in each world; chance is a function of it */
  act(observation: NdArray, progress: number, at: number, memory?: Memory): Promise<Acted>;
}

export interface Acted {
  readonly action: NdArray;
  readonly memory: Memory;
}

/** Acts as the method does while it learns, by the state as it stands. */
export async function actor(setup: PracticeSetup, store: Store<unknown>): Promise<Actor> {
  const { algorithm, player, key } = setup;
  const scalars = scalarsOf(setup);
  const specs = (tree: unknown) => mapTree(tree, ({ shape, dtype }: Spec) => ({ shape, dtype }));
  const shapes = Object.entries(algorithm.memory?.(setup.sizes, setup.options) ?? {});
  const blank: Memory = Object.fromEntries(
    shapes.map(([part, behind]) => [part, zeros([player.worlds, ...behind], "float32")]),
  );
  const inputs = {
    observation: specs(player.observation),
    memory: specs(blank),
    progress: { shape: [], dtype: "float32" },
    scalars: specs(scalars),
  };
  const given = { state: store.specs, inputs } as never;
  const program = trace(`${algorithm.name}, acting`, given, (state: unknown, traced: unknown, draw: Key) => {
    const { observation, progress, scalars, memory } = traced as Record<"observation" | "progress", Tensor> &
      Record<"scalars" | "memory", Record<string, Tensor>>;
    const context = contextOf(setup, scalars);
    const { explore } = algorithm.online as OnReplay<Options, unknown, unknown>;
    const made = decided(algorithm, context, state, observation, memory);
    const distribution = explore?.(context, state, observation, progress) ?? made.distribution;
    return { state: state as never, outputs: { action: distribution.sample(draw), carried: made.memory } };
  });
  const compiled = (await Compiled.open(program as never, setup.open)) as Compiled;
  return {
    blank,
    async act(observation, progress, at, memory = blank) {
      const inputs = { observation, memory, progress: { ...ndarray(Float32Array.of(progress)), shape: [] }, scalars };
      const outputs = await compiled.run(inputs as never, store as never, { key: fold(key, "acting"), update: at });
      const { action, carried = {} } = outputs as { readonly action: NdArray; readonly carried?: Memory };
      return { action, memory: carried };
    },
    [Symbol.asyncDispose]: () => compiled[Symbol.asyncDispose](),
  };
}

/** What was recorded, as a part of a checkpoint. */
export const playedSoFar = ({ recorder }: Player) => (recorder ? { played: recorder.save() } : {});

/** The worlds, and what was recorded in them, as they were. */
export async function takeUp(player: Player, { worlds, arrays }: Saved): Promise<void> {
  await player.restore(worlds);
  player.recorder?.restore(arrays.played as { readonly [column: string]: NdArray });
}

const played = ["success", "length", "return"];

/** Means of what ended and of what the updates said. */
export function tally() {
  const sums = new Map<string, { sum: number; count: number }>();
  const add = (metric: string, value: number, times = 1): void => {
    const { sum, count } = sums.get(metric) ?? { sum: 0, count: 0 };
    sums.set(metric, { sum: sum + value * times, count: count + times });
  };
  return {
    add,
    ended({ return: total, length, success }: Finished): void {
      add("return", total);
      add("length", length);
      if (success !== undefined) add("success", Number(success));
    },
    /** The means so far, and begins anew. */
    take(): { readonly [metric: string]: number } {
      // What was played comes first, for people who read along.
      const inOrder = [...sums].sort(([a], [b]) => played.indexOf(b) - played.indexOf(a));
      const means = Object.fromEntries(inOrder.map(([metric, { sum, count }]) => [metric, sum / count]));
      sums.clear();
      return means;
    },
  };
}
