/** Steps a second: one environment, several in place, several over threads; beside Gymnasium's, its physics native. */

import type { AnyVectorEnvironment, Environment } from "../src/envs/index.ts";
import { make, prepare, vectorise, vectoriseInWorkers } from "../src/envs/index.ts";
import { allocateRows, type Space, sample, writeRow } from "../src/spaces/index.ts";
import type { NdArray } from "../src/tensor/index.ts";
import { generator, randomKey } from "../src/tensor/index.ts";
import type { Side } from "./alternate.ts";
import type { Benchmark } from "./benchmark.ts";
import { openPeer } from "./peers/python.ts";

/** Actions are drawn beforehand, as many as the peers draw. */
const drawn = 64;
/** Vector steps between looks at the clock. */
const between = 20;

const actionsOf = (space: Space) => {
  const random = generator(randomKey(1));
  return Array.from({ length: drawn }, () => sample(space, random));
};

/** Works in stretches until the time is over. @returns how much a second */
async function timed(seconds: number, stretch: () => number | Promise<number>): Promise<number> {
  const begin = performance.now();
  let [done, taken] = [0, 0];
  while (taken < seconds) {
    done += await stretch();
    taken = (performance.now() - begin) / 1000;
  }
  return done / taken;
}

function one(env: Environment): Side {
  const actions = actionsOf(env.actionSpace);
  let t = 0;
  env.reset({ seed: 1 });
  return {
    run: (seconds) =>
      timed(seconds, () => {
        for (let i = 0; i < 10 * between; i++) {
          const { terminated, truncated } = env.step(actions[t++ % drawn]);
          if (terminated || truncated) env.reset();
        }
        return 10 * between;
      }),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function many(vector: AnyVectorEnvironment): Promise<Side> {
  const { size, actionSpace } = vector;
  const single = actionsOf(actionSpace);
  const actions = Array.from({ length: drawn }, (_, t): NdArray => {
    const rows = allocateRows(actionSpace, size);
    for (let i = 0; i < size; i++) writeRow(actionSpace, rows, i, single[(t + i) % drawn]);
    return rows;
  });
  let t = 0;
  await vector.reset({ seed: 1 });
  return {
    run: (seconds) =>
      timed(seconds, async () => {
        for (let i = 0; i < between; i++) {
          const step = vector.step(actions[t++ % drawn]);
          if (step instanceof Promise) await step;
        }
        return between * size;
      }),
    async [Symbol.asyncDispose]() {
      if (Symbol.asyncDispose in vector) await vector[Symbol.asyncDispose]();
    },
  };
}

type Mode = "single" | "sync" | "async" | "vector_entry_point";
interface Row {
  readonly name: string;
  readonly how: "one" | "in place" | "over threads";
  readonly size: number;
  readonly threads: number;
  readonly peers: readonly Mode[];
}

const rows: readonly Row[] = [
  { name: "CartPole-v1", how: "one", size: 1, threads: 1, peers: ["single"] },
  { name: "CartPole-v1", how: "in place", size: 64, threads: 1, peers: ["sync", "vector_entry_point"] },
  { name: "MiniGrid-DoorKey-8x8-v0", how: "one", size: 1, threads: 1, peers: ["single"] },
  { name: "PointMaze_Medium-v3", how: "one", size: 1, threads: 1, peers: ["single"] },
  { name: "Hopper-v5", how: "one", size: 1, threads: 1, peers: ["single"] },
  { name: "Hopper-v5", how: "in place", size: 16, threads: 1, peers: ["sync"] },
  { name: "Hopper-v5", how: "over threads", size: 16, threads: 2, peers: ["async"] },
];

export const environmentBenchmarks: readonly Benchmark[] = rows.map(({ name, how, size, threads, peers }) => ({
  id: "environments",
  name: `${name}, ${how === "one" ? "one at a time" : `${size} ${how}`}`,
  unit: "steps/s",
  threads,
  async openOurs() {
    await prepare(name);
    if (how === "one") return one(make(name));
    const factories = Array.from({ length: size }, () => () => make(name));
    return many(
      how === "in place"
        ? vectorise(factories, { reuse: true })
        : await vectoriseInWorkers({ name }, { size, workers: threads, reuse: true, infos: "last" }),
    );
  },
  peers: peers.map((mode) => ({
    open: () => openPeer("gymnasium_steps.py", { name, mode, size, threads }),
    optional: true,
  })),
}));
