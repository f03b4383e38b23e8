import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { Problem } from "../../problems.ts";
import { readOpenBandit } from "./open-bandit.ts";
import { readRecording, writeRecording } from "./read.ts";
import { type ColumnMap, readTable } from "./table.ts";
import { plain } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "tables-"));
test.after(() => rm(folder, { recursive: true }));

const columns: ColumnMap = {
  context: ["age", "device"],
  action: "shown",
  propensity: "p",
  reward: "bought",
  timestamp: "at",
  extras: ["price"],
  tags: ["country"],
};
const map = { columns, categorical: ["device"] };

const header = "at,age,device,shown,p,bought,price,country";
const rows = [
  "2026-05-01T00:00:00Z,30,phone,tea,0.5,1,2.5,fr",
  '2026-05-01 00:00:00.5+02:00,41,"desk, top",coffee,0.25,0,3,',
  "2026-05-01,1e1,phone,tea,1,0,-1,de",
];

const table = async (lines: readonly string[], name = "table.csv"): Promise<string> => {
  const path = join(folder, name);
  const text = `${[header, ...lines].join("\n")}\n`;
  await writeFile(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
};

test("a table and a column map make a decision log", async () => {
  const may = Date.UTC(2026, 4, 1);
  for (const name of ["table.csv", "it's [1].csv", "table.csv.gz"]) {
    const log = await readTable(await table(rows, name), map);
    assert.deepEqual(log.contextNames, ["age", "device=desk, top", "device=phone"]);
    assert.deepEqual([...log.context.data], [30, 0, 1, 41, 1, 0, 10, 0, 1]);
    assert.deepEqual(log.actions.names, ["coffee", "tea"]);
    assert.deepEqual([...log.action], [1, 0, 1]);
    assert.deepEqual([...log.propensity], [0.5, 0.25, 1]);
    assert.deepEqual([...log.extras.price.data], [2.5, 3, -1]);
    assert.deepEqual([...log.extras.timestamp.data], [may, may - 7_199_500, may]);
    assert.deepEqual(log.tags, { country: ["fr", null, "de"] });
  }
});

test("a log read like another has its features and actions; a name not seen before is all zeros", async () => {
  const train = await readTable(await table(rows), map);
  const later = await table(["2000,50,watch,tea,0.5,0,1,it"], "later.csv");
  const log = await readTable(later, { ...map, like: train });
  assert.deepEqual([...log.context.data], [50, 0, 0]);
  assert.deepEqual([...log.action], [1]);
  await assert.rejects(readTable(later, { columns, like: train }), /Read both logs with the same column map/);
});

const refused = async (lines: readonly string[], ...words: string[]): Promise<void> => {
  await assert.rejects(readTable(await table(lines, "bad.csv"), map), (error: unknown) => {
    assert.ok(error instanceof Problem, String((error as Error).stack));
    for (const word of ["bad.csv", ...words]) assert.match(error.message, new RegExp(word));
    return true;
  });
};

test("each way a table can be wrong is one sentence with line, field and rule", async () => {
  await refused([rows[0], rows[1].replace("41", "old")], 'line 3, field "age": "old"', "finite number", "categorical");
  await refused([rows[0].replace("0.5", "0")], 'line 2, field "propensity": 0;', "\\(0, 1\\]");
  await refused([rows[0].replace("0.5", "")], 'line 2, field "p": an empty cell');
  await refused([rows[0].replace(",1,2.5", ",nan,2.5")], 'line 2, field "bought": "nan"');
  await refused([rows[0].replace("2026-05-01T", "yesterday ")], 'line 2, field "at": "yesterday', "it must be a time");
  await refused([rows[0].replace("2026-05-01T", "2026-13-01T")], "it must be a time");
  await assert.rejects(
    readTable(await table(rows), { ...map, actions: ["tea"] }),
    /line 3, field "shown": "coffee"; the actions are tea/,
  );
  const wrong = { ...map, columns: { ...columns, reward: "sold" } };
  await assert.rejects(
    readTable(await table(rows), wrong),
    /field "sold": there is no such column; the columns are at, age/,
  );
  await assert.rejects(readTable(join(folder, "none.csv"), map), /no such file/);
  await refused(["1,2,3"], "line 2: Expected Number of Columns: 8 Found: 3");
  await refused([rows[0], '1000,1,"phone,tea,1,0,-1,de'], "line 3: Value with unterminated quote");
  const garbage = join(folder, "garbage.csv.gz");
  await writeFile(garbage, "this is not gzip");
  await assert.rejects(readTable(garbage, map), Problem);
});

test("readRecording finds the format, and says what it expected when it cannot", async () => {
  const log = await readTable(await table(rows), map);
  for (const name of ["log.parquet", "log.jsonl", "log.jsonl.gz"]) {
    const path = join(folder, name);
    await writeRecording(path, log);
    assert.deepEqual(plain(await readRecording(path)), plain(log));
    await copyFile(path, join(folder, "without-ending"));
    if (!name.endsWith(".gz")) assert.deepEqual(plain(await readRecording(join(folder, "without-ending"))), plain(log));
  }
  assert.deepEqual(plain(await readRecording(await table(rows), map)).reward, log.reward);
  await assert.rejects(readRecording(await table(rows)), /which of its columns is what; wanted a column map/);
  const odd = join(folder, "odd.bin");
  await writeFile(odd, "\u0001\u0002\u0003");
  await assert.rejects(readRecording(odd), /neither its name nor its contents .* wanted a \.parquet or \.jsonl/);
  await assert.rejects(readRecording(folder), /it is a folder/);
  await assert.rejects(readRecording(join(folder, "none")), /no such file; wanted a \.parquet/);
  await assert.rejects(writeRecording(join(folder, "log.xls"), log), /ends in \.parquet/);
});

const real = join(import.meta.dirname, "../../../../shared/data/open-bandit");
const skip = existsSync(real) ? false : "the Open Bandit files are not on this machine (../shared/data/open-bandit)";

/** Counted with Python's csv module, benchmarks/golden/open_bandit.py. */
test("the Open Bandit Dataset as it is", { skip }, async () => {
  const random = await readRecording(join(real, "random"));
  assert.ok(random.kind === "decisions");
  assert.equal(random.reward.length, 10_000);
  assert.equal(random.actions.count, 34);
  const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
  assert.equal(sum(random.reward), 46);
  assert.deepEqual(new Set(random.propensity), new Set([1 / 34]));
  assert.equal(random.context.shape[1], 3 + 5 + 9 + 8 + 3 + 34);
  assert.equal(sum(random.context.data as Float32Array), 10_000 * 5 + 642);
  assert.deepEqual(random.actions.features?.shape, [34, 1 + 7 + 16 + 4]);
  assert.equal(random.action.filter((a) => a === 0).length, 272);
  assert.equal(random.action.filter((a) => a === 33).length, 286);
  assert.equal((random.extras.position.data as Float64Array).filter((p) => p === 2).length, 3388);
  assert.equal(random.extras.timestamp.data[0], Date.UTC(2019, 10, 24, 0, 3, 13) + 442.536);
  assert.equal(random.provenance.license, "CC BY 4.0");

  const bts = await readOpenBandit(join(real, "bts", "men.csv.gz"), { like: random });
  assert.equal(sum(bts.reward), 69);
  assert.equal(Math.min(...bts.propensity), 0.000165);
  assert.equal(Math.max(...bts.propensity), 0.72529);
  assert.equal(bts.action.filter((a) => a === 0).length, 1265);
  assert.deepEqual(bts.contextNames, random.contextNames);
  assert.deepEqual(bts.actions, random.actions);
});

test("a folder of the Open Bandit Dataset that is not whole is a sentence", async () => {
  const broken = join(folder, "broken");
  await mkdir(broken);
  await writeFile(join(broken, "item_context.csv"), ",item_id,item_feature_0\n0,0,0.5\n1,0,0.5\n");
  await assert.rejects(readRecording(broken), /the folder has no log; wanted one of all, men or women/);
  const log = "timestamp,item_id,position,click,propensity_score\n2019-11-24 00:00:00+00:00,0,1,0,0.5\n";
  await writeFile(join(broken, "men.csv"), log);
  await assert.rejects(readRecording(broken), /item_context.csv, line 3, field "item_id": 0; items are numbered 0 … 1/);
  await writeFile(join(broken, "item_context.csv"), ",item_id,item_feature_0\n0,0,0.5\n1,1,0.5\n");
  await assert.rejects(readRecording(broken), /men.csv, field "user_feature_0": there is no such column/);
});

test("items are described in the order of their numbers, whatever the order of their lines", async () => {
  const small = join(folder, "small");
  await mkdir(small);
  await writeFile(join(small, "item_context.csv"), ",item_id,item_feature_0,item_feature_1\n0,1,0.5,ff\n1,0,0.25,aa\n");
  const header =
    "timestamp,item_id,position,click,propensity_score,user_feature_0,user_feature_1,user_feature_2,user_feature_3";
  await writeFile(
    join(small, "men.csv"),
    `${header},user-item_affinity_0\n2019-11-24 00:00:00+00:00,1,3,1,0.5,a,b,c,d,2\n`,
  );
  const log = await readOpenBandit(small);
  assert.deepEqual([...(log.actions.features?.data ?? [])], [0.25, 1, 0, 0.5, 0, 1]);
  assert.deepEqual([...log.context.data], [1, 1, 1, 1, 1, 2]);
  assert.deepEqual([log.action[0], log.reward[0], log.propensity[0], log.extras.position.data[0]], [1, 1, 0.5, 3]);
});
