/** The numbers inside an ONNX model. */
import { fromBinary } from "@bufbuild/protobuf";
import type { Data, Dtype, NdArray } from "../ndarray.ts";
import { onnxDtype } from "../operations/elementwise.ts";
import { ModelProtoSchema, type TensorProto } from "./onnx_pb.ts";

const dtypes = new Map(Object.entries(onnxDtype).map(([dtype, code]) => [code as number, dtype as Dtype]));

/**
 * The float arrays of at least one axis that a model of ours holds, by their names in the graph and in its order: the
 * parameters of the networks, and the vectors that scale what goes in and comes out.
 */
export function parametersOf(model: Uint8Array): { readonly [name: string]: NdArray } {
  const { graph } = fromBinary(ModelProtoSchema, model);
  const arrays = (graph?.initializer ?? []).flatMap((tensor): [string, NdArray][] => {
    const dtype = dtypes.get(tensor.dataType);
    const float = dtype === "float32" || dtype === "float64";
    return float && tensor.dims.length > 0 ? [[tensor.name, arrayOf(tensor, dtype)]] : [];
  });
  return Object.fromEntries(arrays);
}

function arrayOf({ dims, rawData }: TensorProto, dtype: "float32" | "float64"): NdArray {
  // A slice of its own starts at byte 0, which suits every element type.
  const { buffer } = Uint8Array.from(rawData);
  const data: Data = dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  return { shape: dims.map(Number), dtype, data };
}

/** The version of ONNX's own operations that a model asks for. */
export const opsetOf = (model: Uint8Array): number =>
  Number(fromBinary(ModelProtoSchema, model).opsetImport.find(({ domain }) => domain === "")?.version ?? 0);
