/** Returns of recorded rewards. */

/**
 * Sum of rewards, each worth less the longer it is waited for.
 * @example discounted([1, 1, 1], 0.5) // => 1.75
 */
export const discounted = (rewards: ArrayLike<number>, discount: number): number => {
  let later = 0;
  for (let t = rewards.length - 1; t >= 0; t--) later = rewards[t] + discount * later;
  return later;
};

/**
 * The discounted return from each step to the end.
 * @example returnsToGo([1, 1, 1], 0.5) // => [1.75, 1.5, 1]
 */
export function returnsToGo(rewards: ArrayLike<number>, discount: number): Float64Array {
  const out = new Float64Array(rewards.length);
  let later = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    later = rewards[t] + discount * later;
    out[t] = later;
  }
  return out;
}
