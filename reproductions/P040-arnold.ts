import { bcLanguage, train } from "repertoire/algorithms";
import { concat, filterEpisodes, type Trajectories } from "repertoire/data";
import {
  type Environment,
  type EnvironmentOptions,
  type Info,
  make,
  recordEpisodes,
  tabletopExpert,
  tabletopSplits,
  tabletopTasks,
} from "repertoire/envs";
import { rollouts } from "repertoire/evaluation";
import { collect, demonstratorPolicy, type Policy } from "repertoire/policies";
import { all, defineReproduction, exceeds } from "./reproduction.ts";

type Reads = "words" | "phrases";

/** Successes of each task's expert, in a world that shakes its hand, so that it is seen to correct itself. */
async function demonstrations(
  names: readonly string[],
  each: number,
  reads: Reads,
  seed: number,
): Promise<Trajectories> {
  const parts: Trajectories[] = [];
  for (const [i, name] of names.entries()) {
    const world = (): Environment => {
      const env = make(name, { reads });
      env.perturb!({ systemNoise: 0.15 });
      return env;
    };
    const expert = demonstratorPolicy(tabletopExpert(name, { options: { reads } }));
    const tried = await collect(expert, world, { episodes: 2 * each, seed: 100 * seed + i, info: ["goal"] });
    const succeeded = filterEpisodes(tried, (it) => it.return === 1);
    parts.push(filterEpisodes(succeeded, ({ index }) => index < each));
  }
  return concat(parts[0], ...parts.slice(1));
}

/** What is said at the ends of episodes, as many of each task. */
async function ends(
  names: readonly string[],
  policy: (name: string) => Policy,
  worlds: EnvironmentOptions,
  each: number,
  seed: number,
): Promise<readonly Info[]> {
  const last: Info[] = [];
  for (const [i, name] of names.entries()) {
    const world = (): Environment => recordEpisodes(make(name, worlds), ({ finalInfo }) => last.push(finalInfo));
    await rollouts(policy(name), world, { episodes: each, parallel: each, seed: 100 * seed + i });
  }
  return last;
}

/** Share of episodes, %. */
const percent = (of: readonly Info[], name: "success" | "reached"): number =>
  (100 * of.filter((info) => info[name] === true).length) / of.length;

/** Mean of state − goal over the episodes with this goal, points. */
function signedError(of: readonly Info[], goal: number): number {
  const errors = of
    .filter((info) => Math.round(100 * Number(info.goal)) === goal)
    .map(({ error }) => 100 * Number(error));
  return errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
}

const learners = {
  phrase: { reads: "phrases", goal: "code", numbers: false },
  text: { reads: "words", goal: "code", numbers: false },
  "text with worths": { reads: "words", goal: "code", numbers: true },
  "value head": { reads: "words", goal: "amount", numbers: true },
  "value head with digits": { reads: "words", goal: "amount", numbers: false },
} as const;
type Learner = keyof typeof learners;
const learnerNames = Object.keys(learners) as Learner[];

const meaning: { readonly [L in Learner]: string } = {
  phrase: "cloning told the goal as one of the phrases it was shown (discretised)",
  text: "cloning with a text encoder that reads digits as signs",
  "text with worths": "cloning with a text encoder that reads what numerals are worth, without a head",
  "value head": "the same with a head that says the goal's amount",
  "value head with digits": "the head, and digits as signs: the mechanism switched off",
};

const novelGoals = [32, 68];
const arms: { readonly [arm: string]: string } = Object.fromEntries([
  ...learnerNames.flatMap((learner) => [
    ...tabletopSplits.map((split) => [`${learner}: ${split}`, meaning[learner]]),
    ...novelGoals.map((goal) => [`${learner}: error at ${goal}%`, "mean of state − goal, points, signed"]),
  ]),
  ["phrase: novel-state, reached", "as it would look if to have been near enough at some moment were enough"],
  ["never stops: held", "the expert without stopping, train"],
  ["never stops: reached", "the same, near enough at some moment"],
  ["expert: train", "what was demonstrated, without the shaking"],
]);

// History, on seed 0: with 2,000 updates at rate 1e-3 hands stopped tilting too soon and 60 to 70% succeeded in train; 6,000 at 2e-3
// gave 97 to 99, 5,000 92 to 98. With amounts 20, 30, 50, 60, 70, 90, 100 and 40 and 80 new (tolerance 5) phrases did 13% of
// what was new, digits 9, and worths 100 without a head as with one. Digits were then given amounts whose every digit they
// know in its place (22 and 38 for 32), eight, six or fifteen of them, tolerance 4 or 7: none of what was new, though with
// eight the error was smaller than the phrases'. The four new objects were moved further from the eight, so that what
// is new about them is outside in each; with the first four, successes fell by 17 to 26.
export const reproduction = defineReproduction({
  id: "P040",
  name: "ARNOLD: goals that are amounts",
  claim:
    "Policies told by a sentence to bring an object's continuous state to an amount fail on amounts, scenes and objects they have not seen (Gong and others 2023, arXiv:2304.04321); here, a goal given as one of a few phrases does not generalise to an amount between them, and one read as a number does.",
  metric:
    "episodes whose object is within 4 points of the amount for the last 2 s, %, higher is better; in arms with error, points of the state; with reached, % near enough at some moment",
  relation:
    "phrase, text and value head: train at least 70, novel-object and novel-scene at least 15 below train; novel-state: phrase at most 20, value head at least 50, text above phrase and below value head, value head above value head with digits; each with a paired 95% interval",
  arms,
  seeds: [10, 11, 12, 13, 14],
  budget: {
    full: { tasks: 8, demonstrations: 40, steps: 4000, hidden: 128, code: 32, unroll: 8, episodes: 16 },
    tiny: { tasks: 1, demonstrations: 1, steps: 1, hidden: 4, code: 2, unroll: 1, episodes: 1 },
  },
  async together({ seed, budget, progress }) {
    const { tasks, demonstrations: each, steps, hidden, code, unroll, episodes } = budget;
    const names = tabletopTasks.slice(0, tasks).map((task) => `Tabletop-${task}-v0`);
    const values: Record<string, number> = {};
    const shown = {
      words: await demonstrations(names, each, "words", seed),
      phrases: await demonstrations(names, each, "phrases", seed),
    };
    const tried = (policy: (name: string) => Policy, options: EnvironmentOptions) =>
      ends(names, policy, options, episodes, seed);
    for (const [i, learner] of learnerNames.entries()) {
      const { reads, ...told } = learners[learner];
      const options = { ...told, steps, hidden: [hidden, hidden], code, batchSize: 128, learningRate: 2e-3 };
      await using policy = (await train(bcLanguage, shown[reads], { seed, unroll, options })).policy;
      for (const split of tabletopSplits) {
        const last = await tried(() => policy, { split, reads });
        values[`${learner}: ${split}`] = percent(last, "success");
        if (split !== "novel-state") continue;
        for (const goal of novelGoals) values[`${learner}: error at ${goal}%`] = signedError(last, goal);
        if (learner === "phrase") values["phrase: novel-state, reached"] = percent(last, "reached");
      }
      progress((i + 1) / (learnerNames.length + 1));
    }
    const expert = (stops: boolean) => (name: string) => demonstratorPolicy(tabletopExpert(name, { stops }));
    const stopping = await tried(expert(true), {});
    const going = await tried(expert(false), {});
    values["expert: train"] = percent(stopping, "success");
    values["never stops: held"] = percent(going, "success");
    values["never stops: reached"] = percent(going, "reached");
    return values;
  },
  verdict(numbers) {
    const level = (value: number): readonly number[] => numbers["expert: train"].map(() => value);
    const named: { readonly [arm: string]: readonly number[] } = {
      ...numbers,
      "70": level(70),
      "50": level(50),
      "20": level(20),
    };
    return all<string>(
      ...["phrase", "text", "value head"].flatMap((learner) => [
        exceeds<string>(`${learner}: train`, "70"),
        exceeds<string>(`${learner}: train`, `${learner}: novel-object`, 15),
        exceeds<string>(`${learner}: train`, `${learner}: novel-scene`, 15),
      ]),
      exceeds<string>("20", "phrase: novel-state"),
      exceeds<string>("text: novel-state", "phrase: novel-state"),
      exceeds<string>("value head: novel-state", "text: novel-state"),
      exceeds<string>("value head: novel-state", "50"),
      exceeds<string>("value head: novel-state", "value head with digits: novel-state"),
    )(named);
  },
});
