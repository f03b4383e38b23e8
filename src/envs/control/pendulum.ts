/** Pendulum swing-up with limited torque; constants as Gymnasium's Pendulum-v1. */
import { box } from "../../spaces/make.ts";
import type { Environment } from "../environment.ts";
import { disc, line } from "../scene.ts";
import { simulate } from "../simulation.ts";

const gravity = 10;
const seconds = 0.05;
const fastest = 8;
const torque = 2;
const single = Math.fround;

/** An angle in [−π, π), upright at 0. */
const wrapped = (angle: number): number => {
  const turn = (angle + Math.PI) % (2 * Math.PI);
  return (turn < 0 ? turn + 2 * Math.PI : turn) - Math.PI;
};

/**
 * Observation [cos θ, sin θ, θ̇ (rad/s)] with θ = 0 upright; action a torque in ±2 N·m; reward
 * −(θ² + 0.1 θ̇² + 0.001 u²), at most 0 and at least −16.27; no end of its own.
 */
export const pendulum = (): Environment<Float32Array, Float32Array> =>
  simulate<Float32Array, Float32Array>({
    name: "Pendulum-v1",
    observationSpace: box([-1, -1, -fastest], [1, 1, fastest]),
    actionSpace: box(-torque, torque),
    stateSize: 2,
    start(state, random) {
      state[0] = random.between(-Math.PI, Math.PI);
      state[1] = random.between(-1, 1);
    },
    advance(state, action) {
      const [angle, turning] = state;
      // Gymnasium keeps the torque, and its products with constants, in float32.
      const u = single(action[0]);
      const cost = wrapped(angle) ** 2 + 0.1 * turning ** 2 + single(single(0.001) * single(u * u));
      const faster = turning + (((3 * gravity) / 2) * Math.sin(angle) + single(3 * u)) * seconds;
      state[1] = Math.max(-fastest, Math.min(fastest, faster));
      state[0] = angle + state[1] * seconds;
      return -cost;
    },
    ended: () => false,
    observeInto(state, into, at) {
      into[at] = Math.cos(state[0]);
      into[at + 1] = Math.sin(state[0]);
      into[at + 2] = state[1];
    },
    draw: ([angle]) => ({
      x: -1.3,
      y: -1.3,
      width: 2.6,
      height: 2.6,
      shapes: [
        line(
          [
            [0, 0],
            [-Math.sin(angle), Math.cos(angle)],
          ],
          0.2,
          "#c33",
        ),
        disc(0, 0, 0.05, "#222"),
      ],
    }),
  });
