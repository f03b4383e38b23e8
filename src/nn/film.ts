/** Feature-wise linear modulation: Perez et al. (2018), arXiv:1709.07871. */
import type { Tensor } from "../tensor/index.ts";
import { type Linear, linear } from "./layers.ts";
import { type Net, net } from "./net.ts";

export interface Film {
  /** From the condition to a scale and a shift of each feature. */
  readonly modulation: Linear;
}

/**
 * Features scaled and shifted by what a condition says: [… features] and [… condition] → [… features], x (1 + γ) + β.
 * The condition's leading axes broadcast against the features'.
 */
export function film(condition: number, features: number): Net<Film, [x: Tensor, condition: Tensor], Tensor> {
  const modulation = linear(condition, 2 * features);
  return net(
    (key) => ({ modulation: modulation.init(key.at("modulation")) }),
    (params, x, given) => {
      const both = modulation(params.modulation, given);
      return x.mul(both.slice(-1, 0, features).add(1)).add(both.slice(-1, features));
    },
  );
}
