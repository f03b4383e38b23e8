/** The environment interface: Gymnasium's semantics and names. */
import type { Space, Value } from "../spaces/space.ts";
import type { Parameters, ParameterValues } from "./parameters.ts";
import type { Scene } from "./scene.ts";

/** Facts beside the observation, for people and logs; never needed to act. */
export type Info = { readonly [name: string]: unknown };

export interface Reset<O extends Value = Value> {
  readonly observation: O;
  readonly info: Info;
}

export interface Step<O extends Value = Value> {
  readonly observation: O;
  readonly reward: number;
  /** The episode truly ended: nothing follows this observation. */
  readonly terminated: boolean;
  /** The episode was cut off (a time limit): a future exists and is not seen. */
  readonly truncated: boolean;
  readonly info: Info;
}

export interface Environment<O extends Value = Value, A extends Value = Value> {
  /** The registered name, e.g. "CartPole-v1". */
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /**
   * Starts an episode. With a seed the episode, and every later one until the next seed, is a function of it.
   * Each array it returns is the caller's to keep.
   */
  reset(options?: { readonly seed?: number }): Reset<O>;
  /** @throws Problem when called before reset or after the end of an episode, or with an action outside the space */
  step(action: A): Step<O>;
  /** A picture of the present state, as data: see scene.ts for SVG and pixels. */
  scene?(): Scene;
  /** What of this world may be changed, with its own values and their ranges. */
  readonly parameters?: Parameters;
  /**
   * Changes some parameters from the next step on, until they are changed again.
   * @throws Problem "unknown-option", "bad-option"
   */
  perturb?(values: ParameterValues): void;
  /** What the parameters are now. */
  parameterValues?(): ParameterValues;
  /** The exact state, the parameters and the generator's position included, as plain JSON; `restore` takes it back. */
  save?(): unknown;
  restore?(state: unknown): void;
  /** What is inside all wrappers. Absent where nothing is wrapped. */
  readonly unwrapped?: Environment;
  /** Frees what JavaScript does not (MuJoCo's memory): the last that may be called. Absent where there is nothing to free. */
  close?(): void;
}

/** What `make` and wrappers return. Closing it closes what is inside; `using` does so where its block ends. */
export type WrappedEnvironment<O extends Value = Value, A extends Value = Value> = Environment<O, A> &
  Disposable &
  Required<Pick<Environment, "unwrapped" | "close">>;
