/** Behaviour written by hand for a world: what acts in it, with memory where it needs one. */
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
