/**
 * CartPole: Barto, Sutton, Anderson (1983), "Neuronlike adaptive elements that can solve difficult learning control
 * problems"; constants and Euler integration as Gymnasium's CartPole-v1.
 */
import { box, discrete } from "../../spaces/make.ts";
import type { Environment } from "../environment.ts";
import { parameter } from "../parameters.ts";
import { block, line } from "../scene.ts";
import { simulate, wholeState } from "../simulation.ts";

const parameters = {
  gravity: parameter(9.8, 1, 30, "gravity, m/s²"),
  cartMass: parameter(1, 0.1, 10, "mass of the cart, kg"),
  poleMass: parameter(0.1, 0.01, 2, "mass of the pole, kg"),
  halfLength: parameter(0.5, 0.1, 3, "half the length of the pole, m"),
  force: parameter(10, 1, 50, "force of a push, N"),
};
const seconds = 0.02;
const widest = 2.4;
const steepest = (12 * 2 * Math.PI) / 360;

/**
 * Observation [cart position (m), cart velocity (m/s), pole angle (rad), pole angular velocity (rad/s)]; actions push
 * left or right; reward 1 a step; ends when the pole leans more than 12° or the cart leaves ±2.4 m.
 */
export const cartPole = (): Environment<Float32Array, number> =>
  simulate<Float32Array, number, typeof parameters>({
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
    parameters,
    advance(state, action, _, { gravity, cartMass, poleMass, halfLength, force }) {
      const [x, speed, angle, turning] = state;
      const totalMass = poleMass + cartMass;
      const poleMassLength = poleMass * halfLength;
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
    observeInto: wholeState,
    draw: ([x, , angle], { halfLength }) => {
      const tip = [x + 2 * halfLength * Math.sin(angle), 0.1 + 2 * halfLength * Math.cos(angle)] as const;
      const shapes = [
        line(
          [
            [-widest, 0],
            [widest, 0],
          ],
          0.02,
          "#444",
        ),
        block(x, 0, 0.5, 0.3, "#333"),
        line([[x, 0.1], tip], 0.1, "#c83"),
      ];
      return { x: -widest, y: -0.5, width: 2 * widest, height: 2, shapes };
    },
  });
