/** A list of numbers in a few. */
import * as z from "zod";
import { ndarray } from "../tensor/ndarray.ts";
import { moments } from "./replay.ts";

export const summarySchema = z.object({
  n: z.int(),
  mean: z.number(),
  /** The sample's: divided by n − 1; 0 for one value. */
  std: z.number(),
  min: z.number(),
  q25: z.number(),
  median: z.number(),
  q75: z.number(),
  max: z.number(),
});

export type Summary = z.output<typeof summarySchema>;

/** The quantile at `q` in [0, 1] of numbers in ascending order: linear between neighbours, as numpy's default. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

export function summarise(values: ArrayLike<number>): Summary | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const { mean, std } = moments(ndarray(sorted));
  const n = sorted.length;
  return {
    n,
    mean: mean[0],
    std: n > 1 ? std[0] * Math.sqrt(n / (n - 1)) : 0,
    min: sorted[0],
    q25: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    q75: quantile(sorted, 0.75),
    max: sorted[n - 1],
  };
}
