/** An environment of your own, checked, and a policy learned offline from random play in it. */
import { iql, train } from "repertoire/algorithms";
import { checkEnvironment, make, register, simulate } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, randomPolicy } from "repertoire/policies";
import { box, discrete } from "repertoire/spaces";

/** Keep the room at 20 °C while the cold outside pulls it down. */
const thermostat = () =>
  simulate<Float32Array, number>({
    name: "Thermostat-v0",
    observationSpace: box(-50, 100),
    actionSpace: discrete(2, { names: ["off", "on"] }),
    stateSize: 1,
    start: (state, random) => {
      state[0] = random.between(5, 15);
    },
    advance: (state, action, random) => {
      state[0] += (action === 1 ? 3 : 0) - 0.05 * (state[0] + 5) + 0.1 * random.normal();
      return -Math.abs(state[0] - 20);
    },
    ended: () => false,
    observe: (state) => Float32Array.from(state),
  });

register({ name: "Thermostat-v0", about: "Keep a room warm.", maxSteps: 100, create: thermostat });
const room = () => make("Thermostat-v0");
console.log(checkEnvironment(room()).join("\n") || "the environment keeps its promises");

const recording = await collect(randomPolicy(room()), room, { episodes: 50, seed: 1 });
const options = { steps: 3000, hidden: [32, 32], learningRate: 1e-3, discount: 0.9, inverseTemperature: 10 };
const { policy } = await train(iql, recording, { options });
for (const who of [randomPolicy(room()), policy]) {
  const { return: score } = await evaluate(who, room, { episodes: 50, deterministic: who === policy });
  console.log(`${who.name} earns ${score.value.toFixed(0)} (${score.interval.map((x) => x.toFixed(0)).join(" to ")})`);
}
