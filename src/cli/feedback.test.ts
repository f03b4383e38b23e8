/** feedback as a user has it. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromEpisodes, readFeedback, segmentsOf, writeRecording } from "../data/index.ts";
import { box } from "../spaces/index.ts";
import { repertoire, workplace } from "./testing.ts";

const place = workplace(after);
const walks = fromEpisodes(
  Array.from({ length: 12 }, (_, e) => ({
    observations: [[0], [1], [2]],
    actions: [[0], [0.5]],
    rewards: [e, e],
    terminated: true,
  })),
  { observationSpace: box(0, 9), actionSpace: box(-1, 1) },
);
await writeRecording(join(place, "walks.parquet"), walks);
const write = (name: string, labels: readonly object[]): void =>
  writeFileSync(join(place, name), labels.map((label) => `${JSON.stringify(label)}\n`).join(""));

const prefers = (rater: string, first: number, choice: string) => ({
  type: "preference",
  first,
  second: first + 1,
  choice,
  rater,
});
const elsewhere = { recording: "0".repeat(64), episode: 0, from: 0, to: 1 };
write("ann.jsonl", [
  ...Array.from({ length: 10 }, (_, e) => prefers("ann", e, e === 4 ? "first" : "second")),
  { type: "rating", episode: 0, value: 4, low: 1, high: 5 },
  { type: "comment", episode: 3, from: 1, text: "slower\nhere" },
]);
write(
  "bob.jsonl",
  Array.from({ length: 10 }, (_, e) => prefers("bob", e, e < 2 ? "first" : "second")),
);
const given = ["--rater", "ann", "--time", "2026-05-01"];

test("labels are checked, linked, summed up with intervals, and added once", async () => {
  const first = await repertoire(
    place,
    "feedback",
    "walks.parquet",
    "ann.jsonl",
    "bob.jsonl",
    ...given,
    "-o",
    "all.jsonl",
  );
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^feedback {2}22 pieces on walks\.parquet: 11 of 12 episodes, 22 of 24 steps\n/);
  assert.match(first.stdout, /^types {5}1 comment, 20 preference, 1 rating$/m);
  assert.match(first.stdout, /^raters {4}12 ann, 10 bob$/m);
  assert.match(first.stdout, /^choices {3}3 first, 17 second, 0 tie, 0 neither$/m);
  assert.match(first.stdout, /^first chosen +0\.15 +95% interval .* 20 choices +proportion, Clopper–Pearson$/m);
  assert.match(first.stdout, /^preferred earned more +1 .* 7 pairs/m);
  assert.match(first.stdout, /^agreement on preferences .* 10 things +Krippendorff's alpha/m);
  assert.match(first.stdout, /^rating of how good it was \(1 to 5\) +4 /m);
  assert.match(first.stdout, /all\.jsonl: 22 added, 0 there already\n$/);
  const linked = await readFeedback(join(place, "all.jsonl"));
  assert.equal(segmentsOf(linked, walks).length, 42);

  const bytes = readFileSync(join(place, "all.jsonl"));
  const again = await repertoire(
    place,
    "feedback",
    "walks.parquet",
    "bob.jsonl",
    ...given,
    "-o",
    "all.jsonl",
    "--json",
  );
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual([JSON.parse(again.stdout).added, JSON.parse(again.stdout).pieces], [0, 10]);
  assert.deepEqual(readFileSync(join(place, "all.jsonl")), bytes);

  // What was linked is read as it is: nothing is left to be said.
  const read = await repertoire(place, "feedback", "walks.parquet", "all.jsonl", "--json", "--list");
  const told = JSON.parse(read.stdout);
  assert.deepEqual(told.feedback, linked);
  assert.equal(told.fingerprint, walks.provenance.fingerprint);
  assert.equal(told.measures["preferred earned more"].n, 7);
});

test("each piece on a line of its own, of one type where that is asked for", async () => {
  const all = await repertoire(
    place,
    "feedback",
    "walks.parquet",
    "ann.jsonl",
    ...given,
    "--list",
    "--type",
    "comment",
  );
  assert.equal(all.code, 0, all.stderr);
  const [line, blank, summary] = all.stdout.split("\n");
  assert.match(
    line,
    /^[0-9a-f]{16} {2}comment {2}ann {2}2026-05-01T00:00:00Z {2}episode 3, steps 1–2 {2}"slower\\nhere"$/,
  );
  assert.equal(blank, "");
  assert.match(summary, /^feedback {2}1 piece on walks\.parquet: 1 of 12 episodes/);
});

test("a label that is wrong costs nothing that is there, and is one sentence", async () => {
  write("wrong.jsonl", [prefers("ann", 0, "tie"), { type: "scalar", episode: 12, value: 1 }]);
  write("others.jsonl", [{ ...prefers("ann", 0, "tie"), first: elsewhere }, prefers("ann", 0, "tie")]);
  const refused = async (words: RegExp, ...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await repertoire(place, "feedback", "walks.parquet", ...args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, words);
    assert.match(stderr, /^[^\n]+\n$/);
  };
  const before = readFileSync(join(place, "all.jsonl"));
  await refused(
    /^wrong\.jsonl, line 2, field "segment": .*an episode in 0 … 11/,
    "wrong.jsonl",
    ...given,
    "-o",
    "all.jsonl",
  );
  await refused(/^ann\.jsonl, line 1, field "time"/, "ann.jsonl");
  await refused(/"--time" is "noon"; wanted a date/, "ann.jsonl", "--time", "noon");
  await refused(/judges the recording 000000000000…/, "others.jsonl", ...given);
  await refused(/wanted a name that ends in \.jsonl/, "ann.jsonl", ...given, "-o", "all.parquet");
  assert.deepEqual(readFileSync(join(place, "all.jsonl")), before);
  const skipped = await repertoire(
    place,
    "feedback",
    "walks.parquet",
    "others.jsonl",
    ...given,
    "--others",
    "skip",
    "--json",
  );
  assert.equal(JSON.parse(skipped.stdout).pieces, 1);
});
