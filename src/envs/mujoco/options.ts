/** The options of MuJoCo worlds, declared once, under Gymnasium's names. */
import { problem } from "../../problems.ts";
import type { Environment } from "../environment.ts";
import type { EnvironmentOptions, Registration } from "../registration.ts";
import type { Engine } from "./engine.ts";

export interface Option<T> {
  /** What it is unless given. */
  readonly value: T;
  readonly wanted: string;
  accepts(given: unknown): boolean;
}

export type Declared = { readonly [name: string]: Option<unknown> };
export type Chosen<D extends Declared> = { readonly [K in keyof D]: D[K]["value"] };
export type Range = readonly [low: number, high: number];

const finite = (given: unknown): given is number => typeof given === "number" && Number.isFinite(given);

export const number = (value: number): Option<number> => ({ value, wanted: "a number", accepts: finite });

export const atLeastZero = (value: number): Option<number> => ({
  value,
  wanted: "a number of at least 0",
  accepts: (given) => finite(given) && given >= 0,
});

export const flag = (value: boolean): Option<boolean> => ({
  value,
  wanted: "true or false",
  accepts: (given) => typeof given === "boolean",
});

/** Physics steps to a step of the environment. */
export const frames = (value: number): Option<number> => ({
  value,
  wanted: "a whole number of at least 1",
  accepts: (given) => Number.isSafeInteger(given) && (given as number) >= 1,
});

/** Two numbers, infinite where there is no bound. */
export const range = (low: number, high: number): Option<Range> => ({
  value: [low, high],
  wanted: "[low, high] with low below high",
  accepts: (given) =>
    Array.isArray(given) &&
    given.length === 2 &&
    given.every((bound) => typeof bound === "number") &&
    given[0] < given[1],
});

export const oneOf = <T extends string>(value: T, ...others: readonly T[]): Option<T> => ({
  value,
  wanted: [value, ...others].map((name) => JSON.stringify(name)).join(" or "),
  accepts: (given) => [value, ...others].includes(given as T),
});

/** A world as the registry will know it, once there is an engine to run it. */
export interface Offer<D extends Declared> {
  readonly name: string;
  readonly about: string;
  readonly maxSteps: number;
  readonly options: D;
  create(engine: Engine, options: Chosen<D>): Environment;
}

/** @throws (when created) Problem "bad-option" */
export const offer =
  <D extends Declared>({ name, about, maxSteps, options, create }: Offer<D>) =>
  (engine: Engine): Registration => ({
    name,
    about,
    maxSteps,
    options: Object.keys(options),
    create: (given) => create(engine, chosen(name, options, given)),
  });

function chosen<D extends Declared>(where: string, declared: D, given: EnvironmentOptions): Chosen<D> {
  const values = Object.entries(declared).map(([name, { value, wanted, accepts }]) => {
    const own = given[name];
    if (own === undefined) return [name, value];
    if (!accepts(own)) throw problem("bad-option", { where, name, given: own, wanted });
    return [name, own];
  });
  return Object.fromEntries(values) as Chosen<D>;
}
