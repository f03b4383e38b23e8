/** A pass that looks at one tensor at a time, after those it is made of. */
import { unreachable } from "../../problems.ts";
import { topological } from "../interpret.ts";
import { isSound, type Loop } from "../loop.ts";
import { Tensor } from "../tensor.ts";

/** What stands in a tensor's place; `uses` counts the tensors that take each as an input. */
export type Rewrite = (tensor: Tensor, uses: ReadonlyMap<Tensor, number>) => Tensor;

/** Every tensor rebuilt on its rewritten inputs, then rewritten itself. */
export function rewritten(outputs: readonly Tensor[], rewrite: Rewrite): readonly Tensor[] {
  const order = topological(outputs);
  const uses = new Map<Tensor, number>();
  const replaced = new Map<Tensor, Tensor>();
  for (const tensor of order) for (const input of tensor.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  const newUses = new Map<Tensor, number>();
  for (const tensor of order) {
    const inputs = tensor.inputs.map((input) => replaced.get(input) as Tensor);
    const same = inputs.every((input, i) => input === tensor.inputs[i]);
    const rebuilt = same ? tensor : new Tensor(tensor.operation, inputs, tensor.attributes, tensor);
    newUses.set(rebuilt, uses.get(tensor) ?? 0);
    const out = rewrite(rebuilt, newUses);
    if (out.operation === "loop" && !isSound((out.attributes as { loop: Loop }).loop, out.inputs))
      unreachable("a pass gave a loop what its body does not take");
    if (out !== rebuilt) newUses.set(out, (newUses.get(out) ?? 0) + (uses.get(tensor) ?? 0));
    replaced.set(tensor, out);
  }
  return outputs.map((tensor) => replaced.get(tensor) as Tensor);
}
