/** Programs as ONNX models. */
import { create, toBinary } from "@bufbuild/protobuf";
import { topological } from "../interpret.ts";
import type { Data, Dtype, NdArray, Shape } from "../ndarray.ts";
import { onnxDtype } from "../operations/elementwise.ts";
import { type Emit, type OnnxAttribute, type Operation, operations, type Row } from "../operations.ts";
import type { AnyProgram } from "../program.ts";
import { nameOfInput } from "../program.ts";
import type { Tensor } from "../tensor.ts";
import { leavesOf, type Spec } from "../tree.ts";
import {
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx_pb.ts";

/** Opset 18 is in every ONNX Runtime since 1.14 (2023). */
const opset = 18n;

/** The graph as an ONNX model: inputs, noise and "state/…" in; outputs and "next/…" out. */
export function toOnnx(program: AnyProgram, metadata: { readonly [key: string]: string } = {}): Uint8Array {
  const graph = create(GraphProtoSchema, { name: program.name });
  const emit = emitter(graph);
  const names = new Map<Tensor, string>();
  const outputs = [...program.graph];
  for (const tensor of topological(outputs.map(([, t]) => t))) {
    const row = operations[tensor.operation] as Row<Operation>;
    const inputs = tensor.inputs.map((input) => names.get(input) as string);
    names.set(tensor, row.lower(emit, inputs, tensor, tensor.attributes as never));
  }
  for (const [name, tensor] of outputs) {
    // An output has a name of its own, which its tensor may share with an input, a constant or another output.
    graph.node.push(
      create(NodeProtoSchema, { opType: "Identity", input: [names.get(tensor) as string], output: [name] }),
    );
    graph.output.push(valueInfo(name, tensor));
  }
  renameOutputs(graph);
  for (const [name, spec] of inputsOf(program)) graph.input.push(valueInfo(name, spec));
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      producerName: "repertoire",
      graph,
      opsetImport: [
        create(OperatorSetIdProtoSchema, { domain: "", version: opset }),
        create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n }),
      ].filter(({ domain }) => domain === "" || graph.node.some((node) => node.domain === domain)),
      metadataProps: Object.entries(metadata).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
    }),
  );
}

/** Everything the model must be fed, by name. */
export function inputsOf(program: AnyProgram): ReadonlyMap<string, Spec> {
  const used = new Set(topological([...program.graph.values()]).map(nameOfInput));
  const all = new Map<string, Spec>();
  for (const [path, spec] of leavesOf<Spec>(program.state)) all.set(`state/${path}`, spec);
  for (const [path, spec] of leavesOf<Spec>(program.inputs)) all.set(path, spec);
  for (const noise of program.noise) all.set(noise.name, noise);
  return new Map([...all].filter(([name]) => used.has(name)));
}

/** A node whose result is an output writes to that name itself, and who else reads it reads it there: a copy less. */
function renameOutputs(graph: GraphProto): void {
  const producer = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const renamed = new Map<string, string>();
  const kept = graph.node.filter((node) => {
    if (node.opType !== "Identity") return true;
    const [from] = node.input;
    const maker = producer.get(from);
    // An input, a constant, or a result that already has an output's name is copied after all.
    if (maker === undefined || maker.opType === "Identity" || renamed.has(from)) return true;
    renamed.set(from, node.output[0]);
    maker.output = maker.output.map((name) => (name === from ? node.output[0] : name));
    return false;
  });
  for (const node of kept) node.input = node.input.map((name) => renamed.get(name) ?? name);
  graph.node.splice(0, graph.node.length, ...kept);
}

function emitter(graph: GraphProto): Emit {
  const shared = new Map<string, string>();
  const arrays = new Map<NdArray, string>();
  let count = 0;
  const add = (tensor: TensorProto): string => {
    tensor.name = `%c${graph.initializer.length}`; // no path of a tree: an input may well be called c0
    graph.initializer.push(tensor);
    return tensor.name;
  };
  const once = (key: string, make: () => TensorProto): string => {
    const name = shared.get(key) ?? add(make());
    shared.set(key, name);
    return name;
  };
  return {
    node(type, inputs, attributes = {}, domain = "", which = 0) {
      const output = Array.from({ length: which + 1 }, () => `%t${count++}`);
      graph.node.push(
        create(NodeProtoSchema, {
          opType: type,
          domain,
          input: [...inputs],
          output,
          attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
        }),
      );
      return output[which];
    },
    ints: (values) =>
      once(`ints ${values}`, () => initializer([values.length], "int64", BigInt64Array.from(values, BigInt))),
    scalar: (value, dtype) => once(`${dtype} ${value}`, () => initializer([], dtype, scalarData(value, dtype))),
    array(value) {
      if (value.shape.length === 0) return this.scalar(Number(value.data[0]), value.dtype);
      const name = arrays.get(value) ?? add(initializer(value.shape, value.dtype, value.data));
      arrays.set(value, name);
      return name;
    },
  };
}

const scalarData = (value: number, dtype: Dtype): Data =>
  dtype === "int64"
    ? BigInt64Array.of(BigInt(value))
    : dtype === "float32"
      ? Float32Array.of(value)
      : dtype === "float64"
        ? Float64Array.of(value)
        : dtype === "int32"
          ? Int32Array.of(value)
          : Uint8Array.of(value);

const initializer = (shape: Shape, dtype: Dtype, data: Data): TensorProto =>
  create(TensorProtoSchema, {
    dims: shape.map(BigInt),
    dataType: onnxDtype[dtype],
    rawData: new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer),
  });

function attribute(name: string, value: OnnxAttribute) {
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value) });
  if (typeof value === "string")
    return create(AttributeProtoSchema, { name, type: Kind.STRING, s: new TextEncoder().encode(value) });
  if ("float" in value) return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: value.map(BigInt) });
}

function valueInfo(name: string, { shape, dtype }: Spec): ValueInfoProto {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value: size < 0 ? { case: "dimParam", value: "batch" } : { case: "dimValue", value: BigInt(size) },
    }),
  );
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: onnxDtype[dtype],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensorType } }),
  });
}
