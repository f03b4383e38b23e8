/**
 * Frames that have nothing to do with the task, found by laying demonstrations beside each other: what all have in common
 * is the task, what one has alone (wiping sweat between two cuts) is not. Frames are compared by an embedding of what was
 * seen and what was done there, learned by temporal cycle consistency.
 *
 * Zheng, Hu, Luo and others (2022). Extraneousness-Aware Imitation Learning. arXiv:2210.01379
 */
import { alignedSteps } from "../../data/alignment.ts";
import { type Moments, moments } from "../../data/replay.ts";
import { takeSteps } from "../../data/steps.ts";
import type { Trajectories } from "../../data/trajectories.ts";
import { cycleConsistencyLoss } from "../../formulas/index.ts";
import { type Linear, linear, type Mlp, mlp, type Net, net, type ParamsOf } from "../../nn/index.ts";
import { problem } from "../../problems.ts";
import { flattenBatch } from "../../spaces/index.ts";
import {
  adam,
  concat,
  descendWith,
  fold,
  generator,
  type Learner,
  learner,
  mapTree,
  type NdArray,
  randomKey,
  runOnce,
  type Spec,
  sliceRows,
  type Tensor,
  trace,
  Updates,
} from "../../tensor/index.ts";

export interface ExtraneousOptions {
  readonly seed?: number;
  /** Updates of the encoder. Default 3000. */
  readonly steps?: number;
  /** Frames drawn evenly, at a random phase, from each demonstration of a pair. Default 40, as the authors. */
  readonly frames?: number;
  /** Pairs of demonstrations in an update. Default 4. */
  readonly pairs?: number;
  /** Numbers in an embedding. Default 32. */
  readonly size?: number;
  /** Widths of what reads observations. Default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Width of what reads actions. Default 256, as the authors. */
  readonly actionWidth?: number;
  /** τ of the soft neighbours. Default 1. */
  readonly temperature?: number;
  /** Adam's rate. Default 1e-3. */
  readonly learningRate?: number;
  /** Of the alignment: see alignedSteps. Default 2. */
  readonly tolerance?: number;
  /** Of the alignment: see alignedSteps. Default "mean". */
  readonly reference?: "mean" | "weighted" | "median";
}

export interface Curated {
  /** [steps] 1 for a frame of the task, 0 for an extraneous one. */
  readonly kept: Uint8Array;
  /** The frames that are kept; a gap begins a new episode. */
  readonly recording: Trajectories;
  /** [steps, size] by which frames were compared. */
  readonly embedding: NdArray;
  /** The encoder's mean loss over its last tenth, in squared shares of a demonstration. */
  readonly loss: number;
}

interface Params {
  readonly seen: Mlp;
  readonly done: Linear;
  readonly out: Linear;
}

/** An embedding of what was seen and what was done: [… observation], [… action] → [… size]. */
function encoder(
  observation: number,
  action: number,
  { size, hidden, actionWidth }: Pick<Required<ExtraneousOptions>, "size" | "hidden" | "actionWidth">,
): Net<Params, [observation: Tensor, action: Tensor], Tensor> {
  const features = hidden.at(-1) ?? size;
  const seen = mlp({ inputs: observation, outputs: features, hidden });
  const done = linear(action, actionWidth);
  const out = linear(features + actionWidth, size);
  return net(
    (key) => ({ seen: seen.init(key.at("seen")), done: done.init(key.at("done")), out: out.init(key.at("out")) }),
    (params, s, a) => out(params.out, concat([seen(params.seen, s).relu(), done(params.done, a).relu()], -1)),
  );
}

/**
 * Which frames of demonstrations of one task belong to it. Rewards are not looked at.
 * @param recording at least two episodes, each a demonstration of the same task
 * @example const { recording: task } = await extraneousFrames(demonstrations); const { policy } = await train(bc, task);
 * @throws Problem "bad-value" for fewer than two episodes; "bad-option" for a count below 1
 */
export async function extraneousFrames(recording: Trajectories, options: ExtraneousOptions = {}): Promise<Curated> {
  const { offsets } = recording;
  const episodes = offsets.length - 1;
  if (episodes < 2) {
    const wanted = "at least two demonstrations: a frame is extraneous because others lack it";
    throw problem("bad-value", { where: "extraneousFrames", given: `${episodes} episodes`, wanted });
  }
  const { embedding, loss } = await embedded(recording, withDefaults(options));
  const sequences = Array.from({ length: episodes }, (_, e) => sliceRows(embedding, offsets[e], offsets[e + 1]));
  const aligned = alignedSteps(sequences, {
    tolerance: options.tolerance ?? 2,
    reference: options.reference ?? "mean",
  });
  const kept = new Uint8Array(recording.reward.length);
  aligned.kept.forEach((rows, e) => {
    for (const row of rows) kept[offsets[e] + row] = 1;
  });
  return { kept, recording: takeSteps(recording, kept), embedding, loss };
}

type Settings = Omit<Required<ExtraneousOptions>, "tolerance" | "reference">;

function withDefaults(given: ExtraneousOptions): Settings {
  const usual = { seed: 0, steps: 3000, frames: 40, pairs: 4, size: 32, hidden: [64, 64], actionWidth: 256 };
  const settings = { ...usual, temperature: 1, learningRate: 1e-3, ...given };
  for (const name of ["steps", "frames", "pairs", "size", "actionWidth"] as const) {
    const value = settings[name];
    if (Number.isInteger(value) && value >= 1) continue;
    throw problem("bad-option", {
      where: "extraneousFrames",
      name,
      given: value,
      wanted: "a whole number of at least 1",
    });
  }
  return settings;
}

/** The encoder learned, and what it makes of every frame. */
async function embedded(
  recording: Trajectories,
  settings: Settings,
): Promise<{ readonly embedding: NdArray; readonly loss: number }> {
  const { seed, steps, frames, pairs, temperature, learningRate } = settings;
  const key = fold(randomKey(seed), "extraneous frames");
  const observation = standardised(flattenBatch(recording.observationSpace, recording.observation));
  const action = standardised(flattenBatch(recording.actionSpace, recording.action));
  const network = encoder(observation.shape[1], action.shape[1], settings);
  const optimiser = adam(learningRate);
  const start = trace("extraneous frames, start", { state: {}, inputs: {} }, (state, _, draw) => ({
    state,
    outputs: { encoder: learner(network.init(draw.at("encoder")), optimiser) },
  }));
  const shape = [2, pairs, frames] as const;
  await using updates = new Updates<{ encoder: Learner<unknown> }, Record<never, never>>(
    {
      name: "extraneous frames",
      columns: { observation, action, time: shareBehind(recording) },
      batchSize: 2 * pairs * frames,
      rows: (update) => drawnFrames(recording, generator(fold(key, "frames", update)), pairs, frames),
      inputs: {},
      key,
      unroll: 8,
      step(state, { observation: s, action: a, time }) {
        const { encoder: before } = state as unknown as { encoder: Learner<Params> };
        const times = time.reshape(...shape);
        const [moved, loss] = descendWith<Params>(optimiser, before, (params) => {
          const x = network(params, s, a).reshape(...shape, settings.size);
          const [u, v] = [x.at(0, 0), x.at(0, 1)];
          const there = cycleConsistencyLoss(u, v, times.at(0, 0), temperature);
          return there.add(cycleConsistencyLoss(v, u, times.at(0, 1), temperature)).div(2);
        });
        return { state: { encoder: moved } as never, metrics: { loss } };
      },
    },
    { state: (await runOnce(start, {}, { key: fold(key, "start") })) as never, update: 0 },
  );
  const early = Math.floor(0.9 * steps);
  if (early > 0) await updates.advance(early);
  const { loss } = await updates.advance(steps - early);
  const { encoder: after } = updates.read() as unknown as { encoder: { params: ParamsOf<typeof network> } };
  const inputs = { params: after.params, observation, action };
  const given = mapTree(inputs as never, ({ shape: own, dtype }: Spec) => ({ shape: own, dtype }));
  const reading = trace("extraneous frames, embedding", { state: {}, inputs: given as never }, (state, traced) => {
    const {
      params,
      observation: s,
      action: a,
    } = traced as unknown as { params: Params } & { [K in "observation" | "action"]: Tensor };
    return { state, outputs: { embedding: network(params, s, a) } };
  });
  const { embedding } = (await runOnce(reading as never, inputs as never)) as unknown as { embedding: NdArray };
  return { embedding, loss };
}

/** Centred, and scaled where anything varies. */
function standardised(rows: NdArray): NdArray {
  const { mean, std }: Moments = moments(rows);
  const width = mean.length;
  const scale = std.map((spread) => (spread > 1e-6 ? 1 / spread : 1));
  return {
    shape: [rows.shape[0], width],
    dtype: "float32",
    data: Float32Array.from(rows.data as Float32Array, (x, i) => (x - mean[i % width]) * scale[i % width]),
  };
}

/** [steps] how much of its demonstration lies behind each frame, in [0, 1). */
function shareBehind({ offsets, reward }: Trajectories): NdArray {
  const data = new Float32Array(reward.length);
  for (let e = 0; e + 1 < offsets.length; e++) {
    const length = offsets[e + 1] - offsets[e];
    for (let t = 0; t < length; t++) data[offsets[e] + t] = t / length;
  }
  return { shape: [reward.length], dtype: "float32", data };
}

/** Rows [2 × pairs × frames]: of two different demonstrations each, `frames` evenly spaced ones at a random phase. */
function drawnFrames(
  { offsets }: Trajectories,
  random: ReturnType<typeof generator>,
  pairs: number,
  frames: number,
): Int32Array {
  const episodes = offsets.length - 1;
  const rows = new Int32Array(2 * pairs * frames);
  const fill = (side: number, pair: number, episode: number): void => {
    const length = offsets[episode + 1] - offsets[episode];
    const phase = random.uniform();
    for (let f = 0; f < frames; f++) {
      rows[(side * pairs + pair) * frames + f] = offsets[episode] + Math.floor(((f + phase) / frames) * length);
    }
  };
  for (let pair = 0; pair < pairs; pair++) {
    const first = random.integer(episodes);
    const second = (first + 1 + random.integer(episodes - 1)) % episodes;
    fill(0, pair, first);
    fill(1, pair, second);
  }
  return rows;
}
