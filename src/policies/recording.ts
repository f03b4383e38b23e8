/** Played episodes as a recording that says who played them. */
import { trajectories } from "../data/build.ts";
import type { EnvironmentSpec, Labels, Trajectories } from "../data/trajectories.ts";
import type { Environment } from "../envs/environment.ts";
import { type Episode, joinEpisodes, outcomeTags } from "../envs/record.ts";

/**
 * Every episode is tagged with the policy's name, with the labels, and with how it came out, where the environment says.
 * @throws Problem "bad-value" when there are no episodes
 */
export function recordingOf(
  env: Pick<Environment, "name" | "observationSpace" | "actionSpace">,
  episodes: readonly Episode[],
  about: {
    readonly policy: string;
    readonly labels: Labels | undefined;
    readonly made: EnvironmentSpec | undefined;
    /** What was done: "collect random". */
    readonly lineage: string;
  },
): Trajectories {
  const { policy, labels = {}, made, lineage } = about;
  const tags = Object.entries({ policy, ...labels }).map(([name, value]) => [name, episodes.map(() => value)]);
  return trajectories(
    joinEpisodes(env, episodes, {
      environment: env.name,
      made,
      tags: { ...outcomeTags(episodes), ...Object.fromEntries(tags) },
      lineage: [lineage],
    }),
  );
}
