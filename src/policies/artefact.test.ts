import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { categorical, gaussian, mixture, point } from "../nn/index.ts";
import { Problem } from "../problems.ts";
import { box, dict, discrete, flattenBatch, multiDiscrete, type Space, stackValues } from "../spaces/index.ts";
import { constant, fold, ndarray, randomKey, scalar, stack, type Tensor, toOnnx, trace } from "../tensor/index.ts";
import { ModelProtoSchema, StringStringEntryProtoSchema } from "../tensor/onnx/onnx_pb.ts";
import { exportPolicy, loadPolicy, openPolicy, withEvaluation } from "./artefact.ts";
import type { DecisionFunction } from "./decision.ts";

const folder = await mkdtemp(join(tmpdir(), "repertoire-artefact-"));
after(() => rm(folder, { recursive: true, force: true }));

const provenance = { method: "a test", options: {}, recording: "", environment: "", updates: 0, seed: 0, version: "0" };
const line = box([-10, -10], [10, 10]);
const examples = ndarray([
  [0.1, 0.2],
  [3, -4],
  [0, 0],
]);
const exported = (f: Partial<DecisionFunction> & Pick<DecisionFunction, "decide">, rows = examples) =>
  exportPolicy(
    { name: "tested", observationSpace: line, actionSpace: discrete(3), ...f },
    { provenance, examples: rows },
  );

const repeated = (row: readonly number[], times: number) => ndarray(Array.from({ length: times }, () => [...row]));
const scoresOf = (x: Tensor): Tensor => stack([x.at(1, 0), x.at(1, 1), x.at(1, 0).mul(0)], 1);

test("choices: probabilities are the distribution's, draws follow them, and the best action is certain", async () => {
  await using policy = await exported({
    decide: (x) => categorical(scoresOf(x)),
    actionSpace: discrete(3, { start: 5 }),
  });
  const rows = repeated([1, -1], 4000);
  const { action, probability, info } = await policy.actBatch(rows, { key: randomKey(1) });
  const total = Math.exp(1) + Math.exp(-1) + 1;
  const wanted = [Math.exp(1) / total, Math.exp(-1) / total, 1 / total];
  const counts = [0, 0, 0];
  action.data.forEach((a, i) => {
    counts[Number(a) - 5]++;
    assert.ok(Math.abs((probability as Float64Array)[i] - wanted[Number(a) - 5]) < 1e-6);
  });
  counts.forEach((n, a) => {
    assert.ok(Math.abs(n / 4000 - wanted[a]) < 0.03, `${n} draws of ${a}`);
    assert.ok(Math.abs(Number(info.probabilities.data[a]) - wanted[a]) < 1e-6);
  });
  const best = await policy.actBatch(rows, { deterministic: true });
  assert.ok(best.action.data.every((a) => a === 5) && best.probability?.every((p) => p === 1));
});

test("vectors: unscaled to the space, clipped inside it, with the density of the space's units", async () => {
  const actionSpace = box([0, -4], [2, 4]);
  const actionScale = { centre: Float32Array.of(1, 0), half: Float32Array.of(1, 4) };
  const spread = 0.5;
  const decide = (x: Tensor) => gaussian(x, scalar(Math.log(spread)).broadcastTo(2));
  await using policy = await exported({ decide, actionSpace, actionScale });
  const { action, probability } = await policy.actBatch(repeated([0.2, -0.1], 3000), { key: randomKey(2) });
  let [sum, square] = [0, 0];
  for (let i = 0; i < 3000; i++) {
    const [a, b] = [Number(action.data[2 * i]), Number(action.data[2 * i + 1])];
    assert.ok(a >= 0 && a <= 2 && b >= -4 && b <= 4);
    const [u, v] = [a - 1, b / 4];
    const density = Math.exp(-((u - 0.2) ** 2 + (v + 0.1) ** 2) / (2 * spread ** 2)) / (2 * Math.PI * spread ** 2) / 4;
    assert.ok(Math.abs((probability as Float64Array)[i] - density) < 1e-5);
    sum += v / 3000;
    square += v ** 2 / 3000;
  }
  assert.ok(
    Math.abs(sum + 0.1) < 0.04 && Math.abs(Math.sqrt(square - sum ** 2) - 0.47) < 0.04,
    "clipped at ±1, so a little less than 0.5",
  );
  const best = await policy.actBatch(repeated([0.2, -0.1], 1), { deterministic: true });
  assert.deepEqual(
    Array.from(best.action.data as Float64Array, (v) => v.toFixed(4)),
    ["1.2000", "-0.4000"],
  );
  assert.equal(best.probability, undefined);
});

test("a row's action depends on its own observation and key, whatever else is in the batch", async () => {
  const decide = (x: Tensor) =>
    mixture({ weights: scoresOf(x), mean: stack([x, x.neg(), x.mul(0)], 1), logSpread: scalar(-1).broadcastTo(3, 2) });
  const actionScale = { centre: Float32Array.of(0, 0), half: Float32Array.of(1, 1) };
  await using policy = await exported({ decide, actionSpace: box([-1, -1], [1, 1]), actionScale });
  const keys = [0, 1, 2, 3, 4].map((i) => fold(randomKey(9), i));
  const observations = ndarray([
    [0.1, 0.2],
    [0.5, -0.5],
    [1, 1],
    [-0.3, 0.7],
    [0, 0],
  ]);
  const together = await policy.actBatch(observations, { keys });
  for (let i = 0; i < 5; i++) {
    const alone = await policy.act((observations.data as Float32Array).slice(2 * i, 2 * i + 2), {
      key: keys[i],
    });
    (alone.action as Float32Array).forEach((a, j) => {
      assert.ok(Math.abs(a - Number(together.action.data[2 * i + j])) < 1e-6);
    });
    assert.ok(Math.abs((alone.probability as number) - (together.probability as Float64Array)[i]) < 1e-5);
  }
});

test("every kind of observation is flattened in the graph as spaces/flatten flattens it, and normalised", async () => {
  const cases: readonly [Space, readonly unknown[]][] = [
    [discrete(4, { start: 2 }), [2, 5, 3]],
    [multiDiscrete([2, 3]), [Int32Array.of(0, 2), Int32Array.of(1, 0)]],
    [
      box(
        [
          [-1, -1],
          [-1, -1],
        ].flat(),
        [1, 1, 1, 1],
        { shape: [2, 2] },
      ),
      [Float32Array.of(0.1, 0.2, 0.3, 0.4)],
    ],
    [dict({ b: discrete(2), a: box(-1, 1) }), [{ a: Float32Array.of(0.5), b: 1 }]],
  ];
  for (const [observationSpace, values] of cases) {
    const rows = stackValues(observationSpace, values as never);
    const flat = flattenBatch(observationSpace, rows);
    const width = flat.shape[1];
    const normaliser = { centre: new Float32Array(width).fill(0.25), half: new Float32Array(width).fill(2) };
    const actionSpace = box(Array<number>(width).fill(-9), Array<number>(width).fill(9));
    const actionScale = { centre: new Float32Array(width), half: new Float32Array(width).fill(1) };
    await using policy = await exported(
      { observationSpace, actionSpace, actionScale, normaliser, decide: (x) => point(x) },
      rows,
    );
    assert.equal(policy.description.stochastic, false);
    const { action } = await policy.actBatch(rows);
    flat.data.forEach((v, i) => {
      assert.ok(Math.abs(Number(action.data[i]) - (Number(v) - 0.25) / 2) < 1e-6, observationSpace.kind);
    });
  }
});

test("a file is written whole, loaded by any name, and carries an evaluation that was added later", async () => {
  await using policy = await exported({ decide: (x) => categorical(scoresOf(x)) });
  const estimate = { value: 1, interval: [0, 2] as [number, number], level: 0.95, n: 10, method: "a test" };
  await using evaluated = await withEvaluation(policy, { return: estimate });
  const path = join(folder, "it's a policy.onnx");
  await evaluated.save(path);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith(".")),
    [],
  );
  await using loaded = await loadPolicy(path);
  assert.deepEqual(loaded.description.evaluation.return, estimate);
  assert.deepEqual(loaded.description.tests, policy.description.tests);
  const [a, b] = await Promise.all([policy, loaded].map((p) => p.actBatch(examples, { key: randomKey(4) })));
  assert.deepEqual(a.action.data, b.action.data);
});

test("what is no policy, or no longer the one that was tested, is refused in a sentence", async () => {
  await using policy = await exported({
    decide: (x) => categorical(scoresOf(x).add(constant(ndarray([0.5, 0.25, 0.125])))),
  });
  const { bytes } = policy;
  await assert.rejects(
    loadPolicy(join(folder, "absent.onnx")),
    /absent\.onnx: no such file; wanted a policy \(\.onnx\)/,
  );
  await assert.rejects(openPolicy(bytes.subarray(0, bytes.length / 2), "half.onnx"), /^Problem: half\.onnx: /);
  await assert.rejects(
    openPolicy(new TextEncoder().encode("not a model at all"), "text.onnx"),
    /^Problem: text\.onnx: /,
  );

  const foreign = toOnnx(
    trace("foreign", { state: {}, inputs: { x: { shape: [2], dtype: "float32" } } }, (state, { x }) => ({
      state,
      outputs: { y: (x as unknown as Tensor).add(1) },
    })),
  );
  await assert.rejects(
    openPolicy(foreign, "foreign.onnx"),
    /foreign\.onnx: an ONNX file, but not a Repertoire policy: it does not describe itself/,
  );

  const model = fromBinary(ModelProtoSchema, bytes);
  const weights = model.graph?.initializer.find(({ dims }) => dims.length === 1 && dims[0] === 3n);
  assert.ok(weights?.rawData);
  new DataView(weights.rawData.buffer, weights.rawData.byteOffset).setFloat32(0, -3, true);
  const altered = toBinary(ModelProtoSchema, model);
  await writeFile(join(folder, "altered.onnx"), altered);
  await assert.rejects(
    loadPolicy(join(folder, "altered.onnx")),
    /does not run the policy as it was tested: .* do not ship it/,
  );

  const vague = fromBinary(ModelProtoSchema, bytes);
  vague.metadataProps = [create(StringStringEntryProtoSchema, { key: "repertoire", value: '{"format":99}' })];
  await assert.rejects(
    openPolicy(toBinary(ModelProtoSchema, vague), "vague.onnx"),
    /vague\.onnx: .* its description is not ours/,
  );
  await assert.rejects(policy.actBatch(examples), /acting by chance needs a key/);
});

test("damaged in any place, a file is refused with a reason or acts as it was tested: nothing else", async () => {
  await using policy = await exported({ decide: (x) => categorical(scoresOf(x).mul(0.5)) });
  const { bytes } = policy;
  const damage = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.nat(255),
    keep: fc.double({ min: 0.3, max: 1.5, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, to, keep }) => {
      const damaged = bytes.slice(0, Math.ceil(Math.min(1, keep) * bytes.length));
      damaged[Math.floor(at * (damaged.length - 1))] = to;
      try {
        await using opened = await openPolicy(damaged, "damaged.onnx");
        assert.equal(opened.description.tests.length, policy.description.tests.length);
      } catch (error) {
        assert.ok(error instanceof Problem, String(error));
        assert.match(error.message, /^damaged\.onnx: /);
      }
    }),
    { numRuns: 300 },
  );
});
