/** Layers. Each broadcasts over leading axes of its parameters, so that an ensemble is the same layer with one axis more. */
import { type Key, onesOf, type Tensor, zerosOf } from "../tensor/index.ts";
import { dropout } from "./dropout.ts";
import { beside, type Net, net } from "./net.ts";

/** Draws a weight [inputs, outputs]. */
export type Initialiser = (key: Key, inputs: number, outputs: number) => Tensor;

/** Uniform in ±1/√inputs: PyTorch's default for linear layers. */
export const fanIn: Initialiser = (key, inputs, outputs) =>
  key
    .uniform(inputs, outputs)
    .sub(0.5)
    .mul(2 / Math.sqrt(inputs));
/** Uniform in ±√(6 / (inputs + outputs)): Glorot, Bengio (2010). */
export const glorot: Initialiser = (key, inputs, outputs) =>
  key
    .uniform(inputs, outputs)
    .sub(0.5)
    .mul(2 * Math.sqrt(6 / (inputs + outputs)));
/** Orthonormal, times a gain: Saxe, McClelland, Ganguli (2014), arXiv:1312.6120. */
export const orthogonal =
  (gain = 1): Initialiser =>
  (key, inputs, outputs) =>
    key.orthogonal(inputs, outputs).mul(gain);
/** Uniform in ±bound: for last layers that should start near zero. */
export const within =
  (bound: number): Initialiser =>
  (key, inputs, outputs) =>
    key
      .uniform(inputs, outputs)
      .sub(0.5)
      .mul(2 * bound);

/** Normal with one spread whatever the sizes: transformers start so, with 0.02. */
export const normalWith =
  (spread: number): Initialiser =>
  (key, inputs, outputs) =>
    key.normal(inputs, outputs).mul(spread);

export interface Linear {
  /** [inputs, outputs] */
  readonly weight: Tensor;
  /** [outputs] */
  readonly bias: Tensor;
}

export interface LinearOptions {
  readonly weight?: Initialiser;
  /** Where the bias starts: drawn as PyTorch does, or 0. Default "fan-in". */
  readonly bias?: "fan-in" | "zero";
}

/** [… inputs] → [… outputs]. */
export const linear = (
  inputs: number,
  outputs: number,
  { weight = fanIn, bias = "fan-in" }: LinearOptions = {},
): Net<Linear, [x: Tensor], Tensor> =>
  net(
    (key) => ({
      weight: weight(key.at("weight"), inputs, outputs),
      bias:
        bias === "zero"
          ? zerosOf([outputs])
          : key
              .at("bias")
              .uniform(outputs)
              .sub(0.5)
              .mul(2 / Math.sqrt(inputs)),
    }),
    ({ weight: matrix, bias: vector }, x) => {
      const out = rowsByMatrix(x, matrix);
      return out.add(beside(vector, 1, out));
    },
  );

/** [… k] × [k n] → [… n]; with leading axes of the matrix, [member … k] × [member k n] → [member … n]. */
export function rowsByMatrix(x: Tensor, matrix: Tensor, how: { readonly transposeRight?: boolean } = {}): Tensor {
  const leading = matrix.rank - 2;
  if (leading === 0 || x.rank <= matrix.rank) return x.matmul(matrix, how);
  // Each member's rows are one product, and its weight's slope needs no sum over a batch of them.
  const rows = x.reshape(...x.shape.slice(0, leading), -1, x.shape[x.rank - 1]).matmul(matrix, how);
  return rows.reshape(...rows.shape.slice(0, leading), ...x.shape.slice(leading, -1), rows.shape[rows.rank - 1]);
}

export interface LayerNorm {
  readonly scale: Tensor;
  readonly bias: Tensor;
}

/** Over the last axis: Ba, Kiros, Hinton (2016), arXiv:1607.06450. */
export const layerNorm = (size: number, epsilon = 1e-5): Net<LayerNorm, [x: Tensor], Tensor> =>
  net(
    () => ({ scale: onesOf([size]), bias: zerosOf([size]) }),
    ({ scale, bias }, x) => {
      if (scale.rank === 1) return x.layerNorm(scale, bias, epsilon);
      // Members of an ensemble share the kernel and differ behind it.
      const normal = x.layerNorm(onesOf([size]), zerosOf([size]), epsilon);
      return normal.mul(beside(scale, 1, normal)).add(beside(bias, 1, normal));
    },
  );

export interface RmsNorm {
  readonly scale: Tensor;
}

/** Over the last axis, to root mean square 1: Zhang, Sennrich (2019), arXiv:1910.07467. */
export const rmsNorm = (size: number, epsilon = 1e-6): Net<RmsNorm, [x: Tensor], Tensor> =>
  net(
    () => ({ scale: onesOf([size]) }),
    ({ scale }, x) => {
      if (scale.rank === 1) return x.rmsNorm(scale, epsilon);
      const normal = x.rmsNorm(onesOf([size]), epsilon);
      return normal.mul(beside(scale, 1, normal));
    },
  );

export type Activation = "relu" | "tanh" | "gelu" | "silu" | "softplus" | "elu";

const activate = (x: Tensor, activation: Activation): Tensor => x[activation]();

export interface MlpOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Widths of the hidden layers. Default [256, 256]. */
  readonly hidden?: readonly number[];
  readonly activation?: Activation;
  /** Normalise each hidden layer before its activation. Default false. */
  readonly layerNorm?: boolean;
  /** Share of each hidden layer dropped when a key is given. Default 0. */
  readonly dropout?: number;
  readonly weight?: Initialiser;
  /** For the last layer alone. */
  readonly lastWeight?: Initialiser;
  readonly bias?: "fan-in" | "zero";
}

export interface Mlp {
  readonly layers: readonly Linear[];
  readonly norms: readonly LayerNorm[];
}

/** A multi-layer perceptron: [… inputs] → [… outputs]. Give it a key while it learns, if it has dropout. */
export function mlp({
  inputs,
  outputs,
  hidden = [256, 256],
  activation = "relu",
  layerNorm: normalised = false,
  dropout: rate = 0,
  ...start
}: MlpOptions): Net<Mlp, [x: Tensor, key?: Key], Tensor> {
  const sizes = [inputs, ...hidden, outputs];
  const layers = sizes.slice(1).map((size, i) => {
    const weight = (i === hidden.length ? start.lastWeight : undefined) ?? start.weight;
    return linear(sizes[i], size, { ...(weight ? { weight } : {}), ...(start.bias ? { bias: start.bias } : {}) });
  });
  const norms = normalised ? hidden.map((size) => layerNorm(size)) : [];
  return net(
    (key): Mlp => ({
      layers: layers.map((layer, i) => layer.init(key.at(`layer${i}`))),
      norms: norms.map((norm, i) => norm.init(key.at(`norm${i}`))),
    }),
    (params, x, key) =>
      layers.reduce((h, layer, i) => {
        const out = layer(params.layers[i], h);
        if (i === hidden.length) return out;
        const active = activate(normalised ? norms[i](params.norms[i], out) : out, activation);
        return dropout(active, rate, key?.at(`dropout${i}`));
      }, x),
  );
}
