/** Steps without allocation: an environment that can writes its observation straight into the row of a batch. */
import type { Value } from "../spaces/space.ts";
import type { Environment, Info } from "./environment.ts";

export type Numbers = Float32Array | Float64Array;

/** The rest of a step, overwritten by the next. */
export interface Outcome {
  reward: number;
  terminated: boolean;
  truncated: boolean;
  info: Info;
}

/** What `reset` and `step` do, with a Box observation written from `at` on instead of returned. */
export interface InPlace {
  reset(options: { readonly seed?: number }, into: Numbers, at: number): Info;
  /** The action is lent for this call. */
  step(action: Value, into: Numbers, at: number, outcome: Outcome): void;
}

type Answers = Pick<Environment, "reset" | "step">;

// By identity, so that a copy with another step ({ ...env, step }) has none of it.
const known = new WeakMap<Environment, Answers & { readonly inPlace: InPlace }>();

export function stepsInPlace<E extends Environment>(env: E, inPlace: InPlace): E {
  const { reset, step } = env;
  known.set(env, { reset, step, inPlace });
  return env;
}

/** Undefined where the environment can only return, or was given another reset or step since. */
export function inPlaceOf(env: Environment): InPlace | undefined {
  const entry = known.get(env);
  return entry?.step === env.step && entry.reset === env.reset ? entry.inPlace : undefined;
}
