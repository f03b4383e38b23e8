import { allocate, type Dtype, type NdArray } from "../ndarray.ts";
import type { Emit, Row, Rows } from "../operations.ts";
import { broadcast, floats, numbers, oneType, stridesOf, sumTo } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { erf, lowerElu, lowerErf, lowerExpm1, lowerLog1p, lowerSigmoid, lowerSoftplus } from "./expansions.ts";

type Arithmetic = "add" | "sub" | "mul" | "div" | "pow" | "minimum" | "maximum";
type Comparison = "less" | "lessEqual" | "equal";
type Logic = "and" | "or";
type Pointwise =
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sqrt"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "relu"
  | "positive"
  | "erf"
  | "sin"
  | "cos"
  | "floor";

/** The rank and open sizes of two broadcast references, element by element. */
function zip(
  inputs: readonly NdArray[],
  output: { shape: readonly number[]; dtype: Dtype },
  f: (...values: number[]) => number,
): NdArray {
  const { shape } = output;
  const dtype = output.dtype === "bool" ? "bool" : "float64";
  const data = allocate(shape, dtype) as Float64Array;
  const strides = inputs.map((input) => {
    const own = stridesOf(input.shape);
    const added = shape.length - input.shape.length;
    return shape.map((_, i) => (i < added || input.shape[i - added] === 1 ? 0 : own[i - added]));
  });
  const position = new Array<number>(shape.length).fill(0);
  const values = new Array<number>(inputs.length);
  for (let at = 0; at < data.length; at++) {
    for (let k = 0; k < inputs.length; k++) {
      let offset = 0;
      for (let i = 0; i < shape.length; i++) offset += position[i] * strides[k][i];
      values[k] = Number(inputs[k].data[offset]);
    }
    data[at] = f(...values);
    for (let i = shape.length - 1; i >= 0; i--) {
      position[i]++;
      if (position[i] < shape[i]) break;
      position[i] = 0;
    }
  }
  return { shape, dtype, data };
}

function arithmetic<O extends Arithmetic>(
  name: O,
  onnx: string,
  f: (x: number, y: number) => number,
  slopes: (x: Tensor, y: Tensor, out: Tensor, slope: Tensor) => readonly [Tensor | null, Tensor | null],
): Row<Arithmetic> {
  return {
    infer: ([x, y]) => ({ ...broadcast(x, y, name), dtype: oneType(name, numbers, x, y) }),
    pullback([x, y], out, slope) {
      const [dx, dy] = slopes(x, y, out, slope);
      return [dx && sumTo(dx, x), dy && sumTo(dy, y)];
    },
    lower: (emit: Emit, names) => emit.node(onnx, names),
    reference: (inputs, output) => zip(inputs, output, f),
  };
}

function comparison(name: Comparison, onnx: string, f: (x: number, y: number) => boolean): Row<Comparison> {
  return {
    infer([x, y]) {
      oneType(name, name === "equal" ? "any" : numbers, x, y);
      return { ...broadcast(x, y, name), dtype: "bool" };
    },
    pullback: null,
    lower: (emit, names) => emit.node(onnx, names),
    reference: (inputs, output) => zip(inputs, output, (x, y) => Number(f(x, y))),
  };
}

function logic(name: Logic, onnx: string, f: (x: number, y: number) => number): Row<Logic> {
  return {
    infer([x, y]) {
      return { ...broadcast(x, y, name), dtype: oneType(name, ["bool"], x, y) };
    },
    pullback: null,
    lower: (emit, names) => emit.node(onnx, names),
    reference: (inputs, output) => zip(inputs, output, f),
  };
}

function pointwise(
  name: Pointwise,
  onnx: string,
  f: (x: number) => number,
  slopeOf: ((x: Tensor, out: Tensor, slope: Tensor) => Tensor) | null,
  kinds: readonly Dtype[] = floats,
): Row<Pointwise> {
  return {
    infer: ([x]) => ({ shape: x.shape, axes: x.axes, dtype: oneType(name, kinds, x) }),
    pullback: slopeOf && (([x], out, slope) => [slopeOf(x, out, slope)]),
    lower: (emit, names) => emit.node(onnx, names),
    reference: (inputs, output) => zip(inputs, output, f),
  };
}

/** 1 where the condition holds, in the slope's type, so that it multiplies a slope. */
const indicator = (condition: Tensor, slope: Tensor): Tensor => condition.cast(slope.dtype);

export const elementwise: Rows<Arithmetic | Comparison | Logic | Pointwise | "not" | "where" | "elu" | "cast"> = {
  add: arithmetic(
    "add",
    "Add",
    (x, y) => x + y,
    (_x, _y, _out, g) => [g, g],
  ),
  sub: arithmetic(
    "sub",
    "Sub",
    (x, y) => x - y,
    (_x, _y, _out, g) => [g, g.neg()],
  ),
  mul: arithmetic(
    "mul",
    "Mul",
    (x, y) => x * y,
    (x, y, _out, g) => [g.mul(y), g.mul(x)],
  ),
  div: arithmetic(
    "div",
    "Div",
    (x, y) => x / y,
    (_x, y, out, g) => [g.div(y), g.mul(out).div(y).neg()],
  ),
  pow: arithmetic(
    "pow",
    "Pow",
    (x, y) => x ** y,
    (x, y, out, g) => [g.mul(y).mul(x.pow(y.sub(1))), y.operation === "constant" ? null : g.mul(out).mul(x.log())],
  ),
  minimum: arithmetic("minimum", "Min", Math.min, (x, y, _out, g) => {
    const first = indicator(x.lessEqual(y), g);
    return [g.mul(first), g.mul(first.from(1))];
  }),
  maximum: arithmetic("maximum", "Max", Math.max, (x, y, _out, g) => {
    const first = indicator(x.greaterEqual(y), g);
    return [g.mul(first), g.mul(first.from(1))];
  }),

  less: comparison("less", "Less", (x, y) => x < y),
  lessEqual: comparison("lessEqual", "LessOrEqual", (x, y) => x <= y),
  equal: comparison("equal", "Equal", (x, y) => x === y),
  and: logic("and", "And", (x, y) => x & y),
  or: logic("or", "Or", (x, y) => x | y),
  not: {
    infer: ([x]) => ({ shape: x.shape, axes: x.axes, dtype: oneType("not", ["bool"], x) }),
    pullback: null,
    lower: (emit, names) => emit.node("Not", names),
    reference: (inputs, output) => zip(inputs, output, (x) => 1 - x),
  },
  where: {
    infer([condition, yes, no]) {
      oneType("where", ["bool"], condition);
      const dtype = oneType("where", "any", yes, no);
      const sides = broadcast(yes, no, "where");
      const all = broadcast(condition, { ...sides, rank: sides.shape.length } as Tensor, "where");
      return { ...all, dtype };
    },
    pullback: ([condition, yes, no], _out, slope) => [
      null,
      sumTo(condition.where(slope, 0), yes),
      sumTo(condition.where(0, slope), no),
    ],
    lower(emit, [condition, yes, no], { dtype }) {
      if (dtype !== "bool") return emit.node("Where", [condition, yes, no]);
      // No kernel chooses between truth values; logic does.
      const other = emit.node("And", [emit.node("Not", [condition]), no]);
      return emit.node("Or", [emit.node("And", [condition, yes]), other]);
    },
    reference: (inputs, output) => zip(inputs, output, (c, x, y) => (c ? x : y)),
  },

  neg: pointwise(
    "neg",
    "Neg",
    (x) => -x,
    (_x, _out, g) => g.neg(),
    numbers,
  ),
  abs: pointwise("abs", "Abs", Math.abs, (x, _out, g) => g.mul(x.sign()), numbers),
  sign: pointwise("sign", "Sign", Math.sign, null, numbers),
  exp: pointwise("exp", "Exp", Math.exp, (_x, out, g) => g.mul(out)),
  log: pointwise("log", "Log", Math.log, (x, _out, g) => g.div(x)),
  expm1: {
    ...pointwise("expm1", "", Math.expm1, (_x, out, g) => g.mul(out.add(1))),
    lower: (emit, [x], { dtype }) => lowerExpm1(emit, x, dtype),
  },
  log1p: {
    ...pointwise("log1p", "", Math.log1p, (x, _out, g) => g.div(x.add(1))),
    lower: (emit, [x], { dtype }) => lowerLog1p(emit, x, dtype),
  },
  sqrt: pointwise("sqrt", "Sqrt", Math.sqrt, (_x, out, g) => g.div(out).mul(0.5)),
  tanh: pointwise("tanh", "Tanh", Math.tanh, (_x, out, g) => g.mul(out.square().from(1))),
  sigmoid: {
    ...pointwise(
      "sigmoid",
      "",
      (x) => 1 / (1 + Math.exp(-x)),
      (_x, out, g) => g.mul(out.mul(out.from(1))),
    ),
    lower: (emit, [x], { dtype }) =>
      // ONNX Runtime fuses x · Sigmoid(x) into a kernel that it has in single precision alone.
      dtype === "float32" ? emit.node("Sigmoid", [x]) : lowerSigmoid(emit, x),
  },
  softplus: {
    ...pointwise(
      "softplus",
      "",
      (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
      (x, _out, g) => g.mul(x.sigmoid()),
    ),
    lower: (emit, [x], { dtype }) => (dtype === "float32" ? emit.node("Softplus", [x]) : lowerSoftplus(emit, x)),
  },
  relu: pointwise(
    "relu",
    "Relu",
    (x) => Math.max(x, 0),
    (_x, out, g) => g.mul(apply("positive", [out], {})),
  ),
  // One pass over memory where Greater and Cast are two, and Sign is one of seven times the time (ONNX Runtime 1.30). The
  // product with the largest float is above 1 for every number that is not denormal.
  positive: {
    ...pointwise("positive", "", (x) => Number(x > 0), null),
    lower: (emit, [x], { dtype }) =>
      dtype === "float32"
        ? emit.node("HardSigmoid", [x], { alpha: { float: 3.4028234663852886e38 }, beta: { float: 0 } })
        : emit.node("Cast", [emit.node("Greater", [x, emit.scalar(0, dtype)])], { to: onnxDtype[dtype] }),
  },
  elu: {
    infer: ([x]) => ({ shape: x.shape, axes: x.axes, dtype: oneType("elu", floats, x) }),
    pullback: ([x], out, slope, { alpha }) => [slope.mul(x.greater(0).where(1, out.add(alpha)))],
    lower: (emit, [x], { dtype }, { alpha }) =>
      dtype === "float32" ? emit.node("Elu", [x], { alpha: { float: alpha } }) : lowerElu(emit, x, alpha),
    reference: (inputs, output, { alpha }) => zip(inputs, output, (x) => (x > 0 ? x : alpha * Math.expm1(x))),
  },
  erf: {
    ...pointwise("erf", "", erf, (x, _out, g) =>
      g.mul(
        x
          .square()
          .neg()
          .exp()
          .mul(2 / Math.sqrt(Math.PI)),
      ),
    ),
    lower: (emit, [x], { dtype }) => (dtype === "float32" ? emit.node("Erf", [x]) : lowerErf(emit, x)),
  },
  sin: pointwise("sin", "Sin", Math.sin, (x, _out, g) => g.mul(x.cos())),
  cos: pointwise("cos", "Cos", Math.cos, (x, _out, g) => g.mul(x.sin().neg())),
  floor: pointwise("floor", "Floor", Math.floor, null),

  cast: {
    infer: ([x], { dtype }) => ({ shape: x.shape, axes: x.axes, dtype }),
    pullback: ([x], _out, slope) => [x.dtype === "float32" || x.dtype === "float64" ? slope.cast(x.dtype) : null],
    lower: (emit, names, _output, { dtype }) => emit.node("Cast", names, { to: onnxDtype[dtype] }),
    reference: (inputs, output, { dtype }) =>
      zip(inputs, output, dtype === "bool" ? (x) => Number(x !== 0) : dtype.startsWith("int") ? Math.trunc : (x) => x),
  },
};

/** ONNX's TensorProto.DataType. */
export const onnxDtype: { readonly [D in Dtype]: number } = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 };
