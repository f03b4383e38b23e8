/** Five recordings made from one run of DQN, all of one length, in small worlds: the recipes of arXiv:2111.04714. */
import { dqn, type TrainOnlineOptions, trainOnline } from "repertoire/algorithms";
import { concat, type Trajectories } from "repertoire/data";
import {
  type Environment,
  make,
  repeatAction,
  rescaleObservation,
  scaleReward,
  simulate,
  timeLimit,
} from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, openPolicy, type Policy, randomPolicy } from "repertoire/policies";
import { box, type Discrete, discrete } from "repertoire/spaces";
import { fold, generator, type RandomKey, randomKey } from "repertoire/tensor";

export interface ChoiceWorld {
  readonly make: () => Environment;
  /** Decisions after which an episode is cut off. */
  readonly limit: number;
  /** Settings of the run of DQN that everything is made from. */
  readonly online: NonNullable<TrainOnlineOptions<typeof dqn>["options"]>;
  readonly schedule?: NonNullable<TrainOnlineOptions["schedule"]>;
}

/** Twelve by twelve cells, one of them the goal; the way there begins anywhere. Reward, on the goal alone, as in MiniGrid. */
function openGrid(): Environment {
  const side = 12;
  const limit = 60;
  const goal = [9, 8];
  const moves = [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ];
  const inside = (x: number): number => Math.max(0, Math.min(side - 1, x));
  const ended = (s: Float64Array): boolean => s[0] === goal[0] && s[1] === goal[1];
  return timeLimit(
    simulate<Float32Array, number>({
      name: "OpenGrid",
      observationSpace: box(0, 1, { shape: [2 * side] }),
      actionSpace: discrete(4, { names: ["up", "right", "down", "left"] }),
      stateSize: 3,
      start(state, random) {
        do state.set([random.integer(side), random.integer(side), 0]);
        while (ended(state));
      },
      advance(state, action) {
        state.set([inside(state[0] + moves[action][0]), inside(state[1] + moves[action][1]), state[2] + 1]);
        return ended(state) ? 1 - (0.9 * state[2]) / limit : 0;
      },
      ended,
      observe: ([x, y]) => Float32Array.from({ length: 2 * side }, (_, i) => Number(i === x || i === side + y)),
    }),
    limit,
  ) as Environment;
}

export const choiceWorlds = {
  grid: {
    make: openGrid,
    limit: 60,
    online: { learningRate: 1e-3, explorationShare: 0.5 },
  },
  "cart pole": {
    make: () => make("CartPole-v1", { maxSteps: 200 }),
    limit: 200,
    online: { learningRate: 1e-3, discount: 0.98, targetEvery: 200, explorationShare: 0.3 },
    schedule: { every: 16, updates: 8 },
  },
  // Each push is held for six steps, so that a run of this length finds the way out at all.
  "mountain car": {
    make: () =>
      scaleReward(rescaleObservation(repeatAction(make("MountainCar-v0", { maxSteps: 600 }), 6)), { scale: 1 / 6 }),
    limit: 100,
    online: { learningRate: 1e-3, explorationShare: 0.5 },
  },
} satisfies { readonly [name: string]: ChoiceWorld };

export const recipes = ["random", "expert", "mixed", "noisy", "replay"] as const;
export type Recipe = (typeof recipes)[number];

export interface Recipes {
  readonly recordings: { readonly [recipe in Recipe]: Trajectories };
  /** Mean returns of play by lot, and of the best policy that the run of DQN came through. */
  readonly random: number;
  readonly best: number;
}

/** @param steps of the run, and of each recording */
export async function fiveRecipes(
  world: ChoiceWorld,
  { seed, steps, episodes }: { readonly seed: number; readonly steps: number; readonly episodes: number },
): Promise<Recipes> {
  const { make: makeWorld, online, schedule } = world;
  let best: { readonly score: number; readonly bytes: Uint8Array } = { score: -Infinity, bytes: new Uint8Array() };
  const run = await trainOnline(dqn, makeWorld, {
    seed,
    record: true,
    options: { discount: 0.95, batchSize: 64, targetEvery: 100, ...online },
    schedule: { steps, warmup: Math.min(500, Math.floor(steps / 2)), every: 4, updates: 4, ...schedule },
    evaluateEvery: Math.ceil(steps / 10),
    async evaluate(policy) {
      const score = (await evaluate(policy, makeWorld, { episodes, seed: 2000 + seed })).return.value;
      if (score >= best.score) best = { score, bytes: policy.bytes };
      return {};
    },
  });
  await run.policy[Symbol.asyncDispose]();
  await using expert = await openPolicy(best.bytes);
  const lot = randomPolicy(makeWorld());
  const play = (policy: Policy, length: number, more = {}) =>
    collect(policy, makeWorld, { steps: length, seed: 3000 + seed, ...more });
  const long = Math.round(0.8 * steps);
  return {
    recordings: {
      random: await play(lot, steps),
      expert: await play(expert, steps, { deterministic: true }),
      mixed: concat(await play(lot, long), await play(expert, steps - long, { deterministic: true })),
      noisy: await play(sometimesByLot(expert, 0.2), steps),
      replay: run.played!,
    },
    random: (await evaluate(lot, makeWorld, { episodes: 10 * episodes, seed: 4000 + seed, deterministic: false }))
      .return.value,
    best: best.score,
  };
}

/** The policy's best action, or with probability ε any. */
function sometimesByLot(policy: Policy, epsilon: number): Policy {
  const { name, observationSpace, actionSpace } = policy;
  const choices = (actionSpace as Discrete).n;
  const taken = (best: number, key: RandomKey): number => {
    const chance = generator(fold(key, "by lot"));
    return chance.uniform() < epsilon ? chance.integer(choices) : best;
  };
  return {
    ...{ name: `${name}, ε = ${epsilon}`, observationSpace, actionSpace },
    async act(observation, { key = randomKey(0) } = {}) {
      const { action } = await policy.act(observation, { deterministic: true });
      return { action: taken(action as number, key), info: {} };
    },
    async actBatch(observations, { key = randomKey(0), keys } = {}) {
      const { action } = await policy.actBatch(observations, { deterministic: true });
      const data = Int32Array.from(action.data as Int32Array, (best, row) =>
        taken(best, keys?.[row] ?? fold(key, row)),
      );
      return { action: { shape: action.shape, dtype: "int32", data }, info: {} };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
