/** What every method that plays while it learns must do. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { wrap } from "../../envs/index.ts";
import { randomKey, zeros } from "../../tensor/index.ts";
import { catalogue } from "../catalogue.ts";
import { type AnyAlgorithm, learnsByPlay, type OnReplay } from "../define.ts";
import type { Options } from "../options.ts";
import { changed, flat } from "../testing.ts";
import { kindsFor, line, shownTo, tinyOnline } from "./testing.ts";
import { type TrainOnlineOptions, trainOnline, usualSchedule } from "./train-online.ts";

const known = (algorithm: AnyAlgorithm, values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name in algorithm.options));

const prioritises = ({ online }: AnyAlgorithm): boolean =>
  (online as OnReplay<Options, unknown, unknown>).prioritises ?? false;

type Kind = ReturnType<typeof kindsFor>[number];

const run = (algorithm: AnyAlgorithm, kind: Kind, more: TrainOnlineOptions = {}) =>
  trainOnline(algorithm, () => line(kind), {
    seed: 5,
    logEvery: 48,
    ...shownTo(algorithm),
    ...more,
    options: known(algorithm, { ...tinyOnline.options, ...more.options }),
    ...(learnsByPlay(algorithm) ? {} : { schedule: { ...tinyOnline.schedule, ...more.schedule } }),
  });

for (const algorithm of catalogue.filter(({ online }) => online !== undefined)) {
  for (const kind of kindsFor(algorithm)) {
    const name = `${algorithm.name} (${kind})`;

    test(`${name}: play moves every learner, and follows from the seed`, async () => {
      const first = await run(algorithm, kind);
      const again = await run(algorithm, kind, { unroll: 1 });
      const other = await run(algorithm, kind, { seed: 6 });
      assert.ok(first.steps >= 192 && first.updates > 0);
      assert.ok(Number.isFinite(first.metrics.return));
      assert.deepEqual(changed(first.state, again.state), []);
      assert.notDeepEqual(changed(first.state, other.state), []);
      for (const [path, value] of flat(first.state))
        assert.ok(Array.from(value.data, Number).every(Number.isFinite), path);
    });

    test(`${name}: stopping and resuming changes nothing, in any file`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "repertoire-"));
      try {
        const every = { logEvery: 32, checkpointEvery: 32 };
        const schedule = prioritises(algorithm) ? { prioritised: true } : {};
        await run(algorithm, kind, { folder: join(folder, "straight"), ...every, schedule });
        const controller = new AbortController();
        const stop = async () => {
          controller.abort();
          return {};
        };
        const stopped = { folder: join(folder, "stopped"), ...every, schedule };
        const part = await run(algorithm, kind, {
          ...stopped,
          evaluate: stop,
          evaluateEvery: 64,
          signal: controller.signal,
        });
        assert.ok(part.interrupted && part.steps < 192);
        await run(algorithm, kind, stopped);
        for (const file of ["run.json", "metrics.jsonl", "checkpoint.safetensors", "policy.onnx"]) {
          const [straight, resumed] = [join(folder, "straight", file), join(folder, "stopped", file)];
          assert.ok((await readFile(straight)).equals(await readFile(resumed)), file);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  test(`${algorithm.name}: every option of its play changes something`, async () => {
    const [kind] = kindsFor(algorithm);
    const onRollouts = learnsByPlay(algorithm);
    const declared: Options = onRollouts ? algorithm.options : usualSchedule;
    // Bounds are set where so small a world reaches them.
    const usual = known(algorithm, { valueClip: 1e-3, clip: 1e-3, maxNorm: 1e-3, entropyBonus: 0.1 });
    const now: Record<string, unknown> = {
      ...Object.fromEntries(Object.entries(declared).map(([option, { default: value }]) => [option, value])),
      ...usual,
      ...(onRollouts ? tinyOnline.options : tinyOnline.schedule),
    };
    const outcome = (given: Record<string, unknown>) =>
      onRollouts
        ? run(algorithm, kind, { options: { ...usual, ...given } })
        : run(algorithm, kind, { options: usual, schedule: given });
    const before = await outcome({});
    for (const option of Object.keys(declared)) {
      if (option === "prioritised" && !prioritises(algorithm)) continue;
      const value = now[option];
      const another = typeof value === "boolean" ? !value : Array.isArray(value) ? [6] : (value as number) * 0.5;
      const after = await outcome({ [option]: another });
      assert.notDeepEqual(changed(before.state, after.state), [], `${option} changes nothing`);
    }
  });
}

for (const name of ["sac", "reinforce"]) {
  test(`${name}: what was played is kept whole, and a run that was resumed keeps the same`, async () => {
    const algorithm = catalogue.find((one) => one.name === name)!;
    const folder = await mkdtemp(join(tmpdir(), "repertoire-"));
    try {
      const straight = await run(algorithm, "continuous", { record: true });
      const played = straight.played!;
      const episodes = played.offsets.length - 1;
      assert.equal(played.tags.step.length, episodes);
      // In one world each episode's return follows from where it was: minus the distances.
      for (let e = 0; e < episodes; e++) {
        const [from, to] = [played.offsets[e], played.offsets[e + 1]];
        for (let row = from; row < to; row++) {
          const next = row + 1 < to ? played.observation.data[2 * (row + 1)] : played.finalObservation.data[2 * e];
          assert.ok(Math.abs(played.reward[row] + Math.abs(Number(next))) < 1e-6, `row ${row}`);
        }
        assert.equal(played.terminated[to - 1] + played.truncated[to - 1], 1);
      }
      const controller = new AbortController();
      const stop = async () => {
        controller.abort();
        return {};
      };
      const options = { record: true, folder, checkpointEvery: 48 };
      await run(algorithm, "continuous", { ...options, evaluate: stop, evaluateEvery: 96, signal: controller.signal });
      const resumed = await run(algorithm, "continuous", options);
      assert.equal(resumed.played!.provenance.fingerprint, played.provenance.fingerprint);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test("threads that step the worlds change no number, and a factory cannot cross to them", async () => {
  const [sac] = catalogue.filter(({ name }) => name === "sac");
  const small = { options: { hidden: [8], batchSize: 16 }, schedule: tinyOnline.schedule, seed: 2, record: true };
  const inPlace = await trainOnline(sac, "Pendulum-v1", small);
  const inThreads = await trainOnline(sac, { name: "Pendulum-v1" }, { ...small, workers: 2 });
  assert.deepEqual(changed(inPlace.state, inThreads.state), []);
  assert.equal(inPlace.played!.provenance.fingerprint, inThreads.played!.provenance.fingerprint);
  await assert.rejects(
    trainOnline(sac, () => line("continuous"), { workers: 2 }),
    /by its name or spec/,
  );
});

test("worlds that cannot be saved are learned in all the same, without checkpoints", async () => {
  const [sac] = catalogue.filter(({ name }) => name === "sac");
  const folder = await mkdtemp(join(tmpdir(), "repertoire-"));
  try {
    const env = () => {
      const { save: _, restore: __, ...rest } = wrap(line("continuous"), {});
      return rest;
    };
    const { policy, interrupted } = await trainOnline(sac, env, { ...tinyOnline, options: { hidden: [8] }, folder });
    assert.equal(interrupted, false);
    const rows = { ...zeros([3, 2], "float32") };
    assert.equal((await policy.actBatch(rows, { key: randomKey(1) })).action.shape[0], 3);
    await assert.rejects(readFile(join(folder, "checkpoint.safetensors")));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a method that learns from recordings, and one that learns from play, say so", async () => {
  const [bc] = catalogue.filter(({ name }) => name === "bc");
  await assert.rejects(
    trainOnline(bc, () => line("discrete")),
    /bc does not say how it would play/,
  );
});
