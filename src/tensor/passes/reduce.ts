/** A reduction leaves its axes behind, or drops them, by itself: reshaping what it gives is an operation more. */
import { apply, type Tensor } from "../tensor.ts";

const reductions: ReadonlySet<string> = new Set(["sum", "mean", "max", "min"]);

export function reduced(tensor: Tensor, uses: ReadonlyMap<Tensor, number>): Tensor {
  const { operation, inputs, shape } = tensor;
  if (operation !== "reshape" && operation !== "squeeze" && operation !== "expandDims") return tensor;
  const [inner] = inputs;
  if (!reductions.has(inner.operation) || (uses.get(inner) ?? 0) > 1 || shape.includes(-1)) return tensor;
  const { axes, keep } = inner.attributes as { axes: readonly number[]; keep: boolean };
  const other = apply(inner.operation as "sum", [inner.inputs[0]], { axes, keep: !keep });
  return other.shape.join() === shape.join() ? other : tensor;
}
