/** From the graph as traced to the graph as run. Passes are few, named, in one list; shapes are verified after each. */
import { unreachable } from "../problems.ts";
import { fold } from "./passes/fold.ts";
import { fuse } from "./passes/fuse.ts";
import { reduced } from "./passes/reduce.ts";
import { rejoin } from "./passes/rejoin.ts";
import { type Rewrite, rewritten } from "./passes/rewriting.ts";
import { sideBySide } from "./passes/side-by-side.ts";
import { simplify } from "./passes/simplify.ts";
import { common } from "./passes/subexpressions.ts";
import { sameShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

export interface Pass {
  readonly name: string;
  readonly run: (outputs: readonly Tensor[]) => readonly Tensor[];
}

const each = (name: string, rewrite: () => Rewrite): Pass => ({
  name,
  run: (outputs) => rewritten(outputs, rewrite()),
});

export const passes: readonly Pass[] = [
  each("simplify", () => simplify),
  each("rejoin", () => rejoin),
  each("common subexpressions", common),
  each("simplify again", () => simplify),
  each("fold", () => fold),
  { name: "side by side", run: sideBySide },
  each("reduce", () => reduced),
  each("fuse", () => fuse),
  each("common subexpressions again", common),
];

export function optimise(outputs: readonly Tensor[], chosen: readonly Pass[] = passes): readonly Tensor[] {
  return chosen.reduce((tensors, { name, run }) => verify(run(tensors), tensors, name), outputs);
}

function verify(after: readonly Tensor[], before: readonly Tensor[], pass: string): readonly Tensor[] {
  after.forEach((tensor, i) => {
    if (!sameShape(tensor.shape, before[i].shape) || tensor.dtype !== before[i].dtype) {
      unreachable(
        `the pass "${pass}" turned ${before[i].dtype}[${before[i].shape}] into ${tensor.dtype}[${tensor.shape}]`,
      );
    }
  });
  return after;
}
