/**
 * A narrow ridge that winds to a summit, and people who never step off it: a recording without one mistake, so that
 * nothing in it says what a step to the side costs. Shared by the offline methods' experiments.
 */
import type { Trajectories } from "repertoire/data";
import { type Environment, simulate, timeLimit } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, type Policy, scripted } from "repertoire/policies";
import { box, discrete } from "repertoire/spaces";
import type { Generator } from "repertoire/tensor";

/** What a step is: a vector, or one of eight directions, short or long. */
export type Steps = "vectors" | "choices";

export const discount = 0.95;
const [summit, halfWidth, longest, prize] = [2, 0.12, 0.1, 10];
const middle = (x: number): number => 0.25 * Math.sin(1.5 * Math.PI * x);
const onRidge = (x: number, y: number): boolean => Math.abs(y - middle(x)) < halfWidth;

type Vector = readonly [x: number, y: number];
const towards = (angle: number, size: number): Vector => [size * Math.cos(angle), size * Math.sin(angle)];
const eighth = Math.PI / 4;
const choiceOf = (angle: number, long: boolean): number => 2 * ((Math.round(angle / eighth) + 8) % 8) + Number(long);
const vectorOf = (choice: number): Vector => towards(Math.floor(choice / 2) * eighth, choice % 2 === 1 ? 1 : 0.4);

const plane = box(-1.5, 1.5, { shape: [2] });
const seen = ([x, y]: Iterable<number>): Float32Array => Float32Array.of(x - 1, y / 0.4);
const placeOf = ([x, y]: Iterable<number>): Vector => [x + 1, 0.4 * y];
const actions = { vectors: box(-1, 1, { shape: [2] }), choices: discrete(16) } as const;

/** Reward 10 on the summit; a step off the ridge ends the episode without. */
export const ridge = (steps: Steps) => (): Environment =>
  timeLimit(
    simulate<Float32Array, Float32Array | number>({
      name: "Ridge",
      observationSpace: plane,
      actionSpace: actions[steps],
      stateSize: 2,
      start(state, random) {
        state[0] = random.between(0, 0.3);
        state[1] = middle(state[0]) + random.between(-0.6, 0.6) * halfWidth;
      },
      advance(state, action) {
        const [x, y] = typeof action === "number" ? vectorOf(action) : action;
        state[0] = Math.max(0, state[0] + longest * x);
        state[1] += longest * y;
        return onRidge(state[0], state[1]) && state[0] >= summit ? prize : 0;
      },
      ended: ([x, y]) => x >= summit || !onRidge(x, y),
      observe: seen,
    }),
    150,
  ) as Environment;

/**
 * Walkers who look where they step. Three times of four they head along the ridge, roughly, else anywhere; most of their
 * steps are short. Going on as most of them do is slow: the long steps among theirs are the quick way.
 */
export const walkers = (steps: Steps): Policy =>
  scripted({
    name: "walkers",
    observationSpace: plane,
    actionSpace: actions[steps],
    decide(observation, random) {
      const at = placeOf(observation as Float32Array);
      for (;;) {
        const { angle, long } = random ? roughly(at, random) : { angle: along(at), long: false };
        const choice = choiceOf(angle, long);
        const size = long ? (random?.between(0.85, 1) ?? 1) : (random?.between(0.3, 0.5) ?? 0.4);
        const [x, y] = steps === "choices" ? vectorOf(choice) : towards(angle, size);
        const [nextX, nextY] = [Math.max(0, at[0] + longest * x), at[1] + longest * y];
        if (random && Math.abs(nextY - middle(nextX)) > 0.95 * halfWidth) continue;
        return { action: steps === "choices" ? choice : Float32Array.of(x, y) };
      }
    },
  });

const along = ([x, y]: Vector): number => Math.atan2(middle(x + 0.15) - y, 0.15);
const roughly = (at: Vector, random: Generator): { readonly angle: number; readonly long: boolean } => ({
  angle: random.uniform() < 0.75 ? along(at) + 0.25 * random.normal() : random.between(-Math.PI, Math.PI),
  long: random.uniform() < 0.3,
});

/** A new recording for each seed. */
export const walked = (steps: Steps, seed: number, episodes: number): Promise<Trajectories> =>
  collect(walkers(steps), ridge(steps), { episodes, seed });

/** Mean discounted return of episodes; the same starts for every arm of a seed. */
export async function climbed(policy: Policy, steps: Steps, seed: number, episodes: number): Promise<number> {
  const deterministic = policy.name !== "walkers";
  const given = { episodes, seed: 1000 + seed, discount, deterministic };
  const { rollouts } = await evaluate(policy, ridge(steps), given);
  return rollouts.episodes.reduce((sum, episode) => sum + episode.discountedReturn, 0) / episodes;
}

/** More than anybody can earn from where the recording went, on average: by the longest steps, straight through the air. */
export function mostPossible({ observation }: Trajectories): number {
  const places = observation.data as Float32Array;
  const rows = observation.shape[0];
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const [x] = placeOf([places[2 * row], places[2 * row + 1]]);
    sum += discount ** (Math.ceil((summit - x) / longest) - 1);
  }
  return (prize * sum) / rows;
}
