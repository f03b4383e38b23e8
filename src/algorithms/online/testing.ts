/** A world to learn in within a test: stay near the middle of a line. */
import { fromEpisodes, type Trajectories } from "../../data/index.ts";
import { type Environment, simulate, timeLimit } from "../../envs/index.ts";
import { box, discrete, multiDiscrete } from "../../spaces/index.ts";
import type { AnyAlgorithm } from "../define.ts";

type Kind = "continuous" | "discrete" | "multi-discrete";

const spaces = {
  continuous: box(-2, 2, { shape: [1] }),
  discrete: discrete(3),
  "multi-discrete": multiDiscrete([3, 2]),
};

/** −1, 0 or 1 by a choice, a number by a vector. */
const push = (action: unknown): number =>
  typeof action === "number"
    ? action - 1
    : Number((action as Float32Array)[0]) / (action instanceof Int32Array ? 1 : 2);

/** Observation [place, drift]; the reward is minus the distance from 0; ends beyond ±2, and after 12 steps is cut off. */
export const line = (kind: Kind): Environment =>
  timeLimit(
    simulate<Float32Array, never>({
      name: "Line-v0",
      observationSpace: box([-4, -1], [4, 1]),
      actionSpace: spaces[kind],
      stateSize: 2,
      start(state, random) {
        state[0] = random.between(-1, 1);
        state[1] = random.between(-0.3, 0.3);
      },
      advance(state, action, random) {
        state[0] += 0.4 * (push(action) - (kind === "multi-discrete" ? 1 : 0)) + state[1] + 0.05 * random.normal();
        return -Math.abs(state[0]);
      },
      ended: (state) => Math.abs(state[0]) > 2,
      observe: (state) => Float32Array.of(Math.max(-4, Math.min(4, state[0])), state[1]),
    }),
    12,
  );

export const kindsFor = ({ actions }: { readonly actions: Kind | "any" }): readonly Kind[] =>
  actions === "any" ? ["continuous", "discrete", "multi-discrete"] : [actions];

/** What methods that imitate are shown: somebody who walks to the middle of the line and stays. */
export const walked = (): Trajectories => {
  const world = line("continuous");
  const episodes = Array.from({ length: 6 }, (_, e) => {
    const observations = [world.reset({ seed: e }).observation];
    const actions: Float32Array[] = [];
    for (let over = false; !over; ) {
      const [place, drift] = observations[observations.length - 1] as Float32Array;
      actions.push(Float32Array.of(Math.max(-2, Math.min(2, -5 * (place + drift)))));
      const step = world.step(actions[actions.length - 1]);
      observations.push(step.observation);
      over = step.terminated || step.truncated;
    }
    return { observations, actions, rewards: actions.map(() => 0), terminated: false };
  });
  const { observationSpace, actionSpace } = world;
  return fromEpisodes(episodes, { observationSpace, actionSpace });
};

/** What a method needs beside a world, and nothing more. */
export const shownTo = ({ learnsFrom }: AnyAlgorithm): { readonly demonstrations?: Trajectories } =>
  learnsFrom === "imitations" ? { demonstrations: walked() } : {};

/** Small enough for a test. */
export const tinyOnline = {
  options: { hidden: [8], memory: 8, stretch: 8, batchSize: 16, horizon: 16, worlds: 2, epochs: 2, steps: 192 },
  schedule: { steps: 192, worlds: 2, warmup: 32, every: 8, updates: 4, capacity: 100 },
};
