import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { readJsonl, writeJsonl } from "./jsonl.ts";
import { anyRecording, plain } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "jsonl-"));
test.after(() => rm(folder, { recursive: true }));

test("what is written is what is read, to the bit, and writing it again gives the same bytes", async () => {
  const path = join(folder, "it's [round].jsonl");
  const again = join(folder, "again.jsonl");
  await fc.assert(
    fc.asyncProperty(anyRecording, async (recording) => {
      await writeJsonl(path, recording);
      const read = await readJsonl(path);
      assert.deepEqual(plain(read), plain(recording));
      await writeJsonl(again, read);
      assert.deepEqual(await readFile(again), await readFile(path));
    }),
    { numRuns: 50 },
  );
});

test("a path that ends in .gz is compressed", async () => {
  const path = join(folder, "round.jsonl.gz");
  const [recording] = fc.sample(anyRecording, { seed: 5, numRuns: 1 });
  await writeJsonl(path, recording);
  assert.deepEqual([...(await readFile(path)).subarray(0, 2)], [0x1f, 0x8b]);
  assert.deepEqual(plain(await readJsonl(path)), plain(recording));
});

const spaces =
  '"observationSpace":{"kind":"discrete","n":3,"start":0},"actionSpace":{"kind":"discrete","n":2,"start":0}';
const steps = [
  `{"kind":"trajectories",${spaces}}`,
  '{"observation":0,"action":1,"reward":0}',
  "",
  '{"observation":1,"action":1,"reward":1,"terminated":true,"finalObservation":2}',
];
const decisions = [
  '{"kind":"decisions","actions":2,"tags":["day"],"extras":{"timestamp":{"dtype":"float64","shape":[]}}}',
  '{"context":[1,0],"action":0,"propensity":0.5,"reward":0,"extras":{"timestamp":10},"tags":{"day":"Mon"}}',
  '{"context":[0,1],"action":1,"propensity":0.25,"reward":1,"extras":{"timestamp":20}}',
];

const written = async (lines: readonly (string | Uint8Array)[], name = "hand.jsonl"): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, typeof lines[0] === "string" ? lines.join("\n") : lines[0]);
  return path;
};

test("a file written by hand needs only what matters", async () => {
  const t = await readJsonl(await written(steps));
  assert.ok(t.kind === "trajectories");
  assert.deepEqual([...t.finalObservation.data], [2]);
  assert.deepEqual(t.provenance.lineage, [join(folder, "hand.jsonl")]);
  const log = await readJsonl(await written(decisions));
  assert.ok(log.kind === "decisions");
  assert.deepEqual(log.context.shape, [2, 2]);
  assert.deepEqual(log.tags, { day: ["Mon", null] });
  assert.deepEqual([...log.extras.timestamp.data], [10, 20]);
});

const refused = async (lines: readonly (string | Uint8Array)[], ...words: string[]): Promise<void> => {
  const path = await written(lines, lines[0] instanceof Uint8Array ? "bad.jsonl.gz" : "bad.jsonl");
  await assert.rejects(readJsonl(path), (error: unknown) => {
    assert.ok(error instanceof Problem, String((error as Error).stack));
    for (const word of ["bad.jsonl", ...words]) assert.match(error.message, new RegExp(word));
    return true;
  });
};

test("each way a file can be wrong is one sentence with line, field and rule", async () => {
  const but = (at: number, from: string, to: string, lines = decisions) =>
    lines.map((line, i) => (i === at ? line.replace(from, to) : line));
  await refused([""], "header is not JSON|empty");
  await refused(["{}"], "header has a wrong entry");
  await refused(but(0, '"actions":2', '"actions":0'), '"actions');
  await refused(but(0, "trajectories", "games", steps), 'entry "kind"');
  await refused(but(0, '"n":3', '"n":0', steps), "observationSpace");
  await refused(but(1, "0.5", "1.2"), 'line 2, field "propensity": 1.2', "\\(0, 1\\]");
  await refused(but(2, "0.25", "0"), 'line 3, field "propensity": 0;');
  await refused(but(2, '"reward":1', '"reward":NaN'), "line 3", "each line is one JSON object");
  await refused(but(2, '"reward":1', '"reward":1e999'), 'line 3, field "reward": Infinity');
  await refused(but(2, '"reward":1', '"reward":null'), 'line 3, field "reward": nothing');
  await refused(but(2, '"reward":1', '"rewards":1'), 'line 3, field "rewards": an unknown field');
  await refused(but(2, '"timestamp"', '"time"'), 'line 3, field "extras.time"');
  await refused(but(2, "[0,1]", "[0]"), 'line 3, field "context": 1 numbers');
  await refused(but(2, '"action":1', '"action":7'), 'line 3, field "action": 7', "0 … 1");
  await refused([...decisions, '{"context":[0,1],"act'], "line 4", "delete the last line");
  await refused(but(3, '"action":1', '"action":2', steps), 'line 4, field "action": 2');
  await refused(but(3, ',"finalObservation":2', "", steps), 'line 4, field "finalObservation": nothing');
  await refused(but(1, '"reward":0', '"reward":0,"finalObservation":2', steps), "line 2", "given inside an episode");
  await refused(but(3, '"terminated":true,', "", steps), "line 4", "given inside an episode");
  await refused(steps.slice(0, 2), "line 2", "mark the row truncated");
  await refused([...decisions, "[1]"], "line 4", "not an object");
  const whole = gzipSync(decisions.join("\n"));
  await refused([whole.subarray(0, whole.length - 12)], "unexpected end of file");
  await refused([Buffer.from("not gzip at all")], "incorrect header");
  await assert.rejects(readJsonl(join(folder, "none.jsonl")), /no such file/);
});

test("the examples in the documentation are recordings", async () => {
  const page = await readFile(join(import.meta.dirname, "../../../docs/recordings.md"), "utf8");
  const examples = [...page.matchAll(/```jsonl\n(.*?)```/gs)].map(([, text]) => text);
  assert.equal(examples.length, 2);
  for (const text of examples) assert.ok((await readJsonl(await written([text]))).reward.length > 0);
});
