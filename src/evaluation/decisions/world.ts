/** Bandit worlds small enough to know everything about: what the estimators are held against. */
import type { DecisionLog } from "../../data/trajectories.ts";
import { box } from "../../spaces/index.ts";
import { type NdArray, ndarray, zeros } from "../../tensor/ndarray.ts";
import type { Generator } from "../../tensor/random.ts";

/** Contexts that come with a probability, and Bernoulli rewards. */
export interface BanditWorld {
  /** [contexts] */
  readonly context: readonly number[];
  /** [contexts][actions] the logging policy */
  readonly logging: readonly (readonly number[])[];
  /** [contexts][actions] the probability of reward 1 */
  readonly reward: readonly (readonly number[])[];
}

/** The exact value of a policy [contexts][actions] there. */
export function exactValue({ context, reward }: BanditWorld, policy: readonly (readonly number[])[]): number {
  let value = 0;
  context.forEach((p, x) => {
    reward[x].forEach((mean, a) => {
      value += p * policy[x][a] * mean;
    });
  });
  return value;
}

/** One logged decision: a context, an action, a reward. */
export type Outcome = readonly [x: number, a: number, r: number];

/** Draws decisions as the world's logging policy makes them. */
export const draw = ({ context, logging, reward }: BanditWorld, rows: number, random: Generator): readonly Outcome[] =>
  Array.from({ length: rows }, () => {
    const x = random.choice(context);
    const a = random.choice(logging[x]);
    return [x, a, random.uniform() < reward[x][a] ? 1 : 0] as const;
  });

/** Those decisions as a log; `propensity` replaces the true probabilities in what is recorded. */
export function logOf(world: BanditWorld, outcomes: readonly Outcome[], propensity = world.logging): DecisionLog {
  const actions = world.logging[0].length;
  const rows = outcomes.length;
  return {
    kind: "decisions",
    contextSpace: box(-Infinity, Infinity),
    actions: { count: actions, names: Array.from({ length: actions }, (_, a) => `action ${a}`) },
    context: ndarray(
      Float32Array.from(outcomes, ([x]) => x),
      { shape: [rows, 1] },
    ),
    action: Int32Array.from(outcomes, ([, a]) => a),
    propensity: Float64Array.from(outcomes, ([x, a]) => propensity[x][a]),
    reward: Float64Array.from(outcomes, ([, , r]) => r),
    extras: {},
    tags: {},
    provenance: { environment: "", fingerprint: "", lineage: [] },
  };
}

/** [rows, actions] a table [contexts][actions] read at each logged context. */
export function tableAt(table: readonly (readonly number[])[], outcomes: readonly Outcome[]): NdArray {
  const actions = table[0].length;
  const array = zeros([outcomes.length, actions], "float64");
  outcomes.forEach(([x], row) => {
    (array.data as Float64Array).set(table[x], row * actions);
  });
  return array;
}
