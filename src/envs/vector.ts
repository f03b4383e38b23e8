/** Several copies of an environment stepped together, their observations batched. */
import { problem } from "../problems.ts";
import { describe, sameSpace } from "../spaces/contains.ts";
import type { Space } from "../spaces/space.ts";
import { allocateRows, readRow, writeRow } from "../spaces/stored.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { fold, randomKey } from "../tensor/random.ts";
import type { Environment, Info } from "./environment.ts";
import { seedFrom } from "./seeds.ts";

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

export interface VectorEnvironment {
  readonly name: string;
  readonly size: number;
  /** Of one environment. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly environments: readonly Environment[];
  /** Each environment gets a seed of its own, derived from this one and its place. */
  reset(options?: { readonly seed?: number }): { readonly observation: NdArray; readonly info: readonly Info[] };
  /** @param actions [n, …action] in stored form (see spaces/stored) */
  step(actions: NdArray): VectorStep;
  save?(): unknown;
  restore?(state: unknown): void;
}

/**
 * Steps environments in place, one after another. An episode that ends is reset on the same step: the returned
 * observation is the new episode's first, and the old one's last is kept in `finalObservation`.
 * @example const vector = vectorise(Array.from({ length: 8 }, () => () => make("CartPole-v1")));
 * @throws Problem "bad-value" when there are none, or their spaces differ
 */
export function vectorise(factories: readonly (() => Environment)[]): VectorEnvironment {
  const environments = factories.map((make) => make());
  if (environments.length === 0) {
    throw problem("bad-value", { where: "vectorise", given: "no factories", wanted: "at least one environment" });
  }
  const [{ name, observationSpace, actionSpace }] = environments;
  for (const [i, other] of environments.entries()) {
    for (const [mine, first] of [
      [other.observationSpace, observationSpace],
      [other.actionSpace, actionSpace],
    ]) {
      if (!sameSpace(mine, first)) {
        const where = `vectorise: environment ${i} (${other.name})`;
        throw problem("bad-value", { where, given: describe(mine), wanted: `the first one's ${describe(first)}` });
      }
    }
  }
  const size = environments.length;
  const saves = environments.every((env) => env.save !== undefined && env.restore !== undefined);

  return {
    name,
    size,
    observationSpace,
    actionSpace,
    environments,
    reset(options = {}) {
      const { seed } = options;
      const observation = allocateRows(observationSpace, size);
      const info = environments.map((env, i) => {
        const first = env.reset(seed === undefined ? {} : { seed: seedFrom(fold(randomKey(seed), "environment", i)) });
        writeRow(observationSpace, observation, i, first.observation);
        return first.info;
      });
      return { observation, info };
    },
    step(actions) {
      if (actions.shape[0] !== size) {
        throw problem("shape", { where: `${name}.step`, wanted: `[${size}, …action]`, got: [actions.shape] });
      }
      const observation = allocateRows(observationSpace, size);
      const reward = new Float64Array(size);
      const terminated = new Uint8Array(size);
      const truncated = new Uint8Array(size);
      const info = new Array<Info>(size);
      let finalObservation: NdArray | undefined;
      let finalInfo: (Info | undefined)[] | undefined;
      for (let i = 0; i < size; i++) {
        const env = environments[i];
        const step = env.step(readRow(actionSpace, actions, i));
        reward[i] = step.reward;
        info[i] = step.info;
        let seen = step.observation;
        if (step.terminated || step.truncated) {
          terminated[i] = Number(step.terminated);
          truncated[i] = Number(step.truncated);
          finalObservation ??= allocateRows(observationSpace, size);
          finalInfo ??= new Array<Info | undefined>(size).fill(undefined);
          writeRow(observationSpace, finalObservation, i, seen);
          finalInfo[i] = step.info;
          const first = env.reset();
          seen = first.observation;
          info[i] = first.info;
        }
        writeRow(observationSpace, observation, i, seen);
      }
      const ended = finalObservation === undefined || finalInfo === undefined ? {} : { finalObservation, finalInfo };
      return { observation, reward, terminated, truncated, info, ...ended };
    },
    ...(saves
      ? {
          save: () => environments.map((env) => env.save!()),
          restore: (state: unknown) => {
            for (const [i, env] of environments.entries()) env.restore!((state as unknown[])[i]);
          },
        }
      : {}),
  };
}
