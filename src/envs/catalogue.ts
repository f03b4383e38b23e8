/** What can be made by name, some of it fetched only when it is first wanted. */
import { problem } from "../problems.ts";
import type { EnvironmentOptions } from "./registration.ts";

interface Entry {
  readonly name: string;
  readonly options?: readonly string[];
  readonly maxSteps?: number;
}

/** Worlds whose simulator is large: fetched when one of them is first wanted. */
export interface OnDemand<E> {
  readonly names: readonly string[];
  load(): Promise<readonly E[]>;
}

export interface Catalogue<E> {
  /** @throws Problem "bad-value" when the name is empty or taken */
  register(entry: E): void;
  /** In order of registration. */
  registered(): readonly E[];
  /** Also of those that were not fetched yet. */
  names(): readonly string[];
  prepare(name: string): Promise<void>;
  /** @throws Problem "unknown-name", "not-prepared", "unknown-option" */
  chosen(name: string, options: EnvironmentOptions & { readonly maxSteps?: number }): Chosen<E>;
}

export interface Chosen<E> {
  readonly entry: E;
  /** The options that are the environment's own. */
  readonly options: EnvironmentOptions;
  /** Infinity: no limit. */
  readonly maxSteps: number;
}

/** @param calls what people call to make one and to add one, for the sentences of errors */
export function catalogue<E extends Entry>(
  calls: { readonly make: string; readonly register: string },
  entries: readonly E[],
  onDemand: readonly OnDemand<E>[],
): Catalogue<E> {
  const known = new Map<string, E>(entries.map((entry) => [entry.name, entry]));
  const register = (entry: E): void => {
    if (entry.name === "" || known.has(entry.name)) {
      const wanted = "a name that no environment has yet";
      throw problem("bad-value", { where: calls.register, given: entry.name, wanted });
    }
    known.set(entry.name, entry);
  };
  return {
    register,
    registered: () => [...known.values()],
    names: () => [...new Set([...known.keys(), ...onDemand.flatMap(({ names }) => names)])],
    async prepare(name) {
      const family = onDemand.find(({ names }) => names.includes(name));
      if (family === undefined || known.has(name)) return;
      for (const entry of await family.load()) if (!known.has(entry.name)) register(entry);
    },
    chosen(name, given) {
      const entry = known.get(name);
      if (entry === undefined) {
        const later = onDemand.flatMap(({ names }) => names);
        if (later.includes(name)) throw problem("not-prepared", { name });
        const all = [...known.keys(), ...later];
        throw problem("unknown-name", { where: calls.make, what: "environment", name, known: all });
      }
      const { maxSteps = entry.maxSteps ?? Number.POSITIVE_INFINITY, ...options } = given;
      const has = entry.options ?? [];
      for (const option of Object.keys(options)) {
        if (!has.includes(option)) {
          throw problem("unknown-option", { where: name, name: option, known: [...has, "maxSteps"] });
        }
      }
      return { entry, options, maxSteps };
    },
  };
}
