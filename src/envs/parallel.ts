/** Several agents that act at once: PettingZoo's parallel form. */
import type { Space, Value } from "../spaces/space.ts";
import type { Info } from "./environment.ts";
import type { Parameters, ParameterValues } from "./parameters.ts";
import type { Scene } from "./scene.ts";

/** One value for each agent that is in the game. */
export type PerAgent<T> = { readonly [agent: string]: T };

export interface ParallelReset {
  readonly observations: PerAgent<Value>;
  readonly infos: PerAgent<Info>;
}

export interface ParallelStep {
  readonly observations: PerAgent<Value>;
  readonly rewards: PerAgent<number>;
  readonly terminated: PerAgent<boolean>;
  readonly truncated: PerAgent<boolean>;
  readonly infos: PerAgent<Info>;
}

export interface ParallelEnvironment {
  readonly name: string;
  /** Every agent there can be, in a fixed order. */
  readonly possibleAgents: readonly string[];
  /** Those in the game now; empty before reset and after the end. */
  readonly agents: readonly string[];
  readonly observationSpaces: PerAgent<Space>;
  readonly actionSpaces: PerAgent<Space>;
  reset(options?: { readonly seed?: number }): ParallelReset;
  /**
   * @param actions one for each of `agents`
   * @throws Problem when an agent's action is missing or outside its space, or there is no agent left
   */
  step(actions: PerAgent<Value>): ParallelStep;
  readonly parameters?: Parameters;
  perturb?(values: ParameterValues): void;
  parameterValues?(): ParameterValues;
  scene?(): Scene;
  save?(): unknown;
  restore?(state: unknown): void;
}
