/** act as a user has it: lines in, lines out. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, test } from "node:test";
import { categorical, point } from "../nn/index.ts";
import { exportPolicy, loadPolicy } from "../policies/index.ts";
import { box, dict, discrete } from "../spaces/index.ts";
import { concat, ndarray } from "../tensor/index.ts";
import { type Ended, workplace } from "./testing.ts";

const place = workplace(after);
const provenance = { method: "a test", options: {}, recording: "", environment: "", updates: 0, seed: 0, version: "0" };
const file = (name: string): string => join(place, name);

/** Chooses by what it sees: scores x, −x, 0. */
await using chooser = await exportPolicy(
  {
    name: "chooser",
    observationSpace: box(-1, 1),
    actionSpace: discrete(3, { start: 5, names: ["left", "right", "stay"] }),
    decide: (x) => categorical(concat([x, x.neg(), x.mul(0)], 1)),
  },
  { provenance, examples: ndarray([[0.5]]) },
);
await chooser.save(file("chooser.onnx"));

/** Acts by how often it was asked: 0, 0.1, 0.2 … */
await using counter = await exportPolicy(
  {
    name: "counter",
    observationSpace: dict({ x: box(-1, 1), on: discrete(2) }),
    actionSpace: box(-1, 1),
    actionScale: { centre: Float32Array.of(0), half: Float32Array.of(1) },
    memory: { count: [1] },
    decide: (_, { count }) => ({ distribution: point(count.mul(0.1)), memory: { count: count.add(1) } }),
  },
  { provenance, examples: ndarray([[0.5, 1, 0]]) },
);
await counter.save(file("counter.onnx"));

/** Runs `repertoire act …args` with these bytes on standard input, a piece at a time. */
function act(pieces: readonly (string | Uint8Array)[], ...args: string[]): Promise<Ended> {
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [main, "act", ...args], { cwd: place, stdio: "pipe" });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  void (async () => {
    for (const [i, piece] of pieces.entries()) {
      // What comes after the first answer comes by itself.
      if (i > 1 && typeof piece !== "string") await once(child.stdout, "data");
      child.stdin.write(piece);
    }
    child.stdin.end();
  })();
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, ...said })));
}

const answers = ({ stdout }: Ended): Record<string, unknown>[] =>
  stdout === ""
    ? []
    : stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));

test("a line in is a line out, in the same order: what the policy does by itself", async () => {
  const asked = [[0.9], -0.9, { observation: [0.1], id: "ann" }];
  const ended = await act([asked.map((line) => `${JSON.stringify(line)}\n`).join("")], "chooser.onnx", "--info");
  assert.deepEqual([ended.code, ended.stderr], [0, ""]);
  const got = answers(ended);
  assert.deepEqual(
    got.map(({ action, name, probability }) => [action, name, probability]),
    [
      [5, "left", 1],
      [6, "right", 1],
      [5, "left", 1],
    ],
  );
  assert.deepEqual(
    got.map(({ id }) => id),
    [undefined, undefined, "ann"],
  );
  await using policy = await loadPolicy(file("chooser.onnx"));
  const { info } = await policy.act(Float32Array.of(0.9), { deterministic: true });
  assert.deepEqual(got[0].probabilities, Array.from(info.probabilities.data as Float32Array, Number));
});

test("a line that is no observation is answered as one, said with its number, and costs the others nothing", async () => {
  const lines = [
    '{"observation":[0.9],"id":7}',
    "[0.9",
    "",
    '{"obsrvation":[0.9],"id":7}',
    '{"observation":[2],"id":"b"}',
    '{"observation":[0.9],"rest":true,"id":"b"}',
    '{"observation":null}',
    '{"observation":[0.9],"id":"\u2028é"}',
    "[0.9]",
  ];
  // In pieces that part a line, and a letter of two bytes; the last line is not ended.
  const bytes = Buffer.from(lines.join("\n"));
  const cut = bytes.indexOf(Buffer.from("é")) + 1;
  const ended = await act([bytes.subarray(0, 5), bytes.subarray(5, cut), bytes.subarray(cut)], "chooser.onnx");
  assert.equal(ended.code, 2);
  const got = answers(ended);
  assert.deepEqual(
    got.map(({ id, action, line }) => [id, action, line]),
    [
      [7, 5, undefined],
      [undefined, undefined, 2],
      [7, undefined, 4],
      ["b", undefined, 5],
      ["b", undefined, 6],
      [undefined, undefined, 7],
      ["\u2028é", 5, undefined],
      [undefined, 5, undefined],
    ],
  );
  const sentences = got.flatMap(({ error }) => (error === undefined ? [] : [String(error)]));
  assert.equal(ended.stderr, `${sentences.join("\n")}\n`);
  const words = [
    /^standard input, line 2, field "the whole line": .*one JSON value/,
    /^standard input, line 4, field "observation": missing; the line has obsrvation, id/,
    /^standard input, line 5, observation, element 0: got 2; wanted a value of Box\[1\] in \[-1, 1\]/,
    /^standard input, line 6, field "the whole line": .*rest/,
    /^standard input, line 7, observation: got null/,
  ];
  words.forEach((wanted, i) => {
    assert.match(sentences[i], wanted);
  });
});

test("what is remembered belongs to an id, begins anew with reset, and no other id's lines change it", async () => {
  const seen = { x: [0.5], on: 1 };
  const ask = (id: string, more = {}): string => `${JSON.stringify({ observation: seen, id, ...more })}\n`;
  const lines = [ask("a"), ask("b"), ask("a"), ask("a"), ask("b"), ask("a", { reset: true }), ask("a"), ask("b")];
  const counted = answers(await act(lines, "counter.onnx")).map(({ action }) =>
    Math.round(10 * (action as number[])[0]),
  );
  assert.deepEqual(counted, [0, 0, 1, 2, 1, 0, 1, 2]);
  // An episode that begins with a bad line has begun.
  const bad = `${JSON.stringify({ observation: { x: [5], on: 1 }, id: "a", reset: true })}\n`;
  const again = answers(await act([ask("a"), ask("a"), bad, ask("a")], "counter.onnx"));
  assert.deepEqual(
    again.map(({ action }) => action && Math.round(10 * (action as number[])[0])),
    [0, 1, undefined, 0],
  );
});

test("chance follows from the seed and the id's own lines, not from who else is asked", async () => {
  const line = (id: string): string => `${JSON.stringify({ observation: [0], id })}\n`;
  const alone = Array.from({ length: 20 }, () => line("a"));
  const mixed = alone.flatMap((one, i) => (i % 2 === 0 ? [one, line("b")] : [one]));
  const drawn = async (lines: readonly string[], seed: string) =>
    answers(await act(lines, "chooser.onnx", "--sample", "--seed", seed)).filter(({ id }) => id === "a");
  const first = await drawn(alone, "3");
  assert.equal(new Set(first.map(({ action }) => action)).size, 3);
  assert.ok(first.every(({ probability }) => Math.abs((probability as number) - 1 / 3) < 1e-6));
  assert.deepEqual(await drawn(mixed, "3"), first);
  assert.notDeepEqual(await drawn(alone, "4"), first);
});
