/** Policies written as a function. */
import { problem } from "../problems.ts";
import { contains, describe, describeValue } from "../spaces/contains.ts";
import { sample } from "../spaces/sample.ts";
import type { Space, Value } from "../spaces/space.ts";
import { allocateRows, readRow, writeRow } from "../spaces/stored.ts";
import { fold, type Generator, generator } from "../tensor/random.ts";
import type { ActOptions, Policy } from "./policy.ts";

/** An action, and how likely the policy was to choose it: a probability (Discrete) or a density (Box), where it has one. */
export interface Choice {
  readonly action: Value;
  readonly probability?: number;
}

export interface Script {
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** `random` is undefined when the policy's single best action is asked for. */
  decide(observation: Value, random: Generator | undefined): Choice;
}

const nothing = Object.freeze({});

/**
 * A policy from its decision function. In a batch each row draws from a key of its own: `keys[row]`, or `key` folded
 * with the row.
 * @throws Problem from `act`: "needs-key" without a key, "outside-space" for an observation or action outside its space
 */
export function scripted(script: Script): Policy {
  const { name, observationSpace, actionSpace } = script;
  const decide = (observation: Value, random: Generator | undefined): Choice => {
    const choice = script.decide(observation, random);
    if (!contains(actionSpace, choice.action)) {
      const given = describeValue(choice.action);
      throw problem("outside-space", { where: `${name}, its action`, given, space: describe(actionSpace) });
    }
    return choice;
  };
  const needsKey = () => problem("needs-key", { where: name });

  return {
    name,
    observationSpace,
    actionSpace,
    async act(observation: Value, { deterministic = false, key }: ActOptions = {}) {
      if (!contains(observationSpace, observation)) {
        const given = describeValue(observation);
        throw problem("outside-space", { where: `${name}.act`, given, space: describe(observationSpace) });
      }
      if (!deterministic && key === undefined) throw needsKey();
      const choice = decide(observation, deterministic || key === undefined ? undefined : generator(key));
      return { ...choice, info: nothing };
    },
    async actBatch(observations, { deterministic = false, key, keys }: ActOptions = {}) {
      const rows = observations.shape[0];
      if (keys !== undefined && keys.length !== rows) {
        const wanted = `${rows}, one a row`;
        throw problem("bad-value", { where: `${name}.actBatch keys`, given: `${keys.length} keys`, wanted });
      }
      const action = allocateRows(actionSpace, rows);
      const probability = new Float64Array(rows);
      let known = rows > 0;
      for (let row = 0; row < rows; row++) {
        const own = deterministic ? undefined : (keys?.[row] ?? (key === undefined ? undefined : fold(key, row)));
        if (!deterministic && own === undefined) throw needsKey();
        const choice = decide(readRow(observationSpace, observations, row), own && generator(own));
        writeRow(actionSpace, action, row, choice.action);
        if (choice.probability === undefined) known = false;
        else probability[row] = choice.probability;
      }
      return { action, info: nothing, ...(known ? { probability } : {}) };
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** The chance or density of a uniformly random action, where the space has one. */
function uniformProbability(space: Space): number | undefined {
  switch (space.kind) {
    case "discrete":
      return 1 / space.n;
    case "multi-discrete":
      return space.sizes.reduce((chance, size) => chance / size, 1);
    case "box": {
      const density = space.low.reduce((product, low, i) => product / (space.high[i] - low), 1);
      return Number.isFinite(density) && density > 0 ? density : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Acts at random, as `sample` draws; asked for its best action, which it does not have, it gives one and the same
 * action. `probability` is the uniform chance or density where the action space is bounded.
 */
export function randomPolicy(spaces: { readonly observationSpace: Space; readonly actionSpace: Space }): Policy {
  const probability = uniformProbability(spaces.actionSpace);
  const fixed = sample(spaces.actionSpace, generator({ hi: 0, lo: 0 }));
  return scripted({
    name: "random",
    observationSpace: spaces.observationSpace,
    actionSpace: spaces.actionSpace,
    decide(_, random) {
      if (random === undefined) return { action: fixed };
      const action = sample(spaces.actionSpace, random);
      return probability === undefined ? { action } : { action, probability };
    },
  });
}
