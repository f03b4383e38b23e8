/** An environment from the laws of a tabular world. */
import { discrete } from "../../spaces/make.ts";
import type { Discrete, Space, Value } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import { ownValues, type Parameters, type ParameterValues } from "../parameters.ts";
import type { Scene } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { type Laws, type TabularModel, tabulate } from "./model.ts";

/** A world of few states, with what is seen of them. Observations are the state's number unless it says otherwise. */
export interface TabularWorld extends Laws {
  readonly name: string;
  readonly actionSpace: Discrete;
  readonly parameters: Parameters;
  readonly seen?: { readonly space: Space; observe(state: number): Value; stateOf(observation: Value): number };
  info?(state: number): Info;
  draw(state: number): Scene;
  /** What is beyond the tables: may change the state's number and memory, and returns what it adds to the reward. */
  afterwards?(step: Afterwards): number;
  /** Numbers that `afterwards` keeps, and what they are when an episode starts. */
  readonly memory?: { readonly size: number; start(memory: Float64Array, random: Generator, p: ParameterValues): void };
}

export interface Afterwards {
  readonly before: number;
  readonly action: number;
  after: number;
  readonly memory: Float64Array;
  readonly random: Generator;
  readonly p: ParameterValues;
}

/** An environment that also gives its tables. */
export interface TabularEnvironment<O extends Value = Value> extends Environment<O, number> {
  /** The tables as the parameters now stand. */
  model(): TabularModel;
  /** The number of the state that is seen. */
  stateOf(observation: Value): number;
}

/** state: [number, ended, success, probability of the last outcome, …memory] */
const head = 4;

export function tabular<O extends Value = number>(world: TabularWorld): TabularEnvironment<O> {
  const { name, actionSpace, actions, parameters, seen, memory } = world;
  let now: ParameterValues = ownValues(parameters);
  let tables: TabularModel | undefined;
  const tablesOf = (p: ParameterValues): TabularModel => {
    if (tables === undefined || p !== now) tables = tabulate(world, p);
    now = p;
    return tables;
  };
  const memoryOf = (state: Float64Array): Float64Array => state.subarray(head);

  const env = simulate<O, number>({
    name,
    observationSpace: seen?.space ?? discrete(world.states),
    actionSpace,
    stateSize: head + (memory?.size ?? 0),
    parameters,
    start(state, random, p) {
      state.fill(0);
      state[0] = random.choice(tablesOf(p).start);
      state[3] = 1;
      memory?.start(memoryOf(state), random, p);
    },
    advance(state, action, random, p) {
      const { offsets, next, probability, reward, terminated, success } = tablesOf(p);
      const pair = state[0] * actions + action;
      let i = offsets[pair];
      const last = offsets[pair + 1] - 1;
      if (i < last)
        for (let left = random.uniform() - probability[i]; left >= 0 && i < last; left -= probability[i]) i++;
      const before = state[0];
      state[0] = next[i];
      state[1] = terminated[i];
      state[2] = success[i];
      state[3] = probability[i];
      if (world.afterwards === undefined) return reward[i];
      const step = { before, action, after: next[i], memory: memoryOf(state), random, p };
      const more = world.afterwards(step);
      state[0] = step.after;
      return reward[i] + more;
    },
    ended: (state) => state[1] === 1,
    observe: (state) => (seen === undefined ? state[0] : seen.observe(state[0])) as O,
    info: (state) => ({ success: state[2] === 1, probability: state[3], ...world.info?.(state[0]) }),
    draw: (state) => world.draw(state[0]),
  });
  return {
    ...env,
    model: () => tabulate(world, env.parameterValues?.() ?? ownValues(parameters)),
    stateOf: (observation) => (seen === undefined ? (observation as number) : seen.stateOf(observation)),
  };
}
