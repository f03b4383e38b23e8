import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../problems.ts";
import { box, discrete } from "../spaces/make.ts";
import { conversationTrajectories, pairConversations, preferencesOf } from "./conversations.ts";
import { decisionLog } from "./decision-log.ts";
import { fromEpisodes } from "./episodes.ts";
import { type Feedback, segment } from "./feedback.ts";
import { appendFeedback, readFeedback } from "./formats/feedback-file.ts";
import { interventionsApplied, pairFeedback, segmentsOf } from "./judged.ts";

const folder = await mkdtemp(join(tmpdir(), "feedback-"));
test.after(() => rm(folder, { recursive: true }));

const walks = fromEpisodes(
  [
    { observations: [[0], [1], [2], [3]], actions: [[0.1], [0.2], [0.3]], rewards: [1, 2, 3], terminated: true },
    { observations: [[4], [5], [6]], actions: [[0.4], [0.5]], rewards: [4, 5], terminated: false },
  ],
  { observationSpace: box(-9, 9, { shape: [1] }), actionSpace: box(-1, 1, { shape: [1] }) },
);
const common = { kind: "feedback", rater: "ann", time: 1.8e12 } as const;
const [first, second] = [segment(walks, 0, 1, 3), segment(walks, 1)];

const anyPiece = fc
  .record({
    id: fc.string({ minLength: 1, unit: "binary" }),
    note: fc.option(fc.string({ unit: "binary" }), { nil: undefined }),
    which: fc.nat(6),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    strength: fc.double({ min: 0, max: 1, noNaN: true }),
    text: fc.string({ minLength: 1, unit: "grapheme" }),
    choice: fc.constantFrom("first" as const, "second" as const, "tie" as const, "neither" as const),
  })
  .map(({ id, note, which, value, strength, text, choice }): Feedback => {
    const shared = { ...common, id, ...(note === undefined ? {} : { note }) };
    const strong = choice === "first" || choice === "second" ? { strength } : {};
    const pieces: readonly Feedback[] = [
      { ...shared, type: "preference", first, second, choice, ...strong },
      { ...shared, type: "rating", segment: first, value: Math.max(-1, Math.min(1, value)), low: -1, high: 1 },
      { ...shared, type: "intervention", segment: first, actions: [[0.5], [-0.5]] },
      { ...shared, type: "correction", segment: second, text },
      {
        ...shared,
        type: "sketch",
        segment: second,
        axes: ["x", "y"],
        points: [
          [0, value],
          [1, 2],
        ],
      },
      { ...shared, type: "scalar", segment: first, value },
      { ...shared, type: "comment", segment: first, text },
    ];
    return pieces[which];
  });

test("what is appended is what is read, in the order it was given, however often the file is opened", async () => {
  let n = 0;
  const distinct = fc.uniqueArray(anyPiece, { selector: ({ id }) => id, minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(distinct, fc.nat(6), async (pieces, cut) => {
      const path = join(folder, `${n++}.jsonl`);
      await appendFeedback(path, pieces.slice(0, cut));
      await appendFeedback(path, pieces.slice(cut));
      const plain = (all: readonly Feedback[]) => JSON.parse(JSON.stringify(all));
      assert.deepEqual(plain(await readFeedback(path)), plain(pieces));
    }),
    { numRuns: 40 },
  );
});

test("appending changes nothing that is there, and ends a line that was never finished", async () => {
  const path = join(folder, "torn.jsonl");
  await appendFeedback(path, [{ ...common, id: "a", type: "scalar", segment: first, value: 1 }]);
  const before = await readFile(path, "utf8");
  await appendFile(path, '{"kind":"feedback","id":"b"');
  await appendFeedback(path, [{ ...common, id: "c", type: "scalar", segment: first, value: 2 }]);
  const after = await readFile(path, "utf8");
  assert.ok(after.startsWith(before));
  await assert.rejects(readFeedback(path), /torn.jsonl, line 2, .*delete the last line/);
  await writeFile(path, after.split("\n").toSpliced(1, 1).join("\n"));
  assert.deepEqual(
    (await readFeedback(path)).map(({ id }) => id),
    ["a", "c"],
  );
});

test("feedback is joined to the steps it judges", () => {
  const piece: Feedback = { ...common, id: "p", type: "preference", first, second, choice: "second", strength: 0.8 };
  const [one, two] = segmentsOf([piece], walks);
  assert.deepEqual([one.side, one.start, one.end, [...one.reward]], [0, 1, 3, [2, 3]]);
  assert.deepEqual([...one.observation.data], [1, 2]);
  assert.deepEqual([two.side, two.start, two.end, [...two.reward]], [1, 3, 5, [4, 5]]);
  assert.deepEqual([...two.action.data], [0.4, 0.5].map(Math.fround));
  const log = decisionLog({ context: [[1], [2]], actions: 2, action: [0, 1], propensity: [0.5, 0.5], reward: [0, 7] });
  const [row] = segmentsOf([{ ...common, id: "s", type: "scalar", segment: segment(log, 1), value: 3 }], log);
  assert.deepEqual([row.start, row.end, [...row.action.data], [...row.reward]], [1, 2, [1], [7]]);
});

test("a link that leads nowhere is a sentence", () => {
  const judging = (changes: object): readonly Feedback[] => [
    { ...common, id: "x", type: "scalar", segment: { ...first, ...changes }, value: 1 },
  ];
  const refused = (changes: object, words: RegExp): void =>
    assert.throws(
      () => segmentsOf(judging(changes), walks),
      (error) => error instanceof Problem && error.code === "dangling-link" && words.test(error.message),
    );
  refused({ recording: "0".repeat(64) }, /feedback "x" judges the recording 000000000000…, which is not there/);
  refused({ episode: 2 }, /steps 1 to 3 of episode 2, .*wanted an episode in 0 … 1/);
  refused({ to: 4 }, /steps 1 to 4 of episode 0, .*wanted steps within 0 … 3 of episode 0/);
  assert.deepEqual(segmentsOf(judging({ recording: "0".repeat(64) }), walks, { others: "skip" }), []);
  assert.throws(() => segment(walks, 0, 2, 2), /steps within 0 … 3 of episode 0/);
});

test("a piece that breaks a rule is refused with its line and field, and nothing is written", async () => {
  const path = join(folder, "bad.jsonl");
  const refused = async (piece: object, words: RegExp): Promise<void> => {
    await writeFile(
      path,
      `${JSON.stringify({ ...common, id: "ok", type: "scalar", segment: first, value: 1 })}\n${JSON.stringify({ ...common, id: "x", ...piece })}\n`,
    );
    await assert.rejects(readFeedback(path), (error) => error instanceof Problem && words.test(error.message));
    const before = await readFile(path, "utf8");
    await assert.rejects(appendFeedback(path, [{ ...common, id: "y", ...piece } as Feedback]), Problem);
    assert.equal(await readFile(path, "utf8"), before);
  };
  await refused({ type: "wish" }, /bad.jsonl, line 2, field "type"/);
  await refused({ type: "preference", first, second, choice: "tie", strength: 1 }, /field "strength": only a choice/);
  await refused({ type: "rating", segment: first, value: 6, low: 1, high: 5 }, /field "value": the value lies between/);
  await refused({ type: "comment", segment: { ...first, to: 1 }, text: "no" }, /field "segment": from is before to/);
  await refused({ type: "comment", segment: { ...first, recording: "abc" }, text: "no" }, /64 hexadecimal digits/);
  await refused({ type: "intervention", segment: first, actions: [[1]] }, /1 actions; the segment has 2 steps/);
  await refused({ type: "sketch", segment: first, axes: ["x"], points: [[1], [1, 2]] }, /points.1.*2 coordinates/);
  const piece: Feedback = { ...common, id: "a", type: "scalar", segment: first, value: 1 };
  await rm(path);
  await appendFeedback(path, [piece, piece]);
  await appendFeedback(path, [piece]);
  assert.deepEqual(await readFeedback(path), [piece], "a piece sent again is the same piece");
  await appendFeedback(path, [{ ...piece, value: 2 }]);
  await assert.rejects(readFeedback(path), /line 4, field "id": "a", which line 1 has/);
});

test("interventions take the place of the recorded actions, and stay within the space", () => {
  const piece = (actions: number[][]): Feedback => ({
    ...common,
    id: "i",
    type: "intervention",
    segment: first,
    actions,
  });
  const mended = interventionsApplied(walks, [piece([[-0.5], [0.5]])]);
  assert.deepEqual([...mended.action.data], [0.1, -0.5, 0.5, 0.4, 0.5].map(Math.fround));
  assert.deepEqual([...mended.extras.intervention.data], [0, 1, 1, 0, 0]);
  const provenance = { ...walks.provenance, made: { name: "Walk-v0", maxSteps: 9 } };
  const again = interventionsApplied({ ...walks, provenance }, [piece([[-0.5], [0.5]])]);
  assert.deepEqual(again.provenance.made, provenance.made);
  assert.deepEqual([...walks.action.data][1], Math.fround(0.2));
  assert.throws(() => interventionsApplied(walks, [piece([[-0.5], [2]])]), /field "action": 2/);
  assert.throws(
    () =>
      interventionsApplied(walks, [
        piece([
          [1, 1],
          [1, 1],
        ]),
      ]),
    /feedback "i": got "an action of 2 numbers"/,
  );
  const choices = fromEpisodes([{ observations: [0, 1], actions: [1], rewards: [0], terminated: true }], {
    observationSpace: discrete(2),
    actionSpace: discrete(2),
  });
  const half: Feedback = { ...common, id: "h", type: "intervention", segment: segment(choices, 0), actions: [[0.5]] };
  assert.throws(() => interventionsApplied(choices, [half]), /whole number/);
});

test("preferences over conversations are preferences over their steps", () => {
  const said = (content: string) => [{ role: "assistant", content } as const];
  const prompt = [{ role: "user", content: "hello" } as const];
  const pairs = [0, 1].map((i) => ({ prompt, chosen: said(`good ${i}`), rejected: said("bad"), tags: {} }));
  const t = conversationTrajectories(pairConversations(preferencesOf(pairs)));
  const judged = segmentsOf(pairFeedback(t, "trl", 0), t);
  assert.deepEqual(
    judged.map(({ side, segment: { episode } }) => [side, t.tags.pair[episode], t.tags.chosen[episode]]),
    [
      [0, 0, true],
      [1, 0, false],
      [0, 1, true],
      [1, 1, false],
    ],
  );
});
