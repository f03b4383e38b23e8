/** Random programs: what every pass is tried on. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { einsum } from "../einsum.ts";
import { grad } from "../grad.ts";
import { concat, split } from "../joining.ts";
import type { NdArray } from "../ndarray.ts";
import { sort } from "../order.ts";
import { full, minimum, scalar, type Tensor } from "../tensor.ts";
import { normal } from "../testing.ts";

/**
 * A small grammar of programs over matrices 4 × 4. Every rule keeps the shape, and most give a pass something to do: neutral
 * elements, double negations, reshapes of reshapes, products with a bias, operands spread out beforehand.
 */
const rules: readonly ((x: Tensor, y: Tensor, row: Tensor) => Tensor)[] = [
  (x, y) => x.add(y),
  (x, y) => x.sub(y),
  (x, y) => x.mul(y).tanh(),
  (x, y) => x.div(y.square().add(1)),
  (x, y) => minimum(x, y),
  (x, y) => x.maximum(y),
  (x, y) => x.less(y).where(x, y),
  (x, y) => x.matmul(y).tanh(),
  (x, y, row) => x.matmul(y, { transposeRight: true }).add(row).sigmoid(),
  (x, y, row) => row.add(x.matmul(y)).relu().atMost(2),
  (x, y) => x.matmul(y.transpose()).sum(0, { keep: true }).tanh().broadcastTo(4, 4),
  (x) => x.sum(0).broadcastTo(4, 4).mul(0.1),
  (x) => x.mean(1, { keep: true }).broadcastLike(x),
  (x, y) => x.max(0, { keep: true }).mul(y).tanh(),
  (x) => x.logSoftmax(),
  (x, y) => x.add(y).softmax(0),
  (x) => x.neg().neg(),
  (x) => x.transpose().transpose(),
  (x) => x.transpose(),
  (x) => x.reshape(2, 8).reshape(16).reshape(4, 4),
  (x) => x.unsqueeze(1).squeeze(1),
  (x) => x.add(0).mul(1).sub(0).div(1),
  (x) => scalar(1, x.dtype).mul(scalar(0, x.dtype).add(x)),
  (x) => x.mul(2).mul(0.25),
  (x) => x.add(1).tanh(),
  (x) => x.sub(1).tanh(),
  (x, y) => x.mul(0).add(y),
  (x) => x.div(2),
  (x) => x.from(0),
  (x) => x.mul(full([4, 4], 0.5, x.dtype)).add(full([1, 4], 0.25, x.dtype)),
  (x, _y, row) => x.add(row.broadcastTo(4, 4)),
  (x) => x.mul(scalar(3, x.dtype).sqrt().exp().under(1)),
  (x) => x.slice(1, 0, 2).pad(1, 2, 0),
  (x) => x.stopGradient().mul(x).tanh(),
  (x, y) => x.abs().add(y.square()).add(0.1).log(),
  (x) => x.add(x.mul(1)).add(x),
  (x) => x.flip([0, 1]),
  (x) => x.tril(1).add(x.triu().mul(0.3)),
  (x, _y, row) => x.layerNorm(row, row, 0.1),
  (x, _y, row) => x.rmsNorm(row, 0.1),
  (x) => sort(x, 0),
  (x) => x.cumsum(0, { reverse: true }).mul(0.3),
  (x) => x.prod(0).broadcastTo(4, 4).tanh(),
  (x, y) => einsum("ij,kj->ki", x, y).tanh(),
  (x, y) =>
    x
      .reshape(1, 4, 4)
      .conv(y.reshape(4, 4, 1))
      .squeeze(0)
      .tanh(),
  (x, y) =>
    x
      .reshape(1, 4, 4)
      .convTranspose(y.transpose().reshape(4, 4, 1))
      .squeeze(0)
      .tanh(),
  (x) => x.unsqueeze(0).maxPool(3, { stride: 1, padding: 1 }).squeeze(0),
  (x) => x.unsqueeze(0).averagePool(3, { stride: 1, padding: 1 }).squeeze(0),
  (x, y) => x.add(y.neg()).sub(x.neg().mul(0.5)),
  (x, y) => x.neg().add(y).mul(3).neg(),
  (x, y) => {
    const [flat, other] = [x.reshape(16), y.reshape(16)];
    const parts = [
      flat.slice(0, 0, 3),
      flat.slice(0, 3, 8),
      other.slice(0, 0, 2),
      concat([other.slice(0, 2, 4), flat.slice(0, 12)], 0),
    ];
    return concat(parts, 0).reshape(4, 4);
  },
  (x) => concat([x.reshape(16).slice(0, 0, 5), x.reshape(16).slice(0, 5)], 0).reshape(4, 4),
  (x, y) => {
    const size = y.square().mean();
    const shares = [1, 2, 3, 4, 5].map((k) =>
      size
        .add(k)
        .mul(0.5)
        .sqrt()
        .under(k % 2),
    );
    return shares.reduce((sum, share, k) => sum.add(k === 2 ? share : x.mul(share)), x).mul(0.2);
  },
  (x) =>
    x
      .min(1)
      .unsqueeze(1)
      .add(x.max(1, { keep: true }).squeeze(1))
      .tanh(),
  (x) => x.mean([0, 1], { keep: true }).reshape().add(x.sum(0).reshape(1, 4)).tanh().mul(x),
  (x, y) =>
    concat(
      split(x, 2, 0).map((part, i) => part.add(split(y, 2, 0)[1 - i])),
      0,
    ),
];

const instruction = fc.tuple(fc.nat(rules.length - 1), fc.nat(), fc.nat());
export const programs = fc.record({ body: fc.array(instruction, { minLength: 1, maxLength: 14 }), seed: fc.nat(1000) });

/** The last matrix a program makes, and its slopes. */
export function build(body: readonly (readonly [number, number, number])[], given: Inputs<Tensor>): Tensor[] {
  const result = ({ x, y, row }: Inputs<Tensor>): Tensor => {
    const made = [x, y];
    for (const [rule, i, j] of body)
      made.push(rules[rule](made[made.length - 1 - (i % made.length)], made[j % made.length], row));
    return made.slice(2).reduce((sum, t) => sum.add(t));
  };
  const slopes = grad((inputs: Inputs<Tensor>) => result(inputs).square().mean())(given);
  return [result(given), slopes.x, slopes.y, slopes.row];
}

export interface Inputs<T> {
  readonly x: T;
  readonly y: T;
  readonly row: T;
}

export const valuesAt = (seed: number): Inputs<NdArray> => ({
  x: normal(3 * seed, 4, 4),
  y: normal(3 * seed + 1, 4, 4),
  row: normal(3 * seed + 2, 4),
});

export function close(got: NdArray, wanted: NdArray, error: number, what: string): void {
  assert.deepEqual([...got.shape], [...wanted.shape]);
  const size = Math.max(1, ...Array.from(wanted.data as ArrayLike<number>, (v) => Math.abs(Number(v))));
  for (let i = 0; i < wanted.data.length; i++) {
    const [a, b] = [Number(got.data[i]), Number(wanted.data[i])];
    assert.ok(Math.abs(a - b) <= error * size, `${what}: ${a} is not ${b}`);
  }
}
