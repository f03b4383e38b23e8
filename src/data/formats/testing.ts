/** Any recording, for the tests of formats. */
import fc from "fast-check";
import { box, dict, discrete, multiDiscrete, tuple } from "../../spaces/make.ts";
import { sample } from "../../spaces/sample.ts";
import type { Box, Space } from "../../spaces/space.ts";
import { stackValues, storedForm } from "../../spaces/stored.ts";
import { allocate, type NdArray, ndarray } from "../../tensor/ndarray.ts";
import { type Generator, generator, randomKey } from "../../tensor/random.ts";
import { trajectories } from "../build.ts";
import { decisionLog } from "../decision-log.ts";
import type { DecisionLog, Trajectories } from "../trajectories.ts";

const spaces: readonly Space[] = [
  box(-3, 3, { shape: [2] }),
  box(-Infinity, Infinity, { shape: [1, 2], dtype: "float64" }),
  box(0, 1, { shape: [] }),
  discrete(5, { start: -2, names: ["a", "b", "c", "d", "ü'"] }),
  multiDiscrete([2, 3]),
  dict({ at: box(-1, 1), room: discrete(2) }),
  tuple(discrete(3, { start: 1 }), dict({ "a/b": multiDiscrete([2, 3]), "": box(0, 1, { shape: [2, 1] }) })),
];

/** Numbers that formats get wrong: no short decimal, a sign on zero, the smallest there is. */
const awkward = [0.1, -0, 1 / 3, 2 ** -149, 1e-300, 1, -1];

function values(space: Space, rows: number, random: Generator): NdArray {
  if (space.kind === "dict" || space.kind === "tuple") {
    return stackValues(
      space,
      Array.from({ length: rows }, () => sample(space, random)),
    );
  }
  const { shape, dtype } = storedForm(space);
  const all = [rows, ...shape];
  const data = allocate(all, dtype) as Float64Array;
  for (let i = 0; i < data.length; i++) {
    if (space.kind === "discrete") data[i] = space.start + random.integer(space.n);
    else if (space.kind === "multi-discrete") data[i] = random.integer(space.sizes[i % space.sizes.length]);
    else if (space.kind === "box") data[i] = within(space, awkward[random.integer(awkward.length)]);
  }
  return { shape: all, dtype, data };
}

const within = (space: Box, value: number): number => (value < (space.low[0] ?? -1) ? 0.5 : value);

const tagValues = [null, true, "it's", 'a "b"', 0.1, -3, "é\n\u0000"];

const tags = (n: number, random: Generator) => ({
  "who's": Array.from({ length: n }, () => tagValues[random.integer(tagValues.length)]),
  quality: Array.from({ length: n }, () => random.uniform()),
});

const extras = (n: number, random: Generator): { readonly [name: string]: NdArray } => ({
  "a 'quoted\" name": ndarray(BigInt64Array.from({ length: n }, () => BigInt(random.integer(9)) * 2n ** 59n - 7n)),
  pair: ndarray(Float32Array.from({ length: 2 * n }, random.normal), { shape: [n, 2] }),
  flag: ndarray(Uint8Array.from({ length: n }, () => random.integer(2))),
});

const seed = fc.integer({ min: 0, max: 2 ** 31 });

export const anyTrajectories: fc.Arbitrary<Trajectories> = fc
  .tuple(
    seed,
    fc.constantFrom(...spaces),
    fc.constantFrom(...spaces),
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
  )
  .map(([start, observationSpace, actionSpace, lengths]) => {
    const random = generator(randomKey(start));
    const steps = lengths.reduce((a, b) => a + b, 0);
    const terminated = new Uint8Array(steps);
    const truncated = new Uint8Array(steps);
    let end = 0;
    for (const length of lengths) {
      end += length;
      (random.integer(2) === 0 ? terminated : truncated)[end - 1] = 1;
    }
    return trajectories({
      observationSpace,
      actionSpace,
      observation: values(observationSpace, steps, random),
      action: values(actionSpace, steps, random),
      reward: Float64Array.from({ length: steps }, () => awkward[random.integer(awkward.length)]),
      terminated,
      truncated,
      finalObservation: values(observationSpace, lengths.length, random),
      tags: tags(lengths.length, random),
      extras: extras(steps, random),
      environment: "It's-v0",
      ...(random.integer(2) === 0 ? { license: "CC BY 4.0" } : {}),
    });
  });

export const anyDecisionLog: fc.Arbitrary<DecisionLog> = fc
  .tuple(seed, fc.nat(6), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }))
  .map(([start, rows, count, features]) => {
    const random = generator(randomKey(start));
    const action = Int32Array.from({ length: rows }, () => random.integer(count));
    const policy = new Float64Array(rows * count).fill(1 / count);
    const sometimes = <T extends object>(part: T): T | Record<string, never> => (random.integer(2) === 0 ? part : {});
    return decisionLog({
      context: ndarray(Float32Array.from({ length: rows * features }, random.normal), { shape: [rows, features] }),
      ...sometimes({ contextNames: Array.from({ length: features }, (_, i) => `feature=${i}`) }),
      actions: {
        count,
        names: Array.from({ length: count }, (_, i) => `item "${i}"`),
        ...sometimes({
          features: ndarray(Float32Array.from({ length: count * 2 }, random.normal), { shape: [count, 2] }),
        }),
      },
      action,
      propensity: new Float64Array(rows).fill(1 / count),
      reward: Float64Array.from({ length: rows }, () => awkward[random.integer(awkward.length)]),
      ...sometimes({ available: ndarray(new Uint8Array(rows * count).fill(1), { shape: [rows, count] }) }),
      ...sometimes({ loggingPolicy: ndarray(policy, { shape: [rows, count] }) }),
      tags: tags(rows, random),
      extras: {
        ...extras(rows, random),
        timestamp: ndarray(Float64Array.from({ length: rows }, (_, i) => 1.5e12 + i / 3)),
      },
    });
  });

export const anyRecording = fc.oneof(anyTrajectories, anyDecisionLog);

/** The recording with its lazily computed fingerprint written out, so that two can be compared whole. */
export const plain = <R extends { readonly provenance: object }>(recording: R) => ({
  ...recording,
  provenance: { ...recording.provenance },
});
