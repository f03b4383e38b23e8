/**
 * Scalars worked out alike, side by side: K unrolled updates correct Adam's bias K times, on K step numbers. Scalar operations
 * of one kind, on operands that are constants, shared, or side by side themselves, become one operation on a vector. Only
 * operations that give an element the same bits whether it stands alone or in a vector take part.
 */
import { topological } from "../interpret.ts";
import { ndarray } from "../ndarray.ts";
import { type Operation, operations, type Row } from "../operations.ts";
import { constant, Tensor } from "../tensor.ts";

const alike: ReadonlySet<Operation> = new Set<Operation>([
  "add",
  "sub",
  "mul",
  "div",
  "pow",
  "minimum",
  "maximum",
  "neg",
  "sqrt",
  "cast",
]);

/** Fewer together would cost more in taking them apart than they save. */
const fewest = 4;

interface Lane {
  readonly vector: Tensor;
  readonly at: number;
}

export function sideBySide(outputs: readonly Tensor[]): readonly Tensor[] {
  const order = topological(outputs);
  const lanes = lanesOf(order);
  const replaced = new Map<Tensor, Tensor>();
  const alone = new Map<Tensor, Tensor>();
  /** A lane as a vector of one. */
  const cut = ({ vector, at }: Lane, tensor: Tensor): Tensor => {
    const known = alone.get(tensor) ?? vector.slice(0, at, at + 1);
    alone.set(tensor, known);
    return known;
  };
  const byItself = (tensor: Tensor): Tensor => {
    const lane = lanes.get(tensor);
    const known = replaced.get(tensor) ?? (lane && cut(lane, tensor).squeeze(0));
    if (known === undefined) return tensor;
    replaced.set(tensor, known);
    return known;
  };
  for (const tensor of order) {
    if (lanes.has(tensor)) continue;
    const inputs = tensor.inputs.map((input) => {
      const lane = lanes.get(input);
      return lane && tensor.rank > 0 && spreads.has(tensor.operation) ? cut(lane, input) : byItself(input);
    });
    if (inputs.some((input, i) => input !== tensor.inputs[i]))
      replaced.set(tensor, new Tensor(tensor.operation, inputs, tensor.attributes, tensor));
  }
  return outputs.map(byItself);
}

/** Operations to which a scalar and a vector of one are the same, beside something larger. */
const spreads: ReadonlySet<Operation> = new Set<Operation>(["add", "sub", "mul", "div", "minimum", "maximum"]);

/** Which scalars come from which vectors. */
function lanesOf(order: readonly Tensor[]): ReadonlyMap<Tensor, Lane> {
  const depths = new Map<Tensor, number>();
  const byDepth = new Map<number, Tensor[]>();
  for (const tensor of order) {
    const depth = tensor.inputs.reduce((most, input) => Math.max(most, (depths.get(input) ?? 0) + 1), 0);
    depths.set(tensor, depth);
    if (tensor.rank > 0 || !alike.has(tensor.operation)) continue;
    byDepth.set(depth, [...(byDepth.get(depth) ?? []), tensor]);
  }
  const lanes = new Map<Tensor, Lane>();
  for (const depth of [...byDepth.keys()].sort((a, b) => a - b)) {
    for (const group of Map.groupBy(byDepth.get(depth) as Tensor[], (tensor) => kindOf(tensor, lanes)).values()) {
      const vector = group.length < fewest ? undefined : together(group, lanes);
      if (vector) group.forEach((tensor, at) => void lanes.set(tensor, { vector, at }));
    }
  }
  return lanes;
}

/** What scalars that may become one vector have in common: beside a lane, constants too. */
function kindOf({ operation, inputs, attributes, dtype }: Tensor, lanes: ReadonlyMap<Tensor, Lane>): string {
  const besideLane = inputs.some((input) => lanes.has(input));
  const kinds = inputs.map((input) => {
    if (input.operation === "constant") return besideLane ? `constant ${numberIn(input)}` : `constant ${input.dtype}`;
    const lane = lanes.get(input);
    return lane ? `lane of ${lane.vector.id}` : `${input.id}`;
  });
  return [operation, dtype, JSON.stringify(attributes), ...kinds].join();
}

const numberIn = ({ attributes }: Tensor): number =>
  Number((attributes as { value: { data: ArrayLike<number> } }).value.data[0]);

/** One operation in place of many; undefined where their operands do not lie in the same order. */
function together(group: readonly Tensor[], lanes: ReadonlyMap<Tensor, Lane>): Tensor | undefined {
  const [{ operation, attributes, inputs: first }] = group;
  const inputs: Tensor[] = [];
  for (const [i, one] of first.entries()) {
    const all = group.map(({ inputs }) => inputs[i]);
    const lane = lanes.get(one);
    if (lane) {
      const { vector, at: from } = lane;
      if (all.some((input, at) => lanes.get(input)?.at !== from + at)) return undefined;
      inputs.push(vector.shape[0] === group.length ? vector : vector.slice(0, from, from + group.length));
    } else if (one.operation === "constant" && all.some((input) => input !== one)) {
      inputs.push(constant(ndarray(all.map(numberIn), { dtype: one.dtype })));
    } else inputs.push(one);
  }
  // All operands shared would be one and the same scalar, which is no vector.
  if (inputs.every((input) => input.rank === 0)) return undefined;
  const row = operations[operation] as Row<Operation>;
  return new Tensor(operation, inputs, attributes, row.infer(inputs as never, attributes as never));
}
