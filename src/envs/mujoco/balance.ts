/** Linear-quadratic regulators that hold the inverted pendulums upright. */
import { problem } from "../../problems.ts";
import { box } from "../../spaces/make.ts";
import { checkDials, type Demonstrator } from "../demonstrator.ts";
import { clip, open } from "./locomotion.ts";

export interface BalanceOptions {
  /** Chance of acting as planned; else uniformly at random. Default 1. */
  readonly skill?: number;
  /** Standard deviation added to each push, in parts of the largest. Default 0. */
  readonly noise?: number;
}

interface Regulator {
  /** Observation's numbers. */
  readonly seen: number;
  /** The largest push. */
  readonly most: number;
  /** −push for each of position and angles, then of their velocities. */
  readonly gains: readonly number[];
  state(observation: Float64Array): readonly number[];
}

/**
 * The gains solve the discrete Riccati equation of one step of the environment, linearised at rest: cost 1 on position, 10
 * on angles, 0.1 on velocities, and 0.1 (single) or 1 (double) on the push.
 */
const regulators: { readonly [name: string]: Regulator } = {
  "InvertedPendulum-v5": {
    seen: 4,
    most: 3,
    gains: [-1.7189, -12.1453, -2.0146, -1.9015],
    state: (observation) => [...observation],
  },
  "InvertedDoublePendulum-v5": {
    seen: 9,
    most: 1,
    gains: [0.2128, 1.8131, 5.5687, 0.3149, 0.9024, 0.8482],
    state: ([x, sin1, sin2, cos1, cos2, ...speeds]) => [
      x,
      Math.atan2(sin1, cos1),
      Math.atan2(sin2, cos2),
      ...speeds.slice(0, 3),
    ],
  },
};

/**
 * Balances InvertedPendulum-v5 (return 1000) or InvertedDoublePendulum-v5 (about 9360) for whole episodes.
 * @throws Problem "unknown-name" for another world, "bad-option" for a dial out of its range
 */
export function balanceDemonstrator(
  name: string,
  { skill = 1, noise = 0 }: BalanceOptions = {},
): Demonstrator<Float64Array, Float32Array> {
  const where = "balanceDemonstrator";
  if (!Object.hasOwn(regulators, name)) {
    throw problem("unknown-name", { where, what: "pendulum", name, known: Object.keys(regulators) });
  }
  checkDials(where, { skill, noise });
  const { seen, most, gains, state } = regulators[name];
  return {
    name: ["balance", `skill-${skill}`, ...(noise > 0 ? [`noise-${noise}`] : [])].join("-"),
    observationSpace: open(seen),
    actionSpace: box(-most, most),
    memorySize: 0,
    decide(observation, _, random) {
      if (random !== undefined && random.uniform() >= skill) return Float32Array.of(random.between(-most, most));
      let push = 0;
      for (const [i, value] of state(observation).entries()) push -= gains[i] * value;
      if (random !== undefined && noise > 0) push += most * noise * random.normal();
      return Float32Array.of(clip(push, -most, most));
    },
  };
}
