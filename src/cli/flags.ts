/** The flags that commands share, and what their values may be. */
import { parseOption } from "../algorithms/index.ts";
import { problem } from "../problems.ts";

const bad = (name: string, given: string, wanted: string) =>
  problem("bad-option", { where: "repertoire", name, given, wanted });

/** A parser for commander: a whole number. @throws Problem "bad-option" */
export const wholeNumber =
  (name: string, least = 1) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw bad(name, text, `a whole number of at least ${least}`);
  };

/** A parser for commander: any finite number. @throws Problem "bad-option" */
export const finiteNumber =
  (name: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) return value;
    throw bad(name, text, "a number");
  };

/** A parser for commander: a number from 0 to 1. @throws Problem "bad-option" */
export const share =
  (name: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0 && value <= 1) return value;
    throw bad(name, text, "a number from 0 to 1");
  };

/** A parser for commander: a confidence. @throws Problem "bad-option" */
export const confidence =
  (name: string) =>
  (text: string): number => {
    const value = Number(text);
    if (value > 0 && value < 1) return value;
    throw bad(name, text, "a number between 0 and 1");
  };

/** A parser for commander: one of a few words. @throws Problem "bad-option" */
export const oneOf =
  <const W extends string>(name: string, words: readonly W[]) =>
  (text: string): W => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw bad(name, text, `one of ${words.join(", ")}`);
  };

export type Assignments = { readonly [name: string]: unknown };

/** A parser for commander: key=value, which may be said many times. @throws Problem "bad-option" */
export const assignment =
  (name: string) =>
  (text: string, before: Assignments = {}): Assignments => {
    const at = text.indexOf("=");
    if (at > 0) return { ...before, [text.slice(0, at).trim()]: parseOption(text.slice(at + 1)) };
    throw bad(name, text, `${name} key=value`);
  };
