/** Reverse-mode differentiation, in JAX's conventions: the slope of a function of a tree is a tree of the same shape. */
import { problem } from "../problems.ts";
import { type Operation, operations, type Row } from "./operations.ts";
import { userLine } from "./shape.ts";
import { apply, full, Tensor } from "./tensor.ts";
import { checkSameSpecs, leavesOf, mapTree, type TreeOf } from "./tree.ts";

/**
 * The value of a scalar loss and its slope, shaped like its argument. What the loss closes over is constant.
 * @throws Problem "shape" when the loss is not a scalar, "tree-leaf" when a leaf of the argument is not a float tensor
 */
export function valueAndGrad<P>(loss: (params: P) => Tensor): (params: P) => readonly [value: Tensor, slope: P] {
  return (params) => {
    const variables = variablesFor(params);
    const value = following(variables, () => loss(variables));
    if (value.rank !== 0) {
      const wanted = "a scalar loss (take its mean or sum)";
      throw problem("shape", { where: "grad", wanted, got: [value.shape], ...userLine() });
    }
    return [value, pulledBack(new Map([[value, full([], 1, value.dtype)]]), variables)];
  };
}

/** The slope of a scalar loss, shaped like its argument. */
export function grad<P>(loss: (params: P) => Tensor): (params: P) => P {
  return (params) => valueAndGrad(loss)(params)[1];
}

/** The Hessian of a scalar loss times a direction shaped like its argument, without forming the Hessian. */
export function hvp<P>(loss: (params: P) => Tensor, params: P, direction: P): P {
  return grad<P>((at) => {
    const slope = leavesOf<Tensor>(grad(loss)(at));
    const along = leavesOf<Tensor>(direction);
    return [...slope].map(([path, s]) => s.mul(along.get(path) as Tensor).sum()).reduce((a, b) => a.add(b));
  })(params);
}

/** The variables of every slope that is being traced, those of the outermost first. */
let followed: readonly Tensor[] = [];

function following<T>(variables: unknown, f: () => T): T {
  return tracedWith([...followed, ...leavesOf<Tensor>(variables).values()], f);
}

function tracedWith<T>(variables: readonly Tensor[], f: () => T): T {
  const before = followed;
  followed = variables;
  try {
    return f();
  } finally {
    followed = before;
  }
}

/** Traces what no slope will flow through, whatever is being differentiated around it. */
export const withoutSlopes = <T>(f: () => T): T => tracedWith([], f);

/** Whether a slope may be asked of these tensors, by a gradient that is being traced now. */
export function carrySlopes(tensors: readonly Tensor[]): boolean {
  if (followed.length === 0) return false;
  const variables = new Set(followed);
  const oldest = Math.min(...followed.map(({ id }) => id));
  const seen = new Set<Tensor>();
  const work = [...tensors];
  while (work.length > 0) {
    const tensor = work.pop() as Tensor;
    if (seen.has(tensor) || tensor.id < oldest || !tensor.dtype.startsWith("float")) continue;
    if (variables.has(tensor)) return true;
    seen.add(tensor);
    const { pullback } = operations[tensor.operation] as Row<Operation>;
    if (pullback !== null && tensor.operation !== "stopGradient") work.push(...tensor.inputs);
  }
  return false;
}

/** The same values as fresh tensors, so that only what passes through them counts as depending on them. */
function variablesFor<P>(params: P): P {
  return mapTree(params, (leaf: Tensor, path) => {
    if (!(leaf instanceof Tensor) || !leaf.dtype.startsWith("float")) {
      throw problem("tree-leaf", { where: "grad", path, wanted: "a float tensor", got: `${(leaf as Tensor).dtype}` });
    }
    return apply("identity", [leaf], {});
  }) as P;
}

/**
 * The value of a function of a tree, and the map from a slope of that value (a tree like it) to the slope of the argument.
 * The map is linear, and may be called as often as there are rows of the Jacobian wanted.
 * @throws Problem "tree-mismatch" or "tree-leaf" when the slope is not shaped like the value
 */
export function vjp<P, V>(f: (params: P) => V, params: P): readonly [value: V, pullback: (slope: V) => P] {
  const variables = variablesFor(params);
  const value = following(variables, () => f(variables));
  const roots = leavesOf<Tensor>(value, "vjp");
  const pullback = (slope: V): P => {
    checkSameSpecs(value, slope, "vjp", "The slope must be shaped like the value.");
    const given = leavesOf<Tensor>(slope);
    // Two leaves of the value may be one tensor, whose slope is then the sum of theirs.
    const seeds = new Map<Tensor, Tensor>();
    for (const [path, root] of roots) {
      const seed = given.get(path) as Tensor;
      seeds.set(root, seeds.get(root)?.add(seed) ?? seed);
    }
    return pulledBack(seeds, variables);
  };
  return [value, pullback];
}

/** Slopes of every leaf of a tree of variables, from the slopes of tensors computed from them. */
function pulledBack<P>(roots: ReadonlyMap<Tensor, Tensor>, variables: P): P {
  const leaves = [...leavesOf<Tensor>(variables).values()];
  const slopes = new Map(roots);
  for (const tensor of dependants([...roots.keys()], new Set(leaves))) {
    const slope = slopes.get(tensor);
    if (slope === undefined) continue;
    const { pullback } = operations[tensor.operation] as Row<Operation>;
    if (pullback === null) continue;
    const parts = (pullback as NonNullable<Row<"concat">["pullback"]>)(
      tensor.inputs,
      tensor,
      slope,
      tensor.attributes as { axis: number },
    );
    parts.forEach((part, i) => {
      if (part === null) return;
      const input = tensor.inputs[i];
      const before = slopes.get(input);
      slopes.set(input, before === undefined ? part : before.add(part));
    });
  }
  return mapTree(variables, (leaf: Tensor) => slopes.get(leaf) ?? full(leaf.shape, 0, leaf.dtype)) as TreeOf<
    P,
    Tensor
  > as P;
}

/** What `values` are made of that depends on the variables, results before their inputs; the variables not among them. */
function dependants(values: readonly Tensor[], variables: ReadonlySet<Tensor>): Tensor[] {
  // Inputs are created before results, so nothing older than the oldest variable can depend on one.
  const oldest = Math.min(...[...variables].map((v) => v.id));
  const depends = new Map<Tensor, boolean>();
  const order: Tensor[] = [];
  const work = values.map((tensor) => ({ tensor, ready: false }));
  while (work.length > 0) {
    const { tensor, ready } = work.pop() as { tensor: Tensor; ready: boolean };
    if (ready) {
      const any = tensor.inputs.some((input) => depends.get(input));
      depends.set(tensor, any);
      if (any) order.push(tensor);
    } else if (!depends.has(tensor)) {
      if (variables.has(tensor)) {
        depends.set(tensor, true);
      } else if (tensor.id < oldest) {
        depends.set(tensor, false);
      } else {
        work.push({ tensor, ready: true });
        for (const input of tensor.inputs) work.push({ tensor: input, ready: false });
      }
    }
  }
  return [...new Set(order)].sort((a, b) => b.id - a.id);
}
