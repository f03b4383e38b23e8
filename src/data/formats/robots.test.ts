/** D4RL, robomimic and LeRobot. Files under fixtures/ are made by their own software: benchmarks/golden/formats.py. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { box, dict, discrete } from "../../spaces/make.ts";
import { ndarray } from "../../tensor/ndarray.ts";
import { fromEpisodes } from "../episodes.ts";
import { readD4rl } from "./d4rl.ts";
import { fileLiteral, literal, withDuckDB } from "./duckdb.ts";
import { readingHdf5, writeHdf5 } from "./hdf5.ts";
import { readLeRobot } from "./lerobot.ts";
import { writeLeRobot } from "./lerobot-writer.ts";
import { readRobomimic } from "./robomimic.ts";
import { anyTrajectories, plain } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "robots-"));
test.after(() => rm(folder, { recursive: true }));
const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);

const refused = (reading: Promise<unknown>, words: RegExp): Promise<void> =>
  assert.rejects(reading, (error) => {
    assert.ok(error instanceof Problem, String((error as Error).stack));
    return words.test(error.message) || assert.fail(error.message);
  });

test("D4RL without next observations: a cut-off episode's last row is what was seen in the end", async () => {
  const t = await readD4rl(fixture("d4rl.hdf5"));
  assert.deepEqual([...t.offsets], [0, 4, 6, 8]);
  assert.deepEqual([...t.terminated], [0, 0, 0, 1, 0, 0, 0, 0]);
  assert.deepEqual([...t.truncated], [0, 0, 0, 0, 0, 1, 0, 1]);
  const first = (array: { readonly data: ArrayLike<number | bigint> }): unknown[] =>
    Array.from(array.data).filter((_, i) => i % 2 === 0);
  assert.deepEqual(first(t.observation), [0, 1, 2, 3, 4, 5, 7, 8]);
  assert.deepEqual(first(t.finalObservation), [3, 6, 9]);
  assert.deepEqual(
    [...t.reward],
    [0, 1, 2, 3, 4, 5, 7, 8].map((i) => Math.fround(i / 10)),
  );
  assert.deepEqual(first(t.extras.qpos), [0, 2, 4, 6, 8, 10, 14, 16]);
  assert.deepEqual(t.actionSpace, box(-1, 1, { shape: [1] }));
  assert.match(t.provenance.lineage[1], /last row of 2 cut-off episodes/);
});

test("D4RL with next observations keeps every row", async () => {
  const t = await readD4rl(fixture("d4rl-next.hdf5"));
  assert.deepEqual([...t.offsets], [0, 4, 7, 10]);
  assert.deepEqual(
    [...t.finalObservation.data].filter((_, i) => i % 2 === 0),
    [3.5, 6.5, 9.5],
  );
});

test("D4RL without timeouts: episodes part where the next observation is not the next row's", async () => {
  const path = join(folder, "jumps.hdf5");
  const columns = {
    observations: ndarray(Float32Array.of(0, 1, 2, 7, 8), { shape: [5, 1] }),
    next_observations: ndarray(Float32Array.of(1, 2, 3, 8, 9), { shape: [5, 1] }),
    actions: ndarray(Int32Array.of(0, 2, 1, 0, 0)),
    rewards: ndarray(new Float32Array(5)),
    terminals: ndarray(Uint8Array.of(0, 0, 0, 0, 1)),
  };
  await writeHdf5(path, (root) => {
    for (const [name, array] of Object.entries(columns)) root.numbers(name, array);
  });
  const t = await readD4rl(path);
  assert.deepEqual([...t.offsets], [0, 3, 5]);
  assert.deepEqual([...t.truncated], [0, 0, 1, 0, 0]);
  assert.deepEqual([...t.finalObservation.data], [3, 9]);
  assert.deepEqual(t.actionSpace, discrete(3));
  await refused(readRobomimic(path), /has no data\/demo_0/);
  const same = writeHdf5(join(folder, "same.hdf5"), (root) => {
    root.numbers("x", columns.rewards);
    root.numbers("x", columns.rewards);
  });
  await refused(same, /same.hdf5: could not write it/);
  await writeHdf5(path, (root) => {
    for (const [name, array] of Object.entries(columns)) if (name !== "rewards") root.numbers(name, array);
  });
  await refused(readD4rl(path), /it has no "rewards"/);
});

test("HDF5: damage is said, not read as zeros, and the next file is none the worse for it", async () => {
  const bytes = await readFile(fixture("d4rl.hdf5"));
  const path = join(folder, "damaged.hdf5");
  const harmed = (at: number, bit: number): Promise<void> => {
    const changed = Uint8Array.from(bytes);
    changed[at] ^= 1 << bit;
    return writeFile(path, changed);
  };
  // Where a compressed column begins.
  const packed = bytes.indexOf(Buffer.from([0x78, 0x5e]));
  assert.ok(packed > 0);
  await harmed(packed + 9, 2);
  await refused(readD4rl(path), /damaged.hdf5: not a readable HDF5 file of D4RL: filter returned failure/);
  // What wears the library out is survived: the file is read with a new one.
  const trap = (): Error => Object.assign(new Error("unreachable executed"), { name: "RuntimeError" });
  let tries = 0;
  const wornOut = readingHdf5(fixture("d4rl.hdf5"), "file", (root) => {
    tries++;
    if (tries === 1) throw trap();
    return root.names.length;
  });
  assert.equal(await wornOut, 7);
  const always = readingHdf5(fixture("d4rl.hdf5"), "file", () => {
    throw trap();
  });
  await refused(always, /damaged where it says what is where/);
  assert.equal((await readD4rl(fixture("d4rl.hdf5"))).reward.length, 8);
});

test("robomimic: observations by name, subsets, the environment", async () => {
  const t = await readRobomimic(fixture("robomimic.hdf5"));
  const measured = (n: number) => box(-Infinity, Infinity, { shape: [n] });
  assert.deepEqual(t.observationSpace, dict({ object: measured(1), robot0_eef_pos: measured(3) }));
  assert.deepEqual([...t.offsets], [0, 3, 5, 7]);
  assert.deepEqual([...t.observation.data.slice(4, 8)], [10, 1, Math.fround(1 / 3), 0]);
  assert.deepEqual([...t.finalObservation.data.slice(4, 8)], [20, 2, Math.fround(2 / 3), 1]);
  assert.deepEqual([...t.terminated], [0, 0, 1, 0, 1, 0, 0]);
  assert.deepEqual([...t.action.data.slice(0, 3)], [-1, -0.6, -0.19999999999999996]);
  assert.deepEqual(t.extras.states.shape, [7, 2]);
  assert.deepEqual(t.tags["mask/train"], [true, false, true]);
  assert.equal(t.provenance.environment, "Lift");
  const valid = await readRobomimic(fixture("robomimic.hdf5"), { filterKey: "valid", observations: ["object"] });
  assert.deepEqual([valid.tags.demonstration, valid.observation.shape], [["demo_1"], [2, 1]]);
  const pictures = await readRobomimic(fixture("robomimic.hdf5"), { observations: ["agentview_image"] });
  assert.deepEqual(pictures.observation.shape, [7, 4 * 4 * 3]);
  await refused(
    readRobomimic(fixture("robomimic.hdf5"), { filterKey: "test" }),
    /no subset "test". Known: train, valid/,
  );
  await refused(readRobomimic(fixture("robomimic.hdf5"), { observations: ["eye"] }), /no observation "eye"/);
});

test("LeRobot: features, tasks and ends", async () => {
  const t = await readLeRobot(fixture("lerobot"));
  const measured = (n: number) => box(-Infinity, Infinity, { shape: [n] });
  assert.deepEqual(t.observationSpace, dict({ state: measured(3), environment_state: measured(1) }));
  assert.deepEqual([...t.offsets], [0, 4, 7, 10]);
  assert.deepEqual([...t.observation.data.slice(4, 8)], [1 / 3, 0, 1, 0.1].map(Math.fround));
  assert.deepEqual([...t.action.data.slice(8, 14)], [-1, -1, -0.5, -1, 0, -1]);
  assert.deepEqual([...t.reward], [0, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
  assert.deepEqual([...t.terminated], [0, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
  assert.deepEqual([...t.extras["next.success"].data], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(t.tags.task, ["pick the cube", "put it back", "pick the cube"]);
  assert.deepEqual(t.tags.fps, [10, 10, 10]);
});

test("LeRobot: what is written is what is read, to the bit", async () => {
  let n = 0;
  await fc.assert(
    fc.asyncProperty(anyTrajectories, async (t) => {
      const path = join(folder, `round-${n++}`);
      await writeLeRobot(path, t);
      assert.deepEqual(plain(await readLeRobot(path)), plain(t));
    }),
    { numRuns: 8 },
  );
});

test("LeRobot: a written dataset without our header is one like any other, and says what a wrong one lacks", async () => {
  const path = join(folder, "plain");
  const spaces = { observationSpace: box(-1, 1, { shape: [2] }), actionSpace: box(-1, 1, { shape: [1] }) };
  const seen = [0, 1, 2].map((i) => Float32Array.of(i, -i));
  const cut = {
    observations: seen,
    actions: [[0.5], [0.25]],
    rewards: [1, 2],
    terminated: false,
    tags: { task: "push" },
  };
  const twice = fromEpisodes([{ ...cut, extras: { speed: [1, 2], Speed: [3, 4] } }], spaces);
  await refused(writeLeRobot(path, twice), /field "extras.Speed": two columns differ in case alone/i);
  await writeLeRobot(path, fromEpisodes([cut, { ...cut, terminated: true }], spaces), { fps: 20, robotType: "toy" });
  const file = join(path, "meta", "info.json");
  const { repertoire: _, ...info } = JSON.parse(await readFile(file, "utf8"));
  assert.deepEqual([info.fps, info.robot_type, info.total_frames, info.splits.train], [20, "toy", 4, "0:2"]);
  const stats = JSON.parse(await readFile(join(path, "meta", "stats.json"), "utf8"));
  assert.deepEqual(stats.action, { min: [0.25], max: [0.5], mean: [0.375], std: [0.125], count: [4] });
  const rewritten = (change: object): Promise<void> => writeFile(file, JSON.stringify({ ...info, ...change }));
  await rewritten({});
  const t = await readLeRobot(path);
  // next.done is set at both ends, but next.terminated says which was the world's doing.
  assert.deepEqual([...t.offsets], [0, 1, 3]);
  assert.deepEqual([...t.truncated], [1, 0, 0]);
  assert.deepEqual([...t.finalObservation.data], [1, -1, 1, -1]);
  assert.deepEqual(t.tags.task, ["push", "push"]);
  await rewritten({ codebase_version: "v2.1" });
  await refused(readLeRobot(path), /version v2.1, not v3.0.*convert_dataset_v21_to_v30/);
  await rewritten({
    features: { ...info.features, "observation.force": { dtype: "float32", shape: [3], names: null } },
  });
  await refused(readLeRobot(path), /field "observation.force": there is no such column/);
  const { action: __, ...without } = info.features;
  await rewritten({ features: without });
  await refused(readLeRobot(path), /field "action": there is no such feature/);
  await rewritten({
    features: { ...info.features, "observation.state": { dtype: "float32", shape: [3], names: null } },
  });
  await refused(readLeRobot(path), /row 0, field "observation.state": 2 numbers/);
  await rewritten({
    features: { ...info.features, "observation.eye": { dtype: "video", shape: [3, 8, 8], names: null } },
  });
  assert.match((await readLeRobot(path)).provenance.lineage[1], /left out observation.eye/);
  await rewritten({});
  const frames = join(path, "data", "chunk-000", "file-000.parquet");
  await withDuckDB(async (connection) => {
    const swapped = `SELECT * REPLACE (1 - frame_index AS frame_index) FROM read_parquet(${fileLiteral(frames)})`;
    await connection.run(`CREATE TABLE t AS ${swapped}`);
    await connection.run(`COPY t TO ${literal(frames)} (FORMAT parquet)`);
  });
  await refused(readLeRobot(path), /row 0, field "frame_index": 1; it is frame 0 of its episode/);
  await cp(join(fixture("lerobot"), "data"), join(path, "data"), { recursive: true, force: true });
  await refused(readLeRobot(path), /field "next.terminated": there is no such column/);
});
