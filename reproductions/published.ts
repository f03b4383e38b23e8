/** A method held against the score that others published for it, in the same world at the same number of steps. */
import type { TrainedOnline } from "repertoire/algorithms";
import { make, prepare } from "repertoire/envs";
import { aggregate, evaluate, meanEstimate } from "repertoire/evaluation";
import { randomPolicy } from "repertoire/policies";
import { randomKey } from "repertoire/tensor";
import beside from "./baselines/stable-baselines3.json" with { type: "json" };
import { type Arms, type Budget, defineReproduction, type Reproduction } from "./reproduction.ts";

/** What baselines/sb3.py measured, one score a seed. */
export const peerOf = (arm: keyof typeof beside.scores): readonly number[] => Object.values(beside.scores[arm]);

export interface PublishedScore {
  /** The environment's name. */
  readonly world: string;
  /** What runs, with the settings that differ from the method's own. */
  readonly what: string;
  /** Mean return that was published. */
  readonly score: number;
  /** Where, after how many steps, of how many runs. */
  readonly source: string;
  /** Steps in all; the budget's share of them is played. */
  readonly steps: number;
  /** Whether actions are drawn when it is judged, as they were where it was published, in place of the best ones. */
  readonly drawn?: boolean;
  /** Scores of Stable-Baselines3 in this very world, at the same settings, steps and episodes (see baselines/). */
  readonly beside?: readonly number[];
  readonly learn: (run: {
    readonly seed: number;
    readonly steps: number;
    readonly world: string;
  }) => Promise<TrainedOnline>;
}

export interface PublishedScores {
  readonly id: string;
  readonly name: string;
  readonly claim: string;
  /** By arm; every world gets an arm of play by lot beside them. */
  readonly scores: { readonly [arm: string]: PublishedScore };
  readonly seeds?: readonly number[];
  /** Episodes a policy is judged by. Default 100. */
  readonly episodes?: number;
}

/** How much of the way from play by lot to the published score must be reached; published scores are means of few runs. */
const wanted = 0.9;

const byLot = (world: string): string => `${world}, by lot`;

/** One arm a score, and one a world for play by lot, from which and to which the way is measured. */
export function publishedScores(given: PublishedScores): Reproduction {
  const { id, name, claim, scores, seeds = [0, 1, 2, 3, 4], episodes = 100 } = given;
  const worlds = [...new Set(Object.values(scores).map(({ world }) => world))];
  const described = Object.entries(scores).map(([arm, { what, score, source, drawn }]) => [
    arm,
    `${what}; ${drawn ? "actions are drawn, as there; " : ""}published: ${score} (${source})`,
  ]);
  return defineReproduction<string, Budget>({
    id,
    name,
    claim,
    metric: `mean return of ${episodes} episodes of the learned policy's best actions (or drawn ones, where it was published so) after the last step, higher is better`,
    relation: `in every arm the interquartile mean over seeds comes ${100 * wanted}% of the way from play by lot to the published score, with its whole 95% interval (bootstrap over seeds)`,
    arms: Object.fromEntries([
      ...described,
      ...worlds.map((world) => [byLot(world), "actions drawn by lot: where the way begins"]),
    ]),
    seeds,
    budget: { full: { share: 1, episodes }, tiny: { share: 0, episodes: 1 } },
    async run({ arm, seed, budget: { share, episodes }, progress }) {
      const given = scores[arm];
      const world = given?.world ?? worlds.find((one) => byLot(one) === arm)!;
      await prepare(world);
      const starts = { episodes, seed: 1000 + seed };
      if (given === undefined) {
        const policy = randomPolicy(make(world));
        return (await evaluate(policy, () => make(world), { ...starts, deterministic: false })).return.value;
      }
      const { policy: learned } = await given.learn({ seed, world, steps: Math.max(300, share * given.steps) });
      progress(0.95);
      await using policy = learned;
      return (await evaluate(policy, () => make(world), { ...starts, deterministic: !given.drawn })).return.value;
    },
    verdict(arms: Arms<string>) {
      const iqm = (values: readonly number[]) => aggregate([values], { key: randomKey(0) }).iqm;
      const judged = Object.entries(scores).map(([arm, { world, score }]) => {
        const lot = meanEstimate(arms[byLot(world)]).value;
        const { value, interval } = iqm(arms[arm]);
        const way = (at: number): number => (at - lot) / (score - lot);
        return { arm, score, lot, value, interval, way: [way(interval[0]), way(interval[1])] as const };
      });
      const worst = judged.reduce((a, b) => (b.way[0] < a.way[0] ? b : a));
      const behind = judged.find(({ way }) => way[1] < wanted);
      const shown = (x: number): string => x.toPrecision(4);
      const notes = judged.map(({ arm, score, lot, value, interval: [low, high] }) => {
        const { beside = [] } = scores[arm];
        const theirs = beside.length > 0 ? `, Stable-Baselines3 in this very world ${beside.join(", ")}` : "";
        return `${arm}: IQM ${shown(value)} [${shown(low)}, ${shown(high)}]${theirs}, published ${score}, by lot ${shown(lot)}.`;
      });
      return {
        interval: (behind ?? worst).way,
        verdict: behind ? "does not hold" : worst.way[0] >= wanted ? "holds" : "inconclusive",
        notes: `Interval: share of the way in the arm that comes least far (${(behind ?? worst).arm}). ${notes.join(" ")}`,
      };
    },
  });
}
