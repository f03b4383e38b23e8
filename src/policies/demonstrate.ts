/** Behaviour of experts that know the world they act in, recorded. */
import { trajectories } from "../data/build.ts";
import type { Trajectories } from "../data/trajectories.ts";
import type { Environment } from "../envs/environment.ts";
import { type Episode, joinEpisodes, outcomeTags } from "../envs/record.ts";
import { seedFrom } from "../envs/seeds.ts";
import { specOf } from "../envs/spec.ts";
import { problem } from "../problems.ts";
import type { Value } from "../spaces/space.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { fold, randomKey } from "../tensor/random.ts";

/** Who acts in one environment: an expert that is bound to it, such as `gridExpert(env)`. */
export interface Actor {
  act(): { readonly action: Value; readonly probability?: number };
}

export interface DemonstrateOptions {
  readonly episodes: number;
  /** Everything follows from it. Default 0. */
  readonly seed?: number;
  /** Labels for every episode, beside "policy". */
  readonly tags?: { readonly [name: string]: string | number | boolean | null };
}

/**
 * Plays episodes and returns what happened. Each episode has an environment's seed and an expert of its own, both
 * depending on the seed and the episode's number alone. `extras.propensity` holds the expert's probability of each
 * action, when it gives one for all of them.
 * @example demonstrate("grid-expert", () => make("MiniGrid-DoorKey-5x5-v0"), gridExpert, { episodes: 10 })
 * @throws Problem "bad-option" when episodes is not a whole number of at least 1
 */
export function demonstrate(
  name: string,
  environment: () => Environment,
  expert: (env: Environment, options: { readonly seed: number }) => Actor,
  { episodes, seed = 0, tags = {} }: DemonstrateOptions,
): Trajectories {
  if (!Number.isSafeInteger(episodes) || episodes < 1) {
    const wanted = "a whole number of at least 1";
    throw problem("bad-option", { where: "demonstrate", name: "episodes", given: episodes, wanted });
  }
  const env = environment();
  const key = randomKey(seed);
  const played: Episode[] = [];
  const chances: (number | undefined)[] = [];
  for (let number = 0; number < episodes; number++) {
    let { observation } = env.reset({ seed: seedFrom(fold(key, "episode", number)) });
    const actor = expert(env, { seed: seedFrom(fold(key, "expert", number)) });
    const rows = { observations: [] as Value[], actions: [] as Value[], rewards: [] as number[] };
    for (;;) {
      const { action, probability } = actor.act();
      const step = env.step(action);
      rows.observations.push(observation);
      rows.actions.push(action);
      rows.rewards.push(step.reward);
      chances.push(probability);
      observation = step.observation;
      if (!step.terminated && !step.truncated) continue;
      played.push({ ...rows, terminated: step.terminated, finalObservation: observation, finalInfo: step.info });
      break;
    }
  }
  const labels = Object.fromEntries(
    Object.entries({ policy: name, ...tags }).map(([label, value]) => [label, played.map(() => value)]),
  );
  const columns = joinEpisodes(env, played, {
    environment: env.name,
    made: specOf(env),
    tags: { ...outcomeTags(played), ...labels },
    lineage: [`demonstrate ${name}`],
  });
  if (chances.some((chance) => chance === undefined)) return trajectories(columns);
  const data = Float64Array.from(chances as number[]);
  const propensity: NdArray = { shape: [data.length], dtype: "float64", data };
  return trajectories({ ...columns, extras: { propensity } });
}
