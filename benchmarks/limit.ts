/**
 * What an update could take at the least in ONNX Runtime: its matrix products and convolutions alone, at the shapes they have
 * in it. Of each product one element goes on, into one sum, so that nothing crosses into JavaScript but a number.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "../src/tensor/onnx/onnx_pb.ts";
import type { Peer } from "./benchmark.ts";
import { type Product, productsOf } from "./products.ts";
import type { TrainingProgram } from "./programs/program.ts";

/** Cycles of updates in one call. */
const times = 4;

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Every product, one element of it, and the sum of those. Products of like operands have the same ones. */
function nodesOf(products: readonly Product[]): { readonly nodes: readonly NodeProto[]; readonly inputs: Shapes } {
  const inputs = new Map<string, readonly number[]>();
  const elements = new Map<number, string[]>();
  const nodes: NodeProto[] = [];
  for (const [at, { node, shapes, out }] of Array.from({ length: times }, () => products)
    .flat()
    .entries()) {
    const input = shapes.map((shape, place) => {
      const name = `${node.opType} ${place} ${shape.join("x")}`;
      inputs.set(name, shape);
      return name;
    });
    const { opType, domain, attribute } = node;
    const cut = ["from", "to"].map((name) => `${name} ${out.length}`);
    nodes.push(
      create(NodeProtoSchema, { opType, domain, attribute, input, output: [`product ${at}`] }),
      create(NodeProtoSchema, { opType: "Slice", input: [`product ${at}`, ...cut], output: [`element ${at}`] }),
    );
    elements.set(out.length, [...(elements.get(out.length) ?? []), `element ${at}`]);
  }
  const axis = create(AttributeProtoSchema, { name: "axis", type: Kind.INT, i: 0n });
  const keep = create(AttributeProtoSchema, { name: "keepdims", type: Kind.INT, i: 0n });
  for (const [rank, input] of elements) {
    nodes.push(
      create(NodeProtoSchema, { opType: "Concat", input, output: [`elements ${rank}`], attribute: [axis] }),
      create(NodeProtoSchema, {
        opType: "ReduceSum",
        input: [`elements ${rank}`],
        output: [`sum ${rank}`],
        attribute: [keep],
      }),
    );
  }
  nodes.push(
    create(NodeProtoSchema, {
      opType: "Sum",
      input: [...elements.keys()].map((rank) => `sum ${rank}`),
      output: ["sum"],
    }),
  );
  return { nodes, inputs };
}

/** For each axis of a product the same number. */
const ints = (name: string, rank: number, value: bigint) =>
  create(TensorProtoSchema, {
    name: `${name} ${rank}`,
    dims: [BigInt(rank)],
    dataType: 7,
    rawData: new Uint8Array(new BigInt64Array(rank).fill(value).buffer),
  });

const float = (name: string, shape: readonly number[]) => {
  const dim = shape.map((size) => ({ value: { case: "dimValue" as const, value: BigInt(size) } }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType: 1, shape: { dim } } } },
  });
};

/** The products of a training program, and the operands they are of. */
export async function limitModel(
  program: TrainingProgram,
): Promise<{ readonly model: Uint8Array; readonly inputs: Shapes }> {
  const { nodes, inputs } = nodesOf(await productsOf(program));
  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [
      { domain: "", version: 18n },
      { domain: "com.microsoft", version: 1n },
    ],
    graph: {
      name: "limit",
      node: [...nodes],
      input: [...inputs].map(([name, shape]) => float(name, shape)),
      initializer: [1, 2, 3, 4, 5].flatMap((rank) => [ints("from", rank, 0n), ints("to", rank, 1n)]),
      output: [float("sum", [])],
    },
  });
  return { model: toBinary(ModelProtoSchema, model), inputs };
}

/** Products alike are not one: what makes them so in our own programs is left out here. */
export const keepAlike = {
  extra: { optimization: { disable_specified_optimizers: "CommonSubexpressionElimination" } },
};

/** Numbers of the size that activations have. */
function operand(shape: readonly number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 1000) / 1000 - 0.5);
  return new Tensor("float32", data, shape);
}

/** As many updates a second as the products of a program alone would allow. */
export async function openLimit(program: TrainingProgram, threads: number, each = 1): Promise<Peer> {
  const { model, inputs } = await limitModel(program);
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    logSeverityLevel: 3,
    ...keepAlike,
  });
  const feeds = Object.fromEntries([...inputs].map(([name, shape]) => [name, operand(shape)]));
  for (let i = 0; i < 3; i++) await session.run(feeds);
  return {
    name: "its matrix products alone, in ONNX Runtime",
    async run(seconds) {
      const begin = performance.now();
      let [calls, taken] = [0, 0];
      while (taken < seconds) {
        await session.run(feeds);
        calls++;
        taken = (performance.now() - begin) / 1000;
      }
      return (calls * times * program.cycle * each) / taken;
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}
