/** A 1-d U-Net over action chunks, conditioned on a time and on what is observed: Chi et al. (2023), arXiv:2303.04137. */
import { problem } from "../problems.ts";
import { concat, type Tensor } from "../tensor/index.ts";
import { type Convolution, convolution, type GroupNorm, groupNorm, transposedConvolution } from "./convolutions.ts";
import { sinusoidal } from "./embeddings.ts";
import { type Linear, linear } from "./layers.ts";
import { type Net, net } from "./net.ts";
import { mish, type UnetBlock, unetBlock } from "./unet-block.ts";

interface Level {
  readonly blocks: readonly UnetBlock[];
  /** Halves or doubles the sequence; the last level down does neither. */
  readonly resize?: Convolution;
}

export interface Unet {
  readonly time: readonly [Linear, Linear];
  readonly condition?: Linear;
  readonly down: readonly Level[];
  readonly middle: readonly UnetBlock[];
  readonly up: readonly Level[];
  readonly last: UnetEnd;
}

interface UnetEnd {
  readonly first: Convolution;
  readonly norm: GroupNorm;
  readonly out: Convolution;
}

export interface UnetOptions {
  /** Numbers at each place of the sequence: an action's size. */
  readonly inputs: number;
  /** Size of the vector the sequence is conditioned on; 0 for none. Default 0. */
  readonly condition?: number;
  /** Channels of each level. Default [64, 128, 256]. */
  readonly widths?: readonly number[];
  /** Size of the time's embedding, even. Default 64. */
  readonly time?: number;
  /** Taps of the convolutions, odd. Default 5. */
  readonly taps?: number;
  /** Groups of channels normalised together; each width is a multiple. Default 8. */
  readonly groups?: number;
}

/**
 * [batch, length, inputs] at times [batch] → [batch, length, inputs]. The length is a multiple of 2 to the number of
 * widths less one.
 * @throws Problem "shape" when it is not, "bad-value" when a condition is missing or not wanted
 */
export function unet({
  inputs,
  condition = 0,
  widths = [64, 128, 256],
  time: timeSize = 64,
  taps = 5,
  groups = 8,
}: UnetOptions): Net<Unet, [x: Tensor, time: Tensor, condition?: Tensor], Tensor> {
  const timeUp = linear(timeSize, 4 * timeSize);
  const timeDown = linear(4 * timeSize, timeSize);
  const given = condition > 0 ? linear(condition, timeSize) : undefined;
  const block = (from: number, to: number) => unetBlock({ from, to, condition: timeSize, taps, groups });
  const levels = widths.map((to, i) => ({ from: i === 0 ? inputs : widths[i - 1], to }));
  const deepest = widths[widths.length - 1];
  const down = levels.map(({ from, to }, i) => ({
    blocks: [block(from, to), block(to, to)],
    resize:
      i < widths.length - 1 ? convolution({ inputs: to, outputs: to, taps: [3], stride: 2, padding: 1 }) : undefined,
  }));
  const middle = [block(deepest, deepest), block(deepest, deepest)];
  const up = levels
    .slice(1)
    .reverse()
    .map(({ from, to }) => ({
      blocks: [block(2 * to, from), block(from, from)],
      resize: transposedConvolution({ inputs: from, outputs: from, taps: [4], stride: 2, padding: 1 }),
    }));
  const end = {
    first: convolution({ inputs: widths[0], outputs: widths[0], taps: [taps], padding: "same" }),
    norm: groupNorm(widths[0], groups, 1),
    out: convolution({ inputs: widths[0], outputs: inputs, taps: [1] }),
  };
  return net(
    (key): Unet => ({
      time: [timeUp.init(key.at("timeUp")), timeDown.init(key.at("timeDown"))],
      ...(given ? { condition: given.init(key.at("condition")) } : {}),
      down: down.map(({ blocks, resize }, i) => ({
        blocks: blocks.map((own, j) => own.init(key.at(`down${i}`).at(j))),
        ...(resize ? { resize: resize.init(key.at(`down${i}`).at("resize")) } : {}),
      })),
      middle: middle.map((own, i) => own.init(key.at(`middle${i}`))),
      up: up.map(({ blocks, resize }, i) => ({
        blocks: blocks.map((own, j) => own.init(key.at(`up${i}`).at(j))),
        resize: resize.init(key.at(`up${i}`).at("resize")),
      })),
      last: { first: end.first.init(key.at("first")), norm: end.norm.init(key), out: end.out.init(key.at("out")) },
    }),
    (params, x, time, observed) => {
      checkLength(x, 2 ** (widths.length - 1));
      const [timeFirst, timeSecond] = params.time;
      const embedded = timeDown(timeSecond, mish(timeUp(timeFirst, sinusoidal(time, timeSize))));
      if ((observed === undefined) !== (given === undefined)) {
        const wanted = given ? `a condition of size ${condition}` : "none, as it was made without";
        throw problem("bad-value", { where: "unet", given: observed ? "a condition" : "no condition", wanted });
      }
      const about = given && params.condition && observed ? embedded.add(given(params.condition, observed)) : embedded;
      const skips: Tensor[] = [];
      let h = x.transpose();
      down.forEach(({ blocks, resize }, i) => {
        const own = params.down[i];
        blocks.forEach((each, j) => {
          h = each(own.blocks[j], h, about);
        });
        skips.push(h);
        if (resize && own.resize) h = resize(own.resize, h);
      });
      middle.forEach((each, i) => {
        h = each(params.middle[i], h, about);
      });
      up.forEach(({ blocks, resize }, i) => {
        const own = params.up[i];
        h = concat([h, skips.pop() as Tensor], -2);
        blocks.forEach((each, j) => {
          h = each(own.blocks[j], h, about);
        });
        h = resize(own.resize as Convolution, h);
      });
      const { first, norm, out } = params.last;
      return end.out(out, mish(end.norm(norm, end.first(first, h)))).transpose();
    },
  );
}

function checkLength(x: Tensor, multiple: number): void {
  if (x.shape[x.rank - 2] % multiple !== 0) {
    throw problem("shape", { where: "unet", wanted: `[batch, a multiple of ${multiple}, inputs]`, got: [x.shape] });
  }
}
