import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { allocateRows, sample, writeRow } from "../spaces/index.ts";
import { type NdArray, ndarray } from "../tensor/ndarray.ts";
import { generator, randomKey } from "../tensor/random.ts";
import {
  type AnyVectorEnvironment,
  type EnvironmentSpec,
  makeFrom,
  type VectorStep,
  vectorise,
  vectoriseInWorkers,
} from "./index.ts";

const module = import.meta.resolve("./testing.ts");
const slopes = (options: EnvironmentSpec["options"]): EnvironmentSpec => ({
  name: "Slope-v0",
  module,
  options: options!,
});
const up = (n: number): NdArray => ndarray(new Array(n).fill(1), { dtype: "int32" });

/** Plays random actions; a learner awaits either kind of vector alike. */
async function played(vector: AnyVectorEnvironment, steps: number): Promise<readonly unknown[]> {
  const { actionSpace, size } = vector;
  const random = generator(randomKey(9));
  const seen: unknown[] = [structuredClone(await vector.reset({ seed: 5 }))];
  for (let t = 0; t < steps; t++) {
    const actions = allocateRows(actionSpace, size);
    for (let i = 0; i < size; i++) writeRow(actionSpace, actions, i, sample(actionSpace, random));
    seen.push(structuredClone(await vector.step(actions)));
  }
  return seen;
}

test("the numbers and infos are those of one thread, whatever the number of workers", async () => {
  const specs: readonly EnvironmentSpec[] = [
    { name: "PointMaze-umaze-v0", options: { noise: 0.2 }, maxSteps: 7 },
    slopes({ ends: 4 }),
  ];
  for (const spec of specs) {
    const environments = await Promise.all([0, 1, 2].map(() => makeFrom(spec)));
    const wanted = await played(vectorise(environments.map((env) => () => env)), 30);
    for (const options of [{ workers: 1 }, { workers: 2, reuse: true }]) {
      await using vector = await vectoriseInWorkers(spec, { size: 3, ...options });
      assert.deepEqual(await played(vector, 30), wanted);
    }
  }
});

test("save, restore and perturb reach every environment in its thread", async () => {
  await using vector = await vectoriseInWorkers({ name: "CartPole-v1" }, { size: 3, workers: 2 });
  await vector.reset({ seed: 1 });
  await vector.step(up(3));
  const saved = JSON.parse(JSON.stringify(await vector.save!()));
  const ahead = await vector.step(up(3));
  await vector.restore!(saved);
  assert.deepEqual(await vector.step(up(3)), ahead);
  await vector.restore!(saved);
  await vector.perturb!([{ gravity: 9.8 }, { gravity: 30 }, { gravity: 9.8 }]);
  await vector.step(up(3));
  const after = await vector.step(up(3));
  await vector.restore!(saved);
  await vector.step(up(3));
  const own = await vector.step(up(3));
  const row = (step: VectorStep, i: number) => step.observation.data.slice(4 * i, 4 * i + 4);
  assert.deepEqual(row(after, 0), row(own, 0));
  assert.notDeepEqual(row(after, 1), row(own, 1));
  assert.deepEqual(row(after, 2), row(own, 2));
});

test("a spec for each environment, and infos only of ends where that is enough", async () => {
  const specs = [2, 3].map((ends) => slopes({ ends }));
  await using vector = await vectoriseInWorkers(specs, { infos: "last" });
  assert.deepEqual((await vector.reset()).info, [{ from: 0 }, { from: 0 }]);
  assert.deepEqual((await vector.step(up(2))).info, [{}, {}]);
  const { info, finalInfo, terminated, finalObservation, observation } = await vector.step(up(2));
  assert.deepEqual(
    [[...terminated], info, finalInfo],
    [
      [1, 0],
      [{}, {}],
      [{ at: 2 }, undefined],
    ],
  );
  assert.deepEqual(
    [[...finalObservation!.data], [...observation.data]],
    [
      [2, 0],
      [0, 2],
    ],
  );
});

test("what an environment throws in its thread comes with its place, and a reset begins anew", async () => {
  await using vector = await vectoriseInWorkers([slopes({}), slopes({ breaks: 2 }), slopes({ breaks: 2 })], {
    workers: 2,
  });
  await vector.reset();
  await vector.step(up(3));
  await assert.rejects(
    vector.step(up(3)),
    /Slope-v0, environment 1 of the vector: RangeError: there is no step 2\. Mend it, then reset the vector\./,
  );
  assert.deepEqual([...(await vector.reset()).observation.data], [0, 0, 0]);
  assert.deepEqual([...(await vector.step(up(3))).observation.data], [1, 1, 1]);
  const cart = await vectoriseInWorkers({ name: "CartPole-v1" }, { size: 2, workers: 1 });
  await using _ = cart;
  await assert.rejects(cart.step(up(2)), /CartPole-v1, environment 0 of the vector: .*Call reset first/);
  await cart.reset();
  await assert.rejects(
    cart.step(ndarray([0, 7], { dtype: "int32" })),
    /environment 1 of the vector: .*got 7; wanted a value of/,
  );
});

test("an info that cannot leave its thread is named with its environment", async () => {
  await using vector = await vectoriseInWorkers([slopes({}), slopes({ tells: "a function" })], { workers: 1 });
  await vector.reset();
  await assert.rejects(vector.step(up(2)), /environment 1 of the vector: DataCloneError/);
});

test("a thread that stops is noticed, and what cannot be made is refused with its place", async () => {
  await using vector = await vectoriseInWorkers(slopes({ stops: 1 }), { size: 2, workers: 2 });
  await vector.reset();
  await assert.rejects(vector.step(up(2)), /a worker of the vector stopped: it ended with 3\. Close the vector/);
  await assert.rejects(vector.reset(), /a worker of the vector stopped/);
  const refused: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [
      () => vectoriseInWorkers([slopes({}), slopes({ ended: 1 })], { workers: 1 }),
      /environment 1 of the vector: Slope-v0 has no option "ended"/,
    ],
    [
      () => vectoriseInWorkers([slopes({}), { name: "CartPole-v1" }], { workers: 2 }),
      /environment 1 \(CartPole-v1\): got "Box\[4\]/,
    ],
    [
      () => vectoriseInWorkers({ name: "CartPol-v1" }, { size: 1 }),
      /there is no environment "CartPol-v1"\. Known: CartPole-v1/,
    ],
    [() => vectoriseInWorkers({ name: "CartPole-v1" }), /option "size" is 0; wanted a whole number of at least 1/],
    [() => vectoriseInWorkers([slopes({})], { size: 2 }), /option "size" is 2; wanted 1, one a spec/],
    [
      () => vectoriseInWorkers(slopes({}), { size: 2, workers: 3 }),
      /option "workers" is 3; wanted a whole number from 1 to/,
    ],
  ];
  for (const [made, sentence] of refused) await assert.rejects(made(), sentence);
});

test("calls come one at a time, and none after closing; a pending one is told", async () => {
  const vector = await vectoriseInWorkers({ name: "CartPole-v1" }, { size: 2, workers: 2 });
  const first = vector.reset({ seed: 1 });
  await assert.rejects(vector.step(up(2)), /CartPole-v1: step was called before reset had finished\. Await each call/);
  await first;
  const pending = assert.rejects(
    (async () => {
      for (;;) await vector.step(up(2));
    })(),
    /the vector was closed meanwhile|step was called after the vector had been closed/,
  );
  await vector[Symbol.asyncDispose]();
  await pending;
  await assert.rejects(vector.reset(), /reset was called after the vector had been closed\. Open another\./);
});

const program = `
  import { vectoriseInWorkers } from "${import.meta.resolve("./index.ts")}";
  const vector = await vectoriseInWorkers({ name: "CartPole-v1" }, { size: 2, workers: 2 });
  await vector.reset({ seed: 1 });
  console.log("ready");
`;
const running = (more: string) =>
  spawn(process.execPath, ["--conditions=repertoire-source", "--input-type=module", "-e", program + more], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });

test("a process ends with a vector left open, and by Ctrl-C in the middle of a step", async () => {
  const forgetful = running("");
  assert.deepEqual(await once(forgetful, "exit"), [0, null]);
  const actions = `{ shape: [2], dtype: "int32", data: new Int32Array(2) }`;
  const stepping = running(`for (;;) await vector.step(${actions});`);
  await once(stepping.stdout, "data");
  stepping.kill("SIGINT");
  assert.deepEqual(await once(stepping, "exit"), [null, "SIGINT"]);
});
