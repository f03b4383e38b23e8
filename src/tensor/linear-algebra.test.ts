import assert from "node:assert/strict";
import { test } from "node:test";
import { eigenSymmetric } from "./eigenvalues.ts";
import { grad } from "./grad.ts";
import { cholesky, determinant, eye, inverse, logdet, solve, triangularSolve } from "./linear-algebra.ts";
import { asType, ndarray } from "./ndarray.ts";
import { assertComputes, assertSlopes, type Cases, close, computed } from "./operations/testing.ts";
import { onesOf, type Tensor } from "./tensor.ts";
import { normal, numbersOf } from "./testing.ts";

/** Symmetric and positive definite, whatever x. */
const definite = (x: Tensor): Tensor =>
  x.matmul(x, { transposeRight: true }).add(eye(x.shape.at(-1) as number, x.dtype));
/** Symmetric, with eigenvalues apart. */
const apart = (x: Tensor): Tensor => {
  const n = x.shape.at(-1) as number;
  return x
    .add(x.transpose())
    .mul(0.3)
    .add(eye(n, x.dtype).mul(eye(n, x.dtype).cumsum(0).sum(-1)).mul(3));
};

const cases: Cases = {
  solve: {
    shapes: [
      [4, 4],
      [4, 2],
    ],
    f: solve,
  },
  "solve, a batch": {
    shapes: [
      [3, 2, 2],
      [3, 2, 1],
    ],
    f: solve,
  },
  inverse: { shapes: [[2, 3, 3]], f: (x) => inverse(x.add(eye(3, x.dtype).mul(3))) },
  determinant: { shapes: [[3, 4, 4]], f: determinant },
  "determinant of one number": { shapes: [[1, 1]], f: determinant },
  logdet: { shapes: [[2, 3, 3]], f: logdet },
  triangularSolve: {
    shapes: [
      [2, 3, 3],
      [2, 3, 2],
    ],
    f: (a, b) => triangularSolve(a.add(eye(3, a.dtype).mul(4)), b),
  },
  "triangularSolve, upper": {
    shapes: [
      [3, 3],
      [3, 2],
    ],
    f: (a, b) => triangularSolve(a.add(eye(3, a.dtype).mul(4)), b, { upper: true }),
  },
  "triangularSolve, transposed": {
    shapes: [
      [3, 3],
      [3, 2],
    ],
    f: (a, b) => triangularSolve(a.add(eye(3, a.dtype).mul(4)), b, { transpose: true }),
  },
  cholesky: { shapes: [[2, 4, 4]], f: (x) => cholesky(definite(x)) },
  eigenvalues: { shapes: [[2, 4, 4]], f: (x) => eigenSymmetric(apart(x)).values },
  "eigenvectors, weighted": {
    shapes: [[3, 3], [3]],
    f: (x, w) => {
      const { vectors } = eigenSymmetric(apart(x));
      return vectors.mul(w).matmul(vectors, { transposeRight: true });
    },
  },
};

for (const [name, given] of Object.entries(cases)) {
  test(`${name}: values and slopes`, async () => {
    await assertComputes(name, given);
    await assertComputes(name, given, "float64");
    assertSlopes(name, given);
  });
}

test("a row of zeros at the pivot's place is stepped over, and so is a tiny one", async () => {
  const a = ndarray(
    [
      [0, 2, 1],
      [1e-20, 1, 1],
      [3, 0, 1],
    ],
    { dtype: "float64" },
  );
  const b = ndarray([[4], [3], [5]], { dtype: "float64" });
  const x = numbersOf(await computed(solve, [a, b]));
  close(x, [1, 1, 2], 1e-12, "x");
  close(numbersOf(await computed(determinant, [a])), [3], 1e-12, "det");
});

for (const n of [1, 2, 5, 8, 16]) {
  test(`eigenvectors of ${n} × ${n}: they diagonalise, are orthonormal, and their values rise`, async () => {
    for (const [dtype, error] of [
      ["float32", 2e-5],
      ["float64", 1e-12],
    ] as const) {
      const x = asType(normal(n, 3, n, n), dtype);
      const residues = await computed(
        (m) => {
          const a = m.add(m.transpose());
          const { values, vectors } = eigenSymmetric(a);
          const diagonal = a
            .matmul(vectors)
            .sub(vectors.mul(values.unsqueeze(-2)))
            .abs()
            .max([0, 1, 2]);
          const orthonormal = vectors
            .matmul(vectors, { transposeLeft: true })
            .sub(eye(n, m.dtype))
            .abs()
            .max([0, 1, 2]);
          const falls =
            n === 1 ? orthonormal.mul(0) : values.slice(1, 0, -1).sub(values.slice(1, 1)).max([0, 1]).relu();
          return diagonal.add(orthonormal).add(falls);
        },
        [x],
      );
      assert.ok(numbersOf(residues)[0] < n * error, `${dtype}: ${numbersOf(residues)[0]}`);
    }
  });
}

test("diagonal, repeated and zero eigenvalues come out exactly, with finite slopes", async () => {
  const cases: [number[][], number[]][] = [
    [
      [
        [3, 0],
        [0, 1],
      ],
      [1, 3],
    ],
    [
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
      [0, 0, 0],
    ],
    [
      [
        [0, 1],
        [1, 0],
      ],
      [-1, 1],
    ],
    [
      [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
      ],
      [2, 2, 2],
    ],
  ];
  for (const [a, values] of cases) {
    close(numbersOf(await computed((x) => eigenSymmetric(x).values, [ndarray(a)])), values, 1e-6, `${a}`);
    const slope = grad((x: Tensor) => {
      const { values: found, vectors } = eigenSymmetric(x);
      return found.sum().add(vectors.square().sum());
    });
    const trace = Array.from(a.flat(), (_, i) => Number(i % (a.length + 1) === 0));
    close(numbersOf(await computed(slope, [ndarray(a)])), trace, 1e-5, `slope at ${a}`);
  }
});

test("a determinant knows an odd permutation from an even one", async () => {
  for (const [rows, sign] of [
    [
      [
        [0, 1],
        [1, 0],
      ],
      -1,
    ],
    [
      [
        [0, 1, 0],
        [0, 0, 1],
        [1, 0, 0],
      ],
      1,
    ],
    [
      [
        [0, 0, 0, 2],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [1, 0, 0, 0],
      ],
      -2,
    ],
  ] as [number[][], number][]) {
    close(numbersOf(await computed(determinant, [ndarray(rows)])), [sign], 1e-6, `${rows}`);
  }
});

test("a singular matrix: determinant 0, its logarithm −∞, no finite solution", async () => {
  const a = ndarray(
    [
      [1, 2],
      [2, 4],
    ],
    { dtype: "float64" },
  );
  assert.ok(numbersOf(await computed(determinant, [a]))[0] === 0);
  assert.deepEqual(numbersOf(await computed(logdet, [a])), [-Infinity]);
  assert.ok(numbersOf(await computed(inverse, [a])).every((v) => !Number.isFinite(v)));
});

test("what is not square, too large, or of another type is refused in a sentence", () => {
  const [a, b] = [onesOf([3, 3]), onesOf([3, 2])];
  assert.throws(() => solve(b, b), /solve: wanted square matrices \[… n n\] of known size, got \[3, 2\]/);
  assert.throws(() => solve(a, onesOf([2, 3])), /right-hand sides \[… n m\].*got \[3, 3\] and \[2, 3\]/);
  assert.throws(() => solve(a, b.cast("float64")), /solve: wanted one float type/);
  assert.throws(() => cholesky(onesOf([2, 2], "int32")), /cholesky: wanted float32 or float64, got int32/);
  assert.throws(() => eigenSymmetric(onesOf([17, 17])), /eigenSymmetric: got "n = 17"; wanted n of at most 16/);
});
