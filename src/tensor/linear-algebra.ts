/**
 * Linear algebra for small matrices [… n n], batched over leading axes, written in operations. Each algorithm is unrolled
 * over n, so programs grow with it; each has the slope of textbooks in place of that of its steps (Giles 2008, "Collected
 * matrix derivative results"), again written in these functions, so that it is differentiated again.
 */
import { problem } from "../problems.ts";
import { customGradient } from "./custom.ts";
import { concat } from "./joining.ts";
import { asType, type Dtype } from "./ndarray.ts";
import { userLine } from "./shape.ts";
import { constant, type Tensor } from "./tensor.ts";

/** 1 on the diagonal, 0 elsewhere. */
export function eye(n: number, dtype: Dtype = "float32"): Tensor {
  const data = Uint8Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  return constant(asType({ shape: [n, n], dtype: "bool", data }, dtype));
}

/** The size n of [… n n]. */
export function sizeOfSquare(where: string, a: Tensor): number {
  const [rows, columns] = a.shape.slice(-2);
  if (a.rank < 2 || rows !== columns || rows < 1) {
    throw problem("shape", { where, wanted: "square matrices [… n n] of known size", got: [a.shape], ...userLine() });
  }
  if (!a.dtype.startsWith("float")) {
    throw problem("dtype", { where, wanted: "float32 or float64", got: [a.dtype], ...userLine() });
  }
  return rows;
}

function checkRows(where: string, a: Tensor, b: Tensor): void {
  const n = sizeOfSquare(where, a);
  if (b.rank !== a.rank || b.shape[b.rank - 2] !== n || a.shape.slice(0, -2).join() !== b.shape.slice(0, -2).join()) {
    const wanted = "matrices [… n n] and right-hand sides [… n m] of the same leading axes";
    throw problem("shape", { where, wanted, got: [a.shape, b.shape], ...userLine() });
  }
  if (a.dtype !== b.dtype) {
    throw problem("dtype", { where, wanted: "one float type", got: [a.dtype, b.dtype], ...userLine() });
  }
}

/**
 * Gauss and Jordan's elimination with partial pivoting, of a beside b. Rows stay where they are; `places` [… n n] has, in
 * row k, a 1 at the row that was pivot k. A pivot of 0 makes everything infinite, unless it is stepped over.
 */
function eliminate(a: Tensor, b: Tensor, stepOver = false): { reduced: Tensor; places: Tensor; pivots: Tensor } {
  const n = sizeOfSquare("solve", a);
  let now = concat([a, b], -1);
  let free: Tensor | undefined;
  const places: Tensor[] = [];
  const pivots: Tensor[] = [];
  for (let k = 0; k < n; k++) {
    const column = now.slice(-1, k, k + 1);
    const sizes = column.abs().squeeze(-1);
    // A row that has been a pivot may not be one again, so it counts as less than nothing.
    const candidates = free === undefined ? sizes : free.where(sizes, -1);
    const place = candidates.argmax(-1).oneHot(n, a.dtype);
    free = free === undefined ? place.equal(0) : free.and(place.equal(0));
    const row = place.unsqueeze(-2).matmul(now);
    const pivot = row.slice(-1, k, k + 1);
    // The pivot's own row is divided by the pivot, and the others lose what brings their element of the column to 0.
    const divisor = stepOver ? pivot.equal(0).where(1, pivot) : pivot;
    now = now.sub(column.sub(place.unsqueeze(-1)).mul(row.div(divisor)));
    places.push(place.unsqueeze(-2));
    pivots.push(pivot.squeeze(-1));
  }
  return { reduced: now.slice(-1, n), places: concat(places, -2), pivots: concat(pivots, -1) };
}

/**
 * x of a x = b, for a [… n n] and b [… n m]. Where a is singular the answer is not finite.
 * @throws Problem "shape" or "dtype"
 */
export function solve(a: Tensor, b: Tensor): Tensor {
  checkRows("solve", a, b);
  return solved(a, b);
}

const solved: (a: Tensor, b: Tensor) => Tensor = customGradient(
  (a: Tensor, b: Tensor) => {
    const { reduced, places } = eliminate(a, b);
    return places.matmul(reduced);
  },
  (slope, [a], x) => {
    const db = solved(a.transpose(), slope);
    return [db.matmul(x, { transposeRight: true }).neg(), db];
  },
);

/** a⁻¹, for a [… n n]. Where only a⁻¹ b is wanted, `solve` is faster and more exact. */
export function inverse(a: Tensor): Tensor {
  const n = sizeOfSquare("inverse", a);
  const one = eye(n, a.dtype);
  return solved(a, a.rank === 2 ? one : one.broadcastLike(a));
}

/** det a, for a [… n n] → […]. Its slope is finite where a is not singular. */
export const determinant = (a: Tensor): Tensor => {
  sizeOfSquare("determinant", a);
  return multiplied(a);
};

/** log |det a|, for a [… n n] → […]; −∞ where a is singular. */
export const logdet = (a: Tensor): Tensor => {
  sizeOfSquare("logdet", a);
  return logMultiplied(a);
};

/** Eliminated beside a column that nothing reads. */
const eliminated = (a: Tensor) => eliminate(a, a.slice(-1, 0, 1), true);
const byInverse = (slope: Tensor, a: Tensor): Tensor => inverse(a).transpose().mul(slope.unsqueeze(-1).unsqueeze(-1));

const multiplied: (a: Tensor) => Tensor = customGradient(
  (a: Tensor) => {
    const { places, pivots } = eliminated(a);
    return pivots.prod(-1).mul(parity(places, a.shape[a.rank - 1]));
  },
  (slope, [a], value) => [byInverse(slope.mul(value), a)],
);

const logMultiplied: (a: Tensor) => Tensor = customGradient(
  (a: Tensor) => eliminated(a).pivots.abs().log().sum(-1),
  (slope, [a]) => [byInverse(slope, a)],
);

/** 1 or −1: a permutation's sign, the product over pairs of whether they stand in order. */
function parity(places: Tensor, n: number): Tensor {
  if (n === 1) return places.squeeze(-1).squeeze(-1);
  const at = places.argmax(-1).cast(places.dtype);
  const order = at.unsqueeze(-2).sub(at.unsqueeze(-1)).sign();
  const data = Uint8Array.from({ length: n * n }, (_, i) => Number(i % n > Math.floor(i / n)));
  const above = constant({ shape: [n, n], dtype: "bool", data });
  return above.where(order, 1).prod([-2, -1]);
}

export interface TriangularOptions {
  /** Whether a is upper triangular; what lies in its other half is not read. Default false. */
  readonly upper?: boolean;
  /** Solve with aᵀ. Default false. */
  readonly transpose?: boolean;
}

/**
 * x of a x = b for a triangular a [… n n] and b [… n m], by substitution.
 * @throws Problem "shape" or "dtype"
 */
export function triangularSolve(
  a: Tensor,
  b: Tensor,
  { upper = false, transpose = false }: TriangularOptions = {},
): Tensor {
  checkRows("triangularSolve", a, b);
  const [matrix, isUpper] = transpose ? [a.transpose(), !upper] : [a, upper];
  return isUpper ? substitutedBack(matrix, b) : substituted(matrix, b);
}

const substituted: (a: Tensor, b: Tensor) => Tensor = customGradient(
  (a: Tensor, b: Tensor) => {
    const n = sizeOfSquare("triangularSolve", a);
    let x: Tensor | undefined;
    for (let i = 0; i < n; i++) {
      const row = a.slice(-2, i, i + 1);
      const right = b.slice(-2, i, i + 1);
      const left = x === undefined ? right : right.sub(row.slice(-1, 0, i).matmul(x));
      const next = left.div(row.slice(-1, i, i + 1));
      x = x === undefined ? next : concat([x, next], -2);
    }
    return x as Tensor;
  },
  (slope, [a], x) => {
    const db = substitutedBack(a.transpose(), slope);
    return [db.matmul(x, { transposeRight: true }).neg().tril(), db];
  },
);

/** An upper triangle read from its last row to its first is a lower one. */
const substitutedBack = (a: Tensor, b: Tensor): Tensor => substituted(a.flip([-2, -1]), b.flip(-2)).flip(-2);

/**
 * The lower triangular l with l lᵀ = a, for symmetric positive definite a [… n n], of which the lower half is read. NaN
 * where a is not positive definite. The slope is symmetric: Murray (2016), arXiv:1602.07527.
 * @throws Problem "shape" or "dtype"
 */
export const cholesky = (a: Tensor): Tensor => {
  sizeOfSquare("cholesky", a);
  return factored(a);
};

const factored: (a: Tensor) => Tensor = customGradient(
  (a: Tensor) => {
    const n = sizeOfSquare("cholesky", a);
    let rest = a;
    const columns: Tensor[] = [];
    for (let k = 0; k < n; k++) {
      const column = rest.slice(-1, 0, 1).div(rest.slice(-1, 0, 1).slice(-2, 0, 1).sqrt());
      columns.push(column.pad(-2, k, 0));
      if (k === n - 1) break;
      const below = column.slice(-2, 1);
      rest = rest.slice(-2, 1).slice(-1, 1).sub(below.mul(below.transpose()));
    }
    return concat(columns, -1);
  },
  (slope, [a], l) => {
    const n = sizeOfSquare("cholesky", a);
    const inner = l.matmul(slope, { transposeLeft: true }).tril();
    const halved = inner.sub(inner.mul(eye(n, a.dtype)).mul(0.5));
    // l⁻ᵀ halved l⁻¹, its two factors by substitution.
    const left = substitutedBack(l.transpose(), halved);
    const whole = substitutedBack(l.transpose(), left.transpose()).transpose();
    return [whole.add(whole.transpose()).mul(0.5)];
  },
);
