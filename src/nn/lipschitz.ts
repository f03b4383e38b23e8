/** How much a network can stretch: bounds that hold, and layers that keep them by construction. */
import { problem } from "../problems.ts";
import type { Tensor } from "../tensor/index.ts";
import { type Activation, type Initialiser, type Linear, linear, orthogonal, rowsByMatrix } from "./layers.ts";
import { beside, type Net, net } from "./net.ts";

/** The steepest slope of each activation. */
const steepest: { readonly [A in Activation]: number } = {
  relu: 1,
  tanh: 1,
  softplus: 1,
  elu: 1,
  gelu: 1.129,
  silu: 1.0999,
};

/**
 * An upper bound of a matrix's largest singular value, [… m n] → [… ], which no rounding of float32 turns into less. It
 * squares WᵀW ten times over, so it is at most min(m, n)^(1/2048) times the value. Differentiable. Delattre et al.
 * (2023), arXiv:2305.16173.
 */
export function spectralBound(weight: Tensor): Tensor {
  const [rows, columns] = weight.shape.slice(-2);
  let gram =
    rows < columns ? weight.matmul(weight, { transposeRight: true }) : weight.matmul(weight, { transposeLeft: true });
  let logBound: Tensor | undefined;
  for (let i = 0; i <= squarings; i++) {
    const size = gram.square().sum([-2, -1], { keep: true }).add(1e-38).sqrt();
    const part = size.log().mul(2 ** -i);
    logBound = logBound ? logBound.add(part) : part;
    if (i < squarings) {
      const scaled = gram.div(size);
      gram = scaled.matmul(scaled);
    }
  }
  const bound = (logBound as Tensor)
    .mul(0.5)
    .exp()
    .mul(1 + rounding);
  return bound.squeeze(-1).squeeze(-1);
}

const squarings = 10;
const rounding = 1e-5;

/** The matrix over its largest singular value: Miyato et al. (2018), arXiv:1802.05957, without the iteration's state. */
export const spectrallyNormalised = (weight: Tensor): Tensor =>
  weight.div(spectralBound(weight).unsqueeze(-1).unsqueeze(-1));

/** A linear layer of Lipschitz constant at most 1, by spectral normalisation: [… inputs] → [… outputs]. */
export const spectralLinear = (
  inputs: number,
  outputs: number,
  options: { readonly weight?: Initialiser; readonly bias?: "fan-in" | "zero" } = {},
): Net<Linear, [x: Tensor], Tensor> => {
  const layer = linear(inputs, outputs, options);
  return net(
    (key) => layer.init(key),
    ({ weight, bias }, x) => layer({ weight: spectrallyNormalised(weight), bias }, x),
  );
};

/**
 * A matrix whose largest singular value is at most 1, from any: each column over the root of its row sum in |WᵀW|. Costs
 * one product; a matrix with orthonormal columns stays as it is. Prach, Lampert (2022), arXiv:2208.03160.
 */
export function almostOrthogonal(weight: Tensor): Tensor {
  const sums = weight.matmul(weight, { transposeLeft: true }).abs().sum(-2, { keep: true });
  return weight.div(
    sums
      .add(1e-12)
      .sqrt()
      .mul(1 + rounding),
  );
}

export interface LipschitzMlpOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Default [256, 256]. */
  readonly hidden?: readonly number[];
  /** One whose own slope is at most 1. Default "relu". */
  readonly activation?: "relu" | "tanh" | "softplus";
  /** The network's Lipschitz constant is at most this, in Euclidean norms. Default 1. */
  readonly bound?: number;
}

export interface LipschitzMlp {
  readonly layers: readonly Linear[];
}

/** A perceptron that moves its output by at most `bound` times what its input moves, whatever its parameters. */
export function lipschitzMlp({
  inputs,
  outputs,
  hidden = [256, 256],
  activation = "relu",
  bound = 1,
}: LipschitzMlpOptions): Net<LipschitzMlp, [x: Tensor], Tensor> {
  const sizes = [inputs, ...hidden, outputs];
  const layers = sizes.slice(1).map((size, i) => linear(sizes[i], size, { weight: orthogonal(), bias: "zero" }));
  return net(
    (key): LipschitzMlp => ({ layers: layers.map((layer, i) => layer.init(key.at(`layer${i}`))) }),
    (params, x) =>
      layers
        .reduce((h, layer, i) => {
          const { weight, bias } = params.layers[i];
          const out = layer({ weight: almostOrthogonal(weight), bias }, h);
          return i === hidden.length ? out : out[activation]();
        }, x)
        .mul(bound),
  );
}

export interface LipschitzResidual {
  /** [size, hidden] */
  readonly weight: Tensor;
  readonly bias: Tensor;
  /** [hidden] log of the paper's q */
  readonly scale: Tensor;
}

/**
 * A residual block of Lipschitz constant at most 1, deep stacks of which keep their slope: x − 2 W T⁻¹ relu(Wᵀx + b).
 * Araujo et al. (2023), arXiv:2303.03169, theorem 3.
 */
export const lipschitzResidual = (size: number, hidden = size): Net<LipschitzResidual, [x: Tensor], Tensor> => {
  const start = linear(size, hidden, { weight: orthogonal(), bias: "zero" });
  return net(
    (key) => {
      const { weight, bias } = start.init(key);
      return { weight, bias, scale: bias.mul(0) };
    },
    ({ weight, bias, scale }, x) => {
      const gram = weight.matmul(weight, { transposeLeft: true }).abs();
      const ratio = scale.unsqueeze(-2).sub(scale.unsqueeze(-1)).exp();
      const total = gram.mul(ratio).sum(-1).add(1e-12);
      const h = rowsByMatrix(x, weight);
      const active = h
        .add(beside(bias, 1, h))
        .relu()
        .div(beside(total, 1, h));
      return x.sub(rowsByMatrix(active, weight, { transposeRight: true }).mul(2));
    },
  );
};

/**
 * A certificate: an upper bound of a perceptron's Lipschitz constant in Euclidean norms, the product of its layers'
 * spectral bounds and its activations' steepest slopes. Differentiable, so it can be a penalty.
 * @returns scalar; one a member where the parameters are an ensemble's
 * @throws Problem "bad-value" for layer norms, whose slope has no bound
 */
export function lipschitzBound(
  params: { readonly layers: readonly Linear[]; readonly norms?: readonly unknown[] },
  activation: Activation = "relu",
): Tensor {
  if ((params.norms ?? []).length > 0) {
    throw problem("bad-value", {
      where: "lipschitzBound",
      given: "a network with layer norms",
      wanted: "a perceptron without them, as their slope has no bound",
    });
  }
  return params.layers
    .map(({ weight }) => spectralBound(weight))
    .reduce((a, b) => a.mul(b))
    .mul(steepest[activation] ** (params.layers.length - 1));
}
