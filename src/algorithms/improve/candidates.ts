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
  const greedy = { label: "iql-greedy", method: "iql", options: { ...common, expectile: 0.8, inverseTemperature: 30 } };
  const cloned = { label: "bc", method: "bc", options: common };
  if (actions === "discrete") return [cloned, careful, greedy];
  return [cloned, careful, greedy, { label: "td3-bc", method: "td3-bc", options: common }];
}

function forDecisions(reward: Float64Array, steps: number): readonly Candidate[] {
  const common = { hidden: [32], steps };
  // In units of the reward's spread, so that clicks and euros are treated alike.
  const [spread] = moments(ndarray(reward)).std;
  const unit = spread > 0 ? spread : 1;
  const temperature = (share: number) => ({
    method: "reward-model",
    options: { ...common, temperature: share * unit },
  });
  const entropy = (share: number) => ({ method: "dr-policy", options: { ...common, entropy: share * unit } });
  return [
    { label: "bc", method: "bc", options: { ...common, learningRate: 1e-3 } },
    { label: "reward-model-bold", ...temperature(0.03) },
    { label: "reward-model-mild", ...temperature(0.1) },
    { label: "reward-model-gentle", ...temperature(0.3) },
    { label: "dr-policy-bold", ...entropy(0.03) },
    { label: "dr-policy-mild", ...entropy(0.1) },
    { label: "dr-policy-gentle", ...entropy(0.3) },
  ];
}

/** About twenty passes over the training rows: a log of rare rewards is soon learned by heart. */
export const usualSteps = (recording: Recording): number =>
  recording.kind === "decisions"
    ? Math.min(20_000, Math.max(400, Math.ceil((20 * recording.reward.length) / 512)))
    : 10_000;
