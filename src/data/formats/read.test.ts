import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { readDecisionLog, readRecording, type WrittenFormat, writeRecording } from "./read.ts";
import { anyDecisionLog, anyTrajectories, plain } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "read-"));
test.after(() => rm(folder, { recursive: true }));

const [walks] = fc.sample(anyTrajectories, { seed: 3, numRuns: 20 }).filter(({ reward }) => reward.length > 3);
const [log] = fc.sample(anyDecisionLog, { seed: 4, numRuns: 20 }).filter(({ reward }) => reward.length > 3);

const refused = (promise: Promise<unknown>, words: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof Problem, String((error as Error).stack));
    return words.test(error.message) || assert.fail(error.message);
  });

test("what writeRecording writes, readRecording finds and reads back", async () => {
  const ways: readonly (readonly [name: string, format?: WrittenFormat])[] = [
    ["walks.parquet"],
    ["walks.jsonl.gz"],
    ["walks", "minari"],
    ["arm", "lerobot"],
    ["unnamed", "parquet"],
  ];
  for (const [name, format] of ways) {
    const path = join(folder, name);
    await writeRecording(path, walks, format ? { format } : {});
    assert.deepEqual(plain(await readRecording(path)), plain(walks), name);
  }
  for (const name of ["log.parquet", "log.jsonl", "log.dsjson"]) {
    await writeRecording(join(folder, name), log);
    assert.deepEqual(plain(await readDecisionLog(join(folder, name))), plain(log), name);
  }
  await writeRecording(join(folder, "log.vw"), log);
  assert.deepEqual((await readDecisionLog(join(folder, "log.vw"), { like: log })).context, log.context);
});

test("a format that cannot hold a recording refuses it, and a table says what it needs", async () => {
  await refused(writeRecording(join(folder, "x.vw"), walks), /got "trajectories"; wanted a decision log/);
  await refused(writeRecording(join(folder, "x.dsjson"), walks), /got "trajectories"; wanted a decision log/);
  await refused(
    writeRecording(join(folder, "x"), log, { format: "minari" }),
    /got "a decision log"; wanted trajectories/,
  );
  await refused(writeRecording(join(folder, "x"), log, { format: "lerobot" }), /wanted trajectories.*asTrajectories/);
  await refused(writeRecording(join(folder, "x"), log), /ends in \.parquet.*or a format/);
  const columns = { observation: ["x"], action: "a" };
  await refused(readRecording(join(folder, "none.csv"), { columns }), /no such file/);
  await refused(readRecording(join(folder, "log.jsonl"), { columns, like: log }), /"like".*not read like a log/);
});

test("what is not a recording says what it holds", async () => {
  const hdf5 = join(folder, "lone.hdf5");
  await cp(join(import.meta.dirname, "fixtures/minari-box/data/main_data.hdf5"), hdf5);
  await refused(readRecording(hdf5), /it holds episode_0, episode_1, episode_2; wanted .*beside its metadata.json/);
  await refused(readDecisionLog(join(import.meta.dirname, "fixtures/d4rl.hdf5")), /it holds trajectories/);
});
