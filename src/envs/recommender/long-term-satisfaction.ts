/**
 * Chocolate or kale: what attracts now wears satisfaction down (the environment of RecSim, Ie et al. 2019, arXiv
 * 1909.04847, as P077 Sim2Rec uses it, arXiv 2305.04832).
 */
import { box } from "../../spaces/make.ts";
import type { Environment } from "../environment.ts";
import { type ParameterValues, parameter, withValues } from "../parameters.ts";
import { block, label } from "../scene.ts";
import { simulate } from "../simulation.ts";

/** As options of `make` they set the world's own values: P077 trains on some and tests on others. */
const satisfactionParameters = {
  chocolate: parameter(5, 0, 20, "mean engagement with what is all bait, fully satisfied"),
  kale: parameter(4, 0, 20, "mean engagement with what is none, fully satisfied"),
  chocolateSpread: parameter(1, 0, 5, "standard deviation of the first"),
  kaleSpread: parameter(1, 0, 5, "standard deviation of the second"),
  memory: parameter(0.7, 0, 0.99, "share of the exposure that is remembered at the next step"),
  sensitivity: parameter(0.01, 0, 2, "how strongly exposure tells on satisfaction"),
  innovation: parameter(0.05, 0, 1, "standard deviation of the exposure's own change"),
  users: parameter(0, 0, 5, "standard deviation between users of the first of these"),
};

export interface SatisfactionOptions extends Partial<ParameterValues<typeof satisfactionParameters>> {
  readonly name?: string;
}

export const satisfactionOptionNames = Object.keys(satisfactionParameters);

const [exposureAt, engagementAt, baitAt, stepAt, ownAt] = [0, 1, 2, 3, 4];
const scale = 10;
const horizon = 140;

/**
 * Action: how much bait is in what is shown, 0 (kale) to 1 (chocolate). Reward: engagement, normal about (bait ·
 * chocolate + (1 − bait) · kale) · satisfaction, where satisfaction = 1 / (1 + exp(−sensitivity · exposure)) and then
 * exposure ← memory · exposure − 2 (bait − ½) + noise. Observation: last engagement / 10, last bait, steps / 140.
 * Satisfaction and exposure are hidden; info has them. `make` cuts it off after 140 steps.
 * @throws Problem "bad-option"
 */
export function longTermSatisfaction(options: SatisfactionOptions = {}): Environment<Float32Array, Float32Array> {
  const { name = "LongTermSatisfaction" } = options;
  const satisfied = (exposure: number, sensitivity: number): number => 1 / (1 + Math.exp(-sensitivity * exposure));
  return simulate<Float32Array, Float32Array, typeof satisfactionParameters>({
    name,
    observationSpace: box([-Infinity, 0, 0], [Infinity, 1, Infinity]),
    actionSpace: box(0, 1, { shape: [1] }),
    stateSize: 5,
    parameters: withValues(name, satisfactionParameters, { ...options }),
    start(state, random, p) {
      state.fill(0);
      state[exposureAt] = (random.uniform() - 0.5) / (1 - p.memory);
      state[ownAt] = p.users > 0 ? p.users * random.normal() : 0;
    },
    advance(state, action, random, p) {
      const bait = Math.max(0, Math.min(1, action[0]));
      const mean = bait * (p.chocolate + state[ownAt]) + (1 - bait) * p.kale;
      const spread = bait * p.chocolateSpread + (1 - bait) * p.kaleSpread;
      const engagement = mean * satisfied(state[exposureAt], p.sensitivity) + spread * random.normal();
      state[exposureAt] = p.memory * state[exposureAt] - 2 * (bait - 0.5) + p.innovation * random.normal();
      state[engagementAt] = engagement;
      state[baitAt] = bait;
      state[stepAt]++;
      return engagement;
    },
    ended: () => false,
    observe: (state) => Float32Array.of(state[engagementAt] / scale, state[baitAt], state[stepAt] / horizon),
    info: (state, p) => ({
      exposure: state[exposureAt],
      satisfaction: satisfied(state[exposureAt], p.sensitivity),
    }),
    draw(state, p) {
      const shapes = [
        block(
          0.5,
          satisfied(state[exposureAt], p.sensitivity) / 2,
          0.6,
          satisfied(state[exposureAt], p.sensitivity),
          "#3a8f5c",
        ),
        block(1.5, state[baitAt] / 2, 0.6, Math.max(1e-3, state[baitAt]), "#7b4a2d"),
        label(0.5, -0.1, 0.09, "satisfied", "#222"),
        label(1.5, -0.1, 0.09, "bait", "#222"),
      ];
      return { x: 0, y: -0.25, width: 2, height: 1.35, shapes };
    },
  });
}
