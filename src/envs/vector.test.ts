import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { allocateRows, box, dict, discrete, readRow, sample, type Value, writeRow } from "../spaces/index.ts";
import { type NdArray, ndarray } from "../tensor/ndarray.ts";
import { generator, randomKey } from "../tensor/random.ts";
import type { Environment, Step } from "./environment.ts";
import { flattenObservation, make, scaleReward, simulate, type VectorEnvironment, vectorise } from "./index.ts";
import { slope } from "./testing.ts";
import { seedOf } from "./vector.ts";

/** One-dimensional drift whose observation is a record, so that nothing is written in place. */
const drift = (): Environment =>
  simulate<{ place: Float64Array; side: number }, Float32Array>({
    name: "Drift-v0",
    observationSpace: dict({ place: box(-9, 9, { dtype: "float64" }), side: discrete(2) }),
    actionSpace: box(-1, 1, { shape: [2] }),
    stateSize: 1,
    start: (state, random) => {
      state[0] = random.between(-1, 1);
    },
    advance: (state, [left, right], random) => {
      state[0] += right - left + 0.1 * random.normal();
      return state[0];
    },
    ended: ([at]) => Math.abs(at) > 2,
    observe: ([at]) => ({ place: Float64Array.of(at), side: Number(at > 0) }),
    info: ([at]) => ({ at }),
  });

const worlds: { readonly [name: string]: () => Environment } = {
  "numbers written in place": () => make("CartPole-v1", { maxSteps: 12 }),
  "numbers and lent actions": () => make("PointMaze-umaze-v0", { noise: 0.3, maxSteps: 9 }),
  "a wrapper that returns": () => scaleReward(make("Pendulum-v1", { maxSteps: 5 }), { scale: 2 }),
  "a step replaced by hand": () => {
    const env = make("CartPole-v1");
    const step = (action: Value): Step => ({ ...env.step(action), reward: 7 });
    return { ...env, step };
  },
  "a step replaced in its place": () => {
    const env = make("CartPole-v1");
    const { step } = env;
    return Object.assign(env, { step: (action: Value): Step => ({ ...step(action), reward: 7 }) });
  },
  "records of several parts": drift,
  "flattened records": () => flattenObservation(drift()),
};

/** Actions for n environments at a step, from a seed. */
function actionsFor({ actionSpace, size }: VectorEnvironment, seed: number, t: number): NdArray {
  const rows = allocateRows(actionSpace, size);
  const random = generator(randomKey(seed), 1000 * t);
  for (let i = 0; i < size; i++) writeRow(actionSpace, rows, i, sample(actionSpace, random));
  return rows;
}

for (const [what, world] of Object.entries(worlds)) {
  test(`a vector of ${what} does what its environments do alone, whether its arrays are used again or not`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 4 }), (seed, size) => {
        for (const reuse of [false, true]) {
          const vector = vectorise(new Array(size).fill(world), { reuse });
          const alone = Array.from({ length: size }, world);
          const { observationSpace: space } = vector;
          const batch = (values: readonly (Value | undefined)[]): NdArray => {
            const rows = allocateRows(space, size);
            for (const [i, value] of values.entries()) if (value !== undefined) writeRow(space, rows, i, value);
            return rows;
          };
          const firsts = alone.map((env, i) => env.reset({ seed: seedOf(seed, i) }));
          const begun = vector.reset({ seed });
          assert.deepEqual(begun.observation, batch(firsts.map((it) => it.observation)));
          assert.deepEqual(
            begun.info,
            firsts.map((it) => it.info),
          );
          for (let t = 0; t < 25; t++) {
            const actions = actionsFor(vector, seed, t);
            const steps = alone.map((env, i) => env.step(readRow(vector.actionSpace, actions, i)));
            const ended = steps.map((it) => it.terminated || it.truncated);
            const next = steps.map((it, i) => (ended[i] ? alone[i].reset() : it));
            const lasts = ended.includes(true)
              ? {
                  finalObservation: batch(steps.map((it, i) => (ended[i] ? it.observation : undefined))),
                  finalInfo: steps.map((it, i) => (ended[i] ? it.info : undefined)),
                }
              : {};
            assert.deepEqual(vector.step(actions), {
              observation: batch(next.map((it) => it.observation)),
              reward: Float64Array.from(steps, (it) => it.reward),
              terminated: Uint8Array.from(steps, (it) => Number(it.terminated)),
              truncated: Uint8Array.from(steps, (it) => Number(it.truncated)),
              info: next.map((it) => it.info),
              ...lasts,
            });
          }
        }
      }),
      { numRuns: 8 },
    );
  });
}

test("arrays are the caller's to keep, unless they are asked to be used again", () => {
  for (const reuse of [false, true]) {
    const vector = vectorise([() => make("CartPole-v1")], { reuse });
    const first = vector.reset({ seed: 1 }).observation;
    const before = first.data.slice();
    const one = vector.step(ndarray([1], { dtype: "int32" }));
    const two = vector.step(ndarray([1], { dtype: "int32" }));
    assert.equal(one.observation.data === two.observation.data, reuse);
    assert.equal(one.reward === two.reward, reuse);
    assert.equal(before.join() === first.data.join(), !reuse);
  }
});

test("what one environment throws comes with its place; what is no problem comes as it is", () => {
  const vector = vectorise([() => make("CartPole-v1"), () => make("CartPole-v1")]);
  assert.throws(
    () => vector.step(ndarray([0, 0], { dtype: "int32" })),
    /CartPole-v1, environment 0 of the vector: .*Call reset first/,
  );
  vector.reset({ seed: 1 });
  assert.throws(
    () => vector.step(ndarray([0, 2], { dtype: "int32" })),
    /CartPole-v1, environment 1 of the vector: CartPole-v1\.step: got 2; wanted a value of Discrete\(2: left, right\)\. Mend it/,
  );
  const broken = vectorise([() => slope(), () => slope({ breaks: 1 })]);
  broken.reset({ seed: 1 });
  assert.throws(() => broken.step(ndarray([1, 1], { dtype: "int32" })), RangeError);
  assert.throws(
    () => vector.step(ndarray([[0], [1]], { dtype: "int32" })),
    /wanted \[2\], one action an environment, got \[2, 1\]/,
  );
  assert.throws(() => vector.restore!([1]), /CartPole-v1\.restore: got "1 states"; wanted 2 states/);
});

test("parameters change for all environments, or for each its own", () => {
  const vector = vectorise([() => make("CartPole-v1"), () => make("CartPole-v1")]);
  const gravities = () => vector.environments.map((env) => env.parameterValues!().gravity);
  vector.perturb!({ gravity: 3 });
  assert.deepEqual(gravities(), [3, 3]);
  vector.perturb!([{ gravity: 4 }, { gravity: 5 }]);
  assert.deepEqual(gravities(), [4, 5]);
  assert.throws(() => vector.perturb!([{ gravity: 4 }]), /got "1 records"; wanted one record, or 2/);
  assert.throws(
    () => vector.perturb!([{ gravity: 4 }, { gravity: -5 }]),
    /environment 1 of the vector: .*gravity, m\/s²/,
  );
  assert.equal(vectorise([slope]).perturb, undefined);
});

test("a simulation that writes must observe a Box", () => {
  const start = (): void => {};
  const parts = { actionSpace: discrete(2), stateSize: 1, start, advance: () => 0, ended: () => false };
  const wrong = () =>
    simulate({ name: "Odd", observationSpace: discrete(3), observeInto: () => {}, ...parts } as Parameters<
      typeof simulate
    >[0]);
  assert.throws(wrong, /simulate\(Odd\): got "Discrete\(3\)"; wanted observe, as observeInto writes a Box only/);
});
