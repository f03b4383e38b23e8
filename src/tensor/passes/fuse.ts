/** x W + b in one kernel, where the product is used by nothing else. */
import { sameShape } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";

export function fuse(tensor: Tensor, uses: ReadonlyMap<Tensor, number>): Tensor {
  const { operation, inputs } = tensor;
  if (operation === "add" && tensor.rank === 2 && tensor.dtype.startsWith("float")) {
    for (const [product, bias] of [inputs, [inputs[1], inputs[0]]]) {
      if (product.operation !== "matmul" || product.rank !== 2 || (uses.get(product) ?? 0) > 1) continue;
      const isBias =
        bias.shape.at(-1) === tensor.shape[1] && (bias.rank === 1 || (bias.rank === 2 && bias.shape[0] === 1));
      if (isBias && sameShape(product.shape, tensor.shape)) {
        return apply("gemm", [product.inputs[0], product.inputs[1], bias], product.attributes as never);
      }
    }
  }
  return tensor;
}
