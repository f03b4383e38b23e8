/** Behaviour written by hand for a world: what acts in it, with memory where it needs one. */
import { problem } from "../problems.ts";
import type { Space, Value } from "../spaces/space.ts";
import type { Generator } from "../tensor/random.ts";

export interface Demonstrator<O extends Value = Value, A extends Value = Value> {
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Numbers it remembers within an episode; zeros at its beginning. */
  readonly memorySize: number;
  /** One action; `memory` is changed in place. `random` is undefined when acting without chance is asked for. */
  decide(observation: O, memory: Float64Array, random: Generator | undefined): A;
}

/** The dials that many have: the chance of acting as planned, and what is added to it. @throws Problem "bad-option" */
export function checkDials(where: string, dials: { readonly skill?: number; readonly noise?: number }): void {
  const { skill = 1, noise = 0 } = dials;
  if (!(skill >= 0 && skill <= 1)) {
    throw problem("bad-option", { where, name: "skill", given: skill, wanted: "a number in [0, 1]" });
  }
  if (!(noise >= 0))
    throw problem("bad-option", { where, name: "noise", given: noise, wanted: "a number of at least 0" });
}
