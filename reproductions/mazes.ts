/** Mixed-quality behaviour in a maze, and how well a policy then does there: shared by the offline methods' experiments. */
import { concat, filterEpisodes, returns, type Trajectories } from "repertoire/data";
import { make } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, mazeDemonstrator, type Policy } from "repertoire/policies";

const environment = "PointMaze-medium-diverse-v0";
const discount = 0.99;

/** A few who know the way, some who go the long way round, many who mostly wander: a new recording for each seed. */
export async function mixedMaze(seed: number, episodes: number): Promise<Trajectories> {
  const people = [
    { quality: "expert", share: 1 / 6, skill: 1, noise: 0.1, style: "shortest" },
    { quality: "medium", share: 1 / 3, skill: 0.5, noise: 0.3, style: "left" },
    { quality: "poor", share: 1 / 2, skill: 0.2, noise: 0.5, style: "right" },
  ] as const;
  const [first, ...rest] = await Promise.all(
    people.map(({ quality, share, ...dials }, i) =>
      collect(mazeDemonstrator({ map: environment, ...dials }), () => make(environment), {
        episodes: Math.max(1, Math.round(share * episodes)),
        seed: 10 * seed + i,
        tags: { quality },
      }),
    ),
  );
  return concat(first, ...rest);
}

/** The tenth of the episodes with the highest discounted returns. */
export function bestTenth(recording: Trajectories): Trajectories {
  const earned = returns(recording, discount);
  const bar = Float64Array.from(earned).sort()[Math.floor(0.9 * earned.length)];
  let e = 0;
  return filterEpisodes(recording, () => earned[e++] >= bar);
}

/** Mean discounted return of episodes from random places; the same places for every arm of a seed. */
export async function discountedReturn(policy: Policy, seed: number, episodes: number): Promise<number> {
  const { rollouts } = await evaluate(policy, () => make(environment), { episodes, seed: 1000 + seed, discount });
  return rollouts.episodes.reduce((sum, episode) => sum + episode.discountedReturn, 0) / rollouts.episodes.length;
}
