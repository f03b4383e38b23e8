/**
 * CartPole: Barto, Sutton, Anderson (1983), "Neuronlike adaptive elements that can solve difficult learning control
 * problems"; constants and Euler integration as Gymnasium's CartPole-v1.
 */
import { box, discrete } from "../../spaces/make.ts";
import type { Environment } from "../environment.ts";
import { simulate } from "../simulation.ts";
import { block, line, picture } from "./picture.ts";

const gravity = 9.8;
const poleMass = 0.1;
const totalMass = poleMass + 1;
const halfLength = 0.5;
const poleMassLength = poleMass * halfLength;
const force = 10;
const seconds = 0.02;
const widest = 2.4;
const steepest = (12 * 2 * Math.PI) / 360;

/**
 * Observation [cart position (m), cart velocity (m/s), pole angle (rad), pole angular velocity (rad/s)]; actions push
 * left or right; reward 1 a step; ends when the pole leans more than 12° or the cart leaves ±2.4 m.
 */
export const cartPole = (): Environment<Float32Array, number> =>
  simulate<Float32Array, number>({
    name: "CartPole-v1",
    observationSpace: box(
      [-2 * widest, -Infinity, -2 * steepest, -Infinity],
      [2 * widest, Infinity, 2 * steepest, Infinity],
    ),
    actionSpace: discrete(2, { names: ["left", "right"] }),
    stateSize: 4,
    start(state, random) {
      for (let i = 0; i < 4; i++) state[i] = random.between(-0.05, 0.05);
    },
    advance(state, action) {
      const [x, speed, angle, turning] = state;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      const push = ((action === 1 ? force : -force) + poleMassLength * turning * turning * sin) / totalMass;
      const angular = (gravity * sin - cos * push) / (halfLength * (4 / 3 - (poleMass * cos * cos) / totalMass));
      state[0] = x + seconds * speed;
      state[1] = speed + seconds * (push - (poleMassLength * angular * cos) / totalMass);
      state[2] = angle + seconds * turning;
      state[3] = turning + seconds * angular;
      return 1;
    },
    ended: (state) => !(Math.abs(state[0]) <= widest && Math.abs(state[2]) <= steepest),
    observe: (state) => Float32Array.from(state),
    draw: (state) =>
      picture(-widest, -0.5, 2 * widest, 2, [
        line(-widest, 0, widest, 0, 0.02, "#444"),
        block(state[0], 0, 0.5, 0.3, "#333"),
        line(state[0], 0.1, state[0] + Math.sin(state[2]), 0.1 + Math.cos(state[2]), 0.1, "#c83"),
      ]),
  });
