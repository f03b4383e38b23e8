/** Damaged and hostile files: a valid recording or one Problem, never another exception, a crash or a hang. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { readRecording, writeRecording } from "./read.ts";
import { anyDecisionLog, anyTrajectories } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "hostile-"));
test.after(() => rm(folder, { recursive: true }));

const table = {
  columns: { context: ["x", "kind"], action: "a", propensity: "p", reward: "r", timestamp: "t" },
  categorical: ["kind"],
} as const;

/** Reads the bytes as a file of that name. @returns the sentence, or "" when it was a recording */
async function outcome(name: string, bytes: Uint8Array, options = {}): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  try {
    const recording = await readRecording(path, options);
    assert.ok(recording.kind === "decisions" || recording.kind === "trajectories");
    assert.ok(recording.reward.every(Number.isFinite));
    return "";
  } catch (error) {
    assert.ok(error instanceof Problem, `${name}: ${(error as Error).stack}`);
    assert.match(error.message, /^[^\n]+$/, "one line");
    return error.message;
  }
}

const damage = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: fc.double({ min: 0, max: 1, noNaN: true }), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constant("put" as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  }),
);

function damaged(bytes: Uint8Array, how: typeof damage extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const at = Math.min(bytes.length - 1, Math.floor(how.at * bytes.length));
  if (how.kind === "cut") return bytes.slice(0, at);
  const changed = bytes.slice();
  if (how.kind === "flip") changed[at] ^= 1 << how.bit;
  else changed.set(how.bytes.subarray(0, bytes.length - at), at);
  return changed;
}

const csv = "x,kind,a,p,r,t\n1,u,0,0.5,1,2026-01-01\n2,v,1,0.5,0,2026-01-02\n";

test("damaged files of every format", async () => {
  const [trajectories] = fc.sample(anyTrajectories, { seed: 3, numRuns: 20 }).filter((t) => t.reward.length > 3);
  const [log] = fc.sample(anyDecisionLog, { seed: 4, numRuns: 20 }).filter((l) => l.reward.length > 3);
  const files: [string, Uint8Array, object][] = [
    ["table.csv", Buffer.from(csv), table],
    ["table.csv.gz", gzipSync(csv), table],
  ];
  for (const name of ["t.parquet", "t.jsonl", "t.jsonl.gz"]) {
    await writeRecording(join(folder, name), trajectories);
    files.push([`damaged-${name}`, await readFile(join(folder, name)), {}]);
    await writeRecording(join(folder, name), log);
    files.push([`damaged-log-${name}`, await readFile(join(folder, name)), {}]);
  }
  for (const [name, bytes, options] of files) {
    assert.equal(await outcome(name, bytes, options), "", name);
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        await outcome(name, damaged(bytes, how), options);
      }),
      { numRuns: 25, seed: 11 },
    );
  }
});

test("hostile files", async () => {
  const start = '"observationSpace":{"kind":"box","shape":[1000000000000],"low":[],"high":[],"dtype":"float32"}';
  const decisions = '{"kind":"decisions","actions":2}';
  const row = '{"context":[1],"action":0,"propensity":0.5,"reward":1}';
  const hostile: [string, string | Uint8Array][] = [
    ["empty.parquet", ""],
    ["empty.jsonl", ""],
    ["only-magic.parquet", "PAR1PAR1"],
    ["liar.parquet", Buffer.from([80, 65, 82, 49, 255, 255, 255, 127, 80, 65, 82, 49])],
    ["huge-space.jsonl", `{"kind":"trajectories",${start},"actionSpace":{"kind":"discrete","n":2,"start":0}}`],
    ["huge-extra.jsonl", `{"kind":"decisions","actions":2,"extras":{"x":{"dtype":"float64","shape":[1e15]}}}\n${row}`],
    ["huge-actions.jsonl", '{"kind":"decisions","actions":1e300}'],
    ["many-actions.jsonl", `{"kind":"decisions","actions":10000000,"available":true}\n${row}`],
    ["deep.jsonl", `${"[".repeat(200_000)}`],
    [
      "deep-row.jsonl",
      `${decisions}\n{"context":${"[".repeat(5_000)}1${"]".repeat(5_000)},"action":0,"propensity":1,"reward":0}`,
    ],
    ["proto.jsonl", `${decisions}\n{"__proto__":{"context":[1]},"action":0,"propensity":0.5,"reward":1}`],
    ["proto-tags.jsonl", `{"kind":"decisions","actions":2,"tags":["__proto__"]}\n${row}`],
    ["ragged.jsonl", `${decisions}\n${row}\n${row.replace("[1]", "[1,2]")}`],
    ["text-context.jsonl", `${decisions}\n${row.replace("[1]", '"one"')}`],
    ["object-context.jsonl", `${decisions}\n${row.replace("[1]", '{"length":3}')}`],
    ["null-context.jsonl", `${decisions}\n${row.replace("[1]", "null")}`],
    ["text-reward.jsonl", `${decisions}\n${row.replace('"reward":1', '"reward":"1"')}`],
    ["nan.jsonl", `${decisions}\n${row.replace('"reward":1', '"reward":NaN')}`],
    ["twice.jsonl", `${decisions}\n${row}${row}`],
    ["nul.jsonl", `${decisions}\n${"\u0000".repeat(100)}`],
    ["garbage.jsonl.gz", Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8])],
    ["no-ending", Buffer.from([0x1f, 0x8b, 8, 0])],
  ];
  const allowed = new Set(["deep-row.jsonl", "proto-tags.jsonl"]); // odd, and still what they say they are
  for (const [name, content] of hostile) {
    const sentence = await outcome(name, typeof content === "string" ? Buffer.from(content) : content);
    if (!allowed.has(name)) assert.match(sentence, new RegExp(name), `${name} was read`);
  }
  const tables: [string, string][] = [
    ["empty.csv", ""],
    ["header.csv", "x,kind,a,p,r\n"],
    ["quote.csv", 'x,kind,a,p,r,t\n1,"u,0,0.5,1,2026-01-01\n2,v,1,0.5,0,2026-01-02\n'],
    ["short.csv", "x,kind,a,p,r,t\n1,u\n"],
    ["nul.csv", `x,kind,a,p,r,t\n${"\u0000".repeat(50)}\n`],
  ];
  for (const [name, content] of tables) assert.notEqual(await outcome(name, Buffer.from(content), table), "", name);
});
