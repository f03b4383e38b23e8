import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { Problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import { readRecording } from "./read.ts";
import { readTable } from "./table.ts";
import { readStepTable, type StepTableOptions } from "./table-steps.ts";

const folder = await mkdtemp(join(tmpdir(), "table-steps-"));
test.after(() => rm(folder, { recursive: true }));

const rows = [
  "run,t,x,room,push,r,fell,who,p,x2,room2",
  "a,0,0.5,hall,left,0,0,ann,0.5,1.5,hall",
  "b,0,7,hall,left,0,false,bob,0.25,8,attic",
  "a,2,2.5,attic,right,2,1,ann,0.5,3.5,hall",
  "a,1,1.5,hall,right,1,0,ann,0.5,2.5,attic",
  "b,1,8,attic,left,3,,bob,1,9,hall",
];
const written = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const columns = {
  observation: ["x", "room"],
  action: "push",
  reward: "r",
  episode: "run",
  step: "t",
  terminated: "fell",
  extras: ["p"],
  tags: ["who"],
} as const;
const options: StepTableOptions = { columns, categorical: ["room"] };

test("a table of steps: episodes by name, steps in order, names as choices", async () => {
  const t = await readStepTable(await written("steps.csv", rows.join("\n")), options);
  assert.deepEqual([...t.offsets], [0, 3, 4]);
  assert.deepEqual([...t.observation.data], [0.5, 0, 1, 1.5, 0, 1, 2.5, 1, 0, 7, 0, 1]);
  assert.deepEqual(t.actionSpace, discrete(2, { names: ["left", "right"] }));
  assert.deepEqual(
    [[...t.action.data], [...t.reward]],
    [
      [0, 1, 1, 0],
      [0, 1, 2, 0],
    ],
  );
  assert.deepEqual(
    [[...t.terminated], [...t.truncated]],
    [
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ],
  );
  // Run b was cut off: its last row is what was seen in the end.
  assert.deepEqual([...t.finalObservation.data], [2.5, 1, 0, 8, 1, 0]);
  assert.deepEqual(t.tags, { who: ["ann", "bob"] });
  assert.deepEqual([...t.extras.p.data], [0.5, 0.5, 0.5, 0.25]);
  const next = await readStepTable(await written("steps.csv", rows.join("\n")), {
    ...options,
    columns: { ...columns, nextObservation: ["x2", "room2"] },
  });
  assert.deepEqual([...next.finalObservation.data], [3.5, 0, 1, 9, 0, 1]);
  assert.equal(next.reward.length, 5);
});

test("the same from JSON lines, packed or not, and through readRecording", async () => {
  const [names, ...cells] = rows.map((line) => line.split(","));
  const number = (text: string) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : text);
  const lines = cells
    .map((line) => JSON.stringify(Object.fromEntries(line.map((text, i) => [names[i], number(text)]))))
    .join("\n");
  const csv = await readStepTable(await written("steps.csv", rows.join("\n")), options);
  const json = await readRecording(await written("steps.jsonl", lines), options);
  const packed = await readRecording(await written("steps.jsonl.gz", gzipSync(lines)), options);
  assert.equal(json.provenance.fingerprint, csv.provenance.fingerprint);
  assert.equal(packed.provenance.fingerprint, csv.provenance.fingerprint);
  const decisions = '{"age":3,"a":"tea","p":0.5,"r":1}\n{"age":4,"a":"mate","p":1,"r":0}\n';
  const log = await readTable(await written("log.jsonl", decisions), {
    columns: { context: ["age"], action: "a", propensity: "p", reward: "r" },
  });
  assert.deepEqual(
    [[...log.context.data], log.actions.names, [...log.action]],
    [
      [3, 4],
      ["mate", "tea"],
      [1, 0],
    ],
  );
});

test("without an episode column episodes end at marks; actions may be several numbers", async () => {
  const lines = ["x,u,v,end", "1,0.5,2,0", "2,0.5,2,1", "3,1,2,0", "4,1,2,0"];
  const path = await written("marks.csv", lines.join("\n"));
  const t = await readStepTable(path, { columns: { observation: ["x"], action: ["u", "v"], terminated: "end" } });
  assert.deepEqual(
    [[...t.offsets], [...t.action.data], [...t.finalObservation.data]],
    [
      [0, 2, 3],
      [0.5, 2, 0.5, 2, 1, 2],
      [2, 4],
    ],
  );
  assert.deepEqual(t.actionSpace, box(-Infinity, Infinity, { shape: [2] }));
  const whole = await readStepTable(path, { columns: { observation: ["x"], action: "v", terminated: "end" } });
  assert.deepEqual(whole.actionSpace, discrete(3));
});

test("each way a table of steps can be wrong is a sentence with its line", async () => {
  const refused = async (
    change: (lines: string[]) => void,
    words: RegExp,
    other: StepTableOptions = options,
  ): Promise<void> => {
    const lines = [...rows];
    change(lines);
    const path = await written("bad.csv", lines.join("\n"));
    await assert.rejects(readStepTable(path, other), (error) => {
      assert.ok(error instanceof Problem, String((error as Error).stack));
      return words.test(error.message) || assert.fail(error.message);
    });
  };
  const but =
    (line: number, from: string, to: string) =>
    (lines: string[]): void => {
      lines[line] = lines[line].replace(from, to);
    };
  const same = (): void => {};
  await refused(but(1, "0.5,hall", "far,hall"), /bad.csv, line 2, field "x": "far"/);
  await refused(but(2, "false", "maybe"), /line 3, field "fell": "maybe"; a mark is 1 or 0/);
  await refused(but(4, ",1,0,ann", ",1,1,ann"), /line 5, field "fell": 1 inside an episode/);
  await refused(same, /field "speed": there is no such column/, { columns: { ...columns, reward: "speed" } });
  const short = { ...columns, nextObservation: ["x2"] };
  await refused(same, /field "nextObservation": 1 columns; as many as in observation \(2\)/, {
    ...options,
    columns: short,
  });
});
