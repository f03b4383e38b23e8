/**
 * Conversations of an agent with people and tools, as text: what was said, by whom, which tools were called with what.
 * `stepsOf` reads one as a trajectory (what was heard, what the agent did); `conversationTrajectories` makes numbers of it.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { problem } from "../problems.ts";
import { box, dict, discrete } from "../spaces/make.ts";
import type { Value } from "../spaces/space.ts";
import type { Source } from "./columns.ts";
import { type Episode, fromEpisodes } from "./episodes.ts";
import { canonicalJson } from "./fingerprint.ts";
import type { Labels, Provenance, Trajectories } from "./trajectories.ts";

export interface ToolCall {
  /** What the answer refers to; "" where none was kept. */
  readonly id: string;
  readonly name: string;
  /** JSON, as the agent wrote it: it may be wrong, and that is part of the behaviour. */
  readonly arguments: string;
}

export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** Of an assistant: the tools it calls. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a tool: the call that this answers. */
  readonly toolCallId?: string;
  /** Of a tool or a person: its name. */
  readonly name?: string;
}

export type ConversationTags = Labels;

export interface Conversation {
  readonly messages: readonly Message[];
  /** Descriptions of the tools on offer (JSON schema, as the model was given them). */
  readonly tools?: readonly unknown[];
  /** How well it ended, when that was judged. */
  readonly reward?: number;
  readonly tags: ConversationTags;
}

export interface Conversations {
  readonly kind: "conversations";
  readonly conversations: readonly Conversation[];
  readonly provenance: Provenance;
}

/** Two ways to go on from one prompt, and which was preferred. */
export interface Preference {
  readonly prompt: readonly Message[];
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
  readonly tags: ConversationTags;
}

export interface Preferences {
  readonly kind: "preferences";
  readonly pairs: readonly Preference[];
  readonly provenance: Provenance;
}

function provenanceOf(contents: unknown, lineage: readonly string[], license?: string): Provenance {
  const fingerprint = bytesToHex(sha256(new TextEncoder().encode(canonicalJson(contents))));
  return { environment: "", fingerprint, lineage, ...(license === undefined ? {} : { license }) };
}

/** Conversations with their provenance. */
export const conversationsOf = (
  conversations: readonly Conversation[],
  lineage: readonly string[] = ["conversationsOf()"],
  license?: string,
): Conversations => ({
  kind: "conversations",
  conversations,
  provenance: provenanceOf(conversations, lineage, license),
});

/** Preferences with their provenance. */
export const preferencesOf = (
  pairs: readonly Preference[],
  lineage: readonly string[] = ["preferencesOf()"],
  license?: string,
): Preferences => ({ kind: "preferences", pairs, provenance: provenanceOf(pairs, lineage, license) });

/** One thing the agent did. */
export interface ConversationStep {
  /** What was said since it last did something: the prompt, a person's words, a tool's answer. */
  readonly heard: readonly Message[];
  /** Its message: words, calls of tools, or both. */
  readonly did: Message;
}

/** A conversation as what the agent heard and did, in order; what follows its last message is `after`. */
export function stepsOf(messages: readonly Message[]): {
  readonly steps: readonly ConversationStep[];
  readonly after: readonly Message[];
} {
  const steps: ConversationStep[] = [];
  let heard: Message[] = [];
  for (const message of messages) {
    if (message.role !== "assistant") heard.push(message);
    else {
      steps.push({ heard, did: message });
      heard = [];
    }
  }
  return { steps, after: heard };
}

/** What kind of thing a message does: "reply", a tool's name, or several with "+" between. */
export function deedOf({ toolCalls = [] }: Message): string {
  return [...new Set(toolCalls.map(({ name }) => name))].sort().join("+") || "reply";
}

/** Who was heard last: "nothing", "system", "user", or the tool by its name. */
function heardFrom(heard: readonly Message[]): string {
  const last = heard.at(-1);
  if (last === undefined) return "nothing";
  return last.role === "tool" ? `tool ${last.name ?? ""}`.trimEnd() : last.role;
}

export interface ConversationTrajectoriesOptions {
  /** Numbers for what was heard, all of one length; left out, who was heard last and how many turns went before. */
  readonly embed?: (heard: readonly Message[], before: readonly Message[]) => readonly number[];
}

/**
 * Conversations as trajectories of numbers, a step a message of the agent: the action is what kind of thing it did, one
 * of "reply" and the tools' names; the observation is `embed` of what it heard, or else who was heard last and how many
 * messages it had sent. The conversation's reward is that of its last step; all end there. Texts stay behind, in the
 * conversations; the tag "conversation" is the index to find them by. Conversations in which the agent says nothing have
 * no steps and are left out; the lineage says so.
 * @throws Problem "not-a-recording" when none has a step, "bad-field" when embeddings differ in length
 */
export function conversationTrajectories(
  { conversations, provenance }: Conversations,
  options: ConversationTrajectoriesOptions = {},
): Trajectories {
  const read = conversations
    .map((conversation, index) => ({ conversation, index, ...stepsOf(conversation.messages) }))
    .filter(({ steps }) => steps.length > 0);
  const name = provenance.lineage[0] ?? "conversationTrajectories()";
  if (read.length === 0) {
    throw problem("not-a-recording", {
      source: name,
      reason: "no conversation has a message of the assistant",
      wanted: "conversations of an agent",
      next: "Check the roles.",
    });
  }
  const deeds = [...new Set(read.flatMap(({ steps }) => steps.map(({ did }) => deedOf(did))))].sort();
  const sources = [
    ...new Set(read.flatMap(({ steps, after }) => [...steps.map(({ heard }) => heardFrom(heard)), heardFrom(after)])),
  ];
  sources.sort();
  const { embed } = options;
  const seen = (heard: readonly Message[], before: readonly Message[], turn: number): Value =>
    embed
      ? Float32Array.from(embed(heard, before))
      : { heard: sources.indexOf(heardFrom(heard)), turn: Float32Array.of(turn) };
  const width = embed ? embed(read[0].steps[0].heard, []).length : 0;
  const episodes = read.map(({ conversation, index, steps, after }): Episode => {
    const before: Message[] = [];
    const observations = [...steps, { heard: after, did: undefined }].map(({ heard, did }, turn) => {
      const value = seen(heard, [...before], turn);
      before.push(...heard, ...(did ? [did] : []));
      return value;
    });
    const rewards = new Float64Array(steps.length);
    rewards[steps.length - 1] = conversation.reward ?? 0;
    return {
      observations,
      actions: steps.map(({ did }) => deeds.indexOf(deedOf(did))),
      rewards,
      terminated: true,
      tags: { ...conversation.tags, conversation: index },
    };
  });
  const lost = conversations.length - read.length;
  const source: Source = { name, place: (row) => `row ${row}` };
  return fromEpisodes(
    episodes,
    {
      observationSpace: embed
        ? box(-Infinity, Infinity, { shape: [width] })
        : dict({ heard: discrete(sources.length, { names: sources }), turn: box(0, Infinity) }),
      actionSpace: discrete(deeds.length, { names: deeds }),
      lineage: [
        ...provenance.lineage,
        "as steps of numbers",
        ...(lost > 0 ? [`left out ${lost} conversations without a message of the assistant`] : []),
      ],
      license: provenance.license,
    },
    source,
  );
}

/** Both ways of each preference as conversations, chosen before rejected; the tags "pair" and "chosen" say which is which. */
export function pairConversations({ pairs, provenance }: Preferences): Conversations {
  const both = pairs.flatMap(({ prompt, chosen, rejected, tags }, pair): Conversation[] => [
    { messages: [...prompt, ...chosen], tags: { ...tags, pair, chosen: true } },
    { messages: [...prompt, ...rejected], tags: { ...tags, pair, chosen: false } },
  ]);
  return conversationsOf(both, [...provenance.lineage, "both ways of each pair"], provenance.license);
}
