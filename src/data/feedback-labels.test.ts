import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../problems.ts";
import { box } from "../spaces/make.ts";
import { decisionLog } from "./decision-log.ts";
import { fromEpisodes } from "./episodes.ts";
import { type Feedback, feedbackTypes, segment } from "./feedback.ts";
import { feedbackFrom, type LabelOptions } from "./feedback-labels.ts";
import { addFeedback, readFeedback, readLabels } from "./formats/feedback-file.ts";

const folder = await mkdtemp(join(tmpdir(), "labels-"));
test.after(() => rm(folder, { recursive: true }));

const walks = fromEpisodes(
  [3, 2].map((steps) => ({
    observations: Array.from({ length: steps + 1 }, (_, i) => [i]),
    actions: Array.from({ length: steps }, () => [0]),
    rewards: new Array(steps).fill(1),
    terminated: true,
  })),
  { observationSpace: box(0, 9), actionSpace: box(-1, 1) },
);
const known: LabelOptions = { rater: "ann", time: 5 };
const read = (label: unknown, options = known): Feedback | undefined =>
  feedbackFrom(label, walks, options, "f", "line 1");
const refused = (label: unknown, words: RegExp, options = known): void =>
  assert.throws(
    () => read(label, options),
    (error) => error instanceof Problem && words.test(error.message),
  );

test("each type in its shortest words is the whole piece", () => {
  const { fingerprint } = walks.provenance;
  const labels = [
    { type: "preference", first: 0, second: { episode: 1, to: 1 }, choice: "first" },
    { type: "rating", episode: 1, value: 4, low: 1, high: 5 },
    { type: "intervention", episode: 0, from: 1, actions: [[0.5], [1]] },
    { type: "correction", episode: 0, text: "slower" },
    { type: "sketch", segment: 1, axes: ["x"], points: [[0], [1]] },
    { type: "scalar", segment: { episode: 0, from: 2 }, value: -1 },
    { type: "comment", episode: 0, text: "odd", rater: "bob", time: "2026-05-01" },
  ];
  const pieces = labels.map((label) => read(label)!);
  assert.deepEqual(
    pieces.map(({ type }) => type),
    [...feedbackTypes],
  );
  const [preference, rating, intervention, , sketch, scalar, comment] = pieces;
  assert.deepEqual("first" in preference && [preference.first, preference.second], [
    segment(walks, 0),
    segment(walks, 1, 0, 1),
  ]);
  assert.deepEqual("segment" in rating && rating.segment, { recording: fingerprint, episode: 1, from: 0, to: 2 });
  assert.deepEqual("segment" in intervention && intervention.segment, segment(walks, 0, 1));
  assert.deepEqual("segment" in sketch && sketch.segment, segment(walks, 1));
  assert.deepEqual("segment" in scalar && scalar.segment, segment(walks, 0, 2));
  assert.deepEqual([rating.rater, rating.time, comment.rater, comment.time], ["ann", 5, "bob", Date.UTC(2026, 4, 1)]);
  assert.equal(new Set(pieces.map(({ id }) => id)).size, 7);
  // A whole piece is a label that leaves nothing out.
  for (const piece of pieces) assert.deepEqual(read(piece, {}), piece);
});

test("a label without an id has that of its contents, whatever the order of its names", () => {
  const label = { type: "scalar", episode: 0, value: 1 };
  const { id } = read(label)!;
  assert.match(id, /^[0-9a-f]{16}$/);
  assert.equal(read({ value: 1, episode: 0, type: "scalar" })!.id, id);
  assert.notEqual(read({ ...label, value: 2 })!.id, id);
  assert.notEqual(read(label, { ...known, rater: "bob" })!.id, id);
  assert.equal(read({ ...label, id: "mine" })!.id, "mine");
});

test("dates are UTC unless they say otherwise", (t) => {
  const zone = process.env.TZ;
  t.after(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  process.env.TZ = "America/New_York";
  const time = (written: string): number => read({ type: "scalar", episode: 0, value: 1, time: written })!.time;
  const noon = Date.UTC(2026, 4, 1, 12);
  for (const written of [
    "2026-05-01T12:00:00Z",
    "2026-05-01T12:00",
    "2026-05-01 12:00:00",
    "2026-05-01T14:00:00+02:00",
  ]) {
    assert.equal(time(written), noon, written);
  }
});

test("what a label gets wrong is one sentence: the line, the field, what was wanted", () => {
  const label = { type: "scalar", episode: 0, value: 1 };
  refused(
    { ...label, episode: 2 },
    /^f, line 1, field "segment": steps 0 to 1 of episode 2; wanted an episode in 0 … 1/,
  );
  refused({ ...label, to: 4 }, /steps 0 to 4 of episode 0; wanted steps within 0 … 3 of episode 0/);
  refused({ ...label, from: 3 }, /field "segment": from is before to/);
  refused({ ...label, episode: "first" }, /field "segment.episode"/);
  refused({ ...label, segment: 1 }, /"episode"/);
  refused({ ...label, time: "yesterday" }, /field "time"/);
  refused(label, /field "rater"/, { time: 5 });
  refused(label, /field "time"/, { rater: "ann" });
  refused({ ...label, vlaue: 1 }, /vlaue/);
  refused([label], /field "the whole line"/);
  const other = { ...label, episode: undefined, segment: { ...segment(walks, 0), recording: "0".repeat(64) } };
  refused(JSON.parse(JSON.stringify(other)), /judges the recording 000000000000…/);
  assert.equal(read(JSON.parse(JSON.stringify(other)), { ...known, others: "skip" }), undefined);
  fc.assert(
    fc.property(
      fc.object({ key: fc.constantFrom("type", "episode", "from", "to", "segment", "first", "time", "id") }),
      (odd) => {
        try {
          read({ ...label, ...odd });
        } catch (error) {
          assert.ok(error instanceof Problem, String((error as Error).stack));
        }
      },
    ),
  );
});

test("rows of a decision log are judged as episodes of one step", () => {
  const log = decisionLog({ context: [[1], [2]], actions: 2, action: [0, 1], propensity: [0.5, 0.5], reward: [0, 7] });
  const piece = feedbackFrom({ type: "scalar", episode: 1, value: 3 }, log, known, "f", "line 1");
  assert.deepEqual(piece && "segment" in piece && piece.segment, segment(log, 1));
});

test("labels of several files are added once each, and what the file holds stays to the byte", async () => {
  const file = (name: string): string => join(folder, name);
  const line = (label: object): string => `${JSON.stringify(label)}\n`;
  const [one, two, three] = [1, 2, 3].map((value) => ({ type: "scalar", episode: 0, value }));
  await writeFile(file("a.jsonl"), line(one) + line(two));
  await writeFile(file("b.jsonl"), line(two) + line(three));
  const labels = await readLabels([file("a.jsonl"), file("b.jsonl")], walks, known);
  assert.equal(labels.length, 3);
  const out = file("all.jsonl");
  assert.equal((await addFeedback(out, labels.slice(0, 2))).length, 2);
  const before = await readFile(out, "utf8");
  assert.deepEqual(await addFeedback(out, labels), labels.slice(2));
  assert.ok((await readFile(out, "utf8")).startsWith(before));
  assert.deepEqual(await readFeedback(out), labels);
  assert.deepEqual(await addFeedback(out, labels), []);
  const clash = { ...labels[0], note: "another" };
  await assert.rejects(addFeedback(out, [clash]), /field "id".*which .*all\.jsonl, piece .* has/);
  await writeFile(file("c.jsonl"), line({ ...one, id: "x" }) + line({ ...two, id: "x" }));
  await assert.rejects(
    readLabels([file("c.jsonl")], walks, known),
    /c\.jsonl, line 2, field "id": "x", which line 1 has/,
  );
  await writeFile(file("d.jsonl"), line({ ...three, id: "x" }));
  const both = readLabels([file("d.jsonl"), file("c.jsonl")], walks, known);
  await assert.rejects(both, /c\.jsonl, line 1, field "id": "x", which .*d\.jsonl, line 1 has/);
});

test("the examples in the documentation are labels, one of each type", async () => {
  const page = await readFile(join(import.meta.dirname, "../../docs/recordings.md"), "utf8");
  const [, lines] = /```json\n(\{"type"[\s\S]*?)```/.exec(page)!;
  const long = fromEpisodes(
    Array.from({ length: 6 }, () => ({
      observations: Array.from({ length: 41 }, (_, i) => [i / 5]),
      actions: Array.from({ length: 40 }, () => [0]),
      rewards: new Array(40).fill(1),
      terminated: true,
    })),
    { observationSpace: box(0, 9), actionSpace: box(-1, 1) },
  );
  const pieces = lines
    .trimEnd()
    .split("\n")
    .map((line, i) => feedbackFrom(JSON.parse(line), long, {}, "docs", `line ${i}`));
  assert.deepEqual(
    pieces.map((piece) => piece?.type),
    [...feedbackTypes],
  );
});
