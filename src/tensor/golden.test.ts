import assert from "node:assert/strict";
import { test } from "node:test";
import { eigenSymmetric } from "./eigenvalues.ts";
import { einsum } from "./einsum.ts";
import { grad } from "./grad.ts";
import { evaluate } from "./interpret.ts";
import { cholesky, determinant, eye, inverse, logdet, solve, triangularSolve } from "./linear-algebra.ts";
import { asType, type Dtype, type NdArray, sizeOf } from "./ndarray.ts";
import { webRuntime } from "./onnxruntime-web.ts";
import { close, computed } from "./operations/testing.ts";
import golden from "./operations.golden.json" with { type: "json" };
import { sort, topK } from "./order.ts";
import { trace } from "./program.ts";
import { open } from "./runtime.ts";
import { constant, type Tensor } from "./tensor.ts";

const shifted = (a: Tensor, by = 2): Tensor => a.add(eye(a.shape.at(-1) as number, a.dtype).mul(by));
const definite = (x: Tensor): Tensor => shifted(x.matmul(x, { transposeRight: true }), 1);

const functions: { readonly [name in keyof typeof golden]: (x: Tensor, y: Tensor, z: Tensor) => Tensor } = {
  conv1d: (x, w) => x.conv(w, { stride: 2, padding: 2, dilation: 2, groups: 2 }),
  conv2d: (x, w) => x.conv(w, { stride: [2, 1], padding: [1, 0], dilation: [1, 2] }),
  "conv same": (x, w) => x.conv(w, { padding: "same" }),
  convTranspose1d: (x, w) => x.convTranspose(w, { stride: 3, padding: 1, outputPadding: 2, groups: 2 }),
  convTranspose2d: (x, w) => x.convTranspose(w, { stride: [2, 3], padding: [1, 0], dilation: [2, 1] }),
  maxPool1d: (x) => x.maxPool(3, { stride: 2, padding: 1 }),
  maxPool2d: (x) => x.maxPool([2, 3], { stride: [2, 1], dilation: [1, 2] }),
  averagePool1d: (x) => x.averagePool(3, { stride: 2, padding: 1 }),
  averagePool2d: (x) => x.averagePool([2, 3]),
  layerNorm: (x, scale, bias) => x.layerNorm(scale, bias, 2 ** -10),
  rmsNorm: (x, scale) => x.rmsNorm(scale, 2 ** -10),
  elu: (x) => x.mul(3).elu(1.5),
  prod: (x) => x.add(1).prod(1),
  cumprod: (x) => x.add(1).cumprod(1),
  "cumsum from the end": (x) => x.cumsum(1, { reverse: true }),
  variance: (x) => x.variance(1),
  logsumexp: (x) => x.mul(9).logsumexp(1),
  sort: (x) => sort(x, 1, { descending: true }),
  topK: (x) => topK(x, 3, -1, { smallest: true }).values,
  silu: (x) => x.mul(4).silu(),
  gelu: (x) => x.mul(4).gelu(),
  "log1p and expm1": (x) => x.log1p().add(x.mul(2).expm1()),
  triangles: (x) => x.tril(1).add(x.triu(-1).mul(2)),
  "einsum attention": (q, k) => einsum("bqhd,bkhd->bhqk", q, k),
  "einsum bilinear": (x, w, y) => einsum("bi,iko,bo->bk", x, w, y),
  "einsum diagonal": (x, y) => einsum("iij,j->i", x, y),
  solve: (a, b) => solve(shifted(a), b),
  triangularSolve: (a, b) => triangularSolve(shifted(a), b, { upper: true }),
  cholesky: (x) => cholesky(definite(x)),
  inverse: (x) => inverse(shifted(x)),
  determinant: (x) => determinant(shifted(x, 1)),
  logdet: (x) => logdet(shifted(x)),
  eigenvalues: (x) =>
    eigenSymmetric(definite(x).add(eye(4, x.dtype).mul(eye(4, x.dtype).cumsum(0).sum(-1).sub(1)))).values,
};

/** What PyTorch started from, in double precision. */
const wave = (shape: readonly number[], at: number): NdArray => ({
  shape,
  dtype: "float64",
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => 0.6 * Math.sin(1.7 * i + at)),
});

for (const [name, wanted] of Object.entries(golden)) {
  const f = functions[name as keyof typeof golden] as (...x: Tensor[]) => Tensor;
  const weighted = (...x: Tensor[]): Tensor => {
    const out = f(...x);
    return out.mul(constant(asType(wave(wanted.shape, 9), out.dtype))).sum();
  };
  const slopeOf =
    (i: number) =>
    (...x: Tensor[]): Tensor =>
      grad((given: readonly Tensor[]) => weighted(...given))(x)[i];
  const inputs = wanted.shapes.map((shape, i) => wave(shape, i + 1));

  test(`${name}: the reference and the runtime as PyTorch, forward and every slope`, async () => {
    const reference = evaluate([
      f(...inputs.map(constant)),
      ...inputs.map((_, i) => slopeOf(i)(...inputs.map(constant))),
    ]);
    assert.deepEqual(reference[0].shape, wanted.shape);
    for (const [i, numbers] of [wanted.out, ...wanted.slopes].entries()) {
      const what = i === 0 ? f : slopeOf(i - 1);
      close(reference[i].data, numbers, 1e-10, `${name}, reference ${i}`);
      for (const [dtype, error] of [
        ["float64", 1e-10],
        ["float32", 1e-5],
      ] as [Dtype, number][]) {
        const got = await computed(
          what,
          inputs.map((x) => asType(x, dtype)),
        );
        close(got.data, numbers, error, `${name}, ${dtype} ${i}`);
      }
    }
  });
}

test("the WebAssembly runtime computes all of it too, in both precisions", async () => {
  for (const [dtype, error] of [
    ["float32", 1e-5],
    ["float64", 1e-10],
  ] as const) {
    const entries = Object.entries(golden);
    const given = entries.map(([, { shapes }]) => shapes.map((shape, i) => asType(wave(shape, i + 1), dtype)));
    const inputs = given.map((values) => values.map(({ shape }) => ({ shape, dtype })));
    const program = trace("all", { state: {}, inputs }, (state, tensors) => ({
      state,
      outputs: {
        all: entries.map(([name, { shape }], i) => {
          const f = functions[name as keyof typeof golden] as (...x: readonly Tensor[]) => Tensor;
          const weights = constant(asType(wave(shape, 9), dtype));
          const x = (tensors as readonly (readonly Tensor[])[])[i];
          return [
            f(...x),
            ...grad((p: readonly Tensor[]) =>
              f(...p)
                .mul(weights)
                .sum(),
            )(x),
          ];
        }),
      },
    }));
    await using compiled = await open(program, { backend: webRuntime });
    const { all } = (await compiled.run(given as never)) as { all: readonly (readonly NdArray[])[] };
    entries.forEach(([name, { out, slopes }], i) => {
      [out, ...slopes].forEach((numbers, part) => {
        close(all[i][part].data, numbers, error, `${name}, ${dtype} ${part}`);
      });
    });
  }
});
