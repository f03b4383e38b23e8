/** Disjoint parts of a recording. */
import { problem } from "../problems.ts";
import { permutation, type RandomKey } from "../tensor/random.ts";
import type { DecisionLog, Recording } from "./trajectories.ts";
import { countOf, taken } from "./views.ts";

/** Where each named part ends among n: the running sum of shares, rounded. */
function cuts(
  parts: { readonly [name: string]: number },
  n: number,
  where: string,
): readonly [string, number, number][] {
  const shares = Object.entries(parts);
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  if (shares.some(([, share]) => !(share > 0)) || sum > 1 + 1e-9) {
    throw problem("bad-value", {
      where,
      given: JSON.stringify(parts),
      wanted: "shares above 0 that sum to at most 1",
      next: "For example { train: 0.6, validation: 0.2, test: 0.2 }.",
    });
  }
  let running = 0;
  return shares.map(([name, share]) => {
    const from = Math.round(running * n);
    running += share;
    return [name, from, Math.min(n, Math.round(running * n))];
  });
}

/**
 * Disjoint parts, drawn at random by whole episodes (of a decision log: by rows). Each keeps the recording's order.
 * @example const { train, test } = split(log, { train: 0.8, test: 0.2 }, randomKey(0));
 * @throws Problem "bad-value" unless the shares are positive and sum to at most 1
 */
export function split<R extends Recording, P extends { readonly [name: string]: number }>(
  recording: R,
  parts: P,
  key: RandomKey,
): { readonly [N in keyof P]: R } {
  const n = countOf(recording);
  const order = permutation(n, key);
  const made = cuts(parts, n, "split").map(([name, from, to]) => {
    const part = taken(recording, order.slice(from, to).sort(), `split "${name}": ${to - from} of ${n}`);
    return [name, part] as const;
  });
  return Object.fromEntries(made) as { readonly [N in keyof P]: R };
}

/**
 * Disjoint parts of a decision log in order of time: the first named part is the oldest. What will be asked of a policy is
 * the future, so this is the split to judge one by.
 * @param by the extra column to order by; rows with equal times keep their order
 * @throws Problem "bad-value" when there is no such column of one number a row, or shares are wrong
 */
export function splitByTime<P extends { readonly [name: string]: number }>(
  log: DecisionLog,
  parts: P,
  by = "timestamp",
): { readonly [N in keyof P]: DecisionLog } {
  const times = log.extras[by];
  const n = countOf(log);
  if (times === undefined || times.data.length !== n) {
    throw problem("bad-value", {
      where: "splitByTime",
      given: by,
      wanted: `an extra column with one number a row; there are: ${Object.keys(log.extras).join(", ") || "none"}`,
    });
  }
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => {
    const [x, y] = [times.data[a], times.data[b]];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
  const made = cuts(parts, n, "splitByTime").map(([name, from, to]) => {
    const part = taken(log, order.subarray(from, to), `split by ${by} "${name}": ${to - from} of ${n}`);
    return [name, part] as const;
  });
  return Object.fromEntries(made) as { readonly [N in keyof P]: DecisionLog };
}
