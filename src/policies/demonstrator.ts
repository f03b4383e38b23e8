/** Behaviour written beside a world, as a policy. */
import type { Demonstrator } from "../envs/demonstrator.ts";
import { problem } from "../problems.ts";
import { contains, describe, describeValue } from "../spaces/contains.ts";
import type { Value } from "../spaces/space.ts";
import { allocateRows, readRow, writeRow } from "../spaces/stored.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { fold, generator, type RandomKey } from "../tensor/random.ts";
import type { ActOptions, Memory, Policy } from "./policy.ts";

const nothing = Object.freeze({});

/**
 * A policy that acts as the demonstrator does, what it remembers being the policy's memory. It gives no probabilities: a
 * demonstrator with hidden intentions has none that its observations could explain.
 * @example demonstratorPolicy(pushingDemonstrator("Avoid-v0", { human: true }))
 * @throws Problem from its calls: "needs-key" without a key, "outside-space" for an observation outside its space
 */
export function demonstratorPolicy(demonstrator: Demonstrator): Policy {
  const { name, observationSpace, actionSpace, memorySize } = demonstrator;
  const remembered = (memory: Memory | undefined, rows: number): Float64Array =>
    memory === undefined ? new Float64Array(rows * memorySize) : (memory.memory.data as Float64Array).slice();
  const kept = (data: Float64Array, rows: number): { readonly memory?: Memory } => {
    if (memorySize === 0) return nothing;
    const memory: NdArray = { shape: [rows, memorySize], dtype: "float64", data };
    return { memory: { memory } };
  };
  const decide = (observation: Value, memory: Float64Array, key: RandomKey | undefined): Value => {
    if (!contains(observationSpace, observation)) {
      const given = describeValue(observation);
      throw problem("outside-space", { where: `${name}.act`, given, space: describe(observationSpace) });
    }
    return demonstrator.decide(observation, memory, key && generator(key));
  };

  return {
    name,
    observationSpace,
    actionSpace,
    async act(observation, { deterministic = false, key, memory: before }: ActOptions = {}) {
      if (!deterministic && key === undefined) throw problem("needs-key", { where: name });
      const memory = remembered(before, 1);
      const action = decide(observation, memory, deterministic ? undefined : key);
      return { action, info: nothing, ...kept(memory, 1) };
    },
    async actBatch(observations, { deterministic = false, key, keys, memory: before }: ActOptions = {}) {
      const rows = observations.shape[0];
      const memory = remembered(before, rows);
      const action = allocateRows(actionSpace, rows);
      for (let row = 0; row < rows; row++) {
        const own = deterministic ? undefined : (keys?.[row] ?? (key === undefined ? undefined : fold(key, row)));
        if (!deterministic && own === undefined) throw problem("needs-key", { where: name });
        const part = memory.subarray(row * memorySize, (row + 1) * memorySize);
        writeRow(actionSpace, action, row, decide(readRow(observationSpace, observations, row), part, own));
      }
      return { action, info: nothing, ...kept(memory, rows) };
    },
    async [Symbol.asyncDispose]() {},
  };
}
