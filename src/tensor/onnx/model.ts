/** Programs as ONNX models. */
import { create, toBinary } from "@bufbuild/protobuf";
import { topological } from "../interpret.ts";
import { type Data, type Dtype, type NdArray, type Shape, zeros } from "../ndarray.ts";
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
  type NodeProto,
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
  lower(graph, [...program.graph], emitter(graph), new Map());
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
      ].filter(({ domain }) => domain === "" || nodesOf(graph).some((node) => node.domain === domain)),
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

/** The nodes of tensors that are named outputs of a graph. @param names of the tensors that have one already */
function lower(
  graph: GraphProto,
  outputs: readonly (readonly [name: string, tensor: Tensor])[],
  emit: Emit,
  names: Map<Tensor, string>,
): void {
  for (const tensor of topological(outputs.map(([, t]) => t))) {
    if (names.has(tensor)) continue;
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
}

const bodiesOf = ({ attribute }: NodeProto): GraphProto[] => attribute.flatMap(({ g }) => g ?? []);

/** The graph's nodes, and those of the bodies in it. */
const nodesOf = ({ node }: GraphProto): NodeProto[] => [...node, ...node.flatMap(bodiesOf).flatMap(nodesOf)];

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
  graph.node.splice(0, graph.node.length, ...kept);
  // A body sees the names around it; its own are of no other graph.
  for (const node of nodesOf(graph)) node.input = node.input.map((name) => renamed.get(name) ?? name);
}

/** What the graph and the bodies in it share: its constants, and a count that keeps names apart. */
interface Whole {
  readonly graph: GraphProto;
  readonly shared: Map<string, string>;
  readonly arrays: Map<NdArray, string>;
  count: number;
}

function emitter(graph: GraphProto, whole: Whole = { graph, shared: new Map(), arrays: new Map(), count: 0 }): Emit {
  const { shared, arrays } = whole;
  const loops = new Map<string, readonly string[]>();
  const fresh = (): string => `%t${whole.count++}`; // no path of a tree: an input may well be called t0
  const add = (tensor: TensorProto): string => {
    tensor.name = `%c${whole.graph.initializer.length}`;
    whole.graph.initializer.push(tensor);
    return tensor.name;
  };
  const once = (key: string, make: () => TensorProto): string => {
    const name = shared.get(key) ?? add(make());
    shared.set(key, name);
    return name;
  };
  return {
    node(type, inputs, attributes = {}, domain = "", which = 0) {
      const output = Array.from({ length: which + 1 }, fresh);
      graph.node.push(
        create(NodeProtoSchema, {
          opType: type,
          domain,
          input: [...inputs],
          output,
          attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
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
    scan(loop, inputs) {
      const key = `${inputs} ${loop.signature}`;
      const before = loops.get(key);
      if (before) return before;
      const body = create(GraphProtoSchema, { name: fresh() });
      const { carried, scanned, captured, results, turns } = loop;
      const ends = [carried.length, carried.length + scanned.length];
      const names = new Map<Tensor, string>(captured.map((standIn, i) => [standIn, inputs[ends[1] + i]]));
      for (const standIn of [...carried, ...scanned]) {
        names.set(standIn, fresh());
        body.input.push(valueInfo(names.get(standIn) as string, standIn));
      }
      const rows = inputs.slice(ends[0], ends[1]);
      if (rows.length === 0) {
        // Scan counts its turns by the rows it is given.
        rows.push(this.array(zeros([turns], "bool")));
        body.input.push(valueInfo(fresh(), { shape: [], dtype: "bool" }));
      }
      lower(
        body,
        results.map((result) => [fresh(), result]),
        emitter(body, whole),
        names,
      );
      const output = results.map(fresh);
      const attribute = [
        create(AttributeProtoSchema, { name: "body", type: Kind.GRAPH, g: body }),
        attributeOf("num_scan_inputs", rows.length),
      ];
      graph.node.push(
        create(NodeProtoSchema, { opType: "Scan", input: [...inputs.slice(0, ends[0]), ...rows], output, attribute }),
      );
      loops.set(key, output);
      return output;
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

function attributeOf(name: string, value: OnnxAttribute) {
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
