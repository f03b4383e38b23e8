/** How long one decision takes in-process: the median and the slowest hundredth. */
import * as ort from "onnxruntime-node";
import { gaussianPolicy } from "../src/nn/index.ts";
import { exportPolicy, type OnnxPolicy } from "../src/policies/index.ts";
import { box } from "../src/spaces/index.ts";
import {
  constant,
  fillNormal,
  fold,
  mapTree,
  type NdArray,
  randomKey,
  runOnce,
  sliceRows,
  trace,
  zeros,
} from "../src/tensor/index.ts";
import { version } from "../src/version.ts";
import { quantile, type Side } from "./alternate.ts";
import type { Benchmark, Peer } from "./benchmark.ts";
import { openPeer } from "./peers/python.ts";
import { sizes } from "./programs/columns.ts";

const key = randomKey(0);
const { observations, actions } = sizes;

/** A policy of the usual form with two hidden layers, as `train` exports it: untrained, as that is no slower. */
export async function untrainedPolicy(width: number): Promise<OnnxPolicy> {
  const net = gaussianPolicy(observations, actions, { hidden: [width, width] });
  const start = trace("start", { state: {}, inputs: {} }, (state, _, draw) => ({ state, outputs: net.init(draw) }));
  const params = await runOnce(start, {}, { key });
  return await exportPolicy(
    {
      name: `untrained, ${width} wide`,
      observationSpace: box(-Infinity, Infinity, { shape: [observations] }),
      actionSpace: box(-1, 1, { shape: [actions] }),
      actionScale: { centre: new Float32Array(actions), half: new Float32Array(actions).fill(1) },
      decide: (seen) => net(mapTree(params, (leaf: NdArray) => constant(leaf)) as never, seen),
    },
    {
      provenance: { method: "none", options: {}, recording: "", environment: "", updates: 0, seed: 0, version },
      examples: someObservations(),
    },
  );
}

/** [64, observations] */
export function someObservations(): NdArray {
  const value = zeros([64, observations]);
  fillNormal(value.data as Float32Array, fold(key, "observations"));
  return value;
}

/** Microseconds of one call, at a share of the calls: 0.5 is the median. */
export function latencyOf(call: (i: number) => Promise<unknown>, share: number, close: () => Promise<void>): Side {
  return {
    async run(seconds) {
      const times: number[] = [];
      const end = performance.now() + 1000 * seconds;
      for (let now = performance.now(); now < end; ) {
        await call(times.length);
        const then = performance.now();
        times.push(1000 * (then - now));
        now = then;
      }
      return quantile(times, share);
    },
    [Symbol.asyncDispose]: close,
  };
}

async function warm(call: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 200; i++) await call(i);
}

type How = "act" | "actBatch";

export async function openPolicy(how: How, width: number, share: number): Promise<Side> {
  const policy = await untrainedPolicy(width);
  const rows = someObservations();
  const one = Array.from({ length: rows.shape[0] }, (_, i) => sliceRows(rows, i, i + 1));
  const vectors = one.map(({ data }) => data as Float32Array);
  const call = (i: number) =>
    how === "act"
      ? policy.act(vectors[i % vectors.length], { deterministic: true })
      : policy.actBatch(one[i % one.length], { deterministic: true });
  await warm(call);
  return latencyOf(call, share, async () => await policy[Symbol.asyncDispose]());
}

/** The same file without Repertoire: a session, and a tensor a call. */
async function openBare(width: number, share: number): Promise<Peer> {
  await using policy = await untrainedPolicy(width);
  const { description, bytes } = policy;
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const rows = someObservations();
  const vectors = Array.from({ length: rows.shape[0] }, (_, i) => sliceRows(rows, i, i + 1).data as Float32Array);
  const still = {
    deterministic: new ort.Tensor("bool", Uint8Array.of(1), []),
    ...Object.fromEntries(
      description.noise.map(({ name, shape }) => {
        const dims = [1, ...shape.slice(1)];
        return [name, new ort.Tensor("float32", zeros(dims).data as Float32Array, dims)];
      }),
    ),
  };
  const call = async (i: number) => {
    const observation = new ort.Tensor("float32", vectors[i % vectors.length], [1, observations]);
    const { action } = await session.run({ observation, ...still }, ["action"]);
    return action.data;
  };
  await warm(call);
  return { name: "ONNX Runtime in Node, called bare", ...latencyOf(call, share, () => session.release()) };
}

const width = 256;

export const decisionBenchmarks: readonly Benchmark[] = (["act", "actBatch"] as const).flatMap((how) =>
  [0.5, 0.99].map((share) => ({
    id: "decision",
    name: `A decision by ${how === "act" ? "act" : "actBatch of one"}, ${width} wide, ${share === 0.5 ? "median" : "99th percentile"}`,
    unit: "µs",
    threads: 1,
    lessIsBetter: true,
    openOurs: () => openPolicy(how, width, share),
    peers: [
      {
        open: () =>
          openPeer("torch_decision.py", {
            rows: how === "act" ? 0 : 1,
            percent: 100 * share,
            threads: 1,
            width,
            observations,
            actions,
          }),
      },
      { open: () => openBare(width, share) },
    ],
  })),
);
