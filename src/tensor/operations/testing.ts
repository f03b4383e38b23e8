/** What every operation must show: reference against ONNX Runtime, slopes against finite differences, twice. */
import assert from "node:assert/strict";
import { hvp, valueAndGrad } from "../grad.ts";
import { evaluate, topological } from "../interpret.ts";
import { asType, type Dtype, type NdArray, sizeOf } from "../ndarray.ts";
import { trace } from "../program.ts";
import { fillNormal, fillUniform, fold, randomKey } from "../random.ts";
import { runOnce } from "../runtime.ts";
import { apply, constant, type Tensor } from "../tensor.ts";

export interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly f: (...x: Tensor[]) => Tensor;
  /** Where inputs are drawn: normal by default, or uniform between bounds where the function asks for it. */
  readonly between?: readonly [number, number];
  /** A step function: no slope to compare. */
  readonly flat?: true;
}
export type Cases = { readonly [name: string]: Case };

export const indices = (...values: number[]): Tensor =>
  constant({ shape: [values.length], dtype: "int32", data: Int32Array.from(values) });

export function draws({ shapes, between }: Case, seed: number): NdArray[] {
  return shapes.map((shape, i) => {
    const data = new Float64Array(sizeOf(shape));
    if (between) {
      fillUniform(data, fold(randomKey(seed), i));
      for (let j = 0; j < data.length; j++) data[j] = between[0] + (between[1] - between[0]) * data[j];
    } else {
      fillNormal(data, fold(randomKey(seed), i));
    }
    return { shape, dtype: "float64", data };
  });
}

export const input = (value: NdArray, i: number): Tensor =>
  apply("input", [], { name: `x${i}`, shape: value.shape, dtype: value.dtype });
export const feeds = (values: readonly NdArray[]) => Object.fromEntries(values.map((value, i) => [`x${i}`, value]));

/** A scalar that depends on every element of the output differently. */
export function scalarised(f: Case["f"]): Case["f"] {
  return (...x) => {
    const out = f(...x);
    const weights = new Float64Array(sizeOf(out.shape)).map((_, i) => Math.sin(1 + 2.3 * i));
    return out
      .cast("float64")
      .mul(constant({ shape: out.shape, dtype: "float64", data: weights }))
      .sum();
  };
}

/** Relative to numbers above 1, absolute below. */
export function close(
  got: ArrayLike<number | bigint>,
  wanted: ArrayLike<number | bigint>,
  tolerance: number,
  what: string,
): void {
  assert.equal(got.length, wanted.length, what);
  for (let i = 0; i < got.length; i++) {
    const [a, b] = [Number(got[i]), Number(wanted[i])];
    assert.ok(
      Object.is(a, b) || Math.abs(a - b) <= tolerance * (1 + Math.abs(b)),
      `${what}: element ${i} is ${a}, wanted ${b}`,
    );
  }
}

/** What the runtime makes of values, in their own types. */
export async function computed(f: Case["f"], values: readonly NdArray[], name = "values"): Promise<NdArray> {
  const inputs = values.map(({ shape, dtype }) => ({ shape, dtype }));
  const program = trace(name, { state: {}, inputs }, (state, given) => ({
    state,
    outputs: f(...(given as readonly Tensor[])),
  }));
  return (await runOnce(program, values as never)) as unknown as NdArray;
}

const tolerance: { readonly [D in Dtype]?: number } = { float32: 2e-5, float64: 1e-11 };

export async function assertComputes(name: string, given: Case, dtype: Dtype = "float32"): Promise<void> {
  const values = draws(given, 1).map((value) => asType(value, dtype));
  const got = await computed(given.f, values, name);
  const [wanted] = evaluate([given.f(...values.map(input))], feeds(values));
  assert.deepEqual(got.shape, wanted.shape);
  close(got.data, wanted.data, tolerance[dtype] ?? 0, `${name}, ${dtype}`);
}

const bumped = (values: readonly NdArray[], which: number, at: number, by: number): NdArray[] =>
  values.map((value, i) =>
    i === which ? { ...value, data: (value.data as Float64Array).map((v, j) => (j === at ? v + by : v)) } : value,
  );

/** Slopes against central differences of the value, Hessian-vector products against those of the slopes. */
export function assertSlopes(name: string, given: Case): void {
  const values = draws(given, 2);
  const f = scalarised(given.f);
  const h = 1e-5;
  const inputs = values.map(input);
  const at = (v: readonly NdArray[], tensors: readonly Tensor[]) => evaluate(tensors, feeds(v));
  const [value, slopes] = valueAndGrad((x: readonly Tensor[]) => f(...x))(inputs);
  const directions = values.map((v, i) => ({
    ...v,
    data: (v.data as Float64Array).map((_, j) => Math.cos(1 + i + 1.7 * j)),
  }));
  const curved = hvp(
    (x: readonly Tensor[]) => f(...x),
    inputs,
    directions.map((d) => constant(d)),
  );
  const [, ...slopeValues] = at(values, [value, ...slopes]);
  const curvedValues = at(values, curved);
  const moved = (by: number) =>
    values.map((v, i) => ({
      ...v,
      data: (v.data as Float64Array).map((x, j) => x + by * Number(directions[i].data[j])),
    }));
  const [ahead, behind] = [at(moved(h), slopes), at(moved(-h), slopes)];
  values.forEach((v, i) => {
    const numeric = (v.data as Float64Array).map((_, j) => {
      const up = at(bumped(values, i, j, h), [value])[0].data[0];
      const down = at(bumped(values, i, j, -h), [value])[0].data[0];
      return (Number(up) - Number(down)) / (2 * h);
    });
    close(slopeValues[i].data, numeric, 1e-6, `${name}, slope of input ${i}`);
    const second = (ahead[i].data as Float64Array).map((a, j) => (a - Number(behind[i].data[j])) / (2 * h));
    close(curvedValues[i].data, second, 1e-5, `${name}, second slope of input ${i}`);
  });
}

/** Each row of a part of the table is reached by a case, or by the slope of one. */
export function assertCovered(rows: object, cases: Cases): void {
  const reached = new Set<string>();
  for (const given of Object.values(cases)) {
    const inputs = draws(given, 1).map(input);
    const slopes = given.flat ? [] : valueAndGrad((x: readonly Tensor[]) => scalarised(given.f)(...x))(inputs)[1];
    for (const tensor of topological([given.f(...inputs), ...slopes])) reached.add(tensor.operation);
  }
  const unproved = Object.keys(rows).filter((name) => !reached.has(name));
  assert.deepEqual(unproved, []);
}
