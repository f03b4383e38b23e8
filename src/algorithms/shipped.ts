/** The state of a learner as a policy in an artefact. */
import { type Affine, exportPolicy, type OnnxPolicy, type PolicyProvenance } from "../policies/index.ts";
import type { Space } from "../spaces/index.ts";
import type { NdArray } from "../tensor/index.ts";
import { version } from "../version.ts";
import { frozen, scalarsOf, type TrainingSetup, tracedOptions } from "./training.ts";

/** What a policy needs besides its networks. */
export interface Surroundings {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly normaliser?: Affine;
  readonly actionScale?: Affine;
  /** Observations in their stored form, for test vectors. */
  readonly examples: NdArray;
}

export async function shippedPolicy(
  { algorithm, options, sizes }: TrainingSetup,
  { observationSpace, actionSpace, normaliser, actionScale, examples }: Surroundings,
  state: unknown,
  provenance: Pick<PolicyProvenance, "recording" | "environment" | "made" | "updates" | "seed">,
): Promise<OnnxPolicy> {
  const nets = algorithm.networks(sizes, options);
  const scalars = frozen(scalarsOf({ algorithm, options })) as never;
  const values = frozen(state);
  const context = { options: tracedOptions(options, scalars), nets, sizes };
  return await exportPolicy(
    {
      name: algorithm.name,
      observationSpace,
      actionSpace,
      ...(normaliser ? { normaliser } : {}),
      ...(actionScale ? { actionScale } : {}),
      ...(algorithm.memory ? { memory: algorithm.memory(sizes, options) } : {}),
      decide: (observation, memory) => algorithm.policy(context as never, values, observation, memory),
    },
    { examples, provenance: { method: algorithm.name, options, ...provenance, version } },
  );
}
