/** What generative heads share: a way to learn from targets, a way to draw, and how a draw becomes a policy's decision. */
import { problem, unreachable } from "../../problems.ts";
import { type Key, type Tensor, zerosOf } from "../../tensor/index.ts";
import type { Distribution } from "../distributions/distribution.ts";

/** The shape of one thing that is made: a vector [n], or an action chunk [time, n]. */
export type Event = readonly number[];

/** A conditional generative model. Parameters are any tree; loss and sample are pure functions of them. */
export interface Generative<P> {
  init(key: Key): P;
  /** A scalar to descend. @param target [batch, …event] @param condition [batch, c] */
  loss(params: P, target: Tensor, condition: Tensor, key: Key): Tensor;
  /** [batch, …event], for a batch of any size, open or not. Differentiable in the parameters and the condition. */
  sample(params: P, condition: Tensor, key: Key): Tensor;
}

/** @throws Problem "bad-option" unless an option is a whole number from 1 to `most` */
export function checkCount(where: string, name: string, given: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(given) && given >= 1 && given <= most) return;
  const wanted = `a whole number ${most < Number.MAX_SAFE_INTEGER ? `from 1 to ${most}` : "of at least 1"}`;
  throw problem("bad-option", { where, name, given, wanted });
}

/** @throws Problem "bad-option" unless an option is a number from `least` to `most` */
export function checkNumber(
  where: string,
  name: string,
  given: number,
  [least, most]: readonly [number, number],
): void {
  if (given >= least && given <= most) return;
  throw problem("bad-option", { where, name, given, wanted: `a number from ${least} to ${most}` });
}

/** @throws Problem "shape" when a target is not a batch of the events a head was made for */
export function checkTarget(where: string, target: Tensor, event: Event): void {
  if (target.rank === event.length + 1 && event.every((d, i) => target.shape[i + 1] === d)) return;
  throw problem("shape", { where: `${where}: target`, wanted: `[batch, ${event.join(", ")}]`, got: [target.shape] });
}

export const sizeOfEvent = (event: Event): number => event.reduce((product, d) => product * d, 1);

/** [batch, …event] → [batch, size]. */
export const flatEvent = (x: Tensor, event: Event): Tensor => x.reshape(x.shape[0], sizeOfEvent(event));
/** [batch, size] → [batch, …event]. */
export const shapedEvent = (x: Tensor, event: Event): Tensor => x.reshape(x.shape[0], ...event);
/** [batch] made to stand beside [batch, …event]. */
export const besideEvent = (x: Tensor, event: Event): Tensor => event.reduce((y) => y.unsqueeze(-1), x);
/** [batch, …] zeros of a batch like another tensor's, whose size may be open. */
export const zerosBeside = (batch: Tensor, shape: readonly number[]): Tensor => {
  const one = batch.slice(-1, 0, 1).mul(0).cast("float32");
  return one.reshape(batch.shape[0], ...shape.map(() => 1)).add(zerosOf([1, ...shape]));
};

/** Draws that are not random: every normal and Gumbel is 0, every uniform ½, every integer 0. @param batch [batch, c], for its size */
export function still(batch: Tensor): Key {
  const key: Key = {
    split: (...names) => Object.fromEntries(names.map((name) => [name, key])) as never,
    at: () => key,
    later: () => key,
    normal: (_, ...shape) => zerosBeside(batch, shape),
    uniform: (_, ...shape) => zerosBeside(batch, shape).add(0.5),
    integers: (_below, _, ...shape) => zerosBeside(batch, shape).cast("int32"),
    gumbel: (_, ...shape) => zerosBeside(batch, shape),
    orthogonal: () => unreachable("a generative head draws no matrices"),
  };
  return key;
}

/** A key's draws, or those of `still` where `quiet` (bool scalar) holds: one pass serves both. */
export function stillWhen(quiet: Tensor, key: Key): Key {
  return {
    split: (...names) => Object.fromEntries(names.map((name) => [name, stillWhen(quiet, key.at(name))])) as never,
    at: (name) => stillWhen(quiet, key.at(name)),
    later: (updates) => stillWhen(quiet, key.later(updates)),
    normal: (...shape) => quiet.where(0, key.normal(...shape)),
    uniform: (...shape) => quiet.where(0.5, key.uniform(...shape)),
    integers: (below, ...shape) => quiet.where(0, key.integers(below, ...shape)),
    gumbel: (...shape) => quiet.where(0, key.gumbel(...shape)),
    orthogonal: (...shape) => key.orthogonal(...shape),
  };
}

/**
 * A generative head as a distribution of kind "sampled", so that it can be a policy. Its mode is what it makes of no noise at
 * all (of an energy, the lowest that was found). It has no density, and refuses to be asked. A chunk's axes are kept.
 */
export const generated = <P>(head: Generative<P>, params: P, condition: Tensor): Distribution => ({
  kind: "sampled",
  mode: () => head.sample(params, condition, still(condition)),
  sample: (key) => head.sample(params, condition, key).stopGradient(),
  logProb: () => unreachable("a generative head has no density: it can only be drawn from"),
});
