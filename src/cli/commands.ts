/** The commands, by what they are for. A command's own file is loaded when it is asked for, so that help is quick. */
import type { Command } from "commander";

export interface Entry {
  readonly name: string;
  readonly group: string;
  /** One line for the list of commands. */
  readonly about: string;
  readonly load: () => Promise<Command>;
}

const whole = "The whole way";
const recordings = "Recordings";
const policies = "Policies";

export const commands: readonly Entry[] = [
  {
    name: "improve",
    group: whole,
    about: "Recorded behaviour in; a better policy and a report out",
    load: async () => (await import("./improve.ts")).improveCommand(),
  },
  {
    name: "record",
    group: recordings,
    about: "Play a policy in an environment and keep what happened",
    load: async () => (await import("./record.ts")).recordCommand(),
  },
  {
    name: "tiers",
    group: recordings,
    about: "Train a method and record it at five qualities, as D4RL's",
    load: async () => (await import("./tiers.ts")).tiersCommand(),
  },
  {
    name: "environments",
    group: recordings,
    about: "List the environments in which to play",
    load: async () => (await import("./environments.ts")).environmentsCommand(),
  },
  {
    name: "card",
    group: recordings,
    about: "Say what a recording holds, and what to beware of",
    load: async () => (await import("./card.ts")).cardCommand(),
  },
  {
    name: "curate",
    group: recordings,
    about: "Make a recording from others by a recipe that it carries",
    load: async () => (await import("./curate.ts")).curateCommand(),
  },
  {
    name: "feedback",
    group: recordings,
    about: "Check what people say of a recording, link it, sum it up",
    load: async () => (await import("./feedback.ts")).feedbackCommand(),
  },
  {
    name: "methods",
    group: policies,
    about: "List the methods, or the options of one",
    load: async () => (await import("./methods.ts")).methodsCommand(),
  },
  {
    name: "train",
    group: policies,
    about: "Learn a policy from a recording; resumes where it was stopped",
    load: async () => (await import("./train.ts")).trainCommand(),
  },
  {
    name: "evaluate",
    group: policies,
    about: "Estimate how well a policy does, by playing it or from a log",
    load: async () => (await import("./evaluate.ts")).evaluateCommand(),
  },
  {
    name: "compare",
    group: policies,
    about: "Ship the challenger, hold, or collect more? And why",
    load: async () => (await import("./compare.ts")).compareCommand(),
  },
  {
    name: "act",
    group: policies,
    about: "Decide: observations in, decisions out, a line of JSON each",
    load: async () => (await import("./act.ts")).actCommand(),
  },
  {
    name: "export",
    group: policies,
    about: "Check a policy file, describe it, write it out",
    load: async () => (await import("./export.ts")).exportCommand(),
  },
];
