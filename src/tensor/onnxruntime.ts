/** The ONNX Runtime back end for Node. */
import * as ort from "onnxruntime-node";
import type { Backend, Engine } from "./backend.ts";
import type { Data, Dtype, NdArray } from "./ndarray.ts";

// An array keeps its ONNX Runtime handle, so that state which lives across calls is not wrapped again at each.
const handles = new WeakMap<NdArray, ort.Tensor>();

function handleOf(array: NdArray): ort.Tensor {
  const known = handles.get(array);
  if (known) return known;
  const made = new ort.Tensor(array.dtype as "float32", array.data as Float32Array, array.shape);
  handles.set(array, made);
  return made;
}

const arrayOf = (tensor: ort.Tensor): NdArray => ({
  shape: tensor.dims,
  dtype: tensor.type as Dtype,
  data: tensor.data as Data,
});

export const onnxRuntime: Backend = {
  name: "onnxruntime-node",
  async open(model, { threads = 1 } = {}): Promise<Engine> {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      executionMode: "sequential",
      logSeverityLevel: 3,
    });
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
