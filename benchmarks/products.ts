/** The matrix products and convolutions of a training program, at the shapes they have in it. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Backend, type NdArray, nodeRuntime } from "../src/tensor/index.ts";
import { type GraphProto, ModelProtoSchema, type NodeProto, ValueInfoProtoSchema } from "../src/tensor/onnx/onnx_pb.ts";
import type { TrainingProgram } from "./programs/program.ts";

export const isProduct = ({ opType }: NodeProto): boolean =>
  ["MatMul", "FusedMatMul", "Gemm", "Conv", "ConvTranspose", "Einsum"].includes(opType);

export interface Product {
  readonly node: NodeProto;
  /** Of each input. */
  readonly shapes: readonly (readonly number[])[];
  readonly out: readonly number[];
}

/** The products of one call of a program that makes one cycle of updates, with the shapes they had when it ran. */
export async function productsOf(program: TrainingProgram): Promise<readonly Product[]> {
  let model = new Uint8Array();
  let fed: { readonly [name: string]: NdArray } = {};
  const recording: Backend = {
    name: nodeRuntime.name,
    async open(given, options) {
      model = given.slice();
      const engine = await nodeRuntime.open(given, options);
      return {
        run(feeds, outputs) {
          fed = feeds;
          return engine.run(feeds, outputs);
        },
        close: () => engine.close(),
      };
    },
  };
  await using updates = await program.open({ backend: recording, unroll: program.cycle });
  await updates.advance(program.cycle);
  const graph = fromBinary(ModelProtoSchema, model).graph as GraphProto;
  const products = graph.node.filter(isProduct);
  const known = new Map<string, readonly number[]>([
    ...graph.initializer.map(({ name, dims }) => [name, dims.map(Number)] as const),
    ...Object.entries(fed).map(([name, { shape }]) => [name, shape] as const),
    ...(await shapesIn(model, products, fed)),
  ]);
  const shapeOf = (name: string): readonly number[] => known.get(name) ?? [];
  return products.map((node) => ({ node, shapes: node.input.map(shapeOf), out: shapeOf(node.output[0]) }));
}

/** The shapes of what goes into products and comes out, from a run in which all of it is an output. */
async function shapesIn(model: Uint8Array, products: readonly NodeProto[], fed: { readonly [name: string]: NdArray }) {
  const whole = fromBinary(ModelProtoSchema, model);
  const graph = whole.graph as GraphProto;
  const made = new Set(graph.node.flatMap(({ output }) => output));
  const already = new Set(graph.output.map(({ name }) => name));
  const wanted = new Set(products.flatMap(({ input, output }) => [...input, ...output]).filter((it) => made.has(it)));
  for (const name of wanted) if (!already.has(name)) graph.output.push(create(ValueInfoProtoSchema, { name }));
  const engine = await nodeRuntime.open(toBinary(ModelProtoSchema, whole));
  const results = await engine.run(fed, Object.fromEntries([...wanted].map((name) => [name, null])));
  await engine.close();
  return Object.entries(results).map(([name, { shape }]) => [name, shape] as const);
}

/** Multiplications in a product. */
export function multiplications({ node, shapes, out }: Product): number {
  const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const [left, right] = shapes;
  switch (node.opType) {
    case "Conv":
      return count(out) * count(right.slice(1));
    case "ConvTranspose":
      return count(left) * count(right.slice(1));
    case "Gemm": {
      const transposed = node.attribute.some(({ name, i }) => name === "transA" && i === 1n);
      return count(out) * left[transposed ? 0 : 1];
    }
    case "FusedMatMul": {
      const transposed = node.attribute.some(({ name, i }) => name === "transA" && i === 1n);
      return count(out) * left[left.length - (transposed ? 2 : 1)];
    }
    default:
      return count(out) * left[left.length - 1];
  }
}

/** Multiplications in the products of one update. */
export async function productsPerUpdate(program: TrainingProgram): Promise<number> {
  const products = await productsOf(program);
  return products.reduce((sum, it) => sum + multiplications(it), 0) / program.cycle;
}
