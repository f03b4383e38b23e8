/** Damaged and hostile files of other tools' formats: a valid recording or one Problem, never another exception or a hang. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { readRecording, writeRecording } from "./read.ts";
import { type Format, formatOf } from "./sniff.ts";
import { anyDecisionLog } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "hostile-others-"));
test.after(() => rm(folder, { recursive: true }));
const fixtures = join(import.meta.dirname, "fixtures");

/** @returns the sentence, or "" when it was a recording */
async function outcome(path: string, format?: Format): Promise<string> {
  try {
    const recording = await readRecording(path, format ? { format } : {});
    assert.ok(recording.reward.every(Number.isFinite));
    const columns = recording.kind === "decisions" ? [recording.context] : [recording.observation, recording.action];
    for (const { data } of columns) assert.ok((data as Float64Array).every((value) => Number.isFinite(Number(value))));
    return "";
  } catch (error) {
    assert.ok(error instanceof Problem, `${path}: ${(error as Error).stack}`);
    assert.match(error.message, /^[^\n]+$/, "one line");
    return error.message;
  }
}

const place = fc.double({ min: 0, max: 1, noNaN: true });
const damage = fc.oneof(
  fc.record({ at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
  fc.record({ at: place, bit: fc.nat(7) }),
  fc.record({ at: place }),
);

function damaged(bytes: Uint8Array, how: typeof damage extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const at = Math.min(bytes.length - 1, Math.floor(how.at * bytes.length));
  const changed = Uint8Array.from(bytes);
  if ("bit" in how) changed[at] ^= 1 << how.bit;
  else if ("bytes" in how) changed.set(how.bytes.subarray(0, bytes.length - at), at);
  else return changed.subarray(0, at);
  return changed;
}

const talk = '{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}],"task":1}\n';
const pair = [
  '{"prompt":[{"role":"user","content":"Hi"}],"chosen":[{"role":"assistant","content":"Ho"}],"rejected":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","function":{"name":"wave","arguments":{"how":2}}}]}],"task":1}',
  '{"chosen":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Ho"}],"rejected":[{"from":"human","value":"Hi"},{"from":"gpt","value":"No"}]}',
  '{"prompt":"Hi","chosen":"Ho","rejected":"No"}\n',
].join("\n");
const track = "0 1 0.0 0.0 1.0 0.0\n6 1 0.4 0.0 1.0 0.0\n12 1 0.4 0.8 0.0 2.0\n";
const state =
  '{""players"":[{""position"":[0,0],""orientation"":[0,1],""held_object"":null},{""position"":[1,0],""orientation"":[0,1],""held_object"":null}],""objects"":[]}';
const kitchen = [
  "state,joint_action,reward,layout,layout_name,trial_id",
  ...[0, 1].map((r) => `"${state}","[[0, 0], ""interact""]",${r},"[["" "", "" ""]]",small,t`),
].join("\n");

/** A whole file of each format: what is read, the file within it that is damaged, and how many times. */
const whole: readonly (readonly [format: Format, path: string, part: string, runs: number])[] = [
  ["minari", "minari-box", "data/main_data.hdf5", 30],
  ["minari", "minari-nested", "data/main_data.hdf5", 15],
  ["minari", "minari-box", "data/metadata.json", 20],
  ["minari", "minari-box-arrow", "data/1/part-0.arrow", 40],
  ["minari", "minari-nested-arrow", "data/0/part-0.arrow", 40],
  ["minari", "minari-box-arrow", "data/1/metadata.json", 10],
  ["minari", "minari-nested-parquet", "data/0/part-0.parquet", 20],
  ["minari", "minari-colours", "data/main_data.hdf5", 15],
  ["minari", "minari-colours-arrow", "data/0/part-0.arrow", 40],
  ["d4rl", "d4rl-next.hdf5", "", 20],
  ["robomimic", "robomimic.hdf5", "", 15],
  ["lerobot", "lerobot", "meta/info.json", 12],
  ["lerobot", "lerobot", "data/chunk-000/file-000.parquet", 12],
  ["lerobot", "lerobot", "meta/tasks.parquet", 8],
  ["lerobot", "lerobot-video", "meta/info.json", 10],
  ["lerobot", "lerobot-video", "meta/episodes/chunk-000/file-000.parquet", 8],
  ["rllib", "rllib.json", "", 30],
  ["rllib", "rllib-packed.json", "", 30],
  ["vw", "cb.vw", "", 30],
  ["vw", "adf.vw.gz", "", 15],
  ["dsjson", "log.dsjson", "", 30],
  ["conversations", "talk.jsonl", "", 30],
  ["preferences", "pairs.jsonl", "", 40],
  ["preferences", "pairs.jsonl.gz", "", 15],
  ["pedestrians", "tracks.txt", "", 30],
  ["overcooked", "kitchen.csv", "", 12],
];

test("damaged files of every format are recordings or sentences", async () => {
  const [log] = fc.sample(anyDecisionLog, { seed: 4, numRuns: 20 }).filter(({ reward }) => reward.length > 3);
  await writeRecording(join(folder, "log.dsjson"), log);
  await writeFile(join(folder, "cb.vw"), "1:0:0.5 | a b:2\n2:1:0.25 'x|c a\n");
  await writeFile(
    join(folder, "adf.vw.gz"),
    gzipSync("shared | s\n0:1:0.5 | a\n | b\n\nshared | s\n | a\n0:1:0.5 | b\n"),
  );
  await writeFile(join(folder, "talk.jsonl"), talk);
  await writeFile(join(folder, "pairs.jsonl"), pair);
  await writeFile(join(folder, "pairs.jsonl.gz"), gzipSync(pair));
  await writeFile(join(folder, "tracks.txt"), track);
  await writeFile(join(folder, "kitchen.csv"), kitchen);
  for (const name of new Set(whole.map(([, path]) => path))) {
    await cp(join(fixtures, name), join(folder, name), { recursive: true }).catch((error: NodeJS.ErrnoException) =>
      assert.equal(error.code, "ENOENT"),
    );
  }
  for (const [format, path, part, runs] of whole) {
    const source = join(folder, path);
    assert.equal(await formatOf(source), format, path);
    assert.equal(await outcome(source), "", path);
    const file = part === "" ? source : join(source, part);
    const bytes = await readFile(file);
    const before = dirname(file);
    assert.ok(before.startsWith(folder));
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        await writeFile(file, damaged(bytes, how));
        await outcome(source);
        await outcome(source, format);
      }),
      { numRuns: runs, seed: 11 },
    );
    await writeFile(file, bytes);
    assert.equal(await outcome(source), "", `${path}, mended`);
  }
});

test("a file of one format read as another is a sentence", async () => {
  const files = ["minari-box", "d4rl.hdf5", "robomimic.hdf5", "lerobot", "rllib.json"].map((name) =>
    join(fixtures, name),
  );
  const others: readonly Format[] = [
    "minari",
    "d4rl",
    "robomimic",
    "lerobot",
    "rllib",
    "vw",
    "dsjson",
    "overcooked",
    "pedestrians",
    "conversations",
    "preferences",
    "jsonl",
    "parquet",
  ];
  for (const file of files) {
    const own = await formatOf(file);
    for (const format of others)
      if (format !== own) assert.notEqual(await outcome(file, format), "", `${file} as ${format}`);
  }
});

test("hostile files", async () => {
  const deep = `${"[".repeat(100_000)}`;
  const signature = Buffer.from([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]);
  const hostile: readonly (readonly [string, string | Uint8Array])[] = [
    ["empty.hdf5", ""],
    ["signature.hdf5", signature],
    ["zeros.hdf5", Buffer.concat([signature, Buffer.alloc(5000)])],
    ["ones.hdf5", Buffer.concat([signature, Buffer.alloc(5000, 255)])],
    ["deep.json", `{"type":"SampleBatch","obs":${deep}`],
    ["nested.json", `{"type":"SampleBatch","obs":${"[".repeat(3000)}${"]".repeat(3000)},"actions":[0],"rewards":[0]}`],
    [
      "bomb.json",
      `{"type":"SampleBatch","obs":"${Buffer.concat([Buffer.from("04224d186040820b000000", "hex"), Buffer.alloc(200, 255)]).toString("base64")}","actions":[0],"rewards":[0]}`,
    ],
    ["deep.dsjson", `{"_label_cost":1,"c":${deep}`],
    ["proto.dsjson", '{"_label_cost":1,"_label_probability":1,"_labelIndex":0,"c":{"__proto__":{"x":1},"_multi":[]}}'],
    ["many.vw", `999999999999:1:0.5 | a\n`],
    ["nul.vw", `1:1:0.5 | a:${"\u0000".repeat(50)}\n`],
    ["long.vw", `1:1:0 | ${"a ".repeat(10_000)}\n`],
    ["deep-talk.jsonl", `{"messages":${deep}`],
    ["proto-talk.jsonl", '{"messages":[{"role":"__proto__","content":"x"}]}'],
    ["no-one.jsonl", '{"messages":[]}'],
    ["deep-pair.jsonl", `{"chosen":"a","rejected":${deep}`],
    ["proto-pair.jsonl", '{"prompt":"a","chosen":[{"role":"__proto__","content":"x"}],"rejected":"b"}'],
    ["odd-pair.jsonl", '{"prompt":"a","chosen":7,"rejected":{"length":1}}'],
    ["half-pair.jsonl", '{"prompt":"a","chosen":"b","rejected":"c"}\n{"prompt":"a","chosen":"b"}'],
    ["mute-pair.jsonl", '{"prompt":"a","chosen":[],"rejected":[]}'],
    ["far.txt", "0 1 1e999 0.0\n6 1 0.0 0.0\n"],
    [
      "huge-own.dsjson",
      '{"repertoire":{"header":"{\\"kind\\":\\"decisions\\",\\"actions\\":10000000,\\"available\\":true}"}}\n',
    ],
  ];
  for (const [name, content] of hostile) {
    const path = join(folder, name);
    await writeFile(path, content);
    assert.match(await outcome(path), new RegExp(name), `${name} was read`);
  }
});
