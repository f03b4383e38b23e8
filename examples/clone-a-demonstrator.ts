/** Record an expert, clone it, see how the clone does, ship it as one ONNX file. */
import { bc, train } from "repertoire/algorithms";
import { make } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, controlExpert, loadPolicy } from "repertoire/policies";
import { randomKey } from "repertoire/tensor";

const cartPole = () => make("CartPole-v1");
const recording = await collect(controlExpert("CartPole-v1", { skill: 0.9 }), cartPole, { episodes: 30, seed: 1 });
console.log(`recorded ${recording.reward.length} steps`);

const { policy } = await train(bc, recording, { options: { steps: 2000, hidden: [64, 64], learningRate: 1e-3 } });
const { return: score } = await evaluate(policy, cartPole, { episodes: 50, seed: 7 });
console.log(
  `the clone earns ${score.value.toFixed(0)}, 95% interval ${score.interval.map((x) => x.toFixed(0)).join(" to ")}`,
);

await policy.save("runs/examples/cartpole.onnx");
await using shipped = await loadPolicy("runs/examples/cartpole.onnx");
const { observation } = cartPole().reset({ seed: 3 });
const { action, probability } = await shipped.act(observation, { key: randomKey(0) });
console.log(`first action ${action}, chosen with probability ${probability?.toFixed(2)}`);
