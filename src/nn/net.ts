/** Networks: a way to make parameters and a function of them. Nothing else; parameters are any tree of tensors. */
import { type Key, mapTree, stack, type Tensor } from "../tensor/index.ts";

export interface Net<P, In extends readonly unknown[], Out> {
  (params: P, ...inputs: In): Out;
  init(key: Key): P;
}

/** The parameters of a network. */
export type ParamsOf<N> = N extends Net<infer P, infer _In, infer _Out> ? P : never;

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
 * One network mapped over a leading axis of parameters, each member with its own start. The network must be made of
 * layers that broadcast over leading axes of their parameters (linear, layerNorm, mlp); the output gains a leading axis
 * named "member".
 */
export const ensemble = <P, In extends readonly unknown[]>(
  member: Net<P, In, Tensor>,
  size: number,
): Net<P, In, Tensor> =>
  net(
    (key) => {
      const [first, ...rest] = Array.from({ length: size }, (_, i) => member.init(key.at(i)));
      return mapTree(first, (leaf: Tensor, path) => stack([leaf, ...rest.map((tree) => leafAt(tree, path))])) as P;
    },
    (params, ...inputs) => {
      const out = member(params, ...inputs);
      return out.named("member", ...out.axes.slice(1));
    },
  );

const leafAt = (tree: unknown, path: string): Tensor => {
  let node = tree;
  for (const part of path.split("/")) node = (node as Record<string, unknown>)[part];
  return node as Tensor;
};

/** Members [from, to) of an ensemble's parameters. */
export const members = <P>(params: P, from: number, to: number): P =>
  mapTree(params, (leaf: Tensor) => leaf.slice(0, from, to)) as P;
