/** An expert for grid worlds with dials: it knows the full state of the environment it is bound to. */
import { problem } from "../../problems.ts";
import { fold, generator, randomKey } from "../../tensor/random.ts";
import type { Environment } from "../environment.ts";
import type { Family } from "./family.ts";
import { familyOf } from "./index.ts";
import { planGrid } from "./planner.ts";
import { OUTCOME, SLIPPED, STEPS, sizeOfState } from "./state.ts";
import { advance } from "./step.ts";

export interface GridExpertOptions {
  /** The chance, at each step, that it acts as planned; else it acts uniformly at random. Default 1. */
  readonly skill?: number;
  /** Its random actions are never those that end the episode in failure. Default false. */
  readonly careful?: boolean;
  /** Its random actions follow from it. Default 0. */
  readonly seed?: number;
}

export interface GridExpert {
  /** The next action in the environment as it now stands, and how likely the expert was to take it. */
  act(): { readonly action: number; readonly probability: number };
  /** The actions that are planned from here; undefined where nothing leads to success. */
  plan(): readonly number[] | undefined;
}

/**
 * An expert for one environment, which may be wrapped; it reads the state with `save` and never changes it. Where
 * nothing leads to success, or moving balls leave no way, it turns on the spot.
 * @example const expert = gridExpert(env, { skill: 0.9 }); const step = env.step(expert.act().action);
 * @throws Problem "unknown-name" for an environment that is no grid world of this package, "bad-option"
 */
export function gridExpert(env: Environment, options: GridExpertOptions = {}): GridExpert {
  const { skill = 1, careful = false, seed = 0 } = options;
  const family = familyOf(env.name);
  if (family === undefined || env.save === undefined || env.actionSpace.kind !== "discrete") {
    throw problem("unknown-name", { where: "gridExpert", what: "grid world", name: env.name, known: [] });
  }
  if (!(skill >= 0 && skill <= 1)) {
    throw problem("bad-option", { where: "gridExpert", name: "skill", given: skill, wanted: "a number in [0, 1]" });
  }
  const { n } = env.actionSpace;
  const random = generator(fold(randomKey(seed), "grid expert"));
  let planned: readonly number[] | undefined;
  /** The state in which the rest of the plan holds. */
  let expected: Float64Array | undefined;

  const planFrom = (state: Float64Array): readonly number[] | undefined => {
    const holds = expected !== undefined && family.task !== "dodge" && same(state, expected);
    return holds ? planned : planGrid(state, family);
  };
  const harmless = (state: Float64Array, action: number): boolean => {
    const after = state.slice();
    advance(after, family, action, undefined);
    return after[OUTCOME] !== 2;
  };

  return {
    plan: () => planFrom(stateOf(env, family))?.slice(),
    act() {
      const state = stateOf(env, family);
      const plan = planFrom(state);
      const best = plan?.[0] ?? 0;
      const others = Array.from({ length: n }, (_, action) => action).filter(
        (action) => !careful || harmless(state, action),
      );
      const strays = random.uniform() >= skill && others.length > 0;
      const action = strays ? others[random.integer(others.length)] : best;
      planned = plan?.slice(1);
      expected = undefined;
      if (action === best && planned !== undefined) {
        expected = state;
        advance(expected, family, action, undefined);
      }
      const stray = others.includes(action) ? (1 - skill) / others.length : 0;
      return { action, probability: stray + (action === best ? (others.length === 0 ? 1 : skill) : 0) };
    },
  };
}

/** The state within what `save` returned, past the wrappers around it. */
function stateOf(env: Environment, family: Family): Float64Array {
  let saved: unknown = env.save!();
  while (typeof saved === "object" && saved !== null && "inner" in saved) saved = saved.inner;
  const { state } = saved as { readonly state?: readonly number[] };
  if (state?.length !== sizeOfState(family)) {
    const wanted = `a grid world of this package, ${env.name} or a wrapper around it`;
    throw problem("bad-value", { where: "gridExpert", given: env.name, wanted });
  }
  return Float64Array.from(state);
}

function same(one: Float64Array, other: Float64Array): boolean {
  for (let i = 0; i < one.length; i++) {
    if (one[i] !== other[i] && i !== STEPS && i !== SLIPPED) return false;
  }
  return true;
}
