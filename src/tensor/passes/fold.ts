/** What is known when a program is compiled need not be worked out when it runs. */
import { evaluate } from "../interpret.ts";
import { asType, sizeOf } from "../ndarray.ts";
import { constant, type Tensor } from "../tensor.ts";

/** Small operations on constants alone are done now. */
export function fold(tensor: Tensor): Tensor {
  const { operation, inputs, dtype, shape } = tensor;
  if (inputs.length === 0 || sizeOf(shape) > 64 || !inputs.every((i) => i.operation === "constant" && i.size <= 64))
    return tensor;
  if (operation === "broadcastTo" || operation === "loop") return tensor;
  return constant(asType(evaluate([tensor])[0], dtype));
}
