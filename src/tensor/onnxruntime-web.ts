/**
 * ONNX Runtime compiled to WebAssembly: in pages and workers, and in any other JavaScript.
 *
 * WebAssembly sees its own memory alone, so whatever goes in or out of a call is copied; arrays handed over to be written
 * into are silently left as they were (onnxruntime-web 1.30.0), so results are copied into them here. On WebGPU, state stays
 * on the device until somebody reads it.
 */
import type { Tensor } from "onnxruntime-common";
import { problem } from "../problems.ts";
import { type Backend, type Engine, type EngineOptions, type Provider, without } from "./backend.ts";
import type { Data, Dtype, NdArray } from "./ndarray.ts";

const providers = ["wasm", "webgpu"] as const;

type Ort = typeof import("onnxruntime-web/wasm");

// Each is a download of its own, made when it is first asked for. Inside `try`, so that a bundler for Node passes over what
// is not installed there.
async function sourceOf(provider: (typeof providers)[number]): Promise<Ort> {
  try {
    if (provider === "webgpu") return await import("onnxruntime-web/webgpu");
    return await import("onnxruntime-web/wasm");
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const what = "programs in a page, or in WebAssembly";
    throw problem("missing-package", { where: webRuntime.name, name: "onnxruntime-web", range: "^1.30.0", what });
  }
}

/** Values that are on the device and not in their array. */
const onDevice = new WeakMap<NdArray, Tensor>();

let folder: string | undefined;

/**
 * Where the page finds ONNX Runtime's `.wasm` files: an address that ends in "/". Call it before the first program is
 * opened. Default: beside the script that holds the runtime.
 */
export function serveRuntimeFrom(address: string): void {
  folder = address;
}

export const webRuntime: Backend = {
  name: "onnxruntime-web",
  copies: true,
  async open(model, options = {}, resident = []): Promise<Engine> {
    const provider = await checked(options.provider ?? "wasm");
    const ort = await loaded(provider, options);
    const session = await inTurn(() =>
      ort.InferenceSession.create(model, {
        executionProviders: [provider],
        ...(provider === "webgpu"
          ? { preferredOutputLocation: Object.fromEntries(resident.map((name) => [name, "gpu-buffer" as const])) }
          : {}),
        graphOptimizationLevel: "all",
        executionMode: "sequential",
        logSeverityLevel: 3,
        ...without(options.exact ?? false),
      }),
    );
    return {
      async run(feeds, outputs) {
        const given = Object.fromEntries(
          Object.entries(feeds).map(([name, array]) => [
            name,
            onDevice.get(array) ?? new ort.Tensor(array.dtype as "float32", array.data as Float32Array, array.shape),
          ]),
        );
        const results = await inTurn(() => session.run(given, Object.keys(outputs)));
        const written: Record<string, NdArray> = {};
        for (const [name, tensor] of Object.entries(results)) {
          const into = outputs[name];
          written[name] = into ?? { shape: tensor.dims, dtype: tensor.type as Dtype, data: tensor.data as Data };
          if (!into) continue;
          onDevice.get(into)?.dispose();
          onDevice.delete(into);
          if (tensor.location === "gpu-buffer") onDevice.set(into, tensor);
          else (into.data as Float32Array).set(tensor.data as Float32Array);
        }
        return written;
      },
      async settle(arrays) {
        for (const array of arrays) {
          const tensor = onDevice.get(array);
          if (tensor === undefined) continue;
          (array.data as Float32Array).set((await inTurn(() => tensor.getData(true))) as Float32Array);
          onDevice.delete(array);
        }
      },
      close: () => inTurn(() => session.release()),
    };
  },
};

async function checked(provider: Provider): Promise<(typeof providers)[number]> {
  const refused = (reason: string) =>
    problem("no-provider", { where: webRuntime.name, provider, reason, known: providers });
  if (provider !== "wasm" && provider !== "webgpu") throw refused("it is none of a page's");
  if (provider === "webgpu") {
    const { gpu } = (globalThis.navigator ?? {}) as { gpu?: { requestAdapter(): Promise<unknown> } };
    if (!gpu) throw refused("this browser has no WebGPU, or the page is not in a secure context");
    if (!(await gpu.requestAdapter())) throw refused("this browser has no WebGPU adapter");
  }
  return provider;
}

async function loaded(provider: (typeof providers)[number], { threads = 1 }: EngineOptions): Promise<Ort> {
  const ort = await sourceOf(provider);
  // Read when the first session is made; later ones share its threads.
  ort.env.wasm.numThreads = threads;
  if (folder !== undefined) ort.env.wasm.wasmPaths = folder;
  return ort;
}

// The runtime does one thing at a time and refuses, rather than queues, what comes while it waits for the device.
let last: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work);
  last = result.catch(() => {});
  return result;
}
