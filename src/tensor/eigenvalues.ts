/** Eigenvalues of small symmetric matrices, by Jacobi's rotations. */
import { problem } from "../problems.ts";
import { customGradient } from "./custom.ts";
import { concat } from "./joining.ts";
import { eye, sizeOfSquare } from "./linear-algebra.ts";
import { asType, type Dtype } from "./ndarray.ts";
import { argsort } from "./order.ts";
import { constant, type Tensor } from "./tensor.ts";

export interface Eigen {
  /** [… n], from the smallest. */
  readonly values: Tensor;
  /** [… n n]: one vector a column, of length 1; its sign is not determined. */
  readonly vectors: Tensor;
}

const most = 16;

/**
 * Eigenvalues and vectors of symmetric matrices [… n n] with n ≤ 16. Slopes of the vectors of equal eigenvalues, which are
 * not determined, are those of equal weights: 0 between them.
 * @throws Problem "shape", "dtype" or "bad-value"
 */
export function eigenSymmetric(a: Tensor): Eigen {
  const n = sizeOfSquare("eigenSymmetric", a);
  if (n > most) {
    const next = "Every rotation is unrolled into the program; take a larger decomposition outside it.";
    throw problem("bad-value", { where: "eigenSymmetric", given: `n = ${n}`, wanted: `n of at most ${most}`, next });
  }
  const both = decomposed(a);
  return { values: both.slice(-2, 0, 1).squeeze(-2), vectors: both.slice(-2, 1) };
}

/** Values in the first row, vectors below them. */
const decomposed: (a: Tensor) => Tensor = customGradient(
  (a: Tensor) => {
    const n = sizeOfSquare("eigenSymmetric", a);
    const one = eye(n, a.dtype);
    let now = a.add(a.transpose()).mul(0.5);
    let vectors: Tensor | undefined;
    // Jacobi's sweeps converge quadratically; these many reach double precision for every n up to 16.
    const sweeps = n === 1 ? 0 : 4 + Math.ceil(Math.log2(n));
    const pairings = rounds(n).map((partner) => pairingOf(partner, a.dtype));
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (const pairing of pairings) {
        const rotation = rotationOf(now, pairing, one);
        now = rotation.matmul(now, { transposeLeft: true }).matmul(rotation);
        vectors = vectors === undefined ? rotation : vectors.matmul(rotation);
      }
    }
    const values = now.mul(one).sum(-1);
    const order = argsort(values).oneHot(n, a.dtype);
    const sorted = order.matmul(values.unsqueeze(-1)).transpose();
    const columns = vectors === undefined ? order : vectors.matmul(order, { transposeRight: true });
    return concat([sorted, columns], -2);
  },
  (slope, [a], both) => {
    const n = sizeOfSquare("eigenSymmetric", a);
    const [values, vectors] = [both.slice(-2, 0, 1), both.slice(-2, 1)];
    const [dValues, dVectors] = [slope.slice(-2, 0, 1), slope.slice(-2, 1)];
    const gaps = values.sub(values.transpose());
    const apart = gaps.equal(0).not();
    const weights = apart.where(apart.where(gaps, 1).under(1), 0);
    const inner = vectors
      .matmul(dVectors, { transposeLeft: true })
      .mul(weights)
      .add(dValues.mul(eye(n, a.dtype)));
    const whole = vectors.matmul(inner).matmul(vectors, { transposeRight: true });
    return [whole.add(whole.transpose()).mul(0.5)];
  },
);

/** Disjoint pairs that are rotated at once: a partner for each, or itself where n is odd and it sits out. */
function rounds(n: number): readonly (readonly number[])[] {
  const seats = n + (n % 2);
  return Array.from({ length: seats - 1 }, (_, round) => {
    const partner = Array.from({ length: n }, (_, i) => i);
    // The round-robin of a tournament: the last seat stays, the others move around it.
    const pairs = Array.from({ length: seats / 2 }, (_, k) =>
      k === 0 ? [seats - 1, round] : [(round + k) % (seats - 1), (round - k + seats - 1) % (seats - 1)],
    );
    for (const [i, j] of pairs) if (i < n && j < n) [partner[i], partner[j]] = [j, i];
    return partner;
  });
}

interface Pairing {
  /** [n, n]: 1 between partners. */
  readonly swapped: Tensor;
  /** [n]: 1 for the first of a pair, −1 for the second. */
  readonly sides: Tensor;
}

function pairingOf(partner: readonly number[], dtype: Dtype): Pairing {
  const n = partner.length;
  const swap = new Float64Array(n * n);
  partner.forEach((j, i) => {
    if (i !== j) swap[i * n + j] = 1;
  });
  const side = Float64Array.from(partner, (j, i) => (i < j ? 1 : -1));
  return {
    swapped: constant(asType({ shape: [n, n], dtype: "float64", data: swap }, dtype)),
    sides: constant(asType({ shape: [n], dtype: "float64", data: side }, dtype)),
  };
}

/** The rotation that brings the off-diagonal element of each pair to 0: Golub, Van Loan, Matrix Computations, 8.5. */
function rotationOf(a: Tensor, { swapped, sides }: Pairing, one: Tensor): Tensor {
  const own = a.mul(one).sum(-1);
  const off = a.mul(swapped).sum(-1).mul(2);
  const gap = own.unsqueeze(-2).matmul(swapped).squeeze(-2).sub(own);
  const size = gap.abs().add(gap.square().add(off.square()).sqrt());
  const direction = gap.equal(0).where(sides, gap.sign());
  // Where nothing is to be rotated away both are 0, and so is the tangent.
  const tangent = off.mul(direction).div(size.equal(0).where(1, size));
  const cosine = tangent.square().add(1).sqrt().under(1);
  const sine = tangent.mul(cosine);
  return one.mul(cosine.unsqueeze(-1)).add(swapped.mul(sine.unsqueeze(-1)));
}
