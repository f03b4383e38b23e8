/** From a recording to what a step sees: columns beside the program, sizes for the networks, scales for the policy. */
import { around, decisions, demonstrations, type Moments, moments, transitions, windows } from "../data/replay.ts";
import type { Recording, Trajectories } from "../data/trajectories.ts";
import type { Affine } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { flatDim, type TextPlace, textPlaces } from "../spaces/flatten.ts";
import { type Box, describe, type Space } from "../spaces/index.ts";
import { asType, type Columns, constant, type NdArray, sizeOf, takeRows } from "../tensor/index.ts";
import { type AnyAlgorithm, learnsByPlay, type Sizes, type Stretch } from "./define.ts";

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
 * @throws Problem "learns-in-worlds" for a method without use for recordings, "wrong-recording" when the method learns from another kind of recording, "wrong-actions" when it
 * cannot make this recording's actions, "no-text" when it reads sentences and there are none, "no-label" when a step column
 * is missing that it learns from
 */
export function experienceFor(
  algorithm: AnyAlgorithm,
  options: { readonly [name: string]: unknown },
  recording: Recording,
): Experience {
  if (learnsByPlay(algorithm)) throw problem("learns-in-worlds", { method: algorithm.name });
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
  const action = actionSizes(algorithm, actionSpace);
  const texts = textPlaces(observationSpace);
  if (algorithm.observations === "with text" && texts.length === 0) {
    throw problem("no-text", { method: algorithm.name, got: describe(observationSpace) });
  }
  const { columns: raw, count: steps } =
    algorithm.learnsFrom === "transitions"
      ? transitions(recording, spanOf(algorithm, options))
      : demonstrations(recording);
  const columns: Record<string, NdArray> = { ...raw };
  const normaliser = algorithm.normalise?.(options)
    ? apartFrom(texts, standardised(moments(columns.observation)))
    : undefined;
  if (normaliser) {
    for (const name of ["observation", "nextObservation"])
      if (columns[name]) columns[name] = applied(columns[name], normaliser);
  }
  const actionScale = action.kind === "continuous" ? scaleOf(actionSpace as Box, range(columns.action)) : undefined;
  if (actionScale) columns.action = applied(columns.action, actionScale);
  for (const name of algorithm.labels?.(options) ?? []) {
    columns[`labels/${name}`] = labelOf(recording, name, algorithm.name);
  }
  const stretch = algorithm.stretch?.(options);
  return {
    ...(stretch ? stretches(recording, columns, stretch) : { columns, count: steps }),
    sizes: { observation: flatDim(observationSpace), action, ...(texts.length > 0 ? { texts } : {}) },
    observationSpace,
    actionSpace,
    ...(normaliser ? { normaliser } : {}),
    ...(actionScale ? { actionScale } : {}),
    examples: observation,
  };
}

/** Tokens are names, and a numeral's worth is read as it was said: neither is an amount to be scaled. */
function apartFrom(texts: readonly TextPlace[], { centre, half }: Affine): Affine {
  for (const { at, vocabulary } of texts) {
    centre.fill(0, at, at + 2 * vocabulary.length);
    half.fill(1, at, at + 2 * vocabulary.length);
  }
  return { centre, half };
}

/** A step column [steps] as float32. */
function labelOf({ extras, reward }: Trajectories, name: string, method: string): NdArray {
  const column = Object.hasOwn(extras, name) ? extras[name] : undefined;
  if (column?.data.length !== reward.length) throw problem("no-label", { method, name, known: Object.keys(extras) });
  return asType({ ...column, shape: [reward.length] }, "float32");
}

/** Columns [steps, …] as stretches [count, time, …], with `made` to tell steps from what fills up. */
function stretches(
  recording: Trajectories,
  columns: { readonly [name: string]: NdArray },
  stretch: Stretch,
): Pick<Experience, "columns" | "count"> {
  const { rows, mask } = "before" in stretch ? around(recording, stretch) : windows(recording, stretch);
  const [count] = rows.shape;
  const cut = Object.entries(columns).map(([name, column]) => {
    const taken = takeRows(column, rows.data as Int32Array);
    return [name, { ...taken, shape: [count, stretch.length, ...column.shape.slice(1)] }];
  });
  return { columns: { ...Object.fromEntries(cut), made: mask }, count };
}

/** How many steps a transition spans, and the discount within it. */
export function spanOf(
  algorithm: AnyAlgorithm,
  options: { readonly [name: string]: unknown },
): { readonly nStep: number; readonly discount?: number } {
  const nStep = algorithm.nStep?.(options) ?? 1;
  return nStep === 1 ? { nStep } : { nStep, discount: options.discount as number };
}

const made = { continuous: "a Box", discrete: "a Discrete", any: "a Box, a Discrete or a MultiDiscrete" } as const;

/** @throws Problem "wrong-actions" */
export function actionSizes({ name, actions }: AnyAlgorithm, actionSpace: Space): Sizes["action"] {
  const { kind } = actionSpace;
  if (kind === "box" && actions !== "discrete") return { kind: "continuous", size: flatDim(actionSpace) };
  if (kind === "discrete" && actions !== "continuous") return { kind, size: actionSpace.n };
  if (kind === "multi-discrete" && actions === "any") {
    return { kind, size: flatDim(actionSpace), sizes: actionSpace.sizes };
  }
  throw problem("wrong-actions", { method: name, wanted: made[actions], got: describe(actionSpace) });
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
      ...(features ? { actionFeatures: constant(applied(features, standardised(moments(features)))) } : {}),
    },
    observationSpace: log.contextSpace,
    actionSpace: { kind: "discrete", n: log.actions.count, start: 0, names: log.actions.names },
    examples: log.context,
  };
}

/** Centre and scale by the rows' own moments; a constant column is only centred (the 1e-3 is TD3+BC's). */
export const standardised = ({ mean, std }: Moments): Affine => ({
  centre: Float32Array.from(mean),
  half: Float32Array.from(std, (s) => s + 1e-3),
});

/** The least and the most of each column of rows [n, …]. */
export interface Range {
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** With the range of rows before these, of both together. */
export function range({ shape, data }: NdArray, before?: Range): Range {
  const size = sizeOf(shape.slice(1));
  const least = before ? [...before.least] : new Array<number>(size).fill(Number.POSITIVE_INFINITY);
  const most = before ? [...before.most] : new Array<number>(size).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0, c = 0; i < data.length; i++, c = c + 1 === size ? 0 : c + 1) {
    least[c] = Math.min(least[c], Number(data[i]));
    most[c] = Math.max(most[c], Number(data[i]));
  }
  return { least, most };
}

/** [−1, 1] onto the space's bounds; where it has none, onto the range of the recorded actions. */
export function scaleOf({ low, high }: Box, recorded: Range): Affine {
  const bounds = low.map((lower, i) => {
    const bounded = Number.isFinite(lower) && Number.isFinite(high[i]);
    const [least, most] = bounded ? [lower, high[i]] : [recorded.least[i], recorded.most[i]];
    return [(most + least) / 2, Math.max((most - least) / 2, 1e-6)];
  });
  return {
    centre: Float32Array.from(bounds, ([centre]) => centre),
    half: Float32Array.from(bounds, ([, half]) => half),
  };
}

function applied(rows: NdArray, affine: Affine): NdArray {
  const data = Float32Array.from(rows.data as Float32Array);
  applyInPlace(data, affine);
  return { shape: rows.shape, dtype: "float32", data };
}

export function applyInPlace(data: Float32Array, { centre, half }: Affine): void {
  for (let i = 0; i < data.length; i++) data[i] = (data[i] - centre[i % centre.length]) / half[i % half.length];
}
