/** Wrappers of environments with many agents. */
import { problem } from "../problems.ts";
import type { ParallelEnvironment } from "./parallel.ts";
import { type OwnState, savingOf, worldOf } from "./wrap.ts";

type Replaced = Pick<Partial<ParallelEnvironment>, "name" | "reset" | "step"> & {
  agents?(): readonly string[];
  readonly state: OwnState;
};

/** Another's environment with some parts replaced; save and restore are there when the inner one has them. */
function wrapParallel(env: ParallelEnvironment, parts: Replaced): ParallelEnvironment {
  return {
    name: parts.name ?? env.name,
    possibleAgents: env.possibleAgents,
    get agents() {
      return parts.agents?.() ?? env.agents;
    },
    observationSpaces: env.observationSpaces,
    actionSpaces: env.actionSpaces,
    reset: parts.reset ?? ((options) => env.reset(options)),
    step: parts.step ?? ((actions) => env.step(actions)),
    ...worldOf(env),
    ...savingOf(env, parts.state),
  };
}

/**
 * Cuts the game off (`truncated` for every agent still in it) at its maxSteps-th step. An agent whose game ends by
 * itself on that step stays `terminated` alone.
 * @throws Problem "bad-option" when maxSteps is not a whole number of at least 1
 */
export function timeLimitParallel(env: ParallelEnvironment, maxSteps: number): ParallelEnvironment {
  if (!Number.isSafeInteger(maxSteps) || maxSteps < 1) {
    const wanted = "a whole number of at least 1, or Infinity for none";
    throw problem("bad-option", { where: env.name, name: "maxSteps", given: maxSteps, wanted });
  }
  let elapsed = maxSteps;
  return wrapParallel(env, {
    agents: () => (elapsed >= maxSteps ? [] : env.agents),
    reset(options) {
      elapsed = 0;
      return env.reset(options);
    },
    step(actions) {
      if (elapsed >= maxSteps) throw problem("not-running", { where: `${env.name}.step` });
      const step = env.step(actions);
      elapsed++;
      if (elapsed < maxSteps) return step;
      const { terminated } = step;
      const truncated = Object.fromEntries(Object.keys(terminated).map((agent) => [agent, !terminated[agent]]));
      return { ...step, truncated };
    },
    state: {
      save: () => elapsed,
      restore(saved) {
        elapsed = Number(saved);
      },
    },
  });
}
