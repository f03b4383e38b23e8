/** Slopes kept within bounds: of all leaves together, of each leaf, or of each number. */
import type { Operand, Tensor } from "../tensor.ts";
import { leavesOf, mapTree } from "../tree.ts";
import { type Optimiser, stateless } from "./optimiser.ts";

const factorTo = (squares: Tensor, norm: Operand): Tensor => squares.sqrt().add(1e-12).under(norm).atMost(1);

/** Slopes scaled so that the norm of all of them together is at most `norm`: Pascanu, Mikolov, Bengio (2013), arXiv:1211.5063. */
export const clipByGlobalNorm = (norm: Operand): Optimiser =>
  stateless((slopes) => {
    const squares = [...leavesOf<Tensor>(slopes).values()].map((g) => g.square().sum());
    const factor = factorTo(
      squares.reduce((a, b) => a.add(b)),
      norm,
    );
    return mapTree(slopes, (g: Tensor) => g.mul(factor));
  });

/** Each leaf's slope scaled so that its own norm is at most `norm`. */
export const clipByNorm = (norm: Operand): Optimiser =>
  stateless((slopes) => mapTree(slopes, (g: Tensor) => g.mul(factorTo(g.square().sum(), norm))));

/** Each number of a slope held within ±bound. */
export const clipByValue = (bound: Operand): Optimiser =>
  stateless((slopes) => {
    const low = typeof bound === "number" ? -bound : bound.neg();
    return mapTree(slopes, (g: Tensor) => g.clip(low, bound));
  });
