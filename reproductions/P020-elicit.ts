import { type CompatibilityBase, compatibilityBase, elicit, judgeDemonstrations } from "repertoire/algorithms";
import { concat, type Trajectories, takeEpisodes } from "repertoire/data";
import { type Environment, simulate, timeLimit } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, type Policy, scripted } from "repertoire/policies";
import { box } from "repertoire/spaces";
import { generator, randomKey } from "repertoire/tensor";
import { type Arms, all, defineReproduction, exceeds, type Judgement } from "./reproduction.ts";

// Found by search, on seeds 100 to 102: Avoid with several rows of obstacles, then this world with several walls, noises, paces, starts, base sizes,
// numbers of updates and of bad moments allowed. In many the gate let the opposite user in, or the base left nothing to gain; what is
// judged was chosen because the gate worked and the base had room. Elicited less base was about +0.01 there, too.
// A peg in the lower left corner behind a wall: left first and then down passes above it, down first and then left beside
// it, and the mean of the two ways runs into it.
const peg = 0.1;
const wall = { from: 0.14, to: 0.54 } as const;
const stride = 0.05;
const plane = box(-1, 2, { shape: [2] });
const motion = box(-1, 1, { shape: [2] });

/** Where episodes start: [least x, most x, least y, most y]. */
type Region = readonly [number, number, number, number];
const known: Region = [0.55, 0.9, 0.55, 0.9];
/** Beyond the peg, from where nobody of the base ever came: the way is to the right. */
const novel: Region = [-0.6, -0.3, 0.55, 0.9];

const world =
  ([x0, x1, y0, y1]: Region) =>
  (): Environment => {
    const inWall = (s: Float64Array): boolean =>
      s[0] > wall.from && s[0] < wall.to && s[1] > wall.from && s[1] < wall.to;
    const there = (s: Float64Array): boolean => Math.hypot(s[0] - peg, s[1] - peg) < 0.06;
    return timeLimit(
      simulate<Float32Array, Float32Array>({
        name: "Peg",
        observationSpace: plane,
        actionSpace: motion,
        stateSize: 2,
        start: (state, random) => state.set([random.between(x0, x1), random.between(y0, y1)]),
        advance(state, action, random) {
          for (const axis of [0, 1]) {
            state[axis] += stride * (action[axis] + 0.05 * random.normal());
            state[axis] = Math.max(-1, Math.min(2, state[axis]));
          }
          return there(state) ? 1 : 0;
        },
        ended: (state) => there(state) || inWall(state),
        observe: (state) => Float32Array.from(state),
        info: (state) => ({ success: there(state) }),
      }),
      100,
    ) as Environment;
  };

type Style = "left first" | "down first";

/** A person with a style and a pace, a little shaky. */
const person = (style: Style, pace = 0.6): Policy =>
  scripted({
    name: style,
    observationSpace: plane,
    actionSpace: motion,
    decide(observation, random) {
      const [x, y] = observation as Float32Array;
      const [toX, toY] = [peg - x, peg - y];
      const first = style === "left first" ? toX : toY;
      const acrossFirst = (style === "left first") === Math.abs(first) > 0.04;
      const towards = (way: number): number => Math.max(-1, Math.min(1, way / stride));
      const wanted = acrossFirst ? [towards(toX), 0] : [0, towards(toY)];
      const shaken = wanted.map((w) => Math.max(-1, Math.min(1, pace * w + 0.1 * (random?.normal() ?? 0))));
      return { action: Float32Array.from(shaken) };
    },
  });

interface User {
  readonly style: Style;
  readonly pace?: number;
  readonly from?: Region;
}

const demonstrations = async ({ style, pace, from = known }: User, episodes: number, seed: number) =>
  await collect(person(style, pace), world(from), { episodes, seed });

type Tuning = { readonly [quantity in "base" | "added" | "steps" | "episodes"]: number };

const learned = async (recording: Trajectories, seed: number, { steps }: Tuning): Promise<CompatibilityBase> =>
  await compatibilityBase(recording, {
    seed,
    options: { hidden: [32, 32], steps, batchSize: 64, learningRate: 3e-3 },
  });

/** Share of episodes from known starts in which the mean of the ensemble reaches the peg. */
async function success({ policy }: CompatibilityBase, seed: number, { episodes }: Tuning): Promise<number> {
  const { rollouts } = await evaluate(policy, world(known), { episodes, seed: 5000 + seed });
  return rollouts.episodes.filter((episode) => episode.success).length / episodes;
}

/** Without the gate: an error is bad wherever it is. */
const ungated = (base: CompatibilityBase): CompatibilityBase => ({
  ...base,
  thresholds: { ...base.thresholds, novelty: Number.POSITIVE_INFINITY },
});

const acceptance = { mostBad: 0.1 };

/** Somebody of the opposite style who, once rejected and shown why, takes up the base's with chance 0.7. */
async function elicited(base: CompatibilityBase, seed: number, { added }: Tuning): Promise<Trajectories> {
  const random = generator(randomKey(7000 + seed));
  let style: Style = "down first";
  const { recording } = await elicit(
    base,
    async ({ number, attempt, rejected }) => {
      if (rejected && random.uniform() < 0.7) style = style === "down first" ? "left first" : style;
      return await demonstrations({ style }, 1, 100_000 + 1000 * seed + 10 * number + attempt);
    },
    { episodes: added, attempts: 8, ...acceptance },
  );
  return recording;
}

const users: { readonly [name: string]: User } = {
  same: { style: "left first" },
  slower: { style: "left first", pace: 0.3 },
  opposite: { style: "down first" },
  novel: { style: "left first", from: novel },
};

/** The mean over seeds of one arm is at least this. */
const least =
  (arm: string, bound: number) =>
  (arms: Arms): Judgement =>
    exceeds("share", "bound", 0)({ share: arms[arm], bound: arms[arm].map(() => bound) });

// History: settings were chosen on seeds 100 to 102. A hand through rows of obstacles came first; there styles part early, and
// nearly all of the opposite user's path is as new to the base as a novel start is, so the gate lets it pass (2 to 5% bad
// steps) while error alone tells it apart. Hence starts spread widely before the ways part. With 600 and more updates the
// members agree on the base so closely that its novelty at the 95% quantile is tiny, with the same effect: hence 200.
export const reproduction = defineReproduction({
  id: "P020",
  name: "Eliciting compatible demonstrations",
  claim:
    "Valid demonstrations in another style can lower a cloned policy's success; a measure of error and novelty tells them from welcome ones, filters them, and shown to whoever demonstrates elicits some that help (Gandhi, Karamcheti, Liao, Sadigh 2022, arXiv:2210.08073).",
  metric:
    "share of 200 episodes in which the ensemble's mean reaches the peg, from starts the base knows; 'accepted': share of a user's demonstrations that are accepted",
  relation:
    "all the opposite user's demonstrations make it worse than the base alone, filtered ones do not (5 points at most), elicited ones are better than filtered ones and 10 points better than the base; at least 0.8 of the novel-start user's are accepted, and more than by error alone",
  arms: {
    base: "cloning of the base user alone",
    all: "with all of the opposite user's demonstrations, as many again",
    filtered: "with those of them that are accepted",
    elicited: "with as many from the same user, who switches style with chance 0.7 after each rejection",
    "same, accepted": "a new user with the base's style",
    "slower, accepted": "the same at half the pace",
    "opposite, accepted": "the opposite user, who is told nothing",
    "novel, accepted": "the base's style from starts that the base does not know",
    "same, accepted by error alone": "without the novelty gate",
    "opposite, accepted by error alone": "without the novelty gate",
    "novel, accepted by error alone": "without the novelty gate: the mechanism switched off",
  },
  seeds: [10, 11, 12, 13, 14],
  budget: {
    full: { base: 12, added: 12, steps: 200, episodes: 200 },
    tiny: { base: 3, added: 1, steps: 8, episodes: 4 },
  },
  async run({ arm, seed, budget, progress }) {
    const first = await demonstrations(users.same, budget.base, 1000 * seed);
    await using base = await learned(first, seed, budget);
    progress(0.4);
    const [who, measured] = arm.split(", ");
    if (measured !== undefined) {
      const given = await demonstrations(users[who], 20, 1000 * seed + 1);
      const judge = measured.endsWith("alone") ? ungated(base) : base;
      const judged = await judgeDemonstrations(judge, given, acceptance);
      return judged.filter(({ accepted }) => accepted).length / judged.length;
    }
    if (arm === "base") return await success(base, seed, budget);
    if (arm === "elicited") {
      await using next = await learned(await elicited(base, seed, budget), seed, budget);
      return await success(next, seed, budget);
    }
    const given = await demonstrations(users.opposite, budget.added, 1000 * seed + 1);
    const judged = await judgeDemonstrations(base, given, acceptance);
    const kept = judged.flatMap(({ accepted }, e) => (accepted || arm === "all" ? [e] : []));
    await using next = await learned(concat(first, takeEpisodes(given, kept)), seed, budget);
    return await success(next, seed, budget);
  },
  verdict: all<string>(
    exceeds("base", "all"),
    exceeds("filtered", "base", -0.05),
    exceeds("elicited", "filtered"),
    exceeds("elicited", "base", 0.1),
    least("novel, accepted", 0.8),
    exceeds("novel, accepted", "novel, accepted by error alone"),
  ),
});
