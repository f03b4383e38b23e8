/** Operations that change nothing, or less than they cost. */
import { type Operation, operations, type Row } from "../operations.ts";
import { sameShape } from "../shape.ts";
import { apply, scalar, Tensor } from "../tensor.ts";

/** A constant's one value, when all its elements are equal and it broadcasts from a scalar. */
function uniformValue(tensor: Tensor): number | undefined {
  if (tensor.operation === "broadcastTo" || tensor.operation === "expandDims" || tensor.operation === "reshape")
    return uniformValue(tensor.inputs[0]);
  if (tensor.operation !== "constant") return undefined;
  const { value } = tensor.attributes as { value: { data: ArrayLike<number | bigint> } };
  return value.data.length === 1 ? Number(value.data[0]) : undefined;
}

/** x where the result still has the shape it must have. */
const shaped = (x: Tensor, like: Tensor): Tensor | undefined => (sameShape(x.shape, like.shape) ? x : undefined);

const broadcasting: ReadonlySet<Operation> = new Set([
  "add",
  "sub",
  "mul",
  "div",
  "minimum",
  "maximum",
  "where",
  "less",
  "lessEqual",
  "equal",
]);

export function simplify(tensor: Tensor): Tensor {
  const [x, y] = tensor.inputs;
  switch (tensor.operation) {
    case "identity": //      I x  →  x
    case "stopGradient":
    case "custom":
      return x;
    case "add": //           x + 0  →  x
      return (
        (uniformValue(y) === 0 ? shaped(x, tensor) : uniformValue(x) === 0 ? shaped(y, tensor) : undefined) ??
        counted(tensor) ??
        signed(tensor) ??
        doubled(tensor) ??
        unbroadcast(tensor)
      );
    case "sub": //           x − 0  →  x
      return (uniformValue(y) === 0 ? shaped(x, tensor) : undefined) ?? signed(tensor) ?? unbroadcast(tensor);
    case "mul": //           x · 1  →  x,  (x · a) · b  →  x · (a b) for scalars a, b
      return (
        (uniformValue(y) === 1 ? shaped(x, tensor) : uniformValue(x) === 1 ? shaped(y, tensor) : undefined) ??
        gather(unbroadcast(tensor))
      );
    case "div": //           x / 1  →  x
      return (uniformValue(y) === 1 ? shaped(x, tensor) : undefined) ?? unbroadcast(tensor);
    case "neg": //           −(−x)  →  x,  −(x · a)  →  x · −a
      return x.operation === "neg" ? x.inputs[0] : (negated(x) ?? tensor);
    case "transpose": {
      // (xᵀ)ᵀ  →  x
      if (x.operation !== "transpose") return tensor;
      const outer = (tensor.attributes as { permutation: readonly number[] }).permutation;
      const inner = (x.attributes as { permutation: readonly number[] }).permutation;
      return outer.every((p, i) => inner[p] === i) ? x.inputs[0] : tensor;
    }
    case "reshape": //       a reshape of a reshape is one reshape
    case "expandDims":
    case "squeeze": {
      if (sameShape(x.shape, tensor.shape)) return x;
      if (x.operation !== "reshape" && x.operation !== "expandDims" && x.operation !== "squeeze") return tensor;
      const source = x.inputs[0];
      return sameShape(source.shape, tensor.shape) ? source : apply("reshape", [source], { shape: tensor.shape });
    }
    default:
      return unbroadcast(tensor);
  }
}

function gather(tensor: Tensor): Tensor {
  const [x, b] = tensor.inputs;
  if (x.operation !== "mul" || b.rank !== 0 || x.inputs[1].rank !== 0 || tensor.rank === 0) return tensor;
  const product = new Tensor("mul", [x.inputs[1], b], {}, b);
  return new Tensor("mul", [x.inputs[0], product], {}, tensor);
}

/** x + (−y)  →  x − y,  x − (−y)  →  x + y. */
function signed(tensor: Tensor): Tensor | undefined {
  const [x, y] = tensor.inputs;
  if (y.operation === "neg")
    return new Tensor(tensor.operation === "add" ? "sub" : "add", [x, y.inputs[0]], {}, tensor);
  if (x.operation !== "neg" || tensor.operation === "sub") return undefined;
  return new Tensor("sub", [y, x.inputs[0]], {}, tensor);
}

/** x + x  →  x · 2, which is the same number and may join other factors. */
function doubled(tensor: Tensor): Tensor | undefined {
  const [x, y] = tensor.inputs;
  return x === y && tensor.dtype.startsWith("float") ? gather(x.mul(2)) : undefined;
}

/** −(x · a)  →  x · (−a) for a constant a. */
function negated(x: Tensor): Tensor | undefined {
  if (x.operation !== "mul" || x.inputs[1].operation !== "constant" || x.inputs[1].rank > 0) return undefined;
  const by = scalar(-(uniformValue(x.inputs[1]) as number), x.dtype);
  return new Tensor("mul", [x.inputs[0], by], {}, x);
}

/** (n + a) + b  →  n + (a + b) for whole numbers, which a counter of steps is made of. */
function counted({ inputs: [x, b], dtype, rank }: Tensor): Tensor | undefined {
  if (dtype !== "int32" || rank > 0 || x.operation !== "add") return undefined;
  const [first, second] = [uniformValue(x.inputs[1]), uniformValue(b)];
  if (first === undefined || second === undefined) return undefined;
  return x.inputs[0].add((first + second) | 0);
}

/** Elementwise operations broadcast by themselves: an operand spread out beforehand is memory written for nothing. */
function unbroadcast(tensor: Tensor): Tensor {
  if (!broadcasting.has(tensor.operation)) return tensor;
  for (let i = 0; i < tensor.inputs.length; i++) {
    const input = tensor.inputs[i];
    if (input.operation !== "broadcastTo" && input.operation !== "broadcastLike") continue;
    const inputs = tensor.inputs.map((other, j) => (j === i ? input.inputs[0] : other));
    const row = operations[tensor.operation] as Row<Operation>;
    const { shape } = row.infer(inputs as never, tensor.attributes as never);
    if (sameShape(shape, tensor.shape))
      return unbroadcast(new Tensor(tensor.operation, inputs, tensor.attributes, tensor));
  }
  return tensor;
}
