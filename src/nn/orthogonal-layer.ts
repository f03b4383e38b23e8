/** Linear layers that turn and never stretch: the Cayley transform, as in Trockman, Kolter (2021), arXiv:2104.07167. */
import { eye, solve, type Tensor } from "../tensor/index.ts";
import { type Linear, linear } from "./layers.ts";
import { type Net, net } from "./net.ts";

/**
 * [… n n] → an orthogonal matrix, (I + A)⁻¹(I − A) with A = V − Vᵀ. Elimination is unrolled in the program, n steps of it,
 * so keep n at a hundred or less.
 */
export function cayley(free: Tensor): Tensor {
  const skew = free.sub(free.transpose());
  const one = eye(free.shape[free.rank - 1], free.dtype);
  return solve(one.add(skew), one.sub(skew));
}

/**
 * [… inputs] → [… outputs] without stretching: distances stay where there are as many outputs as inputs or more, and none
 * grows elsewhere. `weight` is the free matrix [n, n], n the larger of the two.
 */
export function orthogonalLinear(inputs: number, outputs: number): Net<Linear, [x: Tensor], Tensor> {
  const size = Math.max(inputs, outputs);
  const square = linear(size, size);
  const layer = linear(inputs, outputs);
  return net(
    (key) => ({ weight: square.init(key.at("square")).weight, bias: layer.init(key.at("layer")).bias }),
    ({ weight, bias }, x) => layer({ weight: cayley(weight).slice(-2, 0, inputs).slice(-1, 0, outputs), bias }, x),
  );
}
