/** Overcooked-style kitchens, for two agents and for one with a partner. */
import { problem } from "../../problems.ts";
import { describe, describeValue } from "../../spaces/contains.ts";
import { box, dict, discrete, multiDiscrete } from "../../spaces/make.ts";
import type { Box, Value } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import type { ParallelEnvironment, ParallelReset, PerAgent } from "../parallel.ts";
import { type ParameterValues, parameter } from "../parameters.ts";
import { simulate } from "../simulation.ts";
import { featureCount, featureEncoding, layers, losslessEncoding } from "./encodings.ts";
import { greedyAction } from "./greedy.ts";
import { checkedOptions, type KitchenOptions, type PartnerOptions } from "./options.ts";
import { drawKitchen } from "./picture.ts";
import { actions, advanceKitchen, type KitchenRules, type Outcome, stay } from "./rules.ts";
import { headerSize, type KitchenState, startState } from "./state.ts";

const parameters = {
  pace: parameter(1, 0.1, 5, "cooking time, as a multiple of the layout's own"),
  slip: parameter(0, 0, 1, "chance that an agent's action is a uniformly random one"),
  potReward: parameter(3, 0, 20, "shaped reward for an ingredient put into a pot"),
  dishReward: parameter(3, 0, 20, "shaped reward for taking a dish that is needed"),
  soupReward: parameter(5, 0, 20, "shaped reward for taking a soup from a pot"),
};
type Values = ParameterValues<typeof parameters>;

const agents = ["cook_1", "cook_2"] as const;
const actionSpace = discrete(actions.length, { names: actions });
const nothing: Outcome = { delivered: [0, 0], shaped: [0, 0], events: [[], []] };

/** What every form of the kitchen has in common. */
function open(where: string, options: KitchenOptions) {
  const { layout, encoding, shaped, autoCook, horizon } = checkedOptions(where, options);
  const features = encoding === "features";
  const far = Math.max(layout.columns, layout.rows, 100);
  const space: Box = features
    ? box(-far, far, { shape: [featureCount] })
    : box(0, 1000, { shape: [layout.columns, layout.rows, layers] });
  const rulesOf = (p: Values): KitchenRules => ({
    layout,
    autoCook,
    pace: p.pace,
    shaped: { pot: p.potReward, dish: p.dishReward, soup: p.soupReward },
  });
  return {
    layout,
    shaped,
    space,
    rulesOf,
    size: headerSize + layout.tile.length,
    see: (state: KitchenState, cook: number, p: Values): Float32Array =>
      features ? featureEncoding(rulesOf(p), state, cook) : losslessEncoding(rulesOf(p), state, cook, horizon),
    act(state: KitchenState, joint: readonly number[], random: Generator, p: Values): Outcome {
      const taken = (cook: number): number =>
        p.slip > 0 && random.uniform() < p.slip ? random.integer(actions.length) : joint[cook];
      return advanceKitchen(rulesOf(p), state, [taken(0), taken(1)]);
    },
  };
}

const infoOf = ({ delivered, shaped, events }: Outcome, cook: number): Info => ({
  delivered: delivered[cook],
  shaped: shaped[cook],
  events: events[cook],
});

/**
 * Two cooks, "cook_1" and "cook_2", act at once: north, south, east, west, stay, interact. Dynamics, rewards and both
 * encodings as Overcooked-AI 1.1.0 (Carroll et al. 2019, arXiv 1910.05789; P176). Each is rewarded with what all soups
 * served in the step paid, plus `shaped` times its own shaped reward; infos hold delivered, shaped and events by cook.
 * Never ends by itself: `makeParallel("Overcooked-…")` cuts it off after 400 steps.
 * @throws Problem "bad-option", "unknown-name" (the layout), "bad-kitchen"
 */
export function kitchen(options: KitchenOptions = {}): ParallelEnvironment {
  const name = options.name ?? "Overcooked";
  const { layout, shaped, space, rulesOf, size, see, act } = open(name, options);
  let outcome = nothing;
  const both = simulate<{ readonly [agent: string]: Float32Array }, Int32Array, typeof parameters>({
    name,
    observationSpace: dict({ [agents[0]]: space, [agents[1]]: space }),
    actionSpace: multiDiscrete([actions.length, actions.length]),
    stateSize: size,
    parameters,
    start(state) {
      state.set(startState(layout));
      outcome = nothing;
    },
    advance(state, joint, random, p) {
      outcome = act(state, [joint[0], joint[1]], random, p);
      return outcome.delivered[0] + outcome.delivered[1];
    },
    ended: () => false,
    observe: (state, p) => ({ [agents[0]]: see(state, 0, p), [agents[1]]: see(state, 1, p) }),
    draw: (state, p) => drawKitchen(rulesOf(p), state),
  });
  let playing: readonly string[] = [];
  const each = <T>(make: (cook: number) => T): PerAgent<T> => ({ [agents[0]]: make(0), [agents[1]]: make(1) });
  return {
    name,
    possibleAgents: agents,
    get agents() {
      return playing;
    },
    observationSpaces: each(() => space),
    actionSpaces: each(() => actionSpace),
    reset(given): ParallelReset {
      const { observation } = both.reset(given);
      playing = agents;
      return { observations: observation as PerAgent<Value>, infos: each(() => ({})) };
    },
    step(given) {
      if (playing.length === 0) throw problem("not-running", { where: `${name}.step` });
      const joint = Int32Array.from(agents, (agent) => {
        const action = given[agent];
        if (Number.isInteger(action) && (action as number) >= 0 && (action as number) < actions.length) {
          return action as number;
        }
        throw problem("outside-space", {
          where: `${name}.step, ${agent}`,
          given: describeValue(action),
          space: describe(actionSpace),
        });
      });
      const { observation, reward } = both.step(joint);
      const last = outcome;
      return {
        observations: observation as PerAgent<Value>,
        rewards: each((cook) => reward + shaped * last.shaped[cook]),
        terminated: each(() => false),
        truncated: each(() => false),
        infos: each((cook) => infoOf(last, cook)),
      };
    },
    parameters,
    perturb: (values) => both.perturb!(values),
    parameterValues: () => both.parameterValues!(),
    scene: () => both.scene!(),
    save: () => ({ kitchen: both.save!(), playing: playing.length > 0 }),
    restore(saved) {
      const from = saved as { readonly kitchen?: unknown; readonly playing?: unknown } | null;
      if (typeof from !== "object" || from === null || typeof from.playing !== "boolean") {
        const wanted = `what ${name}.save returned: { kitchen, playing }`;
        throw problem("bad-value", { where: `${name}.restore`, given: describeValue(saved), wanted });
      }
      both.restore!(from.kitchen);
      playing = from.playing ? agents : [];
    },
  };
}

/**
 * One cook beside a scripted partner: greedy (see greedy.ts; with chance 1 − `skill` a random action), random, or one
 * who stays. Observation, actions, rewards and info as `kitchen`, of one's own cook.
 * @throws Problem "bad-option", "unknown-name" (the layout), "bad-kitchen"
 */
export function kitchenWithPartner(options: PartnerOptions = {}): Environment<Float32Array, number> {
  const name = options.name ?? "OvercookedWithPartner";
  const { layout, shaped, space, rulesOf, size, see, act } = open(name, options);
  const { partner, skill, cook } = checkedOptions(name, options);
  let outcome = nothing;
  const other = 1 - cook;
  const partnerAction = (state: KitchenState, random: Generator, p: Values): number => {
    if (partner === "stay") return stay;
    if (partner === "random" || random.uniform() >= skill) return random.integer(actions.length);
    return greedyAction(rulesOf(p), state, other, random);
  };
  return simulate<Float32Array, number, typeof parameters>({
    name,
    observationSpace: space,
    actionSpace,
    stateSize: size,
    parameters,
    start(state) {
      state.set(startState(layout));
      outcome = nothing;
    },
    advance(state, action, random, p) {
      const theirs = partnerAction(state, random, p);
      outcome = act(state, cook === 0 ? [action, theirs] : [theirs, action], random, p);
      return outcome.delivered[0] + outcome.delivered[1] + shaped * outcome.shaped[cook];
    },
    ended: () => false,
    observe: (state, p) => see(state, cook, p),
    info: () => infoOf(outcome, cook),
    draw: (state, p) => drawKitchen(rulesOf(p), state),
  });
}
