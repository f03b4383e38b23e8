/** Which episodes a condition holds for. */
import { problem } from "../../problems.ts";
import { quantile } from "../summaries.ts";
import type { Recording, Tag } from "../trajectories.ts";
import { countOf } from "../views.ts";
import { fieldValues } from "./fields.ts";
import type { Comparison, Condition } from "./recipe.ts";

const orders = {
  above: (a: number, b: number) => a > b,
  atLeast: (a: number, b: number) => a >= b,
  below: (a: number, b: number) => a < b,
  atMost: (a: number, b: number) => a <= b,
} as const;

/**
 * @returns one answer an episode (of a decision log: a row)
 * @throws Problem "unknown-name" for a field that is not there, "bad-recipe" for an order among values that have none
 */
export function holds(recording: Recording, condition: Condition, where: string): readonly boolean[] {
  if ("all" in condition) {
    const parts = condition.all.map((part) => holds(recording, part, where));
    return Array.from({ length: countOf(recording) }, (_, e) => parts.every((part) => part[e]));
  }
  if ("any" in condition) {
    const parts = condition.any.map((part) => holds(recording, part, where));
    return Array.from({ length: countOf(recording) }, (_, e) => parts.some((part) => part[e]));
  }
  if ("not" in condition) return holds(recording, condition.not, where).map((held) => !held);
  return compared(recording, condition, where);
}

function compared(recording: Recording, comparison: Comparison, where: string): readonly boolean[] {
  const values = fieldValues(recording, comparison.field, where);
  const checks: ((value: Tag) => boolean)[] = [];
  const { is, oneOf } = comparison;
  if (is !== undefined) checks.push((v) => v === is);
  if (oneOf !== undefined) checks.push((v) => oneOf.includes(v));
  for (const name of ["above", "atLeast", "below", "atMost"] as const) {
    const given = comparison[name];
    if (given === undefined) continue;
    const numbers = numbersOf(values, comparison.field, where);
    if (numbers.length === 0) return values.map(() => false);
    const bound = typeof given === "number" ? given : quantile(Float64Array.from(numbers).sort(), given.quantile);
    // A value that is not there is neither above nor below anything.
    checks.push((v) => typeof v === "number" && orders[name](v, bound));
  }
  return values.map((v) => checks.every((check) => check(v)));
}

/** The numbers of a field, without the nulls. @throws Problem "bad-recipe" when it holds anything else */
export function numbersOf(values: readonly Tag[], field: string, where: string): readonly number[] {
  return values.flatMap((v) => {
    if (v === null) return [];
    if (typeof v === "number") return Number.isNaN(v) ? [] : [v];
    const reason = `${field} is ${JSON.stringify(v)} in some episode, and only numbers have an order; wanted is or oneOf`;
    throw problem("bad-recipe", { where, part: field, reason });
  });
}
