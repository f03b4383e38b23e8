/** An environment that is another with some parts replaced. */
import { problem } from "../problems.ts";
import type { Environment } from "./environment.ts";

/** What a wrapper replaces, and the state it adds to that of the environment inside. */
export interface Replaced {
  readonly name?: string;
  readonly observationSpace?: Environment["observationSpace"];
  readonly actionSpace?: Environment["actionSpace"];
  readonly reset?: Environment["reset"];
  readonly step?: Environment["step"];
  /** Plain JSON out, and the same back in. */
  readonly state?: { save(): unknown; restore(saved: unknown): void };
}

/** Save and restore are there when the inner environment has them: { inner, own }. */
export function wrap(env: Environment, parts: Replaced): Environment {
  const { state } = parts;
  return {
    name: parts.name ?? env.name,
    observationSpace: parts.observationSpace ?? env.observationSpace,
    actionSpace: parts.actionSpace ?? env.actionSpace,
    reset: parts.reset ?? ((options) => env.reset(options)),
    step: parts.step ?? ((action) => env.step(action)),
    ...(env.scene === undefined ? {} : { scene: () => env.scene!() }),
    ...(env.parameters === undefined || env.perturb === undefined
      ? {}
      : { parameters: env.parameters, perturb: (values) => env.perturb!(values) }),
    ...(env.parameterValues === undefined ? {} : { parameterValues: () => env.parameterValues!() }),
    ...(env.save === undefined || env.restore === undefined
      ? {}
      : state === undefined
        ? { save: () => env.save!(), restore: (saved: unknown) => env.restore!(saved) }
        : {
            save: () => ({ inner: env.save!(), own: state.save() }),
            restore: (saved: unknown) => {
              if (typeof saved !== "object" || saved === null || !("inner" in saved) || !("own" in saved)) {
                throw problem("bad-value", {
                  where: `${env.name}.restore`,
                  given: saved,
                  wanted: "what save of the same wrapped environment returned",
                });
              }
              env.restore!(saved.inner);
              state.restore(saved.own);
            },
          }),
  };
}
