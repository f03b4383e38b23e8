/** A stretch of play, judged and learned from, and then forgotten. */

import type { PlayedStep } from "../../data/replay-memory.ts";
import { type Sampler, sampler } from "../../data/samplers.ts";
import type { Memory } from "../../policies/index.ts";
import { problem } from "../../problems.ts";
import {
  type Columns,
  Compiled,
  fold,
  type Key,
  leavesOf,
  mapTree,
  type NdArray,
  type Spec,
  type Tensor,
  trace,
  zeros,
} from "../../tensor/index.ts";
import type { AnyAlgorithm, JudgedSteps, JudgedStretches, OnRollouts, Play, Rollout } from "../define.ts";
import type { Options } from "../options.ts";
import { scalarsOf, startTraining } from "../training.ts";
import {
  actor,
  contextOf,
  type Practice,
  type PracticeSetup,
  playedSoFar,
  type Saved,
  takeUp,
  tally,
} from "./practice.ts";

/** Columns of as many demonstrated steps as are asked for: a function of the rollout's number. */
export type Shown = (rollout: number, rows: number) => Columns;

type Rule = OnRollouts<Options, unknown, unknown>;

export async function onRollouts(
  setup: PracticeSetup & { readonly play: Play; readonly start: unknown; readonly shown?: Shown },
  from: Saved | undefined,
): Promise<Practice> {
  const { player, key, play } = setup;
  const { horizon, worlds, epochs, wholeEpisodes = false, stretch = 1 } = play;
  if (horizon % stretch !== 0) {
    const wanted = `a number of steps that divides the horizon of ${horizon}`;
    throw problem("bad-option", { where: setup.algorithm.name, name: "stretch", given: stretch, wanted });
  }
  // What is drawn is a step, or a stretch of steps.
  const rows = (horizon / stretch) * worlds;
  const batchSize = Math.min(Math.max(1, Math.floor((play.batchSize ?? horizon * worlds) / stretch)), rows);
  const round = Math.max(1, Math.floor((epochs * rows) / batchSize));
  let steps = from?.counts.steps ?? 0;
  if (from) await takeUp(player, from);
  const means = tally();

  let columns: Columns = {};
  /** The order of a rollout's rows, which all its updates share. */
  let order: { readonly number: number; readonly rows: Sampler } | undefined;
  const training = await startTraining(
    setup,
    {
      columns: async (update) => ({ columns, until: (Math.floor(update / round) + 1) * round }),
      batchSize,
      sampler: {
        indices(update) {
          const number = Math.floor(update / round);
          if (order?.number !== number) {
            const own = { count: rows, batchSize, key: fold(key, "rows", number), mode: "epochs" } as const;
            order = { number, rows: sampler(own) };
          }
          return order.rows.indices(update - number * round);
        },
      },
    },
    { state: from?.arrays.state ?? setup.start, update: from?.counts.updates ?? 0 },
  );
  const acting = await actor(setup, training.store);
  const rollout = emptyRollout(setup, horizon, acting.blank);
  const judging = await judge(setup, rollout, training.store.specs, stretch);
  let memory = (from?.arrays.memory as Memory | undefined) ?? acting.blank;

  /** Fills the rollout. */
  const playOne = async (number: number): Promise<void> => {
    if (wholeEpisodes) await player.restart(fold(key, "episodes", number));
    const live = new Uint8Array(worlds).fill(1);
    for (const column of leavesOf<NdArray>(rollout).values()) column.data.fill(0 as never);
    for (let t = 0; t < horizon && live.includes(1); t++) {
      const progress = Math.min(1, steps / play.steps);
      const acted = await acting.act(player.observation, progress, number * horizon + t, memory);
      for (const [part, column] of Object.entries(rollout.memory)) put(column, t, memory[part].data);
      const step = await player.step(acted.action);
      memory = kept(acted.memory, step);
      for (const name of ["observation", "action", "nextObservation"] as const) put(rollout[name], t, step[name].data);
      put(rollout.reward, t, step.reward);
      for (let w = 0; w < worlds; w++) {
        const at = t * worlds + w;
        rollout.continues.data[at] = 1 - step.terminated[w];
        rollout.truncated.data[at] = step.truncated[w];
        rollout.played.data[at] = live[w];
        steps += live[w];
        if (wholeEpisodes && (step.terminated[w] || step.truncated[w])) live[w] = 0;
      }
    }
    for (const episode of player.finished()) if (!wholeEpisodes || episode.before === 0) means.ended(episode);
  };

  return {
    get steps() {
      return steps;
    },
    get updates() {
      return training.update;
    },
    async advance(until) {
      while (steps < until) {
        await playOne(training.update / round);
        const judged = await judging.run({ rollout, scalars: scalarsOf(setup) } as never, training.store as never);
        const shown = setup.shown?.(training.update / round, rows) ?? {};
        columns = { ...Object.fromEntries(leavesOf<NdArray>(judged)), ...shown };
        for (const [metric, value] of Object.entries(await training.advance(round))) means.add(metric, value, round);
      }
      return means.take();
    },
    state: () => training.read(),
    async save() {
      const saved = await player.save();
      if (saved === undefined) return undefined;
      return {
        arrays: {
          state: training.read(),
          ...playedSoFar(player),
          ...(Object.keys(memory).length > 0 ? { memory } : {}),
        },
        counts: { steps, updates: training.update },
        worlds: saved,
      };
    },
    async [Symbol.asyncDispose]() {
      for (const opened of [acting, judging, training]) await opened[Symbol.asyncDispose]();
    },
  };
}

const put = (column: NdArray, t: number, values: ArrayLike<number | bigint>): void =>
  (column.data as Float32Array).set(values as ArrayLike<number>, t * values.length);

/** What is remembered where the episode goes on, and nothing where it ended. */
function kept(memory: Memory, { terminated, truncated }: PlayedStep): Memory {
  for (const { data, shape } of Object.values(memory)) {
    const width = data.length / shape[0];
    for (let w = 0; w < shape[0]; w++) {
      if (terminated[w] || truncated[w]) data.fill(0 as never, w * width, (w + 1) * width);
    }
  }
  return memory;
}

type Columnar = { readonly [K in keyof Omit<Rollout, "memory">]: NdArray } & { readonly memory: Memory };

function emptyRollout({ player, key }: PracticeSetup, horizon: number, memory: Memory): Columnar {
  const { worlds, observation } = player;
  const width = observation.shape[1];
  const { shape, dtype } = player.random(key);
  const scalars = (): NdArray => zeros([horizon, worlds], "float32");
  return {
    observation: zeros([horizon, worlds, width], "float32"),
    action: zeros([horizon, ...shape], dtype),
    reward: scalars(),
    nextObservation: zeros([horizon, worlds, width], "float32"),
    continues: scalars(),
    truncated: scalars(),
    played: scalars(),
    memory: Object.fromEntries(
      Object.entries(memory).map(([part, { shape: own }]) => [part, zeros([horizon, ...own], "float32")]),
    ),
  };
}

/** The method's judgement as a program: a rollout in, rows for its minibatches out, each a step or a stretch of them. */
async function judge(setup: PracticeSetup, rollout: Columnar, state: unknown, stretch: number): Promise<Compiled> {
  const specs = (tree: unknown) => mapTree(tree, ({ shape, dtype }: Spec) => ({ shape, dtype }));
  const given = { state, inputs: { rollout: specs(rollout), scalars: specs(scalarsOf(setup)) } } as never;
  const { online, name, memory } = setup.algorithm as AnyAlgorithm & { readonly online: Rule };
  const program = trace(`${name}, judging`, given, (before: unknown, traced: unknown, _: Key) => {
    const { rollout, scalars } = traced as { rollout: Rollout; scalars: { readonly [name: string]: Tensor } };
    const { state, steps } = online.judge(contextOf(setup, scalars), before, rollout);
    const rows = memory ? stretches(steps, rollout, stretch) : steps;
    const flat = memory ? rows : mapTree(rows, (x: Tensor) => x.reshape(-1, ...x.shape.slice(2)));
    return { state: state as never, outputs: flat as never };
  });
  return (await Compiled.open(program as never, setup.open)) as Compiled;
}

/** [time, world, …] as [stretches, length, …]; of the memory, what each stretch begins with. */
function stretches(steps: JudgedSteps, { continues, truncated, memory }: Rollout, length: number): JudgedStretches {
  const cut = (x: Tensor): Tensor => {
    const [time, worlds, ...rest] = x.shape;
    const behind = rest.map((_, i) => i + 3);
    return x
      .reshape(time / length, length, worlds, ...rest)
      .transpose(0, 2, 1, ...behind)
      .reshape((time / length) * worlds, length, ...rest);
  };
  // An episode begins behind the end of another; before the first row the memory itself says it.
  const ended = continues.from(1).maximum(truncated);
  const begins = ended.slice(0, 0, -1).pad(0, 1, 0);
  const first = (x: Tensor): Tensor => cut(x).at(1, 0);
  return {
    ...(mapTree(steps, cut) as JudgedSteps),
    begins: cut(begins),
    memory: Object.fromEntries(Object.entries(memory).map(([part, x]) => [part, first(x)])),
  };
}
