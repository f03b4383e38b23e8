import type { Registration } from "../registration.ts";
import { longTermSatisfaction, satisfactionOptionNames } from "./long-term-satisfaction.ts";
import { recommender, recommenderOptionNames } from "./recommender.ts";

/** What to show to people. */
export const recommenders: readonly Registration[] = [
  {
    name: "Recommender-v0",
    about: "Recommend to one person over all their sessions, who tires, seeks novelty, leaves and comes back.",
    options: recommenderOptionNames,
    create: (options) => recommender({ ...options, name: "Recommender-v0" }),
  },
  {
    name: "LongTermSatisfaction-v0",
    about: "Choose how much bait to show a person whose satisfaction it wears down.",
    maxSteps: 140,
    options: satisfactionOptionNames,
    create: (options) => longTermSatisfaction({ ...options, name: "LongTermSatisfaction-v0" }),
  },
];
