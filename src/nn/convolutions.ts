/** Convolutions over [… channels, …space], and what goes with them. Leading axes: a batch, or members and a batch. */
import { problem } from "../problems.ts";
import { conv, convTranspose, onesOf, type Tensor, type WindowOptions, zerosOf } from "../tensor/index.ts";
import { beside, type Net, net } from "./net.ts";

export interface Convolution {
  /** [outputs, inputs, …taps]; of a transposed one [inputs, outputs, …taps] */
  readonly weight: Tensor;
  /** [outputs] */
  readonly bias: Tensor;
}

export interface ConvolutionOptions extends WindowOptions {
  /** Channels. */
  readonly inputs: number;
  readonly outputs: number;
  /** Taps along each spatial axis: one number for a sequence, two for an image. */
  readonly taps: readonly number[];
}

/** Uniform in ±1/√(taps a result sees), PyTorch's default. */
const started = (shape: readonly number[], outputs: number, seen: number): Net<Convolution, [], void>["init"] => {
  const bound = 1 / Math.sqrt(seen);
  return (key) => ({
    weight: key
      .at("weight")
      .uniform(...shape)
      .sub(0.5)
      .mul(2 * bound),
    bias: key
      .at("bias")
      .uniform(outputs)
      .sub(0.5)
      .mul(2 * bound),
  });
};

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Channels' numbers beside [… channels, …space]. */
const channelwise = (vector: Tensor, axes: number, like: Tensor): Tensor =>
  beside(vector.reshape(...vector.shape, ...new Array(axes).fill(1)), 1 + axes, like);

/** [member, batch, …] → [batch, member …], its channels side by side; and back. */
const sideBySide = (x: Tensor): Tensor => {
  const [members, batch, channels, ...space] = x.shape;
  const order = x.shape.map((_, i) => (i === 0 ? 1 : i === 1 ? 0 : i));
  return x.transpose(...order).reshape(batch, members * channels, ...space);
};
const apart = (x: Tensor, members: number): Tensor => {
  const [batch, channels, ...space] = x.shape;
  const split = x.reshape(batch, members, channels / members, ...space);
  return split.transpose(...split.shape.map((_, i) => (i === 0 ? 1 : i === 1 ? 0 : i)));
};

/** [batch, inputs, …space] → [batch, outputs, …space], a cross-correlation. An ensemble's members are its groups. */
export function convolution({
  inputs,
  outputs,
  taps,
  ...window
}: ConvolutionOptions): Net<Convolution, [x: Tensor], Tensor> {
  const axes = taps.length;
  return net(started([outputs, inputs, ...taps], outputs, inputs * product(taps)), ({ weight, bias }, x) => {
    const convolved = (): Tensor => {
      if (weight.rank === axes + 2) return conv(x, weight, window);
      const members = weight.shape[0];
      const all = weight.reshape(members * outputs, inputs, ...taps);
      const groups = x.shape[0] === 1 ? 1 : members;
      return apart(conv(sideBySide(x), all, { ...window, groups }), members);
    };
    const out = convolved();
    return out.add(channelwise(bias, axes, out));
  });
}

/** Its transpose, which makes sequences and images larger: [batch, inputs, …space] → [batch, outputs, …space]. */
export function transposedConvolution({
  inputs,
  outputs,
  taps,
  ...window
}: ConvolutionOptions): Net<Convolution, [x: Tensor], Tensor> {
  const axes = taps.length;
  return net(started([inputs, outputs, ...taps], outputs, outputs * product(taps)), ({ weight, bias }, x) => {
    const convolved = (): Tensor => {
      if (weight.rank === axes + 2) return convTranspose(x, weight, window);
      const members = weight.shape[0];
      const shared = x.shape[0] === 1 && members > 1;
      const all = shared
        ? weight.transpose(1, 0, 2, ...taps.map((_, i) => i + 3)).reshape(inputs, members * outputs, ...taps)
        : weight.reshape(members * inputs, outputs, ...taps);
      return apart(convTranspose(sideBySide(x), all, { ...window, groups: shared ? 1 : members }), members);
    };
    const out = convolved();
    return out.add(channelwise(bias, axes, out));
  });
}

export interface GroupNorm {
  readonly scale: Tensor;
  readonly bias: Tensor;
}

/**
 * Over groups of channels and all of space: Wu, He (2018), arXiv:1803.08494.
 * @param axes spatial axes
 * @throws Problem "bad-value" when the groups do not divide the channels
 */
export function groupNorm(
  channels: number,
  groups: number,
  axes: number,
  epsilon = 1e-5,
): Net<GroupNorm, [x: Tensor], Tensor> {
  if (channels % groups !== 0) {
    throw problem("bad-value", {
      where: "groupNorm",
      given: `${groups} groups`,
      wanted: `a divisor of ${channels} channels`,
    });
  }
  return net(
    () => ({ scale: onesOf([channels]), bias: zerosOf([channels]) }),
    ({ scale, bias }, x) => {
      const leading = x.shape.slice(0, x.rank - axes - 1);
      const size = product(x.shape.slice(x.rank - axes - 1)) / groups;
      const rows = x.reshape(...leading, groups, size);
      const normal = rows.layerNorm(onesOf([size]), zerosOf([size]), epsilon).reshape(...x.shape);
      return normal.mul(channelwise(scale, axes, normal)).add(channelwise(bias, axes, normal));
    },
  );
}
