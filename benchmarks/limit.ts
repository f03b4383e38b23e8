/**
 * The limit: the matrix products and convolutions of a training program alone, at the shapes they have in it, in the same
 * runtime. What an update takes beyond it is everything that is no product.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Backend, type NdArray, nodeRuntime, zeros } from "../src/tensor/index.ts";
import {
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from "../src/tensor/onnx/onnx_pb.ts";
import type { Peer } from "./benchmark.ts";
import type { TrainingProgram } from "./programs/program.ts";

const isProduct = ({ opType }: NodeProto): boolean =>
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

/** A model of the products alone: each of its own inputs, so that none is another's, from few enough to stay in cache. */
function modelOf(products: readonly Product[]) {
  const inputs = new Map<string, NdArray>();
  const counts = new Map<string, number>();
  const nodes = products.map(({ node, shapes }, i) => {
    // Operands of one shape form a square of pairs, so that no two products are the same and few operands are needed.
    const form = `${node.opType} ${shapes.map((shape) => shape.join("x")).join(" ")}`;
    const nth = counts.get(form) ?? 0;
    counts.set(form, nth + 1);
    const side = Math.ceil(Math.sqrt(products.length));
    const input = shapes.map((shape, place) => {
      const name = `${shape.join("x")} ${place} ${place === 0 ? nth % side : Math.floor(nth / side)}`;
      if (!inputs.has(name)) inputs.set(name, operand(shape));
      return name;
    });
    const { opType, domain, attribute } = node;
    return create(NodeProtoSchema, { opType, domain, attribute, input, output: [`out${i}`] });
  });
  return { nodes, inputs };
}

/** Not zeros: numbers of the size that activations have. */
function operand(shape: readonly number[]): NdArray {
  const value = zeros(shape);
  for (let i = 0; i < value.data.length; i++) value.data[i] = ((i * 7919) % 1000) / 1000 - 0.5;
  return value;
}

/** The products of a program as a side of a measurement: as many updates a second as they alone would allow. */
export async function openLimit(program: TrainingProgram, threads: number): Promise<Peer> {
  const products = await productsOf(program);
  const { nodes, inputs } = modelOf(products);
  const value = (name: string, shape: readonly number[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: "tensorType",
          value: {
            elemType: 1,
            shape: { dim: shape.map((size) => ({ value: { case: "dimValue" as const, value: BigInt(size) } })) },
          },
        },
      },
    });
  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [
      { domain: "", version: 18n },
      { domain: "com.microsoft", version: 1n },
    ],
    graph: {
      name: "limit",
      node: nodes,
      input: [...inputs].map(([name, { shape }]) => value(name, shape)),
      output: products.map(({ out }, i) => value(`out${i}`, out)),
    },
  });
  const engine = await nodeRuntime.open(toBinary(ModelProtoSchema, model), { threads });
  const feeds = Object.fromEntries(inputs);
  // Products of one shape are written to one place, as the runtime lets dead values share memory in the whole program.
  const buffers = new Map(products.map(({ out }) => [out.join("x"), zeros(out)]));
  const outputs = Object.fromEntries(products.map(({ out }, i) => [`out${i}`, buffers.get(out.join("x")) ?? null]));
  for (let i = 0; i < 3; i++) await engine.run(feeds, outputs);
  return {
    name: "its matrix products alone, in ONNX Runtime",
    async run(seconds) {
      const begin = performance.now();
      let [calls, taken] = [0, 0];
      while (taken < seconds) {
        await engine.run(feeds, outputs);
        calls++;
        taken = (performance.now() - begin) / 1000;
      }
      return (calls * program.cycle) / taken;
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
