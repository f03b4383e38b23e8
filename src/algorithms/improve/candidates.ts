/** What `improve` tries: a few settings of each method that suits the recording, small enough to finish while one waits. */
import { moments, type Recording } from "../../data/index.ts";
import { ndarray } from "../../tensor/index.ts";

export interface Candidate {
  /** Unique; names its folder. */
  readonly label: string;
  readonly method: string;
  readonly options: { readonly [name: string]: unknown };
}

/** The baseline comes first: cloning, which asks for nothing but what was done. */
export function candidatesFor(recording: Recording, steps: number): readonly Candidate[] {
  return recording.kind === "decisions"
    ? forDecisions(recording.reward, steps)
    : forTrajectories(recording.actionSpace.kind, steps);
}

function forTrajectories(actions: string, steps: number): readonly Candidate[] {
  const common = { hidden: [64, 64], learningRate: 1e-3, steps };
  const careful = {
    label: "iql-careful",
    method: "iql",
    options: { ...common, expectile: 0.7, inverseTemperature: 10 },
  };
  const greedy = { label: "iql-greedy", method: "iql", options: { ...common, expectile: 0.9, inverseTemperature: 10 } };
  const cloned = { label: "bc", method: "bc", options: common };
  if (actions === "discrete") return [cloned, careful, greedy];
  return [cloned, careful, greedy, { label: "td3-bc", method: "td3-bc", options: common }];
}

function forDecisions(reward: Float64Array, steps: number): readonly Candidate[] {
  const common = { hidden: [32], steps };
  // In units of the reward's spread, so that clicks and euros are treated alike.
  const [spread] = moments(ndarray(reward)).std;
  const unit = spread > 0 ? spread : 1;
  return [
    { label: "bc", method: "bc", options: { ...common, learningRate: 1e-3 } },
    { label: "reward-model-bold", method: "reward-model", options: { ...common, temperature: 0.02 * unit } },
    { label: "reward-model-mild", method: "reward-model", options: { ...common, temperature: 0.1 * unit } },
    { label: "dr-policy-bold", method: "dr-policy", options: { ...common, entropy: 0.005 * unit } },
    { label: "dr-policy-mild", method: "dr-policy", options: { ...common, entropy: 0.03 * unit } },
  ];
}
