import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { discrete } from "../../spaces/make.ts";
import { fromEpisodes } from "../episodes.ts";
import { takeEpisodes } from "../views.ts";
import { fileLiteral, literal, withDuckDB } from "./duckdb.ts";
import { headerOf } from "./header.ts";
import { readParquet } from "./parquet.ts";
import { writeParquet } from "./parquet-writer.ts";
import { anyRecording, plain } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "parquet-"));
test.after(() => rm(folder, { recursive: true }));

const small = () =>
  fromEpisodes(
    [
      { observations: [0, 1, 2], actions: [1, 1], rewards: [0, 1], terminated: true, tags: { player: "ann" } },
      { observations: [2, 1], actions: [0], rewards: [5], terminated: false },
    ],
    { observationSpace: discrete(3), actionSpace: discrete(2) },
  );

const sql = (statement: string): Promise<unknown> => withDuckDB((connection) => connection.run(statement));

const refused = (path: string, ...words: string[]): Promise<void> =>
  assert.rejects(readParquet(path), (error: unknown) => {
    assert.ok(error instanceof Problem, String((error as Error).stack));
    for (const word of words) assert.match(error.message, new RegExp(word));
    return true;
  });

test("what is written is what is read, to the bit, and writing it again gives the same bytes", async () => {
  const path = join(folder, "round.parquet");
  const again = join(folder, "again.parquet");
  await fc.assert(
    fc.asyncProperty(anyRecording, async (recording) => {
      await writeParquet(path, recording);
      const read = await readParquet(path);
      assert.deepEqual(plain(read), plain(recording));
      await writeParquet(again, read);
      assert.deepEqual(await readFile(again), await readFile(path));
    }),
    { numRuns: 25 },
  );
});

test("zero and negative zero in one column stay what they are", async () => {
  const path = join(folder, "zeros.parquet");
  const rewards = Array.from({ length: 40 }, (_, i) => [0, -0, 1][i % 3]);
  const zeros = fromEpisodes(
    [{ observations: new Array(41).fill(0), actions: new Array(40).fill(0), rewards, terminated: true }],
    { observationSpace: discrete(1), actionSpace: discrete(1) },
  );
  await writeParquet(path, zeros);
  assert.deepEqual((await readParquet(path)).reward, Float64Array.from(rewards));
});

test("more rows than a chunk and a row group hold keep their order", async () => {
  const path = join(folder, "long.parquet");
  const steps = 5000;
  const t = fromEpisodes(
    [
      {
        observations: Array.from({ length: steps + 1 }, (_, i) => i % 7),
        actions: new Array(steps).fill(0),
        rewards: Array.from({ length: steps }, (_, i) => i),
        terminated: false,
      },
    ],
    { observationSpace: discrete(7), actionSpace: discrete(2) },
  );
  await writeParquet(path, t);
  assert.deepEqual((await readParquet(path)).reward, t.reward);
});

test("a path may hold quotes, brackets, stars and spaces", async () => {
  const path = join(folder, "it's [a] *?'; DROP.parquet");
  await writeParquet(path, small());
  assert.deepEqual(plain(await readParquet(path)), plain(small()));
  await writeParquet(join(folder, "x*.parquet"), small());
  await writeParquet(join(folder, "xy.parquet"), takeEpisodes(small(), [0]));
  assert.equal((await readParquet(join(folder, "x*.parquet"))).reward.length, 3);
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith(".")), "a temporary file was left behind");
});

test("the final observation stands on an episode's last row only", async () => {
  const path = join(folder, "final.parquet");
  await writeParquet(path, small());
  const rows = await withDuckDB(async (connection) => {
    const result = await connection.runAndReadAll(
      `SELECT episode, step, final_observation FROM read_parquet(${fileLiteral(path)})`,
    );
    return result.getRows();
  });
  assert.deepEqual(rows, [
    [0, 0, null],
    [0, 1, 2],
    [1, 0, 1],
  ]);
});

test("each way a file can be wrong is one sentence that names it", async () => {
  const good = join(folder, "good.parquet");
  const bad = join(folder, "bad.parquet");
  await writeParquet(good, small());
  const header = literal(headerOf(small()));
  const rewrite = (select: string): Promise<unknown> =>
    sql(
      `COPY (${select} FROM read_parquet(${fileLiteral(good)})) TO ${literal(bad)} (FORMAT parquet, KV_METADATA {repertoire: ${header}})`,
    );

  await refused(join(folder, "none.parquet"), "none.parquet: no such file");
  await refused(folder, "not a file");
  await sql(`COPY (SELECT 1 AS x) TO ${literal(bad)} (FORMAT parquet)`);
  await refused(bad, "not a recording", 'no "repertoire" entry', "column map");
  await sql(`COPY (SELECT 1 AS x) TO ${literal(bad)} (FORMAT parquet, KV_METADATA {repertoire: 'what'})`);
  await refused(bad, "header is not JSON");
  await rewrite("SELECT * EXCLUDE reward");
  await refused(bad, 'field "reward": missing', "DOUBLE");
  await rewrite("SELECT *, 1 AS more");
  await refused(bad, 'field "more"', "does not name");
  await rewrite("SELECT * REPLACE (reward::FLOAT AS reward)");
  await refused(bad, 'field "reward": its type is FLOAT', "promises DOUBLE");
  await rewrite("SELECT * REPLACE (CASE WHEN step = 1 THEN 'NaN'::DOUBLE ELSE reward END AS reward)");
  await refused(bad, 'bad.parquet, row 1, field "reward": NaN', "finite");
  await rewrite("SELECT * REPLACE (NULL::DOUBLE AS reward)");
  await refused(bad, 'row 0, field "reward": nothing');
  await rewrite("SELECT * REPLACE (NULL::INTEGER AS final_observation)");
  await refused(bad, "finalObservation");
  await rewrite("SELECT * REPLACE (step + 1 AS step)");
  await refused(bad, 'row 0, field "episode": episode 0, step 1');
  await rewrite("SELECT * REPLACE (reward + 1 AS reward)");
  await refused(bad, "fingerprint", "damaged, or changed");
  const bytes = await readFile(good);
  await writeFile(bad, bytes.subarray(0, bytes.length / 2));
  await refused(bad, "not a readable Parquet file");
  await writeFile(bad, "");
  await refused(bad, "not a readable Parquet file");
});

test("two names that differ in case alone are refused", async () => {
  const t = { ...small(), extras: { Time: small().extras.Time, time: small().extras.time } };
  const reward = { shape: [3], dtype: "float64", data: t.reward } as const;
  await assert.rejects(
    writeParquet(join(folder, "x.parquet"), { ...t, extras: { Time: reward, time: reward } }),
    /differ in case alone/,
  );
});
