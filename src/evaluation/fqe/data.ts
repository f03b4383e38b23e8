/** What fitted Q evaluation needs of a log and a policy. */
import { moments } from "../../data/replay.ts";
import type { Trajectories } from "../../data/trajectories.ts";
import { returnsToGo } from "../../formulas/index.ts";
import type { Policy } from "../../policies/policy.ts";
import { flatDim, flattenBatch } from "../../spaces/index.ts";
import { fold, generator, type NdArray, type RandomKey, sliceRows, takeRows, zeros } from "../../tensor/index.ts";
import { support } from "../support.ts";

/** Actions drawn at each observation where the policy is not deterministic. */
const draws = 4;

/** What the policy would do: at each step, after each step, and at the start of each episode. */
export interface Acted {
  readonly now: NdArray;
  readonly next: readonly NdArray[];
  readonly first: readonly NdArray[];
}

export async function actionsOf(
  policy: Policy,
  log: Trajectories,
  key: RandomKey,
  deterministic: boolean,
): Promise<Acted> {
  const act = async (observations: NdArray, name: string): Promise<NdArray> => {
    const parts: NdArray[] = [];
    for (let from = 0; from < observations.shape[0]; from += 4096) {
      const rows = sliceRows(observations, from, Math.min(from + 4096, observations.shape[0]));
      const { action } = await policy.actBatch(
        rows,
        deterministic ? { deterministic } : { key: fold(key, name, from) },
      );
      parts.push(flattenBatch(log.actionSpace, action));
    }
    return {
      shape: [observations.shape[0], flatDim(log.actionSpace)],
      dtype: "float32",
      data: Float32Array.from(parts.flatMap((p) => Array.from(p.data as Float32Array))),
    };
  };
  const times = deterministic ? [0] : Array.from({ length: draws }, (_, i) => i);
  const following = followed(log);
  const firsts = takeRows(log.observation, log.offsets.subarray(0, -1));
  const [next, first] = [[] as NdArray[], [] as NdArray[]];
  for (const i of times) {
    next.push(await act(following, `next ${i}`));
    first.push(await act(firsts, `first ${i}`));
  }
  return { now: await act(log.observation, "now"), next, first };
}

/** The observation after each step, in stored form. */
function followed(log: Trajectories): NdArray {
  const steps = log.reward.length;
  const width = log.observation.data.length / steps;
  const out = zeros(log.observation.shape, log.observation.dtype);
  const data = out.data as Float32Array;
  data.set((log.observation.data as Float32Array).subarray(width));
  for (let e = 0; e + 1 < log.offsets.length; e++) {
    const last = log.offsets[e + 1] - 1;
    data.set((log.finalObservation.data as Float32Array).subarray(e * width, (e + 1) * width), last * width);
  }
  return out;
}

/** How often each resample holds each episode: [episodes × members]. */
export function resamples(episodes: number, members: number, key: RandomKey): Float64Array {
  const counts = new Float64Array(episodes * members);
  for (let m = 0; m < members; m++) {
    const random = generator(fold(key, m));
    for (let i = 0; i < episodes; i++) counts[random.integer(episodes) * members + m]++;
  }
  return counts;
}

/** A typical return, so that networks see values near 1 whatever the rewards' unit. */
export function scaleOf(log: Trajectories, discount: number): number {
  let sum = 0;
  for (let e = 0; e + 1 < log.offsets.length; e++) {
    for (const g of returnsToGo(log.reward.subarray(log.offsets[e], log.offsets[e + 1]), discount)) sum += g * g;
  }
  return Math.sqrt(sum / log.reward.length) || 1;
}

/** The least and most that the log's rewards could add up to. */
export function reach(log: Trajectories, discount: number): readonly [number, number] {
  let [least, most] = [0, 0];
  for (const r of log.reward) {
    if (r < least) least = r;
    if (r > most) most = r;
  }
  return [least / (1 - discount), most / (1 - discount)];
}

export const standardised = (rows: NdArray, by: NdArray = rows): NdArray => {
  const { mean, std } = moments(by);
  const width = mean.length;
  return {
    ...rows,
    data: Float32Array.from(rows.data as Float32Array, (v, i) => (v - mean[i % width]) / (std[i % width] + 1e-3)),
  };
};

function beside(a: NdArray, b: NdArray): NdArray {
  const [n, left] = a.shape;
  const right = b.shape[1];
  const data = new Float32Array(n * (left + right));
  for (let i = 0; i < n; i++) {
    data.set((a.data as Float32Array).subarray(i * left, (i + 1) * left), i * (left + right));
    data.set((b.data as Float32Array).subarray(i * right, (i + 1) * right), i * (left + right) + left);
  }
  return { shape: [n, left + right], dtype: "float32", data };
}

export function supported(log: Trajectories, { now }: Acted): number {
  const seen = standardised(flattenBatch(log.observationSpace, log.observation));
  const did = flattenBatch(log.actionSpace, log.action);
  const episode = new Int32Array(log.reward.length);
  for (let e = 0; e + 1 < log.offsets.length; e++) episode.fill(e, log.offsets[e], log.offsets[e + 1]);
  return support(beside(seen, standardised(did)), beside(seen, standardised(now, did)), episode);
}
