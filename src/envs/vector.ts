/** Several copies of an environment stepped together, their observations batched. */
import { Problem, problem } from "../problems.ts";
import { describe, sameSpace } from "../spaces/contains.ts";
import type { Space } from "../spaces/space.ts";
import { allocateRows, storedForm } from "../spaces/stored.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { fold, randomKey } from "../tensor/random.ts";
import type { Environment, Info } from "./environment.ts";
import type { ParameterValues } from "./parameters.ts";
import { type Rows, rowOf } from "./rows.ts";
import { seedFrom } from "./seeds.ts";

export interface VectorReset {
  /** [n, …observation] */
  readonly observation: NdArray;
  readonly info: readonly Info[];
}

export interface VectorStep {
  /** [n, …observation]; where an episode ended, the first observation of the next one */
  readonly observation: NdArray;
  /** [n] of the step just taken */
  readonly reward: Float64Array;
  /** [n] */
  readonly terminated: Uint8Array;
  /** [n] */
  readonly truncated: Uint8Array;
  readonly info: readonly Info[];
  /** [n, …observation], present when some episode ended: its last observation in its row, zeros in the others. */
  readonly finalObservation?: NdArray;
  /** Present with finalObservation: the last info of each episode that ended. */
  readonly finalInfo?: readonly (Info | undefined)[];
}

interface Vector {
  readonly name: string;
  readonly size: number;
  /** Of one environment. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

/** Whatever is behind its rows: environments, or agents of games. */
export interface PlainVector extends Vector {
  /** Each environment gets a seed of its own, derived from this one and its place. */
  reset(options?: { readonly seed?: number }): VectorReset;
  /** @param actions [n, …action] in stored form (see spaces/stored) */
  step(actions: NdArray): VectorStep;
  /** Changes parameters of every environment, or of each its own. */
  perturb?(values: ParameterValues | readonly ParameterValues[]): void;
  save?(): unknown;
  restore?(state: unknown): void;
}

/** Closing it closes its environments. */
export interface VectorEnvironment extends PlainVector, Disposable {
  readonly environments: readonly Environment[];
}

/** The same, elsewhere: one call at a time, each awaited. Close it when done (`await using`). */
export interface AsyncVectorEnvironment extends Vector, AsyncDisposable {
  reset(options?: { readonly seed?: number }): Promise<VectorReset>;
  /** What happens between this call and its answer happens beside the environments: a learner can update meanwhile. */
  step(actions: NdArray): Promise<VectorStep>;
  perturb?(values: ParameterValues | readonly ParameterValues[]): Promise<void>;
  save?(): Promise<unknown>;
  restore?(state: unknown): Promise<void>;
}

/** What a learner takes: it awaits every call, and either will do. */
export type AnyVectorEnvironment = PlainVector | AsyncVectorEnvironment;

export interface VectorOptions {
  /** Whether each reset and step writes into the arrays that the one before returned, which is faster. Default false. */
  readonly reuse?: boolean;
}

/** The seed of the environment in place i of a vector. */
export const seedOf = (seed: number, i: number): number => seedFrom(fold(randomKey(seed), "environment", i));

/** @throws Problem "shape" unless there is one action an environment */
export function checkActions({ name, size, actionSpace }: Vector, actions: NdArray): void {
  const { shape } = storedForm(actionSpace);
  const fits =
    actions.shape.length === shape.length + 1 &&
    actions.shape[0] === size &&
    shape.every((d, i) => actions.shape[i + 1] === d);
  if (!fits) {
    const wanted = `[${[size, ...shape].join(", ")}], one action an environment`;
    throw problem("shape", { where: `${name}.step`, wanted, got: [actions.shape] });
  }
}

/** Each environment's own values from what `perturb` was given. @throws Problem "bad-value" unless there is one each */
export function valuesEach(
  { name, size }: Pick<Vector, "name" | "size">,
  values: ParameterValues | readonly ParameterValues[],
): readonly ParameterValues[] {
  if (!Array.isArray(values)) return new Array(size).fill(values);
  if (values.length === size) return values;
  const wanted = `one record, or ${size}, one an environment`;
  throw problem("bad-value", { where: `${name}.perturb`, given: `${values.length} records`, wanted });
}

/**
 * Steps environments in place, one after another. An episode that ends is reset on the same step: the returned
 * observation is the new episode's first, and the old one's last is kept in `finalObservation`. What one of them throws
 * comes with its place; the others may have been stepped by then.
 * @example const vector = vectorise(Array.from({ length: 8 }, () => () => make("CartPole-v1")));
 * @throws Problem "bad-value" when there are none, or their spaces differ; from its calls "in-vector"
 */
export function vectorise(
  factories: readonly (() => Environment)[],
  { reuse = false }: VectorOptions = {},
): VectorEnvironment {
  const environments = factories.map((make) => make());
  if (environments.length === 0) {
    throw problem("bad-value", { where: "vectorise", given: "no factories", wanted: "at least one environment" });
  }
  const [{ name, observationSpace, actionSpace }] = environments;
  for (const [i, other] of environments.entries()) sameSpaces(i, other, environments[0]);
  const size = environments.length;
  const parts = environments.map(rowOf);
  const vector = { name, size, observationSpace, actionSpace };
  const each = <T>(act: (part: (typeof parts)[number], i: number) => T): T[] =>
    parts.map((part, i) => {
      try {
        return act(part, i);
      } catch (error) {
        throw placed(name, i, error);
      }
    });
  const fresh = () => roomFor(observationSpace, size);
  let kept = fresh();
  const rows = () => {
    if (reuse) kept.begin();
    else kept = fresh();
    return kept;
  };

  return {
    ...vector,
    environments,
    reset(options = {}) {
      const { seed } = options;
      const into = rows();
      each((part, i) => part.reset(seed === undefined ? {} : { seed: seedOf(seed, i) }, into));
      return { observation: into.observation, info: parts.map(({ info }) => info) };
    },
    step(actions) {
      checkActions(vector, actions);
      const into = rows();
      const info = new Array<Info>(size);
      let finalInfo: (Info | undefined)[] | undefined;
      for (let i = 0; i < size; i++) {
        const part = parts[i];
        try {
          part.step(actions, into);
        } catch (error) {
          throw placed(name, i, error);
        }
        info[i] = part.info;
        if (part.finalInfo === undefined) continue;
        finalInfo ??= new Array<Info | undefined>(size).fill(undefined);
        finalInfo[i] = part.finalInfo;
      }
      const { observation, reward, terminated, truncated } = into;
      const step = { observation, reward, terminated, truncated, info };
      return finalInfo === undefined ? step : { ...step, finalObservation: into.final(), finalInfo };
    },
    ...(environments.every((env) => env.perturb !== undefined)
      ? {
          perturb(values: ParameterValues | readonly ParameterValues[]) {
            const own = valuesEach(vector, values);
            each(({ env }, i) => env.perturb!(own[i]));
          },
        }
      : {}),
    ...(environments.every((env) => env.save !== undefined && env.restore !== undefined)
      ? {
          save: () => environments.map((env) => env.save!()),
          restore: (state: unknown) => {
            const own = savedEach(vector, state);
            each(({ env }, i) => env.restore!(own[i]));
          },
        }
      : {}),
    [Symbol.dispose]() {
      for (const env of environments) env.close?.();
    },
  };
}

/** Arrays for the results of one step, and, begun again, of the next. */
function roomFor(space: Space, size: number): Rows & { begin(): void } {
  let final: NdArray | undefined;
  let stale = false;
  return {
    observation: allocateRows(space, size),
    reward: new Float64Array(size),
    terminated: new Uint8Array(size),
    truncated: new Uint8Array(size),
    begin() {
      stale = true;
    },
    final() {
      final ??= allocateRows(space, size);
      if (stale) (final.data as Float32Array).fill(0);
      stale = false;
      return final;
    },
  };
}

/** @throws Problem "bad-value" unless it holds one state an environment */
export function savedEach({ name, size }: Pick<Vector, "name" | "size">, state: unknown): readonly unknown[] {
  if (Array.isArray(state) && state.length === size) return state;
  const given = Array.isArray(state) ? `${state.length} states` : state;
  throw problem("bad-value", { where: `${name}.restore`, given, wanted: `${size} states, as save returned them` });
}

/** @throws Problem "bad-value" when an environment's spaces are not the first one's */
export function sameSpaces(i: number, other: Spaces, first: Spaces): void {
  for (const part of ["observationSpace", "actionSpace"] as const) {
    if (sameSpace(other[part], first[part])) continue;
    const where = `vectorise: environment ${i} (${other.name})`;
    throw problem("bad-value", {
      where,
      given: describe(other[part]),
      wanted: `the first one's ${describe(first[part])}`,
    });
  }
}
type Spaces = Pick<Environment, "name" | "observationSpace" | "actionSpace">;

/** A problem with the place of the environment that has it; any other error as it is. */
export function placed(name: string, index: number, error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  return Object.assign(problem("in-vector", { name, index, reason: error.message }), { cause: error });
}
