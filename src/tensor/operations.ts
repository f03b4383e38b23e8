/**
 * The table of operations. A row says everything there is to know about one: its shape rule, its pullback (written in
 * operations, so that it can be differentiated again), its ONNX lowering, and a reference in double precision for tests.
 * The table is typed over a closed set: a missing row, or a rule of the wrong arity, does not compile.
 */
import type { ConvGeometry } from "./convolution.ts";
import type { Noise } from "./key.ts";
import type { Loop } from "./loop.ts";
import type { Dtype, NdArray, Shape } from "./ndarray.ts";
import { convolutions } from "./operations/convolutions.ts";
import { elementwise } from "./operations/elementwise.ts";
import { indexing } from "./operations/indexing.ts";
import { layout } from "./operations/layout.ts";
import { leaves } from "./operations/leaves.ts";
import { loops } from "./operations/loops.ts";
import { normalisations } from "./operations/normalisations.ts";
import { order } from "./operations/order.ts";
import { type Pool, pooling } from "./operations/pooling.ts";
import { products } from "./operations/products.ts";
import { reductions } from "./operations/reductions.ts";
import type { Tensor } from "./tensor.ts";

type None = Record<never, never>;
type Unary<A = None> = { in: readonly [x: Tensor]; attributes: A };
type Binary<A = None> = { in: readonly [x: Tensor, y: Tensor]; attributes: A };
type Leaf<A> = { in: readonly []; attributes: A };

/** Arity and attributes of every operation. */
export interface Signatures {
  input: Leaf<{
    readonly name: string;
    readonly shape: Shape;
    readonly dtype: Dtype;
    readonly axes?: readonly string[];
    readonly noise?: Noise;
  }>;
  constant: Leaf<{ readonly value: NdArray }>;
  identity: Unary<{ readonly axes?: readonly string[] }>;
  stopGradient: Unary;
  /** One result of a loop, whose inputs are its carried values, rows and captured values. */
  loop: { in: readonly Tensor[]; attributes: { readonly loop: Loop; readonly which: number } };
  /** The first input, whose slope flows to the others as a function given with it says. */
  custom: {
    in: readonly Tensor[];
    attributes: {
      readonly pullback: (slope: Tensor, inputs: readonly Tensor[], output: Tensor) => readonly (Tensor | null)[];
    };
  };

  add: Binary;
  sub: Binary;
  mul: Binary;
  div: Binary;
  pow: Binary;
  minimum: Binary;
  maximum: Binary;
  less: Binary;
  lessEqual: Binary;
  equal: Binary;
  and: Binary;
  or: Binary;
  not: Unary;
  where: { in: readonly [condition: Tensor, yes: Tensor, no: Tensor]; attributes: None };
  neg: Unary;
  abs: Unary;
  sign: Unary;
  exp: Unary;
  expm1: Unary;
  log: Unary;
  log1p: Unary;
  sqrt: Unary;
  tanh: Unary;
  sigmoid: Unary;
  softplus: Unary;
  relu: Unary;
  /** 1 above 0, 0 elsewhere, in the same element type. */
  positive: Unary;
  elu: Unary<{ readonly alpha: number }>;
  erf: Unary;
  sin: Unary;
  cos: Unary;
  floor: Unary;
  cast: Unary<{ readonly dtype: Dtype }>;

  matmul: Binary<{ readonly transposeLeft: boolean; readonly transposeRight: boolean }>;
  /** x W + b, made from matmul and add by a pass. */
  gemm: {
    in: readonly [x: Tensor, weight: Tensor, bias: Tensor];
    attributes: { readonly transposeLeft: boolean; readonly transposeRight: boolean };
  };

  /** x [N, C, …] and weight [O, C/groups, …]. */
  conv: { in: readonly [x: Tensor, weight: Tensor]; attributes: ConvGeometry };
  /** x [N, C, …] and weight [C, O/groups, …]. */
  convTranspose: {
    in: readonly [x: Tensor, weight: Tensor];
    attributes: ConvGeometry & { readonly outputPadding: readonly number[] };
  };
  /** [O, C/groups, …size]: the transpose of conv in its weight. */
  convWeight: {
    in: readonly [x: Tensor, slope: Tensor];
    attributes: ConvGeometry & { readonly size: readonly number[] };
  };
  maxPool: Unary<Pool>;
  /** int32: where in its plane the largest element of each window lies. */
  maxPoolPlaces: Unary<Pool>;
  averagePool: Unary<Pool>;

  /** Over the last axis; scale and bias are vectors. */
  layerNorm: {
    in: readonly [x: Tensor, scale: Tensor, bias: Tensor];
    attributes: { readonly epsilon: number };
  };
  rmsNorm: { in: readonly [x: Tensor, scale: Tensor]; attributes: { readonly epsilon: number } };

  sum: Unary<{ readonly axes: readonly number[]; readonly keep: boolean }>;
  mean: Unary<{ readonly axes: readonly number[]; readonly keep: boolean }>;
  max: Unary<{ readonly axes: readonly number[]; readonly keep: boolean }>;
  min: Unary<{ readonly axes: readonly number[]; readonly keep: boolean }>;
  softmax: Unary<{ readonly axis: number }>;
  logSoftmax: Unary<{ readonly axis: number }>;
  argmax: Unary<{ readonly axis: number }>;
  argmin: Unary<{ readonly axis: number }>;
  /** int32: where the `count` largest or smallest along an axis lie, in their order; of equals the earlier first. */
  topPlaces: Unary<{ readonly axis: number; readonly count: number; readonly largest: boolean }>;
  cumsum: Unary<{ readonly axis: number; readonly reverse: boolean }>;

  reshape: Unary<{ readonly shape: Shape }>;
  transpose: Unary<{ readonly permutation: readonly number[] }>;
  broadcastTo: Unary<{ readonly shape: Shape }>;
  broadcastLike: Binary;
  expandDims: Unary<{ readonly axis: number }>;
  squeeze: Unary<{ readonly axis: number }>;
  slice: Unary<{ readonly axis: number; readonly from: number; readonly to: number }>;
  pad: Unary<{ readonly axis: number; readonly before: number; readonly after: number }>;
  flip: Unary<{ readonly axes: readonly number[] }>;
  /** Zeros below or above a diagonal of the last two axes. */
  triangle: Unary<{ readonly upper: boolean; readonly diagonal: number }>;
  concat: { in: readonly Tensor[]; attributes: { readonly axis: number } };

  gather: { in: readonly [x: Tensor, indices: Tensor]; attributes: None };
  takeAlong: { in: readonly [x: Tensor, indices: Tensor]; attributes: { readonly axis: number } };
  /** x with rows added to those its leading axis is indexed by; an index named twice gets both. */
  scatterAdd: { in: readonly [x: Tensor, indices: Tensor, updates: Tensor]; attributes: None };
  /** Σ of rows into zeros: the transpose of gather. */
  scatterRows: { in: readonly [indices: Tensor, updates: Tensor]; attributes: { readonly rows: number } };
  /** Σ of elements into zeros: the transpose of takeAlong. */
  scatterAlong: {
    in: readonly [indices: Tensor, updates: Tensor];
    attributes: { readonly axis: number; readonly size: number };
  };
  oneHot: { in: readonly [indices: Tensor]; attributes: { readonly depth: number; readonly dtype: Dtype } };
}

export type Operation = keyof Signatures;
export type Inputs<O extends Operation> = Signatures[O]["in"];
export type Attributes<O extends Operation> = Signatures[O]["attributes"];

export interface Inferred {
  readonly shape: Shape;
  readonly dtype: Dtype;
  readonly axes?: readonly string[];
}

/** A slope for each input; null where none flows. */
export type Slopes<In extends readonly Tensor[]> = { readonly [K in keyof In]: Tensor | null };

/** An ONNX attribute: integers and lists of integers as they are, floats marked. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number } | string;

/** What a lowering may emit. */
export interface Emit {
  /** One node; returns the name of its output number `which`, the first by default. */
  node(
    type: string,
    inputs: readonly string[],
    attributes?: { readonly [name: string]: OnnxAttribute },
    domain?: string,
    which?: number,
  ): string;
  /** A constant int64 vector. */
  ints(values: readonly number[]): string;
  /** A constant scalar. */
  scalar(value: number, dtype: Dtype): string;
  array(value: NdArray): string;
  /** A loop, written once however many of its results are asked for; returns the names of all of them. */
  scan(loop: Loop, inputs: readonly string[]): readonly string[];
}

export interface Row<O extends Operation> {
  /** @throws Problem "shape", "dtype" or "axis", at the caller's line */
  infer(inputs: Inputs<O>, attributes: Attributes<O>): Inferred;
  /** Slopes of the inputs from the slope of the output; null where the operation is a step function. */
  readonly pullback:
    | ((inputs: Inputs<O>, output: Tensor, slope: Tensor, attributes: Attributes<O>) => Slopes<Inputs<O>>)
    | null;
  lower(emit: Emit, names: readonly string[], output: Tensor, attributes: Attributes<O>): string;
  /** Floats come and go as float64, whatever the program's type; whole numbers may leave as float64 too. */
  reference(
    inputs: readonly NdArray[],
    output: { readonly shape: Shape; readonly dtype: Dtype },
    attributes: Attributes<O>,
  ): NdArray;
}

export type Rows<O extends Operation> = { readonly [K in O]: Row<K> };

export const operations: Rows<Operation> = {
  ...leaves,
  ...loops,
  ...elementwise,
  ...products,
  ...convolutions,
  ...pooling,
  ...normalisations,
  ...reductions,
  ...order,
  ...layout,
  ...indexing,
};
