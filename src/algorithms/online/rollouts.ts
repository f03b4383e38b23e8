/** A stretch of play, judged and learned from, and then forgotten. */
import { sampler } from "../../data/samplers.ts";
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
import type { AnyAlgorithm, OnRollouts, Play, Rollout } from "../define.ts";
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

type Rule = OnRollouts<Options, unknown, unknown>;

export async function onRollouts(
  setup: PracticeSetup & { readonly play: Play; readonly start: unknown },
  from: Saved | undefined,
): Promise<Practice> {
  const { player, key, play } = setup;
  const { horizon, worlds, epochs, wholeEpisodes = false } = play;
  const rows = horizon * worlds;
  const batchSize = Math.min(play.batchSize ?? rows, rows);
  const round = Math.max(1, Math.floor((epochs * rows) / batchSize));
  const rollout = emptyRollout(setup, horizon);
  let steps = from?.counts.steps ?? 0;
  if (from) takeUp(player, from);
  const means = tally();

  let columns: Columns = {};
  const training = await startTraining(
    setup,
    {
      columns: async (update) => ({ columns, until: (Math.floor(update / round) + 1) * round }),
      batchSize,
      sampler: {
        indices(update) {
          const number = Math.floor(update / round);
          const order = sampler({ count: rows, batchSize, key: fold(key, "rows", number), mode: "epochs" });
          return order.indices(update - number * round);
        },
      },
    },
    { state: from?.arrays.state ?? setup.start, update: from?.counts.updates ?? 0 },
  );
  const acting = await actor(setup, training.store);
  const judging = await judge(setup, rollout, training.store.specs);

  /** Fills the rollout. */
  const playOne = async (number: number): Promise<void> => {
    if (wholeEpisodes) player.restart(fold(key, "episodes", number));
    const live = new Uint8Array(worlds).fill(1);
    for (const column of Object.values(rollout)) column.data.fill(0 as never);
    for (let t = 0; t < horizon && live.includes(1); t++) {
      const chosen = await acting.act(player.observation, Math.min(1, steps / play.steps), number * horizon + t);
      const step = player.step(chosen);
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
        columns = judged as Columns;
        for (const [metric, value] of Object.entries(await training.advance(round))) means.add(metric, value, round);
      }
      return means.take();
    },
    state: () => training.read(),
    save() {
      const saved = player.save();
      if (saved === undefined) return undefined;
      return {
        arrays: { state: training.read(), ...playedSoFar(player) },
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

type Columnar<T> = { readonly [K in keyof T]: NdArray };

function emptyRollout({ player, key }: PracticeSetup, horizon: number): Columnar<Rollout> {
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
  };
}

/** The method's judgement as a program: a rollout in, rows for its minibatches out. */
async function judge(setup: PracticeSetup, rollout: Columnar<Rollout>, state: unknown): Promise<Compiled> {
  const specs = (tree: unknown) => mapTree(tree, ({ shape, dtype }: Spec) => ({ shape, dtype }));
  const given = { state, inputs: { rollout: specs(rollout), scalars: specs(scalarsOf(setup)) } } as never;
  const { online, name } = setup.algorithm as AnyAlgorithm & { readonly online: Rule };
  const program = trace(`${name}, judging`, given, (before: unknown, traced: unknown, _: Key) => {
    const { rollout, scalars } = traced as { rollout: Rollout; scalars: { readonly [name: string]: Tensor } };
    const { state, steps } = online.judge(contextOf(setup, scalars), before, rollout);
    const rows = [...leavesOf<Tensor>(steps)].map(([column, x]) => [column, x.reshape(-1, ...x.shape.slice(2))]);
    return { state: state as never, outputs: Object.fromEntries(rows) as { readonly [column: string]: Tensor } };
  });
  return (await Compiled.open(program as never, setup.open)) as Compiled;
}
