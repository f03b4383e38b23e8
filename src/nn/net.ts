/** Networks: a way to make parameters and a function of them. Nothing else; parameters are any tree of tensors. */
import { type Key, mapTree, stack, Tensor } from "../tensor/index.ts";

export interface Net<P, In extends readonly unknown[], Out> {
  (params: P, ...inputs: In): Out;
  init(key: Key): P;
}

/** The parameters of a network, or of anything else that begins by drawing some. */
export type ParamsOf<N> = N extends { init(key: Key): infer P } ? P : never;

export const net = <P, In extends readonly unknown[], Out>(
  init: (key: Key) => P,
  call: (params: P, ...inputs: In) => Out,
): Net<P, In, Out> => Object.assign(call, { init });

/** The same parameters, another reading of what comes out. */
export const mapNet = <P, In extends readonly unknown[], A, B>(inner: Net<P, In, A>, f: (out: A) => B): Net<P, In, B> =>
  net(
    (key) => inner.init(key),
    (params, ...inputs) => f(inner(params, ...inputs)),
  );

/**
 * One network mapped over a leading axis of parameters, each member with its own start. Every layer of this folder
 * broadcasts over leading axes of its parameters unless it says otherwise. Tensors that come in are seen by all members
 * alike, through a leading axis of size 1; the output gains a leading axis named "member".
 */
export const ensemble = <P, In extends readonly unknown[]>(
  member: Net<P, In, Tensor>,
  size: number,
): Net<P, In, Tensor> =>
  net(
    (key) => stackTrees(Array.from({ length: size }, (_, i) => member.init(key.at(i)))),
    (params, ...inputs) => {
      const shared = inputs.map((input) => (input instanceof Tensor ? input.unsqueeze(0) : input));
      const out = member(params, ...(shared as unknown as In));
      return out.named("member", ...out.axes.slice(1));
    },
  );

/** Trees of the same form as one, each leaf led by an axis of them. */
export function stackTrees<P>([first, ...rest]: readonly P[]): P {
  return mapTree(first, (leaf: Tensor, path) => stack([leaf, ...rest.map((tree) => leafAt(tree, path))])) as P;
}

const leafAt = (tree: unknown, path: string): Tensor => {
  let node = tree;
  for (const part of path.split("/")) node = (node as Record<string, unknown>)[part];
  return node as Tensor;
};

/**
 * Parameters made to broadcast against rows of activations: axes that lead the parameters (an ensemble's members) stay
 * first, and the rows' own axes find room behind them.
 * @param rank the parameters' rank without leading axes
 */
export function beside(parameter: Tensor, rank: number, rows: Tensor): Tensor {
  const leading = parameter.rank - rank;
  const between = rows.rank - parameter.rank;
  if (leading === 0 || between <= 0) return parameter;
  const { shape } = parameter;
  return parameter.reshape(...shape.slice(0, leading), ...new Array(between).fill(1), ...shape.slice(leading));
}

/** Members [from, to) of an ensemble's parameters. */
export const members = <P>(params: P, from: number, to: number): P =>
  mapTree(params, (leaf: Tensor) => leaf.slice(0, from, to)) as P;
