/** Wrappers about whole episodes: what they came to, what follows them, and in which world each is played. */
import { problem } from "../problems.ts";
import type { Generator } from "../tensor/random.ts";
import type { Environment, WrappedEnvironment } from "./environment.ts";
import { ownValues, type ParameterValues, perturbed } from "./parameters.ts";
import { wrap } from "./wrap.ts";
import { wrapperRandom } from "./wrapper-random.ts";

/** What `recordEpisodeStatistics` says of an episode that has ended. */
export interface EpisodeStatistics {
  /** Sum of rewards. */
  readonly return: number;
  /** Steps. */
  readonly length: number;
}

/** The last step's info of each episode has `episode: { return, length }`. Rewards are counted as they come from inside. */
export function recordEpisodeStatistics(env: Environment): WrappedEnvironment {
  let [sum, length] = [0, 0];
  return wrap(env, {
    reset(options) {
      const first = env.reset(options);
      [sum, length] = [0, 0];
      return first;
    },
    step(action) {
      const step = env.step(action);
      sum += step.reward;
      length++;
      if (!step.terminated && !step.truncated) return step;
      const episode: EpisodeStatistics = { return: sum, length };
      return { ...step, info: { ...step.info, episode } };
    },
    state: {
      save: () => [sum, length],
      restore(saved) {
        [sum, length] = saved as readonly [number, number];
      },
    },
  });
}

/**
 * Starts the next episode on the step that ends one, as a vector does: the observation is the new episode's first, and
 * the old one's last are in `info.finalObservation` and `info.finalInfo`.
 */
export const autoreset = (env: Environment): WrappedEnvironment =>
  wrap(env, {
    step(action) {
      const step = env.step(action);
      if (!step.terminated && !step.truncated) return step;
      const { observation, info } = env.reset();
      const ended = { finalObservation: step.observation, finalInfo: step.info };
      return { ...step, observation, info: { ...info, ...ended } };
    },
  });

/** From which values each parameter is drawn, evenly; or a function that draws. */
export type ParameterRanges =
  | { readonly [name: string]: readonly [low: number, high: number] }
  | ((random: Generator) => { readonly [name: string]: number });

/**
 * Domain randomisation: each episode is played with parameters drawn anew, from a stream of their own under the seed. The
 * values are in the first info, as `parameters`.
 * @example randomiseParameters(make("CartPole-v1"), { gravity: [5, 15], halfLength: [0.3, 0.8] })
 * @throws Problem "bad-value" when the environment has no parameters or a range is empty, "unknown-option" and
 *   "bad-option" as `perturb`
 */
export function randomiseParameters(env: Environment, ranges: ParameterRanges): WrappedEnvironment {
  const where = `randomiseParameters(${env.name})`;
  const { parameters } = env;
  if (parameters === undefined || env.perturb === undefined) {
    throw problem("bad-value", { where, given: "an environment without parameters", wanted: "one that has some" });
  }
  const own = ownValues(parameters);
  const listed = typeof ranges === "function" ? [] : Object.entries(ranges);
  for (const [name, [low, high]] of listed) {
    perturbed(where, parameters, own, { [name]: low });
    perturbed(where, parameters, own, { [name]: high });
    if (!(low <= high))
      throw problem("bad-value", { where, given: `${name} from ${low} to ${high}`, wanted: "low at most high" });
  }
  const draw =
    typeof ranges === "function"
      ? ranges
      : (random: Generator): ParameterValues =>
          Object.fromEntries(listed.map(([name, [low, high]]) => [name, random.between(low, high)]));
  const random = wrapperRandom("parameters");
  return wrap(env, {
    reset(options) {
      const values = draw(random.begin(options));
      env.perturb!(values);
      const { observation, info } = env.reset(options);
      return { observation, info: { ...info, parameters: values } };
    },
    state: random,
  });
}
