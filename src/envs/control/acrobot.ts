/**
 * Acrobot: Sutton (1996), "Generalization in reinforcement learning: successful examples using sparse coarse coding";
 * the book's equations, integrated by Runge–Kutta 4 over 0.2 s, as Gymnasium's Acrobot-v1.
 */
import { box, discrete } from "../../spaces/make.ts";
import type { Environment } from "../environment.ts";
import { disc, line } from "../scene.ts";
import { simulate } from "../simulation.ts";

// Both links: 1 m, 1 kg, centre of mass at 0.5 m, moment of inertia 1 kg·m².
const centre = 0.5;
const gravity = 9.8;
const seconds = 0.2;
const fastest1 = 4 * Math.PI;
const fastest2 = 9 * Math.PI;

/** d/dt of [θ1, θ2, θ̇1, θ̇2] under a torque at the middle joint, written into `out`. */
function slope(s: Float64Array, torque: number, out: Float64Array): void {
  const [angle1, angle2, turning1, turning2] = s;
  const cos2 = Math.cos(angle2);
  const sin2 = Math.sin(angle2);
  const d1 = centre ** 2 + (1 + centre ** 2 + 2 * centre * cos2) + 2;
  const d2 = centre ** 2 + centre * cos2 + 1;
  const phi2 = centre * gravity * Math.cos(angle1 + angle2 - Math.PI / 2);
  const phi1 =
    -centre * turning2 ** 2 * sin2 -
    2 * centre * turning2 * turning1 * sin2 +
    (centre + 1) * gravity * Math.cos(angle1 - Math.PI / 2) +
    phi2;
  const faster2 = (torque + (d2 / d1) * phi1 - centre * turning1 ** 2 * sin2 - phi2) / (centre ** 2 + 1 - d2 ** 2 / d1);
  out[0] = turning1;
  out[1] = turning2;
  out[2] = -(d2 * faster2 + phi1) / d1;
  out[3] = faster2;
}

const wrapped = (angle: number): number => {
  while (angle > Math.PI) angle -= 2 * Math.PI;
  while (angle < -Math.PI) angle += 2 * Math.PI;
  return angle;
};

const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));
const isUp = (s: Float64Array): boolean => -Math.cos(s[0]) - Math.cos(s[1] + s[0]) > 1;

/**
 * Observation [cos θ1, sin θ1, cos θ2, sin θ2, θ̇1, θ̇2], θ1 = 0 hanging down and θ2 relative to it; actions are
 * torques −1, 0, 1 N·m at the middle joint; reward −1 a step until the tip rises one link above the pivot.
 */
export function acrobot(): Environment<Float32Array, number> {
  const slopes = [0, 1, 2, 3].map(() => new Float64Array(4));
  const at = new Float64Array(4);
  return simulate<Float32Array, number>({
    name: "Acrobot-v1",
    observationSpace: box([-1, -1, -1, -1, -fastest1, -fastest2], [1, 1, 1, 1, fastest1, fastest2]),
    actionSpace: discrete(3, { names: ["−1 N·m", "0 N·m", "+1 N·m"] }),
    stateSize: 4,
    start(state, random) {
      for (let i = 0; i < 4; i++) state[i] = Math.fround(random.between(-0.1, 0.1));
    },
    advance(state, action) {
      const torque = action - 1;
      const [k1, k2, k3, k4] = slopes;
      slope(state, torque, k1);
      for (let i = 0; i < 4; i++) at[i] = state[i] + (seconds / 2) * k1[i];
      slope(at, torque, k2);
      for (let i = 0; i < 4; i++) at[i] = state[i] + (seconds / 2) * k2[i];
      slope(at, torque, k3);
      for (let i = 0; i < 4; i++) at[i] = state[i] + seconds * k3[i];
      slope(at, torque, k4);
      for (let i = 0; i < 4; i++) state[i] += (seconds / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
      state[0] = wrapped(state[0]);
      state[1] = wrapped(state[1]);
      state[2] = clamp(state[2], fastest1);
      state[3] = clamp(state[3], fastest2);
      return isUp(state) ? 0 : -1;
    },
    ended: isUp,
    observeInto(s, into, at) {
      into[at] = Math.cos(s[0]);
      into[at + 1] = Math.sin(s[0]);
      into[at + 2] = Math.cos(s[1]);
      into[at + 3] = Math.sin(s[1]);
      into[at + 4] = s[2];
      into[at + 5] = s[3];
    },
    draw(s) {
      const [x, y] = [Math.sin(s[0]), -Math.cos(s[0])];
      const [tipX, tipY] = [x + Math.sin(s[0] + s[1]), y - Math.cos(s[0] + s[1])];
      const shapes = [
        line(
          [
            [-2.2, 1],
            [2.2, 1],
          ],
          0.02,
          "#2a7",
        ),
        line(
          [
            [0, 0],
            [x, y],
            [tipX, tipY],
          ],
          0.15,
          "#389",
        ),
        disc(0, 0, 0.08, "#222"),
        disc(x, y, 0.08, "#222"),
      ];
      return { x: -2.2, y: -2.2, width: 4.4, height: 4.4, shapes };
    },
  });
}
