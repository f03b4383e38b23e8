/** Adam and its relatives: slopes divided by the root of their running mean square, or by their running maximum. */
import { type Operand, scalar, type Tensor } from "../tensor.ts";
import { zipTree } from "../tree.ts";
import { joined } from "./joined.ts";
import { chain, decayWeights, type Optimiser, type Rate, scaledDown, type Where, zerosLike } from "./optimiser.ts";

export interface AdamOptions {
  /** β₁ */
  readonly momentum?: Operand;
  /** β₂ */
  readonly squares?: Operand;
  /** ε, beside the square root */
  readonly epsilon?: number;
}

const asTensor = (x: Operand): Tensor => (typeof x === "number" ? scalar(x) : x);

interface Moments {
  readonly mean: unknown;
  readonly square: unknown;
}

/** Both moments after this step's slopes, without their factors 1 − β. */
function advanced(before: Moments, slopes: unknown, b1: Tensor, b2: Tensor): Moments {
  const mean = zipTree(before.mean, slopes, (m: Tensor, g: Tensor) => m.mul(b1).add(g));
  const square = zipTree(before.square, slopes, (v: Tensor, g: Tensor) => v.mul(b2).add(g.square()));
  return { mean, square };
}

const moments = (params: unknown): Moments => ({ mean: zerosLike(params), square: zerosLike(params) });

/**
 * m̂ / (√v̂ + ε).
 *
 * The moments are kept without their factors 1 − β (M = m / (1 − β₁), V = v / (1 − β₂)), which go into one scalar with
 * the bias corrections: ten passes over memory instead of thirteen, and the same numbers.
 */
export const scaleByAdam = ({ momentum = 0.9, squares = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimiser => ({
  init: moments,
  update(slopes, memory, _params, step) {
    const [b1, b2] = [asTensor(momentum), asTensor(squares)];
    const t = step.add(1);
    // √v̂ = √V · root, so m̂ / (√v̂ + ε) = M · share / (√V + ε / root), with share = (1 − β₁) / ((1 − β₁ᵗ) root).
    const root = b2.from(1).div(b2.pow(t).from(1)).sqrt();
    const share = b1.from(1).div(b1.pow(t).from(1)).div(root);
    const floor = root.under(epsilon);
    const next = advanced(memory as Moments, slopes, b1, b2);
    const updates = zipTree(next.mean, next.square, (m: Tensor, v: Tensor) => m.div(v.sqrt().add(floor)).mul(share));
    return { updates, memory: next };
  },
});

/** Adam: Kingma, Ba (2015), arXiv:1412.6980. */
export const adam = (rate: Rate, options: AdamOptions = {}): Optimiser =>
  joined(chain(scaleByAdam(options), scaledDown(rate)));

/** Adam with decoupled weight decay, of every matrix or of the chosen leaves: Loshchilov, Hutter (2019), arXiv:1711.05101. */
export const adamw = (rate: Rate, decay: Operand, options: AdamOptions & { readonly where?: Where } = {}): Optimiser =>
  chain(scaleByAdam(options), decayWeights(decay, options.where), scaledDown(rate));

/** Adam divided by the largest v̂ so far (PyTorch's `amsgrad`): Reddi, Kale, Kumar (2018), arXiv:1904.09237. */
export const amsgrad = (rate: Rate, { momentum = 0.9, squares = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimiser =>
  chain(scaleByAmsgrad(asTensor(momentum), asTensor(squares), epsilon), scaledDown(rate));

const scaleByAmsgrad = (b1: Tensor, b2: Tensor, epsilon: number): Optimiser => ({
  init: (params) => ({ ...moments(params), largest: zerosLike(params) }),
  update(slopes, memory, _params, step) {
    const before = memory as Moments & { readonly largest: unknown };
    const t = step.add(1);
    const root = b2.from(1).div(b2.pow(t).from(1)).sqrt();
    const share = b1.from(1).div(b1.pow(t).from(1)).div(root);
    const floor = root.under(epsilon);
    const next = advanced(before, slopes, b1, b2);
    const largest = zipTree(before.largest, next.square, (a: Tensor, b: Tensor) => a.maximum(b));
    const updates = zipTree(next.mean, largest, (m: Tensor, v: Tensor) => m.div(v.sqrt().add(floor)).mul(share));
    return { updates, memory: { ...next, largest } };
  },
});

/**
 * Adam with Nesterov's look-ahead: Dozat (2016), "Incorporating Nesterov momentum into Adam", ICLR workshop. With its
 * schedule of momenta μₜ = β₁ (1 − ½ · 0.96^(t ψ)), ψ = 0.004, as in PyTorch.
 */
export const nadam = (rate: Rate, options: AdamOptions = {}): Optimiser =>
  chain(scaleByNadam(options), scaledDown(rate));

const scaleByNadam = ({ momentum = 0.9, squares = 0.999, epsilon = 1e-8 }: AdamOptions): Optimiser => ({
  init: (params) => ({ ...moments(params), product: scalar(1) }),
  update(slopes, memory, _params, step) {
    const before = memory as Moments & { readonly product: Tensor };
    const [b1, b2] = [asTensor(momentum), asTensor(squares)];
    const t = step.add(1);
    const at = (time: Tensor): Tensor => scalar(0.96).pow(time.mul(0.004)).mul(0.5).from(1).mul(b1);
    const [now, later] = [at(t), at(t.add(1))];
    const product = before.product.mul(now);
    const root = b2.from(1).div(b2.pow(t).from(1)).sqrt();
    const next = advanced(before, slopes, b1, b2);
    const ahead = later.mul(b1.from(1)).div(product.mul(later).from(1));
    const fresh = now.from(1).div(product.from(1));
    const above = zipTree(next.mean, slopes, (m: Tensor, g: Tensor) => m.mul(ahead).add(g.mul(fresh)));
    const updates = zipTree(above, next.square, (a: Tensor, v: Tensor) => a.div(v.sqrt().mul(root).add(epsilon)));
    return { updates, memory: { ...next, product } };
  },
});

/** Adam by the largest decayed slope in place of the mean square: Kingma, Ba (2015), section 7.1. */
export const adamax = (rate: Rate, { momentum = 0.9, squares = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimiser =>
  chain(
    {
      init: (params) => ({ mean: zerosLike(params), largest: zerosLike(params) }),
      update(slopes, memory, _params, step) {
        const before = memory as { mean: unknown; largest: unknown };
        const b1 = asTensor(momentum);
        const share = b1.from(1).div(b1.pow(step.add(1)).from(1));
        const mean = zipTree(before.mean, slopes, (m: Tensor, g: Tensor) => m.mul(b1).add(g));
        const largest = zipTree(before.largest, slopes, (u: Tensor, g: Tensor) =>
          u.mul(squares).maximum(g.abs().add(epsilon)),
        );
        const updates = zipTree(mean, largest, (m: Tensor, u: Tensor) => m.div(u).mul(share));
        return { updates, memory: { mean, largest } };
      },
    },
    scaledDown(rate),
  );
