import type { ParallelRegistration, Registration } from "../registration.ts";
import { kitchen, kitchenWithPartner } from "./kitchen.ts";
import { kitchens } from "./layout.ts";
import { kitchenOptionNames, partnerOptionNames } from "./options.ts";

const maxSteps = 400;
const named = Object.keys(kitchens).map((layout) => ({ layout, name: `Overcooked-${layout}-v0` }));

/** One cook beside a scripted partner, in each layout. */
export const kitchenTasks: readonly Registration[] = named.map(({ layout, name }) => ({
  name,
  about: `Cook and serve soups with a scripted partner in the kitchen ${layout}.`,
  maxSteps,
  options: partnerOptionNames,
  create: (options) => kitchenWithPartner({ ...options, layout, name }),
}));

/** Two cooks, in each layout. */
export const kitchenGames: readonly ParallelRegistration[] = named.map(({ layout, name }) => ({
  name,
  about: `Two cooks share the kitchen ${layout}.`,
  maxSteps,
  options: kitchenOptionNames,
  create: (options) => kitchen({ ...options, layout, name }),
}));
