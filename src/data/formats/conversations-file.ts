/**
 * JSON lines of conversations and of preferences: {"messages": […]} as for fine-tuning, ShareGPT's {"conversations": […]},
 * and the datasets of TRL: {"prompt", "completion"}, {"prompt", "chosen", "rejected"}, plain texts or lists of messages.
 * https://huggingface.co/docs/trl/dataset_formats
 */
import { writeAtomically } from "../../files.ts";
import { problem } from "../../problems.ts";
import {
  type Conversation,
  type Conversations,
  conversationsOf,
  type Message,
  type Preference,
  type Preferences,
  preferencesOf,
} from "../conversations.ts";
import { type JsonItem, readJsonItems } from "./json-lines.ts";
import { messagesIn, tagsBeside, writtenMessage } from "./messages.ts";
import { isTauBench, tauBenchConversation } from "./tau-bench.ts";

const what = "conversations in JSON lines";

type Row = { readonly [name: string]: unknown };

/** What a row of a file of texts holds, by its names; nothing when it is none of these. */
export function textKind(row: unknown): "conversation" | "preference" | undefined {
  if (typeof row !== "object" || row === null) return undefined;
  if ("chosen" in row && "rejected" in row) return "preference";
  if (isTauBench(row)) return "conversation";
  const given = row as Row;
  if (Array.isArray(given.messages) || Array.isArray(given.conversations)) return "conversation";
  if (typeof given.messages_display === "string") return "conversation";
  return "prompt" in row && "completion" in row ? "conversation" : undefined;
}

function refuse(path: string, { place, value }: JsonItem, wanted: string): never {
  const names = typeof value === "object" && value !== null ? Object.keys(value).slice(0, 12).join(", ") : typeof value;
  throw problem("bad-row", {
    source: path,
    place,
    field: "the whole row",
    given: `it has ${names || "nothing"}`,
    rule: wanted,
    next: "See docs/recordings.md for an example of each form.",
  });
}

/**
 * Reads conversations: messages, ShareGPT's, TRL's prompt and completion, the transcripts of τ-bench (with the task's
 * reward). Further plain values of a row become tags; "reward" the reward.
 * @throws Problem "missing-file", "broken-file", "not-a-recording", "bad-row" naming line and message
 */
export async function readConversations(path: string): Promise<Conversations> {
  const items = await readJsonItems(path, what);
  const all = items.map((item): Conversation => {
    if (textKind(item.value) !== "conversation") {
      refuse(
        path,
        item,
        'a conversation is { "messages": […] }, { "prompt", "completion" } or a transcript of τ-bench',
      );
    }
    return conversationIn(item, path);
  });
  return conversationsOf(all, [path]);
}

function conversationIn(item: JsonItem, path: string): Conversation {
  const row = item.value as Row;
  if (isTauBench(row)) return tauBenchConversation(row, path, item.place);
  const { messages, conversations, messages_display, prompt, completion, tools, reward } = row;
  const read = (given: unknown, role: Message["role"], field: string): readonly Message[] =>
    messagesIn(given, role, path, item.place, field);
  const said =
    typeof messages_display === "string"
      ? displayed(messages_display)
      : messages !== undefined || conversations !== undefined
        ? read(messages ?? conversations, "user", messages === undefined ? "conversations" : "messages")
        : [...read(prompt, "user", "prompt"), ...read(completion, "assistant", "completion")];
  return {
    messages: said,
    ...(Array.isArray(tools) ? { tools } : {}),
    ...(typeof reward === "number" ? { reward } : {}),
    tags: tagsBeside(row, ["messages", "conversations", "messages_display", "prompt", "completion", "tools", "reward"]),
  };
}

/** The few-shot dialogues of τ-bench: lines that begin with a role; a tool's call is not shown ("assistant: None"). */
function displayed(text: string): readonly Message[] {
  const turns = text.split(/^(system|user|assistant|tool): /m).slice(1);
  return Array.from({ length: turns.length / 2 }, (_, i): Message => {
    const role = turns[2 * i] as Message["role"];
    const content = turns[2 * i + 1].replace(/\n$/, "");
    if (role !== "assistant" || content !== "None") return { role, content };
    return { role, content: "", toolCalls: [{ id: "", name: "(not shown)", arguments: "" }] };
  });
}

/**
 * Reads pairs of a chosen and a rejected way to go on. Where no prompt stands beside them it is what both begin with.
 * @throws Problem as `readConversations`
 */
export async function readPreferences(path: string): Promise<Preferences> {
  const items = await readJsonItems(path, "preferences in JSON lines");
  const pairs = items.map((item): Preference => {
    if (textKind(item.value) !== "preference") refuse(path, item, 'a preference has "chosen" and "rejected"');
    const row = item.value as Row;
    const read = (name: string, role: Message["role"]): readonly Message[] =>
      messagesIn(row[name], role, path, item.place, name);
    const [chosen, rejected] = [read("chosen", "assistant"), read("rejected", "assistant")];
    const tags = tagsBeside(row, ["prompt", "chosen", "rejected"]);
    if (row.prompt !== undefined && row.prompt !== null)
      return { prompt: read("prompt", "user"), chosen, rejected, tags };
    const same = (i: number): boolean => JSON.stringify(chosen[i]) === JSON.stringify(rejected[i]);
    let shared = 0;
    while (shared < chosen.length - 1 && shared < rejected.length - 1 && same(shared)) shared++;
    return { prompt: chosen.slice(0, shared), chosen: chosen.slice(shared), rejected: rejected.slice(shared), tags };
  });
  return preferencesOf(pairs, [path]);
}

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Writes {"messages": …} a line, with tools, reward and tags beside. Reads back equal. */
export async function writeConversations(path: string, { conversations }: Conversations): Promise<void> {
  const rows = conversations.map(({ messages, tools, reward, tags }) => ({
    messages: messages.map(writtenMessage),
    ...(tools ? { tools } : {}),
    ...(reward === undefined ? {} : { reward }),
    ...tags,
  }));
  await writeAtomically(path, lines(rows));
}

/** Writes {"prompt", "chosen", "rejected"} a line, as lists of messages, with tags beside. Reads back equal. */
export async function writePreferences(path: string, { pairs }: Preferences): Promise<void> {
  const rows = pairs.map(({ prompt, chosen, rejected, tags }) => ({
    prompt: prompt.map(writtenMessage),
    chosen: chosen.map(writtenMessage),
    rejected: rejected.map(writtenMessage),
    ...tags,
  }));
  await writeAtomically(path, lines(rows));
}
