/** Encoders of small images: [batch, channels, height, width] → [batch, outputs]. */
import { problem } from "../problems.ts";
import { maxPool, type Tensor } from "../tensor/index.ts";
import { type Convolution, convolution } from "./convolutions.ts";
import { type Activation, type Linear, linear } from "./layers.ts";
import { type Net, net } from "./net.ts";

/** Channels, height, width. */
export type ImageShape = readonly [channels: number, height: number, width: number];

export interface ConvLayer {
  readonly filters: number;
  /** Side of the square window. */
  readonly taps: number;
  readonly stride: number;
}

/** For 84 × 84 screens: Mnih et al. (2015), Human-level control. */
export const natureLayers: readonly ConvLayer[] = [
  { filters: 32, taps: 8, stride: 4 },
  { filters: 64, taps: 4, stride: 2 },
  { filters: 64, taps: 3, stride: 1 },
];
/** For grids of about ten cells a side: MinAtar, Young, Tian (2019), arXiv:1903.03176. */
export const gridLayers: readonly ConvLayer[] = [{ filters: 16, taps: 3, stride: 1 }];

export interface ConvEncoder {
  readonly layers: readonly Convolution[];
  readonly last: Linear;
}

export interface ConvEncoderOptions {
  readonly image: ImageShape;
  readonly outputs: number;
  /** Default `natureLayers`, as the paper's 84 × 84 screens want. */
  readonly layers?: readonly ConvLayer[];
  /** After every layer. Default "relu". */
  readonly activation?: Activation;
}

/**
 * Convolutions, then a linear layer over what they found. Values are best near 0 … 1: divide bytes by 255.
 * @throws Problem "bad-value" when the image is too small for the layers
 */
export function convEncoder({
  image: [channels, height, width],
  outputs,
  layers: plan = natureLayers,
  activation = "relu",
}: ConvEncoderOptions): Net<ConvEncoder, [image: Tensor], Tensor> {
  const layers = plan.map(({ filters, taps, stride }, i) =>
    convolution({ inputs: i === 0 ? channels : plan[i - 1].filters, outputs: filters, taps: [taps, taps], stride }),
  );
  const left = (size: number): number =>
    plan.reduce((s, { taps, stride }) => Math.floor((s - taps) / stride) + 1, size);
  if (!(left(height) >= 1 && left(width) >= 1)) {
    throw problem("bad-value", {
      where: "convEncoder",
      given: `an image of ${height} × ${width}`,
      wanted: "one that its layers leave something of",
      next: "Give it layers of fewer taps and strides, as gridLayers are.",
    });
  }
  const found = (plan.at(-1)?.filters ?? channels) * left(height) * left(width);
  const last = linear(found, outputs);
  return net(
    (key): ConvEncoder => ({
      layers: layers.map((layer, i) => layer.init(key.at(`layer${i}`))),
      last: last.init(key.at("last")),
    }),
    (params, image) => {
      const seen = layers.reduce((x, layer, i) => layer(params.layers[i], x)[activation](), image);
      return last(params.last, flat(seen))[activation]();
    },
  );
}

/** [… channels, height, width] → [… all of them]. */
const flat = (x: Tensor): Tensor => {
  const [channels, height, width] = x.shape.slice(-3);
  return x.reshape(...x.shape.slice(0, -3), channels * height * width);
};

interface Section {
  readonly first: Convolution;
  readonly blocks: readonly { readonly a: Convolution; readonly b: Convolution }[];
}

export interface ImpalaEncoder {
  readonly sections: readonly Section[];
  readonly last: Linear;
}

export interface ImpalaEncoderOptions {
  readonly image: ImageShape;
  /** Default 256. */
  readonly outputs?: number;
  /** Channels of each section; each halves the image. Default [16, 32, 32]. */
  readonly widths?: readonly number[];
}

/** The residual encoder of IMPALA: Espeholt et al. (2018), arXiv:1802.01561, figure 3. */
export function impalaEncoder({
  image: [channels, height, width],
  outputs = 256,
  widths = [16, 32, 32],
}: ImpalaEncoderOptions): Net<ImpalaEncoder, [image: Tensor], Tensor> {
  const three = (inputs: number, filters: number): Net<Convolution, [x: Tensor], Tensor> =>
    convolution({ inputs, outputs: filters, taps: [3, 3], padding: 1 });
  const sections = widths.map((filters, i) => ({
    first: three(i === 0 ? channels : widths[i - 1], filters),
    block: three(filters, filters),
  }));
  const left = (size: number): number => widths.reduce((s) => Math.ceil(s / 2), size);
  const last = linear(widths[widths.length - 1] * left(height) * left(width), outputs);
  return net(
    (key): ImpalaEncoder => ({
      sections: sections.map(({ first, block }, i) => {
        const at = key.at(`section${i}`);
        const blocks = [0, 1].map((j) => ({ a: block.init(at.at(`${j}a`)), b: block.init(at.at(`${j}b`)) }));
        return { first: first.init(at.at("first")), blocks };
      }),
      last: last.init(key.at("last")),
    }),
    (params, image) => {
      const seen = sections.reduce((x, { first, block }, i) => {
        const own = params.sections[i];
        const halved = pooled(first(own.first, x));
        return own.blocks.reduce((h, { a, b }) => h.add(block(b, block(a, h.relu()).relu())), halved);
      }, image);
      return last(params.last, flat(seen.relu())).relu();
    },
  );
}

/** The largest of each 3 × 3 window at every second place, whatever axes lead the image. */
const pooled = (x: Tensor): Tensor => {
  if (x.rank === 4) return maxPool(x, 3, { stride: 2, padding: 1 });
  // A pool knows one batch: members' channels stand side by side meanwhile.
  const [members, batch, channels, height, width] = x.shape;
  const images = x.transpose(1, 0, 2, 3, 4).reshape(batch, members * channels, height, width);
  const out = maxPool(images, 3, { stride: 2, padding: 1 });
  return out.reshape(batch, members, channels, ...out.shape.slice(-2)).transpose(1, 0, 2, 3, 4);
};
