/** What a reproduction is: a published claim as an experiment that can fail, stated before it runs. */
import { differenceOfMeans, meanEstimate, pairedDifference } from "repertoire/evaluation";
import { problem } from "repertoire/problems";
import type { Verdict } from "../results/schema.ts";

/** Numbers that say how much is run, by name, e.g. { steps: 50_000, episodes: 100 }. */
export type Budget = { readonly [name: string]: number };

/** One number a seed, in the order of the seeds. */
export type Arms<A extends string = string> = { readonly [arm in A]: readonly number[] };

export interface Job<A extends string = string, B extends Budget = Budget> {
  readonly arm: A;
  readonly seed: number;
  readonly budget: B;
  /** Call it now and then with the fraction done, in [0, 1]. */
  readonly progress: (fraction: number) => void;
}

type Together<A extends string, B extends Budget> = (
  job: Omit<Job<A, B>, "arm">,
) => Promise<{ readonly [arm in A]: number }>;

export interface Judgement {
  /** Of the quantity the verdict rests on; an end may be infinite. */
  readonly interval: readonly [number, number];
  readonly verdict: Verdict;
  /** Names that quantity and says what was seen. */
  readonly notes: string;
}

export interface Reproduction<A extends string = string, B extends Budget = Budget> {
  /** P and three digits, the number in the catalogue, or S and three digits for what the catalogue stands on; the file's name begins with it. */
  readonly id: string;
  readonly name: string;
  /** What the paper says, in a sentence, with its citation. */
  readonly claim: string;
  /** What one number is, with unit and direction, e.g. "mean return of 100 episodes, higher is better". */
  readonly metric: string;
  /** What must hold between the arms for the claim to hold, in words. */
  readonly relation: string;
  /** What each arm runs, baselines included. */
  readonly arms: { readonly [arm in A]: string };
  readonly seeds: readonly number[];
  /** `tiny` takes about a second an arm: it shows crashes and chance, never the claim. */
  readonly budget: { readonly full: B; readonly tiny: B };
  /** The metric of one arm at one seed: a function of its arguments alone. */
  readonly run: (job: Job<A, B>) => Promise<number>;
  /** Where the arms come out of one piece of work: all of them at one seed. */
  readonly together?: Together<A, B>;
  /** Computed from the numbers alone. */
  readonly verdict: (arms: Arms<A>) => Judgement;
}

/** What a definition gives: `run` or `together`. */
type Defined<A extends string, B extends Budget> = Omit<Reproduction<A, B>, "run" | "together"> &
  (Pick<Reproduction<A, B>, "run"> | { readonly together: Together<A, B> });

/** Checks the definition. @throws Problem "bad-value" naming the field */
export function defineReproduction<const A extends string, B extends Budget>(it: Defined<A, B>): Reproduction {
  const wrong = (field: string, given: unknown, wanted: string): Error =>
    problem("bad-value", { where: `reproduction ${it.id}: ${field}`, given, wanted });
  if (!/^[PS]\d{3}$/.test(it.id))
    throw wrong("id", it.id, `P (of the catalogue) or S (of what it stands on) and three digits, e.g. "P007"`);
  if (Object.keys(it.arms).length < 2) throw wrong("arms", Object.keys(it.arms).join(), "at least two, one a baseline");
  if (it.seeds.length === 0 || new Set(it.seeds).size < it.seeds.length)
    throw wrong("seeds", it.seeds.join(), "different seeds, at least one");
  const run = async ({ arm, ...job }: Job<A, B>): Promise<number> =>
    (await (it as { together: Together<A, B> }).together(job))[arm];
  return { run, ...it } as unknown as Reproduction;
}

type Relation<A extends string> = (arms: Arms<A>) => Judgement;

/**
 * `first` beats `second` with non-overlapping 95% intervals of the two means. Intervals that overlap show neither that
 * it does nor that it does not, unless the difference (Welch) is itself below 0.
 */
export const beats =
  <A extends string>(first: A, second: A): Relation<A> =>
  (arms) => {
    const [a, b] = [meanEstimate(arms[first]), meanEstimate(arms[second])];
    const { value, interval } = differenceOfMeans(arms[first], arms[second]);
    const apart = a.interval[0] > b.interval[1];
    const verdict = apart ? "holds" : interval[1] < 0 ? "does not hold" : "inconclusive";
    const how = `${first} ${shown(a.value, a.interval)}, ${second} ${shown(b.value, b.interval)}, intervals ${apart ? "apart" : "not apart in that order"}`;
    return { interval, verdict, notes: `${first} − ${second} = ${shown(value, interval)} (Welch, 95%): ${how}.` };
  };

/** `first` − `second`, paired by seed, is more than `margin` (95% interval of Student's t). */
export const exceeds =
  <A extends string>(first: A, second: A, margin = 0): Relation<A> =>
  (arms) => {
    const { value, interval } = pairedDifference(arms[first], arms[second]);
    const verdict = interval[0] > margin ? "holds" : interval[1] <= margin ? "does not hold" : "inconclusive";
    const notes = `${first} − ${second}, paired by seed = ${shown(value, interval)} (Student t, 95%) against a margin of ${margin}.`;
    return { interval, verdict, notes };
  };

/** All of the relations: fails with the first that does not hold, else is open with the first that is inconclusive. */
export const all =
  <A extends string>(...relations: readonly Relation<A>[]): Relation<A> =>
  (arms) => {
    const judgements = relations.map((relation) => relation(arms));
    const worst = (["does not hold", "inconclusive", "holds"] as const)
      .map((verdict) => judgements.find((it) => it.verdict === verdict))
      .find((it) => it !== undefined);
    if (worst === undefined) throw problem("bad-value", { where: "all", given: "no relation", wanted: "at least one" });
    return { ...worst, notes: judgements.map((it) => it.notes).join(" ") };
  };

const shown = (value: number, [low, high]: readonly [number, number]): string =>
  `${value.toPrecision(3)} [${low.toPrecision(3)}, ${high.toPrecision(3)}]`;
