/** Functions that ONNX Runtime has no kernel for, in any type or in double precision, made of those it has. */
import type { Dtype } from "../ndarray.ts";
import type { Emit } from "../operations.ts";

/** tanh(x/2) (eˣ + 1), which keeps its digits near 0, where eˣ − 1 loses them. */
export function lowerExpm1(emit: Emit, x: string, dtype: Dtype): string {
  const half = emit.node("Tanh", [emit.node("Mul", [x, emit.scalar(0.5, dtype)])]);
  return emit.node("Mul", [half, emit.node("Add", [emit.node("Exp", [x]), emit.scalar(1, dtype)])]);
}

/** log(1 + x) keeping its digits near 0. x / left is what rounding 1 + x lost of x; above 1024 it lost nothing that matters, and ∞/∞ must not arise. */
export function lowerLog1p(emit: Emit, x: string, dtype: Dtype): string {
  const one = emit.scalar(1, dtype);
  const sum = emit.node("Add", [x, one]);
  const bounded = emit.node("Min", [x, emit.scalar(1024, dtype)]);
  const left = emit.node("Sub", [emit.node("Add", [bounded, one]), one]);
  const exact = emit.node("Mul", [emit.node("Log", [sum]), emit.node("Div", [bounded, left])]);
  return emit.node("Where", [emit.node("Equal", [sum, one]), x, exact]);
}

/**
 * ONNX Runtime has no double-precision Erf. The integral over [0, x] by Gauss and Legendre's rule: 2x/√π Σ wᵢ exp(−x² uᵢ²),
 * with x cut at ±6 where erf is 1 in double precision; 40 points leave an error below 1e-14.
 */
export function lowerErf(emit: Emit, x: string): string {
  const { points, weights } = gaussLegendre(40);
  const vector = (data: Float64Array): string => emit.array({ shape: [data.length], dtype: "float64", data });
  const bound = (side: number): string => emit.scalar(side, "float64");
  const cut = emit.node("Max", [emit.node("Min", [x, bound(6)]), bound(-6)]);
  const squares = emit.node("Unsqueeze", [emit.node("Mul", [cut, cut]), emit.ints([-1])]);
  const bells = emit.node("Exp", [emit.node("Mul", [squares, vector(points.map((u) => -u * u))])]);
  const scaled = emit.node("Mul", [bells, vector(weights.map((w) => (2 * w) / Math.sqrt(Math.PI)))]);
  return emit.node("Mul", [cut, emit.node("ReduceSum", [scaled, emit.ints([-1])], { keepdims: 0 })]);
}

/** Points and weights on [0, 1], by Newton's method on Legendre's polynomial. */
function gaussLegendre(n: number): { points: Float64Array; weights: Float64Array } {
  const [points, weights] = [new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    let z = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 20; step++) {
      let [before, now] = [1, z];
      for (let k = 2; k <= n; k++) [before, now] = [now, ((2 * k - 1) * z * now - (k - 1) * before) / k];
      slope = (n * (z * now - before)) / (z * z - 1);
      z -= now / slope;
    }
    points[i] = (1 + z) / 2;
    weights[i] = 1 / ((1 - z * z) * slope * slope);
  }
  return { points, weights };
}

export function lowerSigmoid(emit: Emit, x: string): string {
  const one = emit.scalar(1, "float64");
  return emit.node("Div", [one, emit.node("Add", [one, emit.node("Exp", [emit.node("Neg", [x])])])]);
}

/** max(x, 0) + log(1 + e^−|x|): the standard's own expansion overflows. */
export function lowerSoftplus(emit: Emit, x: string): string {
  const tail = emit.node("Exp", [emit.node("Neg", [emit.node("Abs", [x])])]);
  return emit.node("Add", [emit.node("Relu", [x]), lowerLog1p(emit, tail, "float64")]);
}

export function lowerElu(emit: Emit, x: string, alpha: number): string {
  const below = lowerExpm1(emit, emit.node("Min", [x, emit.scalar(0, "float64")]), "float64");
  return emit.node("Add", [emit.node("Relu", [x]), emit.node("Mul", [below, emit.scalar(alpha, "float64")])]);
}

/**
 * The error function to 1e-15: below 3 by 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n + 1)), whose terms all have one
 * sign and cancel nothing, above by the continued fraction.
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 3) {
    let term = a;
    let sum = a;
    for (let n = 1; term > 1e-17 * sum; n++) {
      term *= (2 * a * a) / (2 * n + 1);
      sum += term;
    }
    return (Math.sign(x) * 2 * Math.exp(-a * a) * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / ((a + fraction) * Math.sqrt(Math.PI)));
}
