/** Exact dynamic programming over a tabular model (Bellman 1957; Howard 1960; Puterman 1994, chapters 4 to 7). */
import { problem } from "../../problems.ts";
import type { TabularModel } from "./model.ts";

export interface Solution {
  /** [states] the greatest expected discounted return */
  readonly values: Float64Array;
  /** [states × actions] the same after a first action */
  readonly actionValues: Float64Array;
  /** [states] a best action; the first of several equal to 1e-9 */
  readonly policy: Int32Array;
  /** Passes over all states that it took. */
  readonly sweeps: number;
}

export interface SolveOptions {
  /** "value": value iteration; "policy": policy iteration. They find the same. Default "value". */
  readonly method?: "value" | "policy";
  /** Values are within this of the truth (discount < 1), or change by less than this a sweep (discount 1). Default 1e-10. */
  readonly tolerance?: number;
  /** Default 100 000. */
  readonly maxSweeps?: number;
}

const tie = 1e-9;

/**
 * The optimal values and policy of a world without a time limit.
 * @param discount in [0, 1]; at 1 every way worth going must end
 * @throws Problem "bad-option" for a discount outside [0, 1], "not-settled" when the values still change after maxSweeps
 */
export function solve(model: TabularModel, discount: number, options: SolveOptions = {}): Solution {
  const { method = "value", tolerance = 1e-10, maxSweeps = 100_000 } = options;
  checkDiscount("solve", discount);
  if (method !== "value" && method !== "policy") {
    throw problem("bad-option", { where: "solve", name: "method", given: method, wanted: '"value" or "policy"' });
  }
  const values = new Float64Array(model.states);
  if (method === "value") {
    const best = (state: number): number => {
      let most = Number.NEGATIVE_INFINITY;
      for (let a = 0; a < model.actions; a++) most = Math.max(most, backup(model, values, discount, state, a));
      return most;
    };
    const sweeps = settle("solve", values, best, discount, tolerance, maxSweeps);
    return finished(model, values, discount, sweeps);
  }
  let policy = new Int32Array(model.states);
  for (let sweeps = 0; ; ) {
    const chosen = policy;
    values.fill(0);
    const follow = (state: number): number => backup(model, values, discount, state, chosen[state]);
    sweeps += settle("solve", values, follow, discount, tolerance, maxSweeps);
    const better = finished(model, values, discount, sweeps);
    // An action stays unless another is truly better, or two equal ones could take turns for ever.
    const improved = chosen.map((action, state) => {
      const { actionValues } = better;
      const gain =
        actionValues[state * model.actions + better.policy[state]] - actionValues[state * model.actions + action];
      return gain > tie ? better.policy[state] : action;
    });
    if (improved.every((action, state) => action === chosen[state])) return better;
    policy = improved;
  }
}

export interface LimitedSolution {
  /** [states] the greatest expected return with all steps left */
  readonly values: Float64Array;
  /** [steps × states] a best action after as many steps as the row says */
  readonly policy: Int32Array;
}

/**
 * The optimal values and policy where an episode is cut off after some steps, and what would follow is not counted:
 * what an agent that sees the clock can reach under a time limit (backward induction).
 * @throws Problem "bad-option"
 */
export function solveWithin(model: TabularModel, steps: number, discount = 1): LimitedSolution {
  checkDiscount("solveWithin", discount);
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw problem("bad-option", { where: "solveWithin", name: "steps", given: steps, wanted: "a whole number from 1" });
  }
  let values = new Float64Array(model.states);
  const policy = new Int32Array(steps * model.states);
  for (let step = steps - 1; step >= 0; step--) {
    const now = finished(model, values, discount, 0);
    policy.set(now.policy, step * model.states);
    values = greatest(now, model.actions);
  }
  return { values, policy };
}

/**
 * The expected discounted return of a given policy from every state.
 * @param policy [states × actions] probabilities, or [states] actions
 * @throws Problem "bad-option", "shape", "not-settled" (at discount 1, where the policy may never end)
 */
export function valuesOf(
  model: TabularModel,
  policy: Float64Array | Int32Array,
  discount: number,
  options: Pick<SolveOptions, "tolerance" | "maxSweeps"> = {},
): Float64Array {
  const { states, actions } = model;
  const { tolerance = 1e-10, maxSweeps = 100_000 } = options;
  checkDiscount("valuesOf", discount);
  const wanted = policy instanceof Int32Array ? states : states * actions;
  if (policy.length !== wanted) {
    const what = "[states × actions] probabilities or [states] actions";
    throw problem("shape", { where: "valuesOf", wanted: `${what}, here [${wanted}]`, got: [[policy.length]] });
  }
  const values = new Float64Array(states);
  const mean = (state: number): number => {
    if (policy instanceof Int32Array) return backup(model, values, discount, state, policy[state]);
    let sum = 0;
    for (let a = 0; a < actions; a++) {
      const chance = policy[state * actions + a];
      if (chance > 0) sum += chance * backup(model, values, discount, state, a);
    }
    return sum;
  };
  settle("valuesOf", values, mean, discount, tolerance, maxSweeps);
  return values;
}

/** What a policy is worth at the start of an episode: the mean of its values over the start states. */
export function startValue(model: TabularModel, values: Float64Array): number {
  let sum = 0;
  for (let s = 0; s < model.states; s++) sum += model.start[s] * values[s];
  return sum;
}

function backup(model: TabularModel, values: Float64Array, discount: number, state: number, action: number): number {
  const { offsets, next, probability, reward, terminated } = model;
  const pair = state * model.actions + action;
  let sum = 0;
  for (let i = offsets[pair]; i < offsets[pair + 1]; i++) {
    sum += probability[i] * (reward[i] + (terminated[i] === 1 ? 0 : discount * values[next[i]]));
  }
  return sum;
}

/** Applies a backup to every state in place, again and again, until the values stand still. */
function settle(
  where: string,
  values: Float64Array,
  update: (state: number) => number,
  discount: number,
  tolerance: number,
  maxSweeps: number,
): number {
  // A change of d in one sweep leaves at most d · discount / (1 − discount) to come.
  const enough = discount < 1 ? (tolerance * (1 - discount)) / Math.max(discount, tolerance) : tolerance;
  let change = 0;
  for (let sweep = 1; sweep <= maxSweeps; sweep++) {
    change = 0;
    for (let s = 0; s < values.length; s++) {
      const value = update(s);
      change = Math.max(change, Math.abs(value - values[s]));
      values[s] = value;
    }
    if (change <= enough) return sweep;
  }
  throw problem("not-settled", { where, sweeps: maxSweeps, change });
}

function finished(model: TabularModel, values: Float64Array, discount: number, sweeps: number): Solution {
  const { states, actions } = model;
  const actionValues = new Float64Array(states * actions);
  const policy = new Int32Array(states);
  for (let s = 0; s < states; s++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < actions; a++) {
      const value = backup(model, values, discount, s, a);
      actionValues[s * actions + a] = value;
      if (value > most + tie) {
        most = value;
        policy[s] = a;
      }
    }
  }
  return { values, actionValues, policy, sweeps };
}

const greatest = ({ actionValues, policy }: Solution, actions: number): Float64Array<ArrayBuffer> =>
  Float64Array.from(policy, (action, state) => actionValues[state * actions + action]);

function checkDiscount(where: string, discount: number): void {
  if (!(discount >= 0 && discount <= 1)) {
    throw problem("bad-option", { where, name: "discount", given: discount, wanted: "a number in [0, 1]" });
  }
}
