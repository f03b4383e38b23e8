/** From the graph as traced to the graph as run. Passes are few, named, in one list; shapes are verified after each. */
import { unreachable } from "../problems.ts";
import { evaluate, topological } from "./interpret.ts";
import { isSound, type Loop, labelOf } from "./loop.ts";
import { asType, sizeOf } from "./ndarray.ts";
import { type Operation, operations, type Row } from "./operations.ts";
import { sameShape } from "./shape.ts";
import { apply, constant, onesOf, Tensor } from "./tensor.ts";

type Rewrite = (tensor: Tensor, uses: ReadonlyMap<Tensor, number>) => Tensor;

const passes: readonly { readonly name: string; readonly rewrite: () => Rewrite }[] = [
  { name: "simplify", rewrite: () => simplify },
  { name: "common subexpressions", rewrite: common },
  { name: "fold", rewrite: () => fold },
  { name: "fuse", rewrite: () => fuse },
  { name: "common subexpressions again", rewrite: common },
];

export function optimise(outputs: readonly Tensor[]): readonly Tensor[] {
  return passes.reduce((tensors, { name, rewrite }) => verify(rewritten(tensors, rewrite()), tensors, name), outputs);
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

/** Every tensor rebuilt on its rewritten inputs, then rewritten itself. */
function rewritten(outputs: readonly Tensor[], rewrite: Rewrite): readonly Tensor[] {
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

function simplify(tensor: Tensor): Tensor {
  const [x, y] = tensor.inputs;
  switch (tensor.operation) {
    case "identity": //      I x  →  x
    case "stopGradient":
    case "custom":
      return x;
    case "add": //           x + 0  →  x
      return (
        (uniformValue(y) === 0 ? shaped(x, tensor) : uniformValue(x) === 0 ? shaped(y, tensor) : undefined) ??
        unbroadcast(tensor)
      );
    case "sub": //           x − 0  →  x
      return (uniformValue(y) === 0 ? shaped(x, tensor) : undefined) ?? unbroadcast(tensor);
    case "mul": //           x · 1  →  x,  (x · a) · b  →  x · (a b) for scalars a, b
      return (
        (uniformValue(y) === 1 ? shaped(x, tensor) : uniformValue(x) === 1 ? shaped(y, tensor) : undefined) ??
        gather(unbroadcast(tensor))
      );
    case "div": //           x / 1  →  x
      return (uniformValue(y) === 1 ? shaped(x, tensor) : undefined) ?? unbroadcast(tensor);
    case "neg": //           −(−x)  →  x
      return x.operation === "neg" ? x.inputs[0] : tensor;
    case "transpose": {
      // (xᵀ)ᵀ  →  x
      if (x.operation !== "transpose") return tensor;
      const outer = (tensor.attributes as { permutation: readonly number[] }).permutation;
      const inner = (x.attributes as { permutation: readonly number[] }).permutation;
      return outer.every((p, i) => inner[p] === i) ? x.inputs[0] : tensor;
    }
    case "concat": //        what was just taken apart  →  the whole
      return rejoined(tensor) ?? tensor;
    case "reshape": //       a reshape of a reshape is one reshape
    case "expandDims":
    case "squeeze": {
      if (x.operation !== "reshape" && x.operation !== "expandDims" && x.operation !== "squeeze") return tensor;
      const source = x.inputs[0];
      return sameShape(source.shape, tensor.shape) ? source : apply("reshape", [source], { shape: tensor.shape });
    }
    default:
      return unbroadcast(tensor);
  }
}

/** The vector that a concatenation puts together again from its own consecutive slices. */
function rejoined({ inputs, shape }: Tensor): Tensor | undefined {
  const whole = inputs[0].operation === "slice" ? inputs[0].inputs[0] : undefined;
  if (whole === undefined || shape.length !== 1 || !sameShape(whole.shape, shape)) return undefined;
  let at = 0;
  for (const part of inputs) {
    const { from, to } = part.attributes as { from: number; to: number };
    if (part.operation !== "slice" || part.inputs[0] !== whole || from !== at) return undefined;
    at = to;
  }
  return whole;
}

function gather(tensor: Tensor): Tensor {
  const [x, b] = tensor.inputs;
  if (x.operation !== "mul" || b.rank !== 0 || x.inputs[1].rank !== 0 || tensor.rank === 0) return tensor;
  const product = new Tensor("mul", [x.inputs[1], b], {}, b);
  return new Tensor("mul", [x.inputs[0], product], {}, tensor);
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

/** Equal operations on equal inputs are one. */
function common(): Rewrite {
  const known = new Map<string, Tensor>();
  return (tensor) => {
    const key = `${labelOf(tensor)} ${tensor.inputs.map((i) => i.id)}`;
    const before = known.get(key);
    if (before === undefined) known.set(key, tensor);
    return before ?? tensor;
  };
}

/** Small operations on constants alone are done now. */
function fold(tensor: Tensor): Tensor {
  const { operation, inputs, dtype, shape } = tensor;
  if (inputs.length === 0 || sizeOf(shape) > 64 || !inputs.every((i) => i.operation === "constant" && i.size <= 64))
    return tensor;
  if (operation === "broadcastTo" || operation === "loop") return tensor;
  return constant(asType(evaluate([tensor])[0], dtype));
}

function fuse(tensor: Tensor, uses: ReadonlyMap<Tensor, number>): Tensor {
  const { operation, inputs, attributes } = tensor;
  // x W + b in one kernel, where the product is used by nothing else.
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
  // A bias's slope: a product with ones runs at the speed of a product, ReduceSum over rows at a seventh of it.
  if (operation === "sum" && inputs[0].rank === 2 && inputs[0].shape[0] > 1 && !inputs[0].shape.includes(-1)) {
    const { axes, keep } = attributes as { axes: readonly number[]; keep: boolean };
    if (axes.length === 1 && axes[0] === 0 && inputs[0].dtype.startsWith("float")) {
      const row = onesOf([1, inputs[0].shape[0]], tensor.dtype).matmul(inputs[0]);
      return keep ? row : row.reshape(tensor.shape[0]);
    }
  }
  return tensor;
}
