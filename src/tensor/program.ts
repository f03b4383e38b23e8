/** Programs: a pure function of trees, traced once into a graph. */
import { problem } from "../problems.ts";
import { topological } from "./interpret.ts";
import { type Key, keyAt, type Noise } from "./key.ts";
import type { Shape } from "./ndarray.ts";
import { optimise } from "./passes.ts";
import { sameShape } from "./shape.ts";
import { apply, type Tensor } from "./tensor.ts";
import { checkSameSpecs, leavesOf, mapTree, type Spec, type TreeOf } from "./tree.ts";

/** A traced program. Names are paths: "state/…" comes in, "next/…" goes out; inputs and outputs go by their own paths. */
export interface Program<S = unknown, I = unknown, O = unknown> {
  readonly name: string;
  readonly state: TreeOf<S, Spec>;
  readonly inputs: TreeOf<I, Spec>;
  /** The outputs' specifications, in their tree. */
  readonly outputs: TreeOf<O, Spec>;
  readonly noise: readonly (Noise & Spec & { readonly name: string })[];
  /** What the runtime computes: outputs by path, and "next/…" for the state leaves that change. */
  readonly graph: ReadonlyMap<string, Tensor>;
}

/** Where the names of state and noise begin. */
const reserved = /^(?:state|next|noise)\//;

/** A program whatever its trees. */
export interface AnyProgram extends Pick<Program, "name" | "noise" | "graph"> {
  readonly state: unknown;
  readonly inputs: unknown;
  readonly outputs: unknown;
}

export interface Traced<S, O> {
  readonly state: S;
  readonly outputs: O;
}

/**
 * Traces `body` once.
 * @param given specifications of the state and of the inputs
 * @throws Problem "tree-mismatch" or "tree-leaf" when the new state lacks leaves of the old, has others, or changes a
 * shape or type; "bad-value" when an output has the name of an input, or either of state or noise
 */
export function trace<const S, const I, O>(
  name: string,
  given: { readonly state: S; readonly inputs: I },
  body: (state: TreeOf<S, Tensor>, inputs: TreeOf<I, Tensor>, key: Key) => Traced<TreeOf<S, Tensor>, O>,
): Program<S, I, O> {
  const input = (prefix: string) => (spec: Spec, path: string) => {
    const { shape, dtype, axes } = spec;
    return apply("input", [], { name: `${prefix}${path}`, shape, dtype, ...(axes ? { axes } : {}) });
  };
  const state = mapTree(given.state, input("state/"), name);
  const inputs = mapTree(given.inputs, input(""), name);
  const { state: next, outputs } = body(state, inputs, keyAt(""));
  checkSameSpecs(given.state, next, name, "The state a step returns must have exactly the leaves it was given.");

  const wanted = new Map<string, Tensor>();
  for (const [path, tensor] of leavesOf<Tensor>(outputs, name)) wanted.set(path, tensor);
  checkNames(name, [...leavesOf<Spec>(given.inputs, name).keys(), ...wanted.keys()]);
  for (const [path, tensor] of leavesOf<Tensor>(next, name)) wanted.set(`next/${path}`, tensor);
  const optimised = optimise([...wanted.values()]);
  const graph = new Map<string, Tensor>();
  [...wanted.keys()].forEach((path, i) => {
    const tensor = optimised[i];
    // A leaf that comes out as it went in stays where it is.
    const unchanged = path.startsWith("next/") && nameOfInput(tensor) === `state/${path.slice(5)}`;
    if (!unchanged) graph.set(path, tensor);
  });

  const noise = topological([...graph.values()]).flatMap((tensor) => {
    if (tensor.operation !== "input") return [];
    const attributes = tensor.attributes as { name: string; noise?: Noise };
    return attributes.noise
      ? [{ ...attributes.noise, name: attributes.name, shape: tensor.shape, dtype: tensor.dtype }]
      : [];
  });
  checkDraws(name, noise);
  const spec = ({ shape, dtype, axes }: Tensor): Spec => ({ shape, dtype, axes });
  return {
    name,
    state: mapTree(given.state, (leaf: Spec) => leaf) as TreeOf<S, Spec>,
    inputs: mapTree(given.inputs, (leaf: Spec) => leaf) as TreeOf<I, Spec>,
    outputs: mapTree(outputs, spec) as TreeOf<O, Spec>,
    noise,
    graph,
  };
}

/** Inputs and outputs share one space of names with state and noise. */
function checkNames(where: string, paths: readonly string[]): void {
  paths.forEach((given, i) => {
    if (paths.indexOf(given) < i || reserved.test(given)) {
      const wanted = "a name that no input has and that does not begin with state/, next/ or noise/";
      throw problem("bad-value", { where, given, wanted, next: "Rename that input or output." });
    }
  });
}

/** One key drawn from twice in two shapes would give the same numbers twice, which is never what was meant. */
function checkDraws(where: string, noise: Program["noise"]): void {
  const seen = new Map<string, Shape>();
  for (const draw of noise) {
    const shape = draw.turns ? draw.shape.slice(1) : draw.shape;
    for (const { path, update } of draw.turns ?? [draw]) {
      const before = seen.get(`${path}@${update}`);
      if (before && !sameShape(before, shape)) throw problem("same-draw", { where, path, shapes: [before, shape] });
      seen.set(`${path}@${update}`, shape);
    }
  }
}

export const nameOfInput = (tensor: Tensor): string | undefined =>
  tensor.operation === "input" ? (tensor.attributes as { name: string }).name : undefined;
