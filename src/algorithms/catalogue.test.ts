/** What every algorithm must do. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { flattenBatch } from "../spaces/index.ts";
import { asType, constant, evaluate, type NdArray, randomKey, sliceRows, zerosOf } from "../tensor/index.ts";
import { catalogue } from "./catalogue.ts";
import { type AnyAlgorithm, learnsByPlay } from "./define.ts";
import { experienceFor } from "./experience.ts";
import { kindsFor, line, tinyOnline } from "./online/testing.ts";
import { trainOnline } from "./online/train-online.ts";
import { type Options, resolveOptions } from "./options.ts";
import { changed, flat, recordingsFor, tiny } from "./testing.ts";
import { type TrainOptions, train } from "./train.ts";
import { decided, frozen, initialState, scalarsOf, tracedOptions } from "./training.ts";

const given = (algorithm: AnyAlgorithm, extra: Record<string, unknown> = {}) =>
  Object.fromEntries(Object.entries({ ...tiny, ...extra }).filter(([name]) => name in algorithm.options));

const run = (algorithm: AnyAlgorithm, which: number, extra: Record<string, unknown> = {}, more: TrainOptions = {}) =>
  train(algorithm, recordingsFor(algorithm)[which], { options: given(algorithm, extra), seed: 5, unroll: 2, ...more });

const setupFor = (algorithm: AnyAlgorithm, which: number) => {
  const options = resolveOptions(algorithm.name, algorithm.options as Options, given(algorithm)) as Record<
    string,
    unknown
  >;
  const experience = experienceFor(algorithm, options, recordingsFor(algorithm)[which]);
  return { algorithm, options, experience, sizes: experience.sizes };
};

/** A value of an option that should make a difference. */
function another(name: string, algorithm: AnyAlgorithm): unknown {
  const { default: value, schema } = (algorithm.options as Options)[name];
  const now = name in tiny ? (tiny as Record<string, unknown>)[name] : value;
  const tries =
    typeof now === "boolean"
      ? [!now]
      : Array.isArray(now)
        ? [[6]]
        : typeof now === "number"
          ? [now * 0.5, now * 2, now + 1]
          : "options" in schema
            ? (schema.options as readonly unknown[])
            : [];
  const allowed = tries.find((v) => v !== now && schema.safeParse(v).success);
  assert.notEqual(allowed, undefined, `${algorithm.name}: no other value for ${name} to try`);
  return allowed;
}

/** Whether options that change nothing on a recording change what is learned from play. */
async function changesPlay(algorithm: AnyAlgorithm, extra: Record<string, unknown>): Promise<boolean> {
  const play = (more: Record<string, unknown>) =>
    trainOnline(algorithm, () => line(kindsFor(algorithm)[0]), {
      options: given(algorithm, more),
      schedule: tinyOnline.schedule,
      seed: 5,
    });
  return changed((await play({})).state, (await play(extra)).state).length > 0;
}

for (const algorithm of catalogue.filter((one) => !learnsByPlay(one))) {
  recordingsFor(algorithm).forEach((recording, which) => {
    const name = `${algorithm.name} (${recording.kind === "decisions" ? "decisions" : recording.actionSpace.kind})`;

    test(`${name}: updates move every learner, every metric is finite, and the same seed gives the same state`, async () => {
      const first = await run(algorithm, which);
      const again = await run(algorithm, which);
      const other = await run(algorithm, which, {}, { seed: 6 });
      assert.ok(Object.values(first.metrics).length > 0);
      for (const [metric, value] of Object.entries(first.metrics))
        assert.ok(Number.isFinite(value), `${metric} is ${value}`);
      assert.deepEqual(changed(first.state, again.state), []);
      assert.notDeepEqual(changed(first.state, other.state), []);
      const setup = setupFor(algorithm, which);
      const start = await initialState({ ...setup, key: randomKey(0) });
      const moved = new Set(changed(start, first.state));
      const params = flat(start).filter(([path]) => path.includes("params/"));
      assert.deepEqual(
        params.map(([path]) => path).filter((path) => !moved.has(path)),
        [],
      );
      for (const [path, value] of flat(first.state))
        assert.ok(Array.from(value.data, Number).every(Number.isFinite), path);
    });

    test(`${name}: stopping and resuming changes nothing, in any file`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "repertoire-"));
      try {
        const [straight, stopped] = [join(folder, "straight"), join(folder, "stopped")];
        await run(algorithm, which, {}, { folder: straight, logEvery: 8, checkpointEvery: 8 });
        // Stops itself at the first evaluation, as Ctrl-C would.
        const controller = new AbortController();
        const evaluateOnce = async () => {
          controller.abort();
          return {};
        };
        const options: TrainOptions = { folder: stopped, logEvery: 8, checkpointEvery: 8 };
        const part = await run(
          algorithm,
          which,
          {},
          { ...options, evaluate: evaluateOnce, evaluateEvery: 24, signal: controller.signal },
        );
        assert.equal(part.interrupted, true);
        assert.equal(part.updates, 24);
        await run(algorithm, which, {}, options);
        for (const file of [
          "run.json",
          "metrics.jsonl",
          "events.out.tfevents.repertoire",
          "checkpoint.safetensors",
          "policy.onnx",
        ]) {
          assert.ok((await readFile(join(straight, file))).equals(await readFile(join(stopped, file))), file);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test(`${name}: the ONNX file acts as the program acts`, async () => {
      const { policy, state } = await run(algorithm, which);
      const { options, experience, sizes } = setupFor(algorithm, which);
      const observations = sliceRows(experience.examples, 0, 7);
      const space = experience.observationSpace;
      const seen = normalised(flattenBatch(space, observations), experience.normaliser);
      const context = {
        options: tracedOptions(options, frozen(scalarsOf({ algorithm, options })) as never),
        sizes,
        nets: algorithm.networks(sizes, options),
      };
      const unremembered = Object.fromEntries(
        Object.entries(algorithm.memory?.(sizes, options) ?? {}).map(([part, shape]) => [part, zerosOf([7, ...shape])]),
      );
      const [wanted] = evaluate([
        decided(algorithm, context, frozen(state), constant(seen), unremembered).distribution.mode(),
      ]) as NdArray[];
      const { action } = await policy.actBatch(observations, { deterministic: true });
      const scaled = experience.actionScale
        ? Array.from(wanted.data as Float64Array, (v, i) => {
            const { centre, half } = experience.actionScale as NonNullable<typeof experience.actionScale>;
            return Math.min(1, Math.max(-1, Number(v))) * half[i % half.length] + centre[i % half.length];
          })
        : Array.from(wanted.data as Float64Array, Number);
      scaled.forEach((v, i) => {
        assert.ok(Math.abs(v - Number(action.data[i])) < 1e-4, `${v} and ${action.data[i]}`);
      });
      await policy[Symbol.asyncDispose]();
    });
  });

  test(`${algorithm.name}: every option changes something, for some kind of action`, async () => {
    let left = Object.keys(algorithm.options);
    for (const which of recordingsFor(algorithm).keys()) {
      const observations = sliceRows(setupFor(algorithm, which).experience.examples, 0, 7);
      const outcome = async (extra: Record<string, unknown>) => {
        const { policy, state } = await run(algorithm, which, extra);
        const acted = await policy.actBatch(observations, { key: randomKey(1) });
        await policy[Symbol.asyncDispose]();
        return { state, acted: { ...acted.info, ...acted.memory, action: asType(acted.action, "float32") } };
      };
      const usual = await outcome(capReached(algorithm));
      const idle: string[] = [];
      for (const option of left) {
        const changedTo = { ...capReached(algorithm), [option]: another(option, algorithm) };
        const unusual = await outcome(changedTo);
        const differs =
          changed(usual.state, unusual.state).length > 0 ||
          changed(usual.acted, unusual.acted).length > 0 ||
          (algorithm.online !== undefined && (await changesPlay(algorithm, changedTo)));
        if (!differs) idle.push(option);
      }
      left = idle;
    }
    assert.deepEqual(left, [], "options that change nothing");
  });
}

test("a method that learns from its own play alone refuses a recording in a sentence", async () => {
  const [ppo] = catalogue.filter(({ name }) => name === "ppo");
  const [sac] = catalogue.filter(({ name }) => name === "sac");
  await assert.rejects(train(ppo, recordingsFor(sac)[0]), /learns from its own play.*trainOnline/);
});

/** Caps are set where these small worlds reach them, and a rate above 0, so that moving one shows. */
const capReached = ({ options }: AnyAlgorithm): Record<string, unknown> => ({
  ...("maxWeight" in options ? { maxWeight: 1.05 } : {}),
  ...("smoothingBound" in options ? { smoothingBound: 0.1 } : {}),
  ...("threshold" in options ? { threshold: 0.95 } : {}),
  ...("dualRate" in options ? { dualRate: 0.1 } : {}),
});

function normalised(
  rows: NdArray,
  affine: { readonly centre: Float32Array; readonly half: Float32Array } | undefined,
): NdArray {
  if (!affine) return rows;
  const { centre, half } = affine;
  return {
    ...rows,
    data: Float32Array.from(
      rows.data as Float32Array,
      (v, i) => (v - centre[i % centre.length]) / half[i % half.length],
    ),
  };
}
