/** The two forms of a result. A file holds one of them or a list of one kind. */
import { z } from "zod";

const text = z.string().min(1);
const commit = z.string().regex(/^[0-9a-f]{7,40}(\+changes)?(, [0-9a-f]{7,40}(\+changes)?)*$/, "a git commit");

export const verdicts = ["holds", "does not hold", "inconclusive"] as const;
export type Verdict = (typeof verdicts)[number];

/** `results/P007.json`: what a reproduction measured and what follows from it. */
export const reproductionResult = z
  .strictObject({
    id: z.string().regex(/^[PS]\d{3}$/, "P or S and three digits"),
    name: text,
    /** What the paper says, in a sentence. */
    claim: text,
    /** What the numbers are, with their unit and which way is better. */
    metric: text,
    /** What had to hold between the arms, in words, stated before the run. */
    relation: text,
    /** One number a seed, in the order of `seeds`. */
    arms: z.record(text, z.array(z.number()).min(1)),
    /** Of the quantity the verdict rests on (`notes` names it); null is an open end. */
    interval: z.tuple([z.number().nullable(), z.number().nullable()]),
    verdict: z.enum(verdicts),
    seeds: z.array(z.int().nonnegative()).min(1),
    budget: z.record(text, z.number()),
    /** The commits that ran, "+changes" where the tree held uncommitted ones. */
    commit,
    machine: text,
    /** Summed over arms and seeds. */
    wallSeconds: z.number().nonnegative(),
    notes: z.string(),
  })
  .refine((it) => Object.values(it.arms).every((numbers) => numbers.length === it.seeds.length), {
    error: "each arm holds one number a seed",
  });
export type ReproductionResult = z.infer<typeof reproductionResult>;

/** `results/bench/*.json`: a speed beside a peer's, measured in alternation on one machine. */
export const benchResult = z.strictObject({
  name: text,
  unit: text,
  ours: z.number(),
  peer: z.number(),
  peerName: text,
  /** How many times as good ours is: above 1 is better than the peer, whichever way the unit runs. */
  ratio: z.number().positive(),
  /** Half the range of the middle half of the single ratios. */
  spread: z.number().nonnegative(),
  threads: z.int().positive(),
  machine: text,
  commit,
});
export type BenchResult = z.infer<typeof benchResult>;
