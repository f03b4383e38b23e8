/** Toy worlds: small enough to solve exactly. */
import { problem } from "../../problems.ts";
import type { EnvironmentOptions, Registration } from "../registration.ts";
import { catchBall, catchOptionNames } from "./catch.ts";
import { cliffWalking, cliffWalkingOptionNames } from "./cliff-walking.ts";
import { deepSea, deepSeaOptionNames } from "./deep-sea.ts";
import { frozenLake, frozenLakeOptionNames } from "./frozen-lake.ts";
import type { TabularModel } from "./model.ts";
import type { TabularEnvironment } from "./tabular.ts";
import { taxi, taxiOptionNames } from "./taxi.ts";

type TabularRegistration = Omit<Registration, "create"> & {
  create(options: EnvironmentOptions): TabularEnvironment;
};

/** Gymnasium's toy text, with its time limits, and bsuite's DeepSea and Catch. */
export const toys: readonly TabularRegistration[] = [
  {
    name: "FrozenLake-v1",
    about: "Cross slippery ice to the goal without falling into a hole (4 by 4).",
    maxSteps: 100,
    options: frozenLakeOptionNames,
    create: (options) => frozenLake({ ...options, name: "FrozenLake-v1" }),
  },
  {
    name: "FrozenLake8x8-v1",
    about: "Cross slippery ice to the goal without falling into a hole (8 by 8).",
    maxSteps: 200,
    options: frozenLakeOptionNames,
    create: (options) => frozenLake({ map: "8x8", ...options, name: "FrozenLake8x8-v1" }),
  },
  {
    name: "CliffWalking-v1",
    about: "Walk along a cliff without falling off.",
    options: cliffWalkingOptionNames,
    create: (options) => cliffWalking({ ...options, name: "CliffWalking-v1" }),
  },
  {
    name: "CliffWalkingSlippery-v1",
    about: "Walk along a cliff on slippery ground.",
    options: cliffWalkingOptionNames,
    create: (options) => cliffWalking({ slippery: true, ...options, name: "CliffWalkingSlippery-v1" }),
  },
  {
    name: "Taxi-v3",
    about: "Fetch a passenger and bring them where they want to go, in dry weather.",
    maxSteps: 200,
    create: () => taxi({ name: "Taxi-v3" }),
  },
  {
    name: "Taxi-v4",
    about: "Fetch a passenger and bring them where they want to go.",
    maxSteps: 200,
    options: taxiOptionNames,
    create: (options) => taxi({ ...options, name: "Taxi-v4" }),
  },
  {
    name: "DeepSea-v0",
    about: "Dive for a treasure that only a long unrewarded plan reaches.",
    options: deepSeaOptionNames,
    create: (options) => deepSea({ ...options, name: "DeepSea-v0" }),
  },
  {
    name: "Catch-v0",
    about: "Catch a falling ball with a paddle.",
    options: catchOptionNames,
    create: (options) => catchBall({ ...options, name: "Catch-v0" }),
  },
];

/**
 * A toy world by name, without its time limit and with its tables.
 * @throws Problem "unknown-name", "unknown-option", "bad-option"
 */
export function toy(name: string, options: EnvironmentOptions = {}): TabularEnvironment {
  const entry = toys.find((known) => known.name === name);
  if (entry === undefined) {
    const known = toys.map((one) => one.name);
    throw problem("unknown-name", { where: "toy", what: "toy world", name, known });
  }
  for (const option of Object.keys(options)) {
    if (!(entry.options ?? []).includes(option)) {
      throw problem("unknown-option", { where: name, name: option, known: entry.options ?? [] });
    }
  }
  return entry.create(options);
}

/**
 * The exact transition model of a toy world: all that may follow every action in every state, with its probability.
 * @example solve(transitions("FrozenLake-v1"), 0.99)
 * @throws Problem "unknown-name", "unknown-option", "bad-option"
 */
export const transitions = (
  of: string | Pick<TabularEnvironment, "model">,
  options: EnvironmentOptions = {},
): TabularModel => (typeof of === "string" ? toy(of, options) : of).model();
