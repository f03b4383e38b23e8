/** ONNX Runtime in Node. */
import type * as Ort from "onnxruntime-common";
import { problem } from "../problems.ts";
import { type Backend, type Engine, type EngineOptions, without } from "./backend.ts";
import type { Data, Dtype, NdArray } from "./ndarray.ts";

const providers = ["cpu", "cuda", "webgpu"] as const;

/** What a provider stands on, for the sentence that says it is not there. */
const needs: { readonly [provider: string]: string } = {
  cuda: "It needs an NVIDIA device, CUDA 12 and `node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12`",
  webgpu: "It needs a device with a driver for Vulkan, Direct3D 12 or Metal",
};

// package.json's "imports" puts the runtime's types alone in its place in a page, where native code cannot be bundled.
async function load() {
  const ort = await import("#onnxruntime-node");
  // What goes wrong is thrown, and said in our own words; the runtime would print its own beside it.
  ort.env.logLevel = "fatal";
  return ort;
}

// An array keeps its ONNX Runtime handle, so that state which lives across calls is not wrapped again at each.
const handles = new WeakMap<NdArray, Ort.Tensor>();

export const nodeRuntime: Backend = {
  name: "onnxruntime-node",
  async open(model, options = {}): Promise<Engine> {
    const ort = await load();
    const session = await sessionOf(ort, model, options);
    const handleOf = (array: NdArray): Ort.Tensor => {
      const known = handles.get(array);
      if (known) return known;
      const made = new ort.Tensor(array.dtype as "float32", array.data as Float32Array, array.shape);
      handles.set(array, made);
      return made;
    };
    return {
      async run(feeds, outputs) {
        const given = Object.fromEntries(Object.entries(feeds).map(([name, array]) => [name, handleOf(array)]));
        const wanted = Object.fromEntries(
          Object.entries(outputs).map(([name, array]) => [name, array && handleOf(array)]),
        );
        const results = await session.run(given, wanted);
        return Object.fromEntries(
          Object.entries(results).map(([name, tensor]) => [name, outputs[name] ?? arrayOf(tensor)]),
        );
      },
      close: () => session.release(),
    };
  },
};

async function sessionOf(
  ort: Awaited<ReturnType<typeof load>>,
  model: Uint8Array,
  { threads = 1, provider = "cpu", exact = false }: EngineOptions,
): Promise<Ort.InferenceSession> {
  const refused = (reason: string) =>
    problem("no-provider", { where: nodeRuntime.name, provider, reason, known: providers });
  if (!(providers as readonly string[]).includes(provider)) throw refused("it is none of Node's");
  const create = (names: readonly string[]) =>
    ort.InferenceSession.create(model, {
      executionProviders: names,
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      executionMode: "sequential",
      logSeverityLevel: 3,
      ...without(exact),
    });
  if (provider === "cpu") return await create(["cpu"]);
  try {
    // What a graph has and the device has no kernel for runs on the processor.
    return await create([provider, "cpu"]);
  } catch (error) {
    // The runtime puts the place in its own source first.
    const reason = (error as Error).message.split("\n")[0].replace(/^.* was false\. |[\s.]+$/g, "");
    throw refused(`${reason}. ${needs[provider]}`);
  }
}

const arrayOf = (tensor: Ort.Tensor): NdArray => ({
  shape: tensor.dims,
  dtype: tensor.type as Dtype,
  data: tensor.data as Data,
});
