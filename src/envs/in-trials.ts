/** Several episodes of one task as one, so that what remembers can find the task out: the form in which RL² learns. */
import { problem } from "../problems.ts";
import { flatDim, flattenInto } from "../spaces/flatten.ts";
import { box } from "../spaces/make.ts";
import type { Value } from "../spaces/space.ts";
import { sizeOf } from "../tensor/ndarray.ts";
import type { Environment, WrappedEnvironment } from "./environment.ts";
import { boxOf } from "./observations.ts";
import { wrap } from "./wrap.ts";
import { wrapperRandom } from "./wrapper-random.ts";

/**
 * A trial: so many episodes from one and the same start (the seed of the inner `reset`, and with it the task that a mixture
 * draws, its goal, and the world's chance, are the same in each), played as one. Behind the observation are the last action
 * (choices one-hot), the last reward, and 1 where an episode has just begun anew; zeros at first. A policy with a memory
 * that is trained on the sum of rewards learns to explore in the first episodes what it needs in the last (Duan and others
 * 2016, RL², arXiv 1611.02779). `info.episode` counts from 0; `info.success` speaks of the last episode alone, since those
 * before are for finding out.
 * @param options.episodes of a trial, at least 1
 * @throws Problem "bad-option" for episodes; "bad-value" where the observation is no Box
 * @example await trainOnline(ppoRecurrent, () => inTrials(make("MiniMeta-reach-v0", { hideGoal: true }), { episodes: 3 }))
 */
export function inTrials(env: Environment, { episodes }: { readonly episodes: number }): WrappedEnvironment {
  if (!Number.isSafeInteger(episodes) || episodes < 1) {
    const wanted = "a whole number of at least 1";
    throw problem("bad-option", { where: `inTrials(${env.name})`, name: "episodes", given: episodes, wanted });
  }
  const seen = boxOf(env, "inTrials");
  const [own, actions] = [sizeOf(seen.shape), flatDim(env.actionSpace)];
  const unbounded = new Array<number>(actions + 1).fill(Number.POSITIVE_INFINITY);
  const low = [...seen.low, ...unbounded.map((bound) => -bound), 0];
  const space = box(low, [...seen.high, ...unbounded, 1]);
  const random = wrapperRandom("trials");
  let [seed, episode] = [0, 0];
  const told = (observation: Value, before?: { action: Value; reward: number; anew: boolean }): Float32Array => {
    const all = new Float32Array(own + actions + 2);
    all.set(observation as Float32Array);
    if (before === undefined) return all;
    flattenInto(env.actionSpace, before.action, all, own);
    all[own + actions] = before.reward;
    all[own + actions + 1] = Number(before.anew);
    return all;
  };
  return wrap(env, {
    observationSpace: space,
    reset(options) {
      seed = random.begin(options).integer(2 ** 31);
      episode = 0;
      const { observation, info } = env.reset({ seed });
      return { observation: told(observation), info: { ...info, episode } };
    },
    step(action) {
      const { observation, reward, terminated, truncated, info } = env.step(action);
      const last = episode === episodes - 1;
      const over = terminated || truncated;
      const success = "success" in info ? { success: last && info.success } : {};
      const said = { ...info, ...success, episode };
      const anew = over && !last;
      if (anew) episode++;
      const next = anew ? env.reset({ seed }).observation : observation;
      return {
        observation: told(next, { action, reward, anew }),
        reward,
        terminated: over && last,
        truncated: false,
        info: said,
      };
    },
    state: {
      save: () => ({ random: random.save(), seed, episode }),
      restore(saved) {
        const from = saved as { readonly random: unknown; readonly seed: number; readonly episode: number };
        random.restore(from.random);
        ({ seed, episode } = from);
      },
    },
  });
}
