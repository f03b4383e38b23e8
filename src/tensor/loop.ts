/** A loop in the graph: one body that the runtime turns, in place of all its turns one after another. */
import { topological } from "./interpret.ts";
import type { NdArray } from "./ndarray.ts";
import { open } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import type { Spec } from "./tree.ts";

/**
 * The body of a loop. Its inputs stand in for what it is given, in this order: values carried from turn to turn, rows of which
 * each turn takes one, and values that every turn sees. No slope flows through a loop.
 */
export interface Loop {
  readonly turns: number;
  readonly carried: readonly Tensor[];
  readonly scanned: readonly Tensor[];
  readonly captured: readonly Tensor[];
  /** The carried values after a turn, then what the turn gives out. */
  readonly results: readonly Tensor[];
  /** Equal for bodies that compute the same. */
  readonly signature: string;
}

export function loopOf(parts: Omit<Loop, "signature">): Loop {
  const names = new Map<Tensor, string>();
  for (const group of ["carried", "scanned", "captured"] as const) {
    parts[group].forEach((standIn, i) => {
      names.set(standIn, `${group}${i}`);
    });
  }
  const lines = [`${parts.turns}`];
  for (const tensor of topological(parts.results)) {
    if (names.has(tensor)) continue;
    names.set(tensor, `${names.size}`);
    lines.push(`${labelOf(tensor)}(${tensor.inputs.map((input) => names.get(input))})`);
  }
  lines.push(parts.results.map((result) => names.get(result)).join());
  return { ...parts, signature: lines.join("\n") };
}

/** Whether a loop is given what its body takes, and its turns hand on what they were given. */
export function isSound({ turns, carried, scanned, captured, results }: Loop, inputs: readonly Tensor[]): boolean {
  const rows = scanned.map(({ shape, dtype }) => ({ shape: [turns, ...shape], dtype }));
  const wanted = [...carried, ...rows, ...captured];
  return (
    inputs.length === wanted.length &&
    wanted.every((spec, i) => fits(spec, inputs[i])) &&
    carried.every((spec, i) => fits(spec, results[i]))
  );
}

const fits = (wanted: Spec, got: Spec): boolean =>
  wanted.dtype === got.dtype &&
  wanted.shape.length === got.shape.length &&
  wanted.shape.every((d, i) => d === open || d === got.shape[i]);

const arrays = new WeakMap<NdArray, number>();
let known = 0;

/** What an operation does, beside what it is done to: equal labels on equal inputs are equal values. */
export function labelOf({ operation, attributes, dtype, shape }: Tensor): string {
  switch (operation) {
    case "constant": {
      const { value } = attributes as { value: NdArray };
      if (value.data.length <= 64) return `constant ${dtype} ${shape} ${value.data.join()}`;
      if (!arrays.has(value)) arrays.set(value, known++);
      return `constant #${arrays.get(value)}`;
    }
    case "input":
      return `input ${(attributes as { name: string }).name}`;
    case "loop": {
      const { loop, which } = attributes as { loop: Loop; which: number };
      return `loop ${which} of ${loop.signature}`;
    }
    default:
      return `${operation} ${JSON.stringify(attributes)}`;
  }
}

/** Everything the tensors are made of, what is inside their loops included. */
export function everythingIn(tensors: readonly Tensor[]): readonly Tensor[] {
  const order = topological(tensors);
  return [...order, ...insideLoops(order)];
}

/** What the bodies of loops are made of, each once. */
export function insideLoops(tensors: readonly Tensor[]): readonly Tensor[] {
  const loops = new Map<string, Loop>();
  for (const { operation, attributes } of tensors) {
    if (operation !== "loop") continue;
    const { loop } = attributes as { loop: Loop };
    loops.set(loop.signature, loop);
  }
  return [...loops.values()].flatMap(({ results }) => everythingIn(results));
}
