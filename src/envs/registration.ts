import type { Environment } from "./environment.ts";
import type { ParallelEnvironment } from "./parallel.ts";

/** Options by name, as `make` was given them; each environment checks its own values. */
export type EnvironmentOptions = { readonly [name: string]: unknown };

/** What the registry knows of an environment. */
export interface Registration {
  /** "Name-v0", or any name no other has. */
  readonly name: string;
  /** One sentence for lists. */
  readonly about: string;
  create(options: EnvironmentOptions): Environment;
  /** Names of the options that `create` understands. Default none. */
  readonly options?: readonly string[];
  /** Those of them without which it cannot be made, such as a folder of data. Default none. */
  readonly needs?: readonly string[];
  /** Steps after which an episode is cut off. Default: never. */
  readonly maxSteps?: number;
}

/** The same of an environment of many agents. */
export interface ParallelRegistration extends Omit<Registration, "create"> {
  create(options: EnvironmentOptions): ParallelEnvironment;
}
