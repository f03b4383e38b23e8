/** How many ways of succeeding there are: Jia et al., "Towards Diverse Behaviors" (D3IL), arXiv:2402.14606. */
import { problem } from "../../problems.ts";
import type { Trajectories } from "../trajectories.ts";
import { episodesBy, successes, tagValues } from "./tags.ts";

export interface BehaviourEntropyOptions {
  /** The tag that says which of the known ways an episode went. */
  readonly behaviour: string;
  /** |B|: how many ways the task knows. With one there is nothing to vary, and the entropy is 0. */
  readonly known: number;
  /** The tag that says whether it succeeded. Default "success". */
  readonly success?: string;
}

/**
 * Entropy of the ways that successful episodes went, to base |B|: in [0, 1], 0 for one way, 1 for all alike. Failures do
 * not count, so that wandering is no diversity. Without a success the entropy is 0.
 * @throws Problem "unknown-name" for a tag that is not there, "bad-value" when more ways are seen than are known
 */
export function behaviourEntropy(t: Trajectories, options: BehaviourEntropyOptions): number {
  const all = Array.from({ length: t.offsets.length - 1 }, (_, e) => e);
  return entropyOf(t, all, options);
}

/**
 * The same within each start, and its mean over starts: what is left of diversity once the start is given. A policy that
 * goes one way from here and another from there has marginal entropy and no conditional one. As in D3IL's code, a start
 * from which nothing succeeded counts 0.
 * @param options.start the tag that says which start an episode had
 * @throws Problem "unknown-name", "bad-value", "no-observations" when no episode has a start
 */
export function conditionalBehaviourEntropy(
  t: Trajectories,
  options: BehaviourEntropyOptions & { readonly start: string },
): number {
  const groups = episodesBy("conditionalBehaviourEntropy", t, options.start);
  if (groups.size === 0) throw problem("no-observations", { where: "conditionalBehaviourEntropy" });
  const entropies = [...groups.values()].map((episodes) => entropyOf(t, episodes, options));
  return entropies.reduce((a, b) => a + b, 0) / entropies.length;
}

function entropyOf(t: Trajectories, episodes: readonly number[], options: BehaviourEntropyOptions): number {
  const { behaviour, known, success = "success" } = options;
  const where = "behaviourEntropy";
  const succeeded = successes(where, t, success);
  const ways = tagValues(where, t, behaviour);
  const counts = new Map<unknown, number>();
  let n = 0;
  for (const e of episodes) {
    if (!succeeded[e] || ways[e] === null) continue;
    counts.set(ways[e], (counts.get(ways[e]) ?? 0) + 1);
    n++;
  }
  if (!(Number.isSafeInteger(known) && known >= Math.max(1, counts.size))) {
    throw problem("bad-value", {
      where: `${where}, known`,
      given: known,
      wanted: `how many ways there are, at least the ${counts.size} seen`,
    });
  }
  if (known === 1) return 0;
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / n) * (Math.log(count / n) / Math.log(known));
  return Math.max(0, entropy);
}
