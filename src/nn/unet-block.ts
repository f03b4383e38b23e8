/** What a U-Net is made of: two convolutions with a condition between them, beside a skip. */
import type { Tensor } from "../tensor/index.ts";
import { type Convolution, convolution, type GroupNorm, groupNorm } from "./convolutions.ts";
import { type Linear, linear } from "./layers.ts";
import { type Net, net } from "./net.ts";

export interface UnetBlock {
  readonly first: Convolution;
  readonly firstNorm: GroupNorm;
  /** From the condition to a scale and a shift of each channel. */
  readonly modulation: Linear;
  readonly second: Convolution;
  readonly secondNorm: GroupNorm;
  /** Where the number of channels changes. */
  readonly skip?: Convolution;
}

/** x tanh(log(1 + eˣ)): Misra (2019), arXiv:1908.08681. */
export const mish = (x: Tensor): Tensor => x.mul(x.softplus().tanh());

/** [batch, from, length] and a condition [batch, condition] → [batch, to, length]. */
export function unetBlock(size: {
  readonly from: number;
  readonly to: number;
  readonly condition: number;
  readonly taps: number;
  readonly groups: number;
}): Net<UnetBlock, [x: Tensor, condition: Tensor], Tensor> {
  const { from, to } = size;
  const first = convolution({ inputs: from, outputs: to, taps: [size.taps], padding: "same" });
  const second = convolution({ inputs: to, outputs: to, taps: [size.taps], padding: "same" });
  const norm = groupNorm(to, size.groups, 1);
  const modulation = linear(size.condition, 2 * to);
  const skip = from === to ? undefined : convolution({ inputs: from, outputs: to, taps: [1] });
  return net(
    (key): UnetBlock => ({
      first: first.init(key.at("first")),
      firstNorm: norm.init(key),
      modulation: modulation.init(key.at("modulation")),
      second: second.init(key.at("second")),
      secondNorm: norm.init(key),
      ...(skip ? { skip: skip.init(key.at("skip")) } : {}),
    }),
    (params, x, condition) => {
      const h = mish(norm(params.firstNorm, first(params.first, x)));
      const both = modulation(params.modulation, mish(condition)).unsqueeze(-1);
      const modulated = h.mul(both.slice(-2, 0, to).add(1)).add(both.slice(-2, to));
      const out = mish(norm(params.secondNorm, second(params.second, modulated)));
      return out.add(skip && params.skip ? skip(params.skip, x) : x);
    },
  );
}
