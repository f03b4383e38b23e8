/** How good the recorded behaviour is. */
import { problem } from "../../problems.ts";
import type { Trajectories } from "../trajectories.ts";
import { countOf, returns } from "../views.ts";

export interface QualityScale {
  /** Return of a policy that acts by chance. */
  readonly random: number;
  /** Return of the best policy known, above `random`. */
  readonly best: number;
  /**
   * Steps at which an episode of this world is cut off. An episode cut off earlier is a fragment, and its return is not
   * counted. Default: the limit the recording's environment was made with; where that is unknown, all episodes count.
   */
  readonly limit?: number;
}

/**
 * TQ, the quality of a recording: (mean return of its whole episodes − random) / (best − random). About 0 for behaviour
 * by chance and 1 for the best; not bounded. Schweighofer et al., "A Dataset Perspective on Offline Reinforcement
 * Learning", arXiv:2111.04714. One pass over the rewards.
 * @throws Problem "no-observations" when there is no whole episode, "bad-option" unless random < best
 */
export function trajectoryQuality(t: Trajectories, scale: QualityScale): number {
  const { random, best } = scale;
  if (!(random < best && Number.isFinite(best - random))) {
    throw problem("bad-option", {
      where: "trajectoryQuality",
      name: "best",
      given: best,
      wanted: `a return above that of chance (${random})`,
    });
  }
  return (meanReturn(t, scale.limit) - random) / (best - random);
}

/** Mean return of whole episodes. @throws Problem "no-observations" */
export function meanReturn(t: Trajectories, limit?: number): number {
  const whole = wholeEpisodes(t, limit);
  if (whole.length === 0) throw problem("no-observations", { where: "trajectoryQuality" });
  const sums = returns(t);
  return whole.reduce((sum, e) => sum + sums[e], 0) / whole.length;
}

/** Episodes that the world ended, or its time limit did. */
export function wholeEpisodes(t: Trajectories, limit = t.provenance.made?.maxSteps ?? 0): readonly number[] {
  return Array.from({ length: countOf(t) }, (_, e) => e).filter((e) => {
    const [from, to] = [t.offsets[e], t.offsets[e + 1]];
    return t.terminated[to - 1] === 1 || to - from >= limit;
  });
}
