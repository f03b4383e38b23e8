/** Plain descent, with momentum or with a scale of its own for each number. */
import type { Operand, Tensor } from "../tensor.ts";
import { zipTree } from "../tree.ts";
import { chain, type Optimiser, type Rate, scaledDown, zerosLike } from "./optimiser.ts";

/** Gradient descent, with momentum (and Nesterov's look-ahead) when asked. */
export const sgd = (
  rate: Rate,
  { momentum, nesterov = false }: { momentum?: Operand; nesterov?: boolean } = {},
): Optimiser => (momentum === undefined ? scaledDown(rate) : chain(velocityOf(momentum, nesterov), scaledDown(rate)));

/** The running sum of slopes, each step's weighed down by `momentum`. */
export const velocityOf = (momentum: Operand, nesterov: boolean): Optimiser => ({
  init: zerosLike,
  update(slopes, memory) {
    const add = (v: Tensor, g: Tensor): Tensor => v.mul(momentum).add(g);
    const velocity = zipTree(memory, slopes, add);
    return { updates: nesterov ? zipTree(velocity, slopes, add) : velocity, memory: velocity };
  },
});

/** Slope / √(running mean of its square): Tieleman, Hinton (2012). */
export const rmsprop = (
  rate: Rate,
  { decay = 0.99, epsilon = 1e-8 }: { decay?: number; epsilon?: number } = {},
): Optimiser =>
  chain(
    {
      init: zerosLike,
      update(slopes, memory) {
        const square = zipTree(memory, slopes, (v: Tensor, g: Tensor) => v.mul(decay).add(g.square().mul(1 - decay)));
        const updates = zipTree(slopes, square, (g: Tensor, v: Tensor) => g.div(v.sqrt().add(epsilon)));
        return { updates, memory: square };
      },
    },
    scaledDown(rate),
  );

/** Slope / √(sum of its squares): Duchi, Hazan, Singer (2011), JMLR 12. */
export const adagrad = (rate: Rate, { epsilon = 1e-10 }: { epsilon?: number } = {}): Optimiser =>
  chain(
    {
      init: zerosLike,
      update(slopes, memory) {
        const square = zipTree(memory, slopes, (v: Tensor, g: Tensor) => v.add(g.square()));
        const updates = zipTree(slopes, square, (g: Tensor, v: Tensor) => g.div(v.sqrt().add(epsilon)));
        return { updates, memory: square };
      },
    },
    scaledDown(rate),
  );
