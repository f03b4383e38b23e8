/** Files under fixtures/ are made by Minari itself: benchmarks/golden/formats.py. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { box, dict, discrete, multiDiscrete, text, tuple } from "../../spaces/make.ts";
import { fromEpisodes } from "../episodes.ts";
import { readingHdf5 } from "./hdf5.ts";
import { readMinari } from "./minari.ts";
import { minariSpace, parseMinariSpace, parsePythonJson } from "./minari-spaces.ts";
import { writeMinari } from "./minari-writer.ts";
import { anyTrajectories, plain } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "minari-"));
test.after(() => rm(folder, { recursive: true }));
const fixture = (name: string): string => join(import.meta.dirname, "fixtures", `minari-${name}`);

test("a dataset of Minari's own: boxes, infos, seeds and options", async () => {
  const t = await readMinari(fixture("box"));
  assert.deepEqual([...t.offsets], [0, 3, 5, 9]);
  assert.deepEqual([...t.terminated], [0, 0, 1, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual([...t.truncated], [0, 0, 0, 0, 1, 0, 0, 0, 0]);
  assert.deepEqual([...t.reward], [0, 0.25, 0.5, -1, -0.75, -2, -1.75, -1.5, -1.25]);
  assert.deepEqual([...t.observation.data.slice(4, 8)], [0, 1, 0.1, -0.5].map(Math.fround));
  assert.deepEqual([...t.finalObservation.data.slice(4, 8)], [1, 2, 0.1, -1].map(Math.fround));
  assert.deepEqual([...t.action.data.slice(2, 4)], [-0.1, 1 / 3].map(Math.fround));
  assert.deepEqual(t.observationSpace, box(-Infinity, Infinity, { shape: [4] }));
  assert.deepEqual(t.actionSpace, box(-1, 1, { shape: [2] }));
  // What infos held at reset is left out: the first row of an episode is that of its first step.
  assert.deepEqual(
    [...t.extras.speed.data],
    [1, 2, 3, 1, 2, 1, 2, 3, 4].map((i) => i / 7),
  );
  assert.deepEqual(t.extras["pose/xy"].shape, [9, 2]);
  assert.deepEqual([...t.extras["pose/xy"].data.slice(0, 4)], [2, 3, 4, 5]);
  assert.deepEqual(t.tags, { seed: [100, 101, 102], "options/level/name": ["easy 0", "easy 1", "easy 2"] });
  assert.equal(t.provenance.environment, "Pendulum-v1");
});

test("nested spaces: parts in the order of their names, choices one-hot, texts as tags", async () => {
  const t = await readMinari(fixture("nested"));
  const entries = {
    bits: multiDiscrete([2, 2, 2]),
    direction: discrete(4),
    goal: box(-10, 10, { shape: [1, 2], dtype: "float64" }),
  };
  assert.deepEqual(t.observationSpace, dict(entries));
  assert.deepEqual(t.actionSpace, tuple(discrete(3, { start: 1 }), multiDiscrete([2, 3])));
  assert.deepEqual([...t.observation.data.slice(12, 24)], [0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1]);
  assert.deepEqual([...t.action.data.slice(8, 16)], [0, 1, 0, 0, 1, 0, 1, 0]);
  assert.deepEqual(t.tags.mission, ["go to the red door", "pick up the été key"]);
});

test("Arrow and Parquet hold what HDF5 holds", async () => {
  for (const [name, storage] of ["box", "nested"].flatMap((it) => [
    [it, "arrow"],
    [it, "parquet"],
  ])) {
    const { provenance: own, extras, ...rest } = await readMinari(fixture(name));
    const { provenance, extras: others, ...read } = await readMinari(fixture(`${name}-${storage}`));
    assert.deepEqual(read, rest, `${name}-${storage}`);
    assert.equal(provenance.environment, own.environment);
    // A Parquet file does not say that an info is one number and not a list of one.
    for (const [info, { dtype, data, shape }] of Object.entries(extras)) {
      assert.deepEqual([others[info].dtype, others[info].data], [dtype, data], info);
      assert.equal(
        others[info].shape.join(),
        storage === "parquet" && shape.length === 1 ? `${shape},1` : shape.join(),
      );
    }
    assert.deepEqual(Object.keys(others).sort(), Object.keys(extras).sort());
  }
});

test("pictures kept as numbers, or as JPEG, are what Minari makes of them, to the bit", async () => {
  const t = await readMinari(fixture("pixels"));
  assert.deepEqual(t.observation.shape, [2, 32, 32, 3]);
  assert.deepEqual([t.observation.data[0], t.observation.data[32 * 32 * 3], t.finalObservation.data[5]], [0, 10, 20]);
  const table = await readMinari(fixture("pixels-arrow"));
  assert.deepEqual([table.observation, table.finalObservation], [t.observation, t.finalObservation]);
  const packed = await readMinari(fixture("jpeg"));
  assert.deepEqual([packed.observation, packed.finalObservation], [t.observation, t.finalObservation]);
  const golden = JSON.parse(await readFile(join(import.meta.dirname, "minari-pictures.golden.json"), "utf8"));
  for (const name of ["colours", "colours-arrow"]) {
    const { observation, finalObservation } = await readMinari(fixture(name));
    const pictures = [...observation.data, ...finalObservation.data].map(Number);
    const lines = [0, 1, 2].map((i) =>
      [0, 7, 14, 21, 28].map((y) =>
        Array.from({ length: 32 }, (_, x) => pictures.slice(3 * (1024 * i + 32 * y + x)).slice(0, 3)),
      ),
    );
    assert.deepEqual(lines, golden, name);
  }
});

test("what is written is what is read, to the bit", async () => {
  let n = 0;
  await fc.assert(
    fc.asyncProperty(anyTrajectories, fc.constantFrom("hdf5" as const, "arrow" as const), async (t, data) => {
      const path = join(folder, `round-${n++}`);
      await writeMinari(path, t, { data });
      assert.deepEqual(plain(await readMinari(path)), plain(t));
    }),
    { numRuns: 40 },
  );
});

test("a written dataset is laid out as Minari lays it out", async () => {
  const path = join(folder, "layout");
  const spaces = { observationSpace: dict({ at: box(0, 9), to: discrete(3) }), actionSpace: discrete(2) };
  const seen = [0, 1, 2].map((i) => ({ at: Float32Array.of(i), to: i }));
  const tags = { seed: 7, player: "ann" };
  const episode = { observations: seen, actions: [1, 0], rewards: [0.5, 1], terminated: true, tags };
  await writeMinari(
    path,
    fromEpisodes([{ ...episode, extras: { speed: [3, 4] } }], { ...spaces, environment: "Maze-v1" }),
  );
  const metadata = JSON.parse(await readFile(join(path, "data", "metadata.json"), "utf8"));
  assert.deepEqual([metadata.total_episodes, metadata.total_steps, metadata.data_format], [1, 2, "hdf5"]);
  assert.deepEqual(JSON.parse(metadata.action_space), { type: "Discrete", dtype: "int64", start: 0, n: 2 });
  assert.equal(JSON.parse(metadata.env_spec).id, "Maze-v1");
  await readingHdf5(join(path, "data", "main_data.hdf5"), "data", (root) => {
    const group = root.group("episode_0");
    assert.deepEqual(group.attributes, { id: 0, total_steps: 2, seed: 7, player: "ann" });
    assert.deepEqual([...group.group("observations").numbers("at").data], [0, 1, 2]);
    assert.deepEqual([...group.group("observations").numbers("to").data], [0n, 1n, 2n]);
    assert.deepEqual([...group.numbers("actions").data], [1n, 0n]);
    assert.deepEqual([...group.numbers("terminations").data], [0, 1]);
    assert.deepEqual([...group.group("infos").numbers("speed").data], [0, 3, 4]);
  });
  // Without our header it is read like every other dataset.
  delete metadata.repertoire;
  await writeFile(join(path, "data", "metadata.json"), JSON.stringify(metadata));
  const foreign = await readMinari(join(path, "data"));
  assert.deepEqual(foreign.observationSpace, spaces.observationSpace);
  assert.deepEqual([...foreign.observation.data], [0, 1, 0, 0, 1, 0, 1, 0]);
  assert.deepEqual(foreign.tags, { seed: [7], player: ["ann"] });
  assert.deepEqual([...foreign.extras.speed.data], [3, 4]);
});

test("spaces go through Minari's JSON and back", () => {
  const space = dict({
    a: tuple(discrete(3, { start: -1 }), box([-Infinity, 0.1], [Infinity, 2], { dtype: "float64" })),
    b: dict({ c: multiDiscrete([2, 5]), said: text(9) }),
    d: box(0, 1, { shape: [] }),
    e: box(-1, Infinity, { shape: [2, 2] }),
  });
  assert.deepEqual(parseMinariSpace(parsePythonJson(minariSpace(space)), "here"), space);
  const parsed = (json: string) => parseMinariSpace(parsePythonJson(json), "here");
  const uint8 = '{"type":"Box","dtype":"uint8","shape":[2],"low":[0,0],"high":[255,255]}';
  assert.deepEqual(parsed(uint8), box(0, 255, { shape: [2] }));
  assert.deepEqual(parsed('{"type":"MultiBinary","n":[2,2]}'), multiDiscrete([2, 2, 2, 2]));
  assert.throws(() => parsed('{"type":"Graph"}'), /here: not a space: type/);
  assert.throws(() => parsed('{"type":"MultiDiscrete","nvec":[2],"start":[1]}'), /do not start at 0/);
  assert.throws(() => parsed(uint8.replace("[0,0]", "[0]")), /shape \[2\] has 1 low/);
  assert.deepEqual(parsePythonJson('{"a": [-Infinity, NaN, "NaN -Infinity \\" NaN"]}'), {
    a: [-Infinity, null, 'NaN -Infinity " NaN'],
  });
});

test("each way a dataset can be wrong is a sentence", async () => {
  const changed = async (name: string, change: { readonly [entry: string]: unknown }): Promise<string> => {
    const path = join(folder, name);
    await cp(fixture("box"), path, { recursive: true });
    const file = join(path, "data", "metadata.json");
    const metadata = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...metadata, ...change }));
    return path;
  };
  const refused = async (path: string, words: RegExp): Promise<void> => {
    await assert.rejects(readMinari(path), (error) => {
      assert.ok(error instanceof Problem, String((error as Error).stack));
      return words.test(error.message) || assert.fail(error.message);
    });
  };
  const space = (n: number): string => JSON.stringify({ type: "Discrete", n, start: 0 });
  const wide = JSON.stringify({
    type: "Box",
    dtype: "float32",
    shape: [7],
    low: Array(7).fill(0),
    high: Array(7).fill(1),
  });
  await refused(join(folder, "none"), /metadata.json: no such file/);
  await refused(await changed("xml", { data_format: "xml" }), /kept as xml.*data_format="hdf5", "arrow" or "parquet"/);
  await refused(
    await changed("arrow", { data_format: "arrow" }),
    /it has 0 of the 3 episodes that its metadata counts/,
  );
  const bytes = await readFile(join(fixture("colours-arrow"), "data", "0", "part-0.arrow"));
  const torn = join(folder, "torn");
  await cp(fixture("colours-arrow"), torn, { recursive: true });
  bytes[bytes.indexOf(Buffer.from([0xff, 0xc4]))] = 0;
  await writeFile(join(torn, "data", "0", "part-0.arrow"), bytes);
  await refused(torn, /torn.data.0, row \d, field "observations": .*; pictures are JPEG files of 32 × 32/);
  await refused(await changed("unsaid", { action_space: undefined }), /"action_space" is wrong/);
  await refused(await changed("odd", { action_space: "{" }), /its action_space is not JSON/);
  await refused(await changed("wide", { observation_space: wide }), /episode_0, field "observations"/);
  await refused(await changed("choices", { action_space: space(2) }), /episode_0, .*"actions"/);
  const said = JSON.stringify({ type: "Text", max_length: 5, min_length: 0, charset: "a" });
  await refused(await changed("said", { observation_space: said }), /nothing but text/);
  const stale = join(folder, "stale");
  await writeMinari(stale, await readMinari(fixture("box")));
  await cp(join(fixture("nested"), "data", "main_data.hdf5"), join(stale, "data", "main_data.hdf5"), { force: true });
  const stated = join(stale, "data", "metadata.json");
  await writeFile(stated, (await readFile(stated, "utf8")).replace('"total_episodes":3', '"total_episodes":2'));
  await refused(stale, /field "episode_0.observations": it holds a group; it is numbers/);
});
