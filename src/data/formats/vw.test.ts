import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { decisionLog } from "../decision-log.ts";
import { readDsjson } from "./dsjson.ts";
import { anyDecisionLog, plain } from "./testing.ts";
import { readVw } from "./vw-text.ts";
import { writeDsjson, writeVw } from "./vw-writer.ts";

const folder = await mkdtemp(join(tmpdir(), "vw-"));
test.after(() => rm(folder, { recursive: true }));

const written = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

test("cb: weights, namespaces, tags, and labels that say what was available", async () => {
  const log = await readVw(
    await written(
      "cb.vw",
      "1:2:0.5 2 |user:2 age:3 old |b x\n3:-1:0.25 'visit|user age:1\n2:0.5:1 | x:2 :7\n|user old\n",
    ),
  );
  assert.deepEqual(log.contextNames, ["user^age", "user^old", "b^x", "x", "0"]);
  assert.deepEqual([...log.context.data], [6, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 7]);
  assert.deepEqual([...log.action], [0, 2, 1]);
  assert.deepEqual(log.actions.names, ["1", "2", "3"]);
  assert.deepEqual([...log.reward], [-2, 1, -0.5]);
  assert.deepEqual([...(log.available?.data ?? [])], [1, 1, 0, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(log.tags.tag, [null, "visit", null]);
  assert.match(log.provenance.lineage[1], /left out 1 examples without a label/);
});

test("cb_adf: actions told apart by their features, or by their tags", async () => {
  const two = await readVw(await written("adf.vw", "shared | s\n | a\n0:1:0.5 | b:2\n\n0:0:1 | b:2\n | c\n"));
  assert.deepEqual(two.actions.names, ["a", "b:2", "c"]);
  assert.deepEqual([...(two.actions.features?.data ?? [])], [1, 0, 0, 0, 2, 0, 0, 0, 1]);
  assert.deepEqual([...two.action], [1, 1]);
  assert.deepEqual([...(two.available?.data ?? [])], [1, 1, 0, 0, 1, 1]);
  const tagged = await readVw(
    await written("tagged.vw", "0:1:0.5 'tea| hot\n 'mate| hot\n\n 'mate| hot\n1:0:0.5 'tea| hot\n"),
  );
  assert.deepEqual([tagged.actions.names, [...tagged.action], tagged.available], [["tea", "mate"], [0, 0], undefined]);
});

test("ccb: each slot is a decision among what earlier slots left", async () => {
  const text =
    "ccb shared |User u\nccb action |A x\nccb action |A y\nccb slot 1:-2:0.6,0:0.4 |S top\nccb slot 0:0:1 0 |S low\n";
  const log = await readVw(await written("ccb.vw", `${text}\n${text.replace(":-2:", ":1:")}`));
  assert.deepEqual(
    [[...log.action], [...log.reward], [...log.propensity]],
    [
      [1, 0, 1, 0],
      [2, 0, -1, 0],
      [0.6, 1, 0.6, 1],
    ],
  );
  assert.deepEqual([...(log.available?.data ?? [])], [1, 1, 1, 0, 1, 1, 1, 0]);
  assert.deepEqual(log.contextNames, ["User^u", "S^top", "S^low"]);
  assert.deepEqual([...log.context.data.slice(0, 6)], [1, 1, 0, 1, 0, 1]);
  assert.deepEqual(
    [[...log.extras.decision.data], [...log.extras.slot.data]],
    [
      [0, 0, 1, 1],
      [0, 1, 0, 1],
    ],
  );
  const whole = await readVw(await written("left.vw", text.replace("1 0 |S", "1 |S")));
  assert.deepEqual([...(whole.available?.data ?? [])], [1, 1, 1, 0], "the first slot's action is gone");
});

test("each way a text can be wrong is a sentence with its line", async () => {
  const refused = async (text: string, words: RegExp): Promise<void> => {
    const path = await written("bad.vw", text);
    await assert.rejects(readVw(path), (error) => {
      assert.ok(error instanceof Problem, String((error as Error).stack));
      return words.test(error.message) || assert.fail(error.message);
    });
  };
  await refused(
    "1:0:0.5 | a\n1:0:0.5 a b\n",
    /line 2, field "the whole line": 1:0:0.5 a b; features stand behind a bar/,
  );
  await refused("1:0:0.5 | a:x\n", /line 1, field "a": x; a feature's value is a number/);
  await refused("1:0:0.5 | a\n1:0 | a\n", /line 2, field "label": 1:0; it has the probability/);
  await refused("1:0:0.5 2:0:0.5 | a\n", /2 actions with costs; one action was chosen/);
  await refused("1:0:1.5 | a\n", /line 1, field "propensity": 1.5/);
  await refused("x:0:0.5 | a\n", /field "label": x:0:0.5/);
  await refused("| a\n| b\n", /none of its examples has a label/);
  await refused("shared | s\nshared | t\n0:0:1 | a\n", /line 2, .*a second shared line/);
  await refused("0:0:1 | a\n0:0:1 | b\n", /line 1, field "label": 2 labels/);
  await refused("ccb shared | a\nccb thing | b\n", /line 2, field "label": ccb thing/);
  await refused("ccb shared | a\nccb action | b\nccb slot 4:0:1 | c\n", /line 3, field "action": 5/);
});

test("DSJSON: names that come twice, times, dropped events, deferred events, slots", async () => {
  const event = (more: string): string =>
    `{"_label_cost":-1,"_label_probability":0.75,"_labelIndex":1,"a":[2,1],"p":[0.75,0.25],${more}"c":{"s":"1","s":"2","u":{"n":2,"yes":true,"no":false,"list":[{"k":"v"}],"nums":[3,4]},"_multi":[{"_tag":"x","a":{"f":1}},{"_tag":"y","a":{"g":"h"}}]}}`;
  const log = await readDsjson(
    await written(
      "e.dsjson",
      `${event('"Timestamp":"2026-05-01T00:00:00.25Z","EventId":"e1","pdrop":0.2,')}\n${event('"Timestamp":"2026-05-01T00:00:01Z","EventId":"e2","pdrop":0,')}\n${event('"_skipLearn":true,')}\n{"c":{"_multi":[]}}\n`,
    ),
  );
  assert.deepEqual(log.contextNames, ["s=1", "s=2", "u^n", "u^yes", "list^k=v", "nums^0", "nums^1"]);
  assert.deepEqual([...log.context.data.slice(0, 7)], [1, 1, 2, 1, 1, 3, 4]);
  assert.deepEqual(log.actions.names, ["x", "y"]);
  assert.deepEqual([...(log.actions.features?.data ?? [])], [1, 0, 0, 1]);
  assert.deepEqual([...log.extras.timestamp.data], [Date.UTC(2026, 4, 1) + 250, Date.UTC(2026, 4, 1) + 1000]);
  assert.deepEqual([...log.extras.pdrop.data], [0.2, 0]);
  assert.deepEqual([...(log.loggingPolicy?.data ?? [])], [0.25, 0.75, 0.25, 0.75]);
  assert.deepEqual(log.tags.EventId, ["e1", "e2"]);
  assert.deepEqual(log.provenance.lineage.slice(1), [
    "left out 1 events that say _skipLearn",
    "left out 1 examples without a label",
  ]);
  const slots =
    '{"c":{"_multi":[{"f":1},{"g":1}],"_slots":[{"top":1},{"low":1}]},"_outcomes":[{"_label_cost":-1,"_a":[1,0],"_p":[0.7,0.3]},{"_label_cost":0,"_a":[0],"_p":[1]}]}';
  const ccb = await readDsjson(await written("ccb.dsjson", slots));
  assert.deepEqual(
    [[...ccb.action], [...ccb.propensity], [...ccb.reward]],
    [
      [1, 0],
      [0.7, 1],
      [1, 0],
    ],
  );
  assert.deepEqual([...(ccb.loggingPolicy?.data ?? [])], [0.3, 0.7, 1, 0]);
  assert.deepEqual([...(ccb.available?.data ?? [])], [1, 1, 1, 0]);
  await assert.rejects(
    readDsjson(await written("x.dsjson", '{"_label_cost":1,"_label_probability":"p"}')),
    /line 1, field "_label_probability": p/,
  );
  await assert.rejects(readDsjson(await written("y.dsjson", `${event("")}\n{"c":`)), /line 2, .*delete the last line/);
  await assert.rejects(
    readDsjson(await written("z.dsjson", `{"c":${"[".repeat(999)}${"]".repeat(999)}}`)),
    /nested more than 200 deep/,
  );
});

test("DSJSON: what is written is what is read, to the bit", async () => {
  const path = join(folder, "round.dsjson");
  await fc.assert(
    fc.asyncProperty(anyDecisionLog, async (log) => {
      fc.pre(log.reward.length > 0);
      await writeDsjson(path, log);
      assert.deepEqual(plain(await readDsjson(path)), plain(log));
    }),
    { numRuns: 60 },
  );
});

test("text: read like itself, a log keeps all but extras, tags and the other probabilities", async () => {
  const path = join(folder, "round.vw");
  await fc.assert(
    fc.asyncProperty(anyDecisionLog, async (log) => {
      fc.pre(log.reward.length > 0);
      await writeVw(path, log);
      const read = await readVw(path, { like: log });
      for (const name of [
        "context",
        "contextNames",
        "contextSpace",
        "actions",
        "action",
        "propensity",
        "available",
      ] as const) {
        assert.deepEqual(read[name], log[name], name);
      }
      assert.deepEqual(
        [...read.reward].map((r) => r + 0),
        [...log.reward].map((r) => r + 0),
      );
    }),
    { numRuns: 60 },
  );
});

test("what cannot be written is refused", async () => {
  const empty = decisionLog({ context: [], actions: 2, action: [], propensity: [], reward: [] });
  await assert.rejects(
    writeDsjson(join(folder, "no.dsjson"), empty),
    /got "an empty log"; wanted a decision log of at least one row/,
  );
  const log = decisionLog({
    context: [[1]],
    actions: { count: 1, names: ["shared"] },
    action: [0],
    propensity: [1],
    reward: [1],
    available: [[1]],
  });
  const path = join(folder, "shared.vw");
  await writeVw(path, log);
  assert.equal(await readFile(path, "utf8"), "shared | 0\n0:-1:1 'shared|action shared\n\n");
  assert.deepEqual((await readVw(path, { like: log })).action, log.action);
});

const real = join(import.meta.dirname, "../../../../shared/data/vw");
const skip = existsSync(real) ? false : "the Vowpal Wabbit files are not on this machine (../shared/data/vw)";

/** Counted with Python, benchmarks/golden/recorded_behaviour.py. */
test("Vowpal Wabbit's own test data", { skip }, async () => {
  const evaluated = await readVw(join(real, "rcv1_cb_eval.gz"));
  assert.deepEqual(evaluated.context.shape, [1000, 9519]);
  assert.equal(evaluated.action.filter((a) => a === 0).length, 504);
  assert.equal(sum(evaluated.reward), -477);
  assert.ok(evaluated.extras.evaluated.data.every((a) => a === 1));
  const slots = await readVw(join(real, "ccb_test.dat"));
  assert.equal(slots.reward.length, 45);
  assert.equal(sum(slots.reward), 6);
  const events = await readDsjson(join(real, "dsjson_cb.json"));
  assert.equal(sum(events.reward), 12);
  assert.deepEqual(
    [0, 1, 2, 3].map((a) => events.action.filter((b) => b === a).length),
    [9, 3, 6, 5],
  );
  assert.deepEqual(events.actions.names, ["Cappucino", "Cold brew", "Iced mocha", "Latte"]);
  const twice = await readDsjson(join(real, "cb_test256.json"));
  assert.deepEqual([...twice.context.data.slice(0, 4)], [1, 1, 0, 0]);
  const ldf = await readVw(join(real, "cb_test_small.ldf"));
  assert.deepEqual([...ldf.action], [0, 4, 0, 4]);
  assert.equal((await readVw(join(real, "cb_explore_cover.dat"))).context.shape[1], 4);
});
