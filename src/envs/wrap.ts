/** An environment that is another with some parts replaced. */
import { problem } from "../problems.ts";
import type { Environment, WrappedEnvironment } from "./environment.ts";
import { inPlaceOf, stepsInPlace } from "./in-place.ts";
import type { ParameterValues } from "./parameters.ts";

/** What is saved beside the state of what is inside: plain JSON out, and the same back in. */
export interface OwnState {
  save(): unknown;
  restore(saved: unknown): void;
}

/** What a wrapper replaces, and the state it adds to that of the environment inside. */
export interface Replaced {
  readonly name?: string;
  readonly observationSpace?: Environment["observationSpace"];
  readonly actionSpace?: Environment["actionSpace"];
  readonly reset?: Environment["reset"];
  readonly step?: Environment["step"];
  readonly state?: OwnState;
}

/** Save and restore are there when the inner environment has them: { inner, own }, and without `state` its own. */
export function wrap(env: Environment, parts: Replaced): WrappedEnvironment {
  const close = (): void => env.close?.();
  const wrapped: WrappedEnvironment = {
    name: parts.name ?? env.name,
    observationSpace: parts.observationSpace ?? env.observationSpace,
    actionSpace: parts.actionSpace ?? env.actionSpace,
    reset: parts.reset ?? ((options) => env.reset(options)),
    step: parts.step ?? ((action) => env.step(action)),
    ...worldOf(env),
    ...savingOf(env, parts.state),
    unwrapped: env.unwrapped ?? env,
    close,
    [Symbol.dispose]: close,
  };
  const { observationSpace, actionSpace, reset, step } = parts;
  const inPlace = (observationSpace ?? actionSpace ?? reset ?? step) ? undefined : inPlaceOf(env);
  return inPlace === undefined ? wrapped : stepsInPlace(wrapped, inPlace);
}

/** The pictures and the parameters of what is inside, where it has them. */
export const worldOf = (env: Pick<Environment, "scene" | "parameters" | "perturb" | "parameterValues">) => ({
  ...(env.scene === undefined ? {} : { scene: () => env.scene!() }),
  ...(env.parameters === undefined || env.perturb === undefined
    ? {}
    : { parameters: env.parameters, perturb: (values: ParameterValues) => env.perturb!(values) }),
  ...(env.parameterValues === undefined ? {} : { parameterValues: () => env.parameterValues!() }),
});

/** Save and restore of what is inside, and of a state beside it, where the inside has them. */
export function savingOf(
  env: Pick<Environment, "name" | "save" | "restore">,
  own?: OwnState,
): Pick<Environment, "save" | "restore"> {
  if (env.save === undefined || env.restore === undefined) return {};
  if (own === undefined) return { save: () => env.save!(), restore: (saved) => env.restore!(saved) };
  return {
    save: () => ({ inner: env.save!(), own: own.save() }),
    restore(saved) {
      if (typeof saved !== "object" || saved === null || !("inner" in saved) || !("own" in saved)) {
        const wanted = "what save of the same wrapped environment returned";
        throw problem("bad-value", { where: `${env.name}.restore`, given: saved, wanted });
      }
      env.restore!(saved.inner);
      own.restore(saved.own);
    },
  };
}
