/** Records of people and of agents among people: Overcooked, pedestrians, conversations. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import {
  type Conversation,
  conversationsOf,
  conversationTrajectories,
  type Message,
  pairConversations,
  preferencesOf,
  stepsOf,
} from "../conversations.ts";
import { returns } from "../views.ts";
import { readConversations, readPreferences, writeConversations, writePreferences } from "./conversations-file.ts";
import { overcookedChannels, readOvercooked } from "./overcooked.ts";
import { readPedestrians } from "./pedestrians.ts";
import { readRecording } from "./read.ts";

const folder = await mkdtemp(join(tmpdir(), "people-"));
test.after(() => rm(folder, { recursive: true }));
const written = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const refused = (reading: Promise<unknown>, words: RegExp): Promise<void> =>
  assert.rejects(reading, (error) => {
    assert.ok(error instanceof Problem, String((error as Error).stack));
    return words.test(error.message) || assert.fail(error.message);
  });

const shared = join(import.meta.dirname, "../../../../shared/data");
const absent = (name: string) =>
  existsSync(join(shared, name)) ? false : `../shared/data/${name} is not on this machine`;

// ---------------------------------------------------------------------------------------------------- Overcooked

const cell = (value: unknown): string => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
const held = { name: "dish", position: [1, 1] };
const soup = {
  name: "soup",
  position: [2, 0],
  _ingredients: [{ name: "onion" }, { name: "tomato" }],
  cooking_tick: 4,
  is_ready: false,
};
const player = (x: number, thing: object | null) => ({ position: [x, 1], orientation: [0, -1], held_object: thing });
const kitchen = [
  ["X", "O", "P"],
  ["X", " ", " "],
];
const row = (action: unknown, reward: number, trial = "t", more: object = {}): string =>
  `${cell({ players: [player(1, held), player(2, null)], objects: [soup], ...more })},${cell(action)},${reward},${cell(kitchen)},cramped,${trial},ann,True`;
const header = "state,joint_action,reward,layout,layout_name,trial_id,player_0_id,player_1_is_human";

test("Overcooked: the kitchen as a picture, both people's actions, trials cut by the clock", async () => {
  const path = await written(
    "o.csv",
    [
      header,
      row([[0, -1], "interact"], 0),
      row(
        [
          [0, 0],
          [-1, 0],
        ],
        20,
      ),
      row(
        [
          [0, 0],
          [0, 0],
        ],
        5,
      ),
      row(["interact", [0, 1]], 1, "u"),
      row(
        [
          [0, 0],
          [0, 0],
        ],
        0,
        "u",
      ),
    ].join("\n"),
  );
  const t = await readRecording(path);
  assert.ok(t.kind === "trajectories");
  assert.deepEqual([...t.offsets], [0, 2, 3]);
  assert.deepEqual([...t.action.data], [0, 5, 4, 3, 5, 1]);
  assert.deepEqual([...t.reward], [0, 20, 1]);
  assert.deepEqual([...t.truncated], [0, 1, 1]);
  const at = (x: number, y: number, channel: string): number =>
    Number(t.observation.data[(y * 3 + x) * overcookedChannels.length + overcookedChannels.indexOf(channel)]);
  assert.deepEqual([at(1, 0, "onions"), at(2, 0, "pot"), at(1, 1, "floor"), at(0, 1, "counter")], [1, 1, 1, 1]);
  assert.deepEqual([at(1, 1, "first"), at(1, 1, "first faces up"), at(2, 1, "second"), at(1, 1, "dish")], [1, 1, 1, 1]);
  const inPot = ["soup", "onions in soup", "tomatoes in soup", "soup's cooking tick", "soup is ready"];
  assert.deepEqual(
    inPot.map((name) => at(2, 0, name)),
    [1, 1, 1, 4, 0],
  );
  assert.deepEqual(t.tags.player_1_is_human, [true, true]);
  const second = await readOvercooked(path, { player: 1 });
  assert.deepEqual([...second.action.data], [5, 3, 1]);
  const bad = (line: string, words: RegExp) =>
    written(
      "bad.csv",
      [
        header,
        row(
          [
            [0, 0],
            [0, 0],
          ],
          0,
        ),
        line,
      ].join("\n"),
    ).then((p) => refused(readOvercooked(p), words));
  await bad(
    row(
      [
        [0, 2],
        [0, 0],
      ],
      0,
    ),
    /line 3, field "joint_action": 0,2/,
  );
  await bad(row("jump", 0), /line 3, field "joint_action"/);
  await bad(
    row(
      [
        [0, 0],
        [0, 0],
      ],
      0,
      "t",
      { objects: [{ name: "knife", position: [0, 0] }] },
    ),
    /field "state": knife/,
  );
  await bad(
    row(
      [
        [0, 0],
        [0, 0],
      ],
      0,
      "t",
      { objects: [{ name: "dish", position: [9, 0] }] },
    ),
    /square 9, 0/,
  );
  await bad(
    row(
      [
        [0, 0],
        [0, 0],
      ],
      0,
      "t",
      { players: [] },
    ),
    /field "state": players/,
  );
});

test("Overcooked: people's own trials", { skip: absent("overcooked") }, async () => {
  const t = await readOvercooked(join(shared, "overcooked/human-human-2020-sample.csv.gz"));
  assert.deepEqual([...t.offsets], [0, 395, 790, 1186]);
  assert.deepEqual([...returns(t)], [196, 215, 47]);
  const interacts = (who: number) =>
    [0, 1, 2].map(
      (e) =>
        Array.from(
          { length: t.offsets[e + 1] - t.offsets[e] },
          (_, i) => t.action.data[2 * (t.offsets[e] + i) + who],
        ).filter((a) => a === 5).length,
    );
  assert.deepEqual(
    [interacts(0), interacts(1)],
    [
      [39, 31, 11],
      [24, 11, 18],
    ],
  );
});

// ---------------------------------------------------------------------------------------------------- pedestrians

test("pedestrians: velocities to the next sighting, the nearest others, walks cut where sightings are missing", async () => {
  const lines = [
    "0 1 0.0 0.0 1.0 0.0",
    "0 2 3.0 4.0 0.0 1.0",
    "6 1 0.4 0.0 1.0 0.0",
    "6 2 3.0 4.4 0.0 1.0",
    "12 1 0.4 0.8 0.0 2.0",
    "30 1 2.0 2.0 0.0 0.0",
    "36 1 2.0 2.4 0.0 0.0",
    "36 3 0.0 0.0 0.0 0.0",
  ];
  const path = await written("tracks.txt", lines.join("\n"));
  const t = await readPedestrians(path, { neighbours: 1 });
  assert.deepEqual([...t.offsets], [0, 2, 3, 4]);
  assert.deepEqual(t.tags, { person: [1, 1, 2], firstFrame: [0, 30, 0] });
  assert.deepEqual(
    [...t.action.data].map((v) => Math.round(Number(v) * 10) / 10),
    [1, 0, 0, 2, 0, 1, 0, 1],
  );
  assert.deepEqual([...t.observation.data.slice(0, 9)], [0, 0, 1, 0, 3, 4, -1, 1, 1]);
  assert.deepEqual([...t.finalObservation.data.slice(0, 9)], [Math.fround(0.4), Math.fround(0.8), 0, 2, 0, 0, 0, 0, 0]);
  assert.match(t.provenance.lineage[1], /left out 1 walks of a single sighting/);
  const without = await readPedestrians(
    await written("four.txt", lines.map((line) => line.split(" ").slice(0, 4).join("\t")).join("\n")),
    { neighbours: 0 },
  );
  assert.deepEqual(
    [...without.observation.data.slice(2, 8)].map((v) => Math.round(Number(v) * 10) / 10),
    [0, 0, 0.4, 0, 1, 0],
  );
  await refused(readPedestrians(await written("bad.txt", `${lines[0]}\n1 1 x 2`)), /line 2, field "x": 1 1 x 2/);
  await refused(readPedestrians(await written("alone.txt", lines[0])), /nobody is seen twice/);
});

test("pedestrians: the ETH scenes", { skip: absent("pedestrians") }, async () => {
  const counted = async (scene: string) => {
    const t = await readRecording(join(shared, `pedestrians/biwi_${scene}.txt.gz`));
    return t.kind === "trajectories" ? [t.offsets.length - 1, t.reward.length] : [];
  };
  assert.deepEqual(
    [await counted("eth"), await counted("hotel")],
    [
      [360, 8548],
      [389, 6154],
    ],
  );
});

// ---------------------------------------------------------------------------------------------------- conversations

const call = { id: "c1", name: "look_up", arguments: '{"who":"ann"}' };
const talk: readonly Message[] = [
  { role: "system", content: "Help." },
  { role: "user", content: "Who am I?" },
  { role: "assistant", content: "", toolCalls: [call] },
  { role: "tool", content: "ann", toolCallId: "c1", name: "look_up" },
  { role: "assistant", content: "You are Ann." },
  { role: "user", content: "Thanks." },
];

test("a conversation is what was heard and done, with the reward at its end", () => {
  const { steps, after } = stepsOf(talk);
  assert.deepEqual(
    steps.map(({ heard }) => heard.length),
    [2, 1],
  );
  assert.deepEqual(after, [talk[5]]);
  const all = conversationsOf([
    { messages: talk, reward: 0.5, tags: { task: 3 } },
    { messages: talk.slice(0, 2), tags: {} },
  ]);
  const t = conversationTrajectories(all);
  assert.deepEqual(t.actionSpace.kind === "discrete" && t.actionSpace.names, ["look_up", "reply"]);
  assert.deepEqual(
    [[...t.action.data], [...t.reward], [...t.terminated]],
    [
      [0, 1],
      [0, 0.5],
      [0, 1],
    ],
  );
  // Heard last: "tool look_up" or "user"; then how many messages went before.
  assert.deepEqual(
    [[...t.observation.data], [...t.finalObservation.data]],
    [
      [0, 1, 0, 1, 0, 1],
      [0, 1, 2],
    ],
  );
  assert.deepEqual([t.tags.task, t.tags.conversation], [[3], [0]]);
  assert.match(t.provenance.lineage.at(-1) ?? "", /left out 1 conversations/);
  const embedded = conversationTrajectories(all, { embed: (heard, before) => [heard.length, before.length] });
  assert.deepEqual(
    [[...embedded.observation.data], [...embedded.finalObservation.data]],
    [
      [2, 0, 1, 3],
      [1, 5],
    ],
  );
  assert.throws(() => conversationTrajectories(conversationsOf([])), /no conversation has a message of the assistant/);
});

const anyText = fc.string({ unit: "grapheme" });
const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constantFrom("system" as const, "user" as const, "assistant" as const), content: anyText }),
  anyText.map((content): Message => ({ role: "tool", content, toolCallId: "c1", name: "look_up" })),
  anyText.map((given): Message => ({ role: "assistant", content: "", toolCalls: [{ ...call, arguments: given }] })),
);
const anyTags = fc.dictionary(
  fc.constantFrom("task", "größe", "ok"),
  fc.oneof(anyText, fc.boolean(), fc.integer(), fc.constant(null)),
);
const anyConversation: fc.Arbitrary<Conversation> = fc
  .record({ messages: fc.array(anyMessage), reward: fc.option(fc.integer(), { nil: undefined }), tags: anyTags })
  .map(({ reward, ...rest }) => ({ ...rest, ...(reward === undefined ? {} : { reward }) }));

test("what is written is what is read: conversations and preferences", async () => {
  const path = join(folder, "round.jsonl");
  await fc.assert(
    fc.asyncProperty(fc.array(anyConversation, { minLength: 1, maxLength: 3 }), async (conversations) => {
      await writeConversations(path, conversationsOf(conversations));
      const read = await readConversations(path);
      assert.equal(read.provenance.fingerprint, conversationsOf(conversations).provenance.fingerprint);
      assert.deepEqual(JSON.parse(JSON.stringify(read.conversations)), JSON.parse(JSON.stringify(conversations)));
    }),
    { numRuns: 40 },
  );
  const anyPair = fc.record({
    prompt: fc.array(anyMessage),
    chosen: fc.array(anyMessage),
    rejected: fc.array(anyMessage),
    tags: anyTags,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyPair, { minLength: 1, maxLength: 3 }), async (pairs) => {
      await writePreferences(path, preferencesOf(pairs));
      assert.equal((await readPreferences(path)).provenance.fingerprint, preferencesOf(pairs).provenance.fingerprint);
    }),
    { numRuns: 40 },
  );
});

test("the forms of TRL and ShareGPT", async () => {
  const developer = await written("d.jsonl", '{"messages":[{"role":"developer","content":"x"}]}');
  assert.equal((await readConversations(developer)).conversations[0].messages[0].role, "system");
  const sharegpt = {
    conversations: [
      { from: "human", value: "Hi" },
      { from: "gpt", value: "Ho" },
    ],
    source: "x",
  };
  const completion = { prompt: "Hi", completion: "Ho", label: true };
  const parts = {
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Look: " },
          { type: "image_url", image_url: { url: "x" } },
        ],
      },
    ],
  };
  const read = await readConversations(
    await written("c.jsonl", [sharegpt, completion, parts].map((line) => JSON.stringify(line)).join("\n")),
  );
  const plain = [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Ho" },
  ];
  assert.deepEqual(read.conversations.slice(0, 2), [
    { messages: plain, tags: { source: "x" } },
    { messages: plain, tags: { label: true } },
  ]);
  assert.equal(read.conversations[2].messages[0].content, "Look: [image_url]");
  const implicit = {
    chosen: [...plain, { role: "user", content: "?" }, { role: "assistant", content: "!" }],
    rejected: [...plain, { role: "user", content: "?" }, { role: "assistant", content: "…" }],
  };
  const path = await written(
    "p.jsonl",
    `${JSON.stringify({ prompt: "Hi", chosen: "Ho", rejected: "Hm", score: 2 })}\n${JSON.stringify(implicit)}\n`,
  );
  const { pairs } = await readPreferences(path);
  assert.deepEqual(pairs[0], {
    prompt: [plain[0]],
    chosen: [plain[1]],
    rejected: [{ role: "assistant", content: "Hm" }],
    tags: { score: 2 },
  });
  assert.deepEqual([pairs[1].prompt.length, pairs[1].chosen[0].content, pairs[1].rejected[0].content], [3, "!", "…"]);
  const t = await readRecording(path);
  assert.deepEqual(
    [t.tags.pair, t.tags.chosen],
    [
      [0, 0, 1, 1],
      [true, false, true, false],
    ],
  );
  assert.equal(
    t.provenance.fingerprint,
    conversationTrajectories(pairConversations(await readPreferences(path))).provenance.fingerprint,
  );
});

test("each way a file of texts can be wrong is a sentence with line and message", async () => {
  const bad = async (
    line: object | string,
    words: RegExp,
    read: (path: string) => Promise<unknown> = readConversations,
  ): Promise<void> =>
    refused(
      read(
        await written(
          "bad.jsonl",
          typeof line === "string" ? line : `${JSON.stringify({ messages: [] })}\n${JSON.stringify(line)}`,
        ),
      ),
      words,
    );
  await bad({ messages: [{ role: "wizard", content: "x" }] }, /line 2, field "messages\[0/);
  await bad({ text: "x" }, /line 2, .*it has text; a conversation is/);
  await bad({ messages: [] }, /line 1, .*a preference has "chosen" and "rejected"/, readPreferences);
  await bad({ task_id: 1, traj: "x", reward: 1 }, /line 2, field "traj"/);
  await bad("", /it is empty/);
  await bad('{"messages": [', /line 1, .*delete the last line/);
  await bad("[1, 2", /not a readable conversations in JSON lines/);
});

test("τ-bench: transcripts with their tasks' rewards", { skip: absent("tau-bench") }, async () => {
  const { conversations } = await readConversations(join(shared, "tau-bench/gpt-4o-airline.json.gz"));
  assert.equal(conversations.length, 200);
  assert.equal(conversations.filter(({ reward }) => reward === 1).length, 84);
  const messages = conversations.flatMap((conversation) => conversation.messages);
  const roles = Map.groupBy(messages, ({ role }) => role);
  assert.deepEqual(
    ["system", "user", "assistant", "tool"].map((role) => roles.get(role as "tool")?.length),
    [200, 1490, 2454, 1164],
  );
  const calls = messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ name }) => name));
  assert.equal(calls.filter((name) => name === "get_reservation_details").length, 377);
  assert.equal(new Set(calls).size, 14);
  assert.ok(conversations.every(({ tags }) => typeof tags.instruction === "string" && typeof tags.trial === "number"));
  const t = await readRecording(join(shared, "tau-bench/gpt-4o-airline.json.gz"));
  assert.equal(t.reward.length, 2454);
  assert.equal(returns(t).filter((r) => r === 1).length, 84);
  const shown = await readConversations(join(shared, "tau-bench/retail-few-shot.jsonl.gz"));
  assert.deepEqual(
    [shown.conversations.length, shown.conversations[0].messages[3].toolCalls?.[0].name],
    [69, "(not shown)"],
  );
});
