/** How doses are given: tables of chances [states × actions], for exact values and for recording with propensities. */

import { problem } from "../../problems.ts";
import { checkDials } from "../demonstrator.ts";
import { solve } from "../toy/solve.ts";
import { sepsisModel } from "./sepsis.ts";
import type { SepsisTables } from "./tables.ts";

export type DosingStyle = "clinicians" | "best" | "admissible" | "random";

/**
 * "clinicians": as often as clinicians gave each dose; "best": an optimal dose; "admissible": uniform over the doses
 * that clinicians gave; "random": uniform over all. With chance 1 − skill the dose is uniform over all instead. States
 * for which the tables know no clinicians (the last three) are random.
 * @throws Problem "bad-option" for a skill outside [0, 1], "bad-value" where the tables lack what the style needs
 */
export function dosing(
  tables: SepsisTables,
  style: DosingStyle,
  { skill = 1 }: { readonly skill?: number } = {},
): Float64Array {
  checkDials("dosing", { skill });
  const { states, actions, clinicians, admissible } = tables;
  const chances = new Float64Array(states * actions);
  const lacks = (file: string) =>
    problem("bad-value", { where: "dosing", given: style, wanted: `another style, as the tables hold no ${file}` });
  if (style === "clinicians") {
    if (clinicians === undefined) throw lacks("expertPolicy.csv");
    chances.set(clinicians);
  } else if (style === "admissible") {
    if (admissible === undefined) throw lacks("extras/admissibleActions.txt");
    chances.set(admissible);
  } else if (style === "best") {
    const { policy } = solve(sepsisModel(tables), 1);
    for (let state = 0; state < states; state++) chances[state * actions + policy[state]] = 1;
  } else if (style !== "random") {
    const wanted = '"clinicians", "best", "admissible" or "random"';
    throw problem("bad-option", { where: "dosing", name: "style", given: style, wanted });
  }
  for (let state = 0; state < states; state++) {
    const row = chances.subarray(state * actions, (state + 1) * actions);
    const total = row.reduce((sum, chance) => sum + chance, 0);
    for (let a = 0; a < actions; a++) {
      row[a] = total === 0 ? 1 / actions : (skill * row[a]) / total + (1 - skill) / actions;
    }
  }
  return chances;
}
