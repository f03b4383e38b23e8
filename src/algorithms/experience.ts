/** From a recording to what a step sees: columns beside the program, sizes for the networks, scales for the policy. */
import { decisions, demonstrations, moments, transitions } from "../data/replay.ts";
import type { Recording, Trajectories } from "../data/trajectories.ts";
import type { Affine } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { flatDim } from "../spaces/flatten.ts";
import { type Box, describe, type Space } from "../spaces/index.ts";
import { type Columns, constant, type NdArray } from "../tensor/index.ts";
import type { AnyAlgorithm, Sizes } from "./define.ts";

export interface Experience {
  readonly columns: Columns;
  /** Rows to draw from. */
  readonly count: number;
  readonly sizes: Sizes;
  /** What the policy needs to turn recorded observations into recorded actions. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly normaliser?: Affine;
  readonly actionScale?: Affine;
  /** Observations in their stored form, for test vectors. */
  readonly examples: NdArray;
}

/**
 * @throws Problem "wrong-recording" when the method learns from another kind of recording, "wrong-actions" when it
 * cannot make this recording's actions
 */
export function experienceFor(
  algorithm: AnyAlgorithm,
  options: { readonly [name: string]: unknown },
  recording: Recording,
): Experience {
  const wanted = algorithm.learnsFrom === "decisions" ? "decisions" : "trajectories";
  if (recording.kind !== wanted) {
    throw problem("wrong-recording", { method: algorithm.name, wanted, got: recording.kind });
  }
  return recording.kind === "decisions" ? fromDecisions(recording) : fromTrajectories(algorithm, options, recording);
}

function fromTrajectories(
  algorithm: AnyAlgorithm,
  options: { readonly [name: string]: unknown },
  recording: Trajectories,
): Experience {
  const { observationSpace, actionSpace, observation } = recording;
  const kind = actionSpace.kind === "discrete" ? "discrete" : actionSpace.kind === "box" ? "continuous" : undefined;
  if (kind === undefined || (algorithm.actions !== "any" && algorithm.actions !== kind)) {
    const makes =
      algorithm.actions === "any" ? "a Box or Discrete" : algorithm.actions === "continuous" ? "a Box" : "Discrete";
    throw problem("wrong-actions", { method: algorithm.name, wanted: makes, got: describe(actionSpace) });
  }
  const { columns: raw, count } =
    algorithm.learnsFrom === "transitions" ? transitions(recording) : demonstrations(recording);
  const columns: Record<string, NdArray> = { ...raw };
  const normaliser = algorithm.normalise?.(options) ? standardised(columns.observation) : undefined;
  if (normaliser) {
    for (const name of ["observation", "nextObservation"])
      if (columns[name]) columns[name] = applied(columns[name], normaliser);
  }
  const actionScale = kind === "continuous" ? scaleOf(actionSpace as Box, columns.action) : undefined;
  if (actionScale) columns.action = applied(columns.action, actionScale);
  const action: Sizes["action"] = { kind, size: flatDim(actionSpace) };
  return {
    columns,
    count,
    sizes: { observation: flatDim(observationSpace), action },
    observationSpace,
    actionSpace,
    ...(normaliser ? { normaliser } : {}),
    ...(actionScale ? { actionScale } : {}),
    examples: observation,
  };
}

function fromDecisions(log: Extract<Recording, { kind: "decisions" }>): Experience {
  const { count, columns } = decisions(log);
  const { context, action, propensity, reward } = columns;
  const { features } = log.actions;
  return {
    columns: { observation: context, action, propensity, reward },
    count,
    sizes: {
      observation: context.shape[1],
      action: { kind: "discrete", size: log.actions.count },
      ...(features ? { actionFeatures: constant(applied(features, standardised(features))) } : {}),
    },
    observationSpace: log.contextSpace,
    actionSpace: { kind: "discrete", n: log.actions.count, start: 0, names: log.actions.names },
    examples: log.context,
  };
}

/** Centre and scale by the rows' own moments; a constant column is only centred (the 1e-3 is TD3+BC's). */
function standardised(rows: NdArray): Affine {
  const { mean, std } = moments(rows);
  return { centre: Float32Array.from(mean), half: Float32Array.from(std, (s) => s + 1e-3) };
}

/** [−1, 1] onto the space's bounds; where it has none, onto the range of the recorded actions. */
function scaleOf({ low, high }: Box, action: NdArray): Affine {
  const size = low.length;
  const bounds = low.map((lower, i) => {
    let [least, most] = [lower, high[i]];
    if (!Number.isFinite(least) || !Number.isFinite(most)) {
      [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let row = i; row < action.data.length; row += size) {
        least = Math.min(least, Number(action.data[row]));
        most = Math.max(most, Number(action.data[row]));
      }
    }
    return [(most + least) / 2, Math.max((most - least) / 2, 1e-6)];
  });
  return {
    centre: Float32Array.from(bounds, ([centre]) => centre),
    half: Float32Array.from(bounds, ([, half]) => half),
  };
}

function applied(rows: NdArray, { centre, half }: Affine): NdArray {
  const data = Float32Array.from(rows.data as Float32Array);
  for (let i = 0; i < data.length; i++) data[i] = (data[i] - centre[i % centre.length]) / half[i % half.length];
  return { shape: rows.shape, dtype: "float32", data };
}
