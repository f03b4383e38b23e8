/** The whole decision function as a program: from an observation as it is recorded to an action as the world takes it. */
import { type Committee, type Distribution, stillWhen } from "../nn/index.ts";
import { unreachable } from "../problems.ts";
import { flatDim } from "../spaces/flatten.ts";
import type { Space } from "../spaces/space.ts";
import { storedForm } from "../spaces/stored.ts";
import {
  concat,
  constant,
  type Key,
  type Program,
  type Shape,
  type Spec,
  stack,
  type Tensor,
  trace,
} from "../tensor/index.ts";

/** One affine step a number: (x − centre) / half. */
export interface Affine {
  /** [n] */
  readonly centre: Float32Array;
  /** [n] above 0 */
  readonly half: Float32Array;
}

export interface DecisionFunction {
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Applied to flattened observations before the policy sees them. */
  readonly normaliser?: Affine;
  /** How actions in [−1, 1]ⁿ become the space's; needed for a Box. */
  readonly actionScale?: Affine;
  /**
   * The policy: [batch, flat observation] → a distribution over [−1, 1]ⁿ, over choices, over vectors of choices (for a
   * MultiDiscrete), or a generative head's draws.
   */
  readonly decide: (observation: Tensor, memory: Remembered) => Distribution | Remembering | Planning;
  /** What is carried from one decision of an episode to the next: shapes behind the batch. All of it begins at 0. */
  readonly memory?: MemoryShapes;
}

/** float32, by name. */
export type MemoryShapes = { readonly [name: string]: Shape };
/** Each [batch, …]. */
export type Remembered = { readonly [name: string]: Tensor };

/** A decision, and what is carried to the next. */
export interface Remembering {
  readonly distribution: Distribution;
  readonly memory: Remembered;
}

/** A decision for several steps at once: a plan is drawn, its first part done now, the rest of it carried on. */
export interface Planning {
  /** Over plans, [batch, …] of any shape. */
  readonly distribution: Distribution;
  /** From the plan that was drawn to the action of now, [batch, action], and what is carried to the next decision. */
  readonly follow: (plan: Tensor) => { readonly action: Tensor; readonly memory: Remembered };
}

export interface DecisionInputs {
  readonly observation: Spec;
  /** bool scalar: the single best action, without chance */
  readonly deterministic: Spec;
  /** [batch, …] */
  readonly memory: { readonly [name: string]: Spec };
}

const open = -1;
const vector = (values: Float32Array): Tensor => constant({ shape: [values.length], dtype: "float32", data: values });

/**
 * Traces the decision function for any batch size. Outputs: `action` in the space's stored form; `probability` [batch]
 * (of a choice or a vector of them; a density for vectors, in the space's units, of the Gaussian before clipping), unless
 * the policy has none; `probabilities` [batch, choices], for a MultiDiscrete those of its choices one after another;
 * `members` [batch, member, …action] what each member of an ensemble would do; `carried/…` what goes into `memory/…` next time.
 */
export function decisionProgram(
  f: DecisionFunction,
): Program<Record<never, never>, DecisionInputs, { readonly [name: string]: Tensor }> {
  const { shape, dtype } = storedForm(f.observationSpace);
  const inputs: DecisionInputs = {
    observation: { shape: [open, ...shape], dtype },
    deterministic: { shape: [], dtype: "bool" },
    memory: Object.fromEntries(
      Object.entries(f.memory ?? {}).map(([name, behind]) => [name, { shape: [open, ...behind], dtype: "float32" }]),
    ),
  };
  return trace(f.name, { state: {}, inputs }, (state, given, key) => {
    const flat = flattened(f.observationSpace, given.observation);
    const seen = f.normaliser ? flat.sub(vector(f.normaliser.centre)).div(vector(f.normaliser.half)) : flat;
    const made = f.decide(seen, given.memory);
    return { state, outputs: outputsOf(f, made, given.deterministic, key) };
  }) as never;
}

function outputsOf(
  f: DecisionFunction,
  made: ReturnType<DecisionFunction["decide"]>,
  deterministic: Tensor,
  key: Key,
): { readonly [name: string]: Tensor | Remembered } {
  if ("follow" in made) {
    const { action, memory } = made.follow(decisionOf(made.distribution, deterministic, key));
    return { action: inUnits(f, action).action, carried: memory };
  }
  const { distribution, memory } = "distribution" in made ? made : { distribution: made, memory: {} };
  return { ...decided(f, distribution, deterministic, key), ...(f.memory === undefined ? {} : { carried: memory }) };
}

function decided(
  f: DecisionFunction,
  distribution: Distribution,
  deterministic: Tensor,
  key: Key,
): { [name: string]: Tensor } {
  const { actionSpace } = f;
  const drawn = decisionOf(distribution, deterministic, key);
  if (actionSpace.kind === "discrete" || actionSpace.kind === "multi-discrete") {
    const probabilities = distributionOver(distribution);
    const probability = deterministic.where(1, distribution.logProb(drawn).exp());
    const action = actionSpace.kind === "discrete" ? drawn.add(actionSpace.start) : drawn;
    return { action, probability, probabilities };
  }
  const { action, bounded, scale } = inUnits(f, drawn);
  if ("members" in distribution) return { action, members: membersInUnits(f, distribution as Committee) };
  if (distribution.kind === "point" || distribution.kind === "sampled") return { action };
  const stretch = scale.half.reduce((sum, half) => sum + Math.log(half), 0);
  return { action, probability: distribution.logProb(bounded).sub(stretch).exp() };
}

/** Actions in [−1, 1]ⁿ in the space's units and stored form, and what they were once held within those bounds. */
function inUnits({ actionSpace, actionScale }: DecisionFunction, drawn: Tensor) {
  if (actionSpace.kind !== "box" || !actionScale) return unreachable("a policy over vectors needs a Box and its scale");
  const bounded = drawn.reshape(open, flatDim(actionSpace)).clip(-1, 1);
  const scaled = bounded.mul(vector(actionScale.half)).add(vector(actionScale.centre));
  const inside = scaled
    .maximum(vector(Float32Array.from(actionSpace.low)))
    .minimum(vector(Float32Array.from(actionSpace.high)));
  const action = inside.reshape(open, ...actionSpace.shape).cast(actionSpace.dtype);
  return { action, bounded, scale: actionScale };
}

/** [batch, member, …action] what each member of an ensemble would do. */
function membersInUnits(f: DecisionFunction, { members }: Committee): Tensor {
  const each = members();
  const [count] = each.shape;
  return stack(
    Array.from({ length: count }, (_, member) => inUnits(f, each.at(0, member)).action),
    1,
  );
}

/** A draw, or the mode where no chance is wanted; a generative head makes both in one pass, by drawing without noise. */
function decisionOf(distribution: Distribution, deterministic: Tensor, key: Key): Tensor {
  if (distribution.kind === "point") return distribution.mode();
  if (distribution.kind === "sampled") return distribution.sample(stillWhen(deterministic, key));
  return deterministic.where(distribution.mode(), distribution.sample(key));
}

const distributionOver = (distribution: Distribution): Tensor =>
  "probabilities" in distribution
    ? (distribution as unknown as { probabilities(): Tensor }).probabilities()
    : unreachable("a policy over choices says how likely each is");

/** Stored observations [batch, …] as the rows that networks take: what spaces/flatten does to values. */
function flattened(space: Space, stored: Tensor): Tensor {
  switch (space.kind) {
    case "discrete":
      return stored.sub(space.start).oneHot(space.n);
    case "multi-discrete":
      return concat(
        space.sizes.map((n, i) => stored.at(1, i).oneHot(n)),
        1,
      );
    default:
      return stored.reshape(open, flatDim(space)).cast("float32");
  }
}
