/** Behaviour of experts that know the world they act in, recorded. */
import type { Labels, Trajectories } from "../data/trajectories.ts";
import type { Environment } from "../envs/environment.ts";
import type { Episode } from "../envs/record.ts";
import { seedFrom } from "../envs/seeds.ts";
import { specOf } from "../envs/spec.ts";
import { problem } from "../problems.ts";
import type { Value } from "../spaces/space.ts";
import { fold, randomKey } from "../tensor/random.ts";
import { recordingOf } from "./recording.ts";

/** Who acts in one environment: an expert that is bound to it, such as `gridExpert(env)`. */
export interface Actor {
  act(): { readonly action: Value; readonly probability?: number };
}

export interface DemonstrateOptions {
  readonly episodes: number;
  /** Everything follows from it. Default 0. */
  readonly seed?: number;
  /** Labels for every episode, beside "policy". */
  readonly tags?: Labels;
}

/**
 * Plays episodes and returns what happened. Each episode has an environment's seed and an expert of its own, both
 * depending on the seed and the episode's number alone. `extras.propensity` holds the expert's probability of each
 * action, when it gives one for all of them. The environment is closed at the end.
 * @example demonstrate("grid-expert", () => make("MiniGrid-DoorKey-5x5-v0"), gridExpert, { episodes: 10 })
 * @throws Problem "bad-option" when episodes is not a whole number of at least 1
 */
export function demonstrate(
  name: string,
  environment: () => Environment,
  expert: (env: Environment, options: { readonly seed: number }) => Actor,
  { episodes, seed = 0, tags }: DemonstrateOptions,
): Trajectories {
  if (!Number.isSafeInteger(episodes) || episodes < 1) {
    const wanted = "a whole number of at least 1";
    throw problem("bad-option", { where: "demonstrate", name: "episodes", given: episodes, wanted });
  }
  const env = environment();
  const key = randomKey(seed);
  try {
    const played = Array.from({ length: episodes }, (_, number) => {
      const { observation } = env.reset({ seed: seedFrom(fold(key, "episode", number)) });
      return playedOn(env, observation, expert(env, { seed: seedFrom(fold(key, "expert", number)) }));
    });
    return recordingOf(env, played, { policy: name, labels: tags, made: specOf(env), lineage: `demonstrate ${name}` });
  } finally {
    env.close?.();
  }
}

/** An episode from its first observation to its end. */
function playedOn(env: Environment, first: Value, actor: Actor): Episode {
  const observations = [first];
  const [actions, rewards]: [Value[], number[]] = [[], []];
  const probabilities: (number | undefined)[] = [];
  for (;;) {
    const { action, probability } = actor.act();
    const { observation, reward, terminated, truncated, info } = env.step(action);
    actions.push(action);
    rewards.push(reward);
    probabilities.push(probability);
    if (terminated || truncated) {
      const end = { terminated, finalObservation: observation, finalInfo: info };
      return { observations, actions, rewards, probabilities, ...end };
    }
    observations.push(observation);
  }
}
