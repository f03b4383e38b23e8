/** Messages as the chat interfaces of language models write them, and back. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import type { ConversationTags, Message, ToolCall } from "../conversations.ts";

const part = z.union([
  z.object({ type: z.literal("text"), text: z.string() }).transform(({ text }) => text),
  // A picture or a sound leaves its kind behind.
  z.object({ type: z.string() }).transform(({ type }) => `[${type}]`),
]);
const content = z
  .union([z.string(), z.null(), z.array(part).transform((parts) => parts.join(""))])
  .optional()
  .transform((text) => text ?? "");

const call = z.object({
  id: z.string().nullish(),
  function: z.object({
    name: z.string(),
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).default(""),
  }),
});

const roles = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  assistant: "assistant",
  gpt: "assistant",
  model: "assistant",
  tool: "tool",
  function: "tool",
} as const;
const roleNames = Object.keys(roles) as (keyof typeof roles)[];

const openAi = z.object({
  role: z.enum(roleNames),
  content,
  tool_calls: z.array(call).nullish(),
  tool_call_id: z.string().nullish(),
  name: z.string().nullish(),
});
/** ShareGPT's spelling: from and value. */
const shareGpt = z
  .object({ from: z.enum(roleNames), value: content })
  .transform(({ from, value }) => ({ role: from, content: value, tool_calls: null, tool_call_id: null, name: null }));

const message = z.union([openAi, shareGpt]).transform((given): Message => {
  const calls = (given.tool_calls ?? []).map(
    ({ id, function: { name, arguments: given } }): ToolCall => ({
      id: id ?? "",
      name,
      arguments: typeof given === "string" ? given : JSON.stringify(given),
    }),
  );
  return {
    role: roles[given.role],
    content: given.content,
    ...(calls.length > 0 ? { toolCalls: calls } : {}),
    ...(given.tool_call_id ? { toolCallId: given.tool_call_id } : {}),
    ...(given.name ? { name: given.name } : {}),
  };
});

/** A list of messages, or a plain text that is one message of the role. */
export function messagesIn(
  given: unknown,
  role: Message["role"],
  path: string,
  place: string,
  field: string,
): readonly Message[] {
  if (typeof given === "string") return [{ role, content: given }];
  const parsed = z.array(message).safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue.path.length > 0 ? `[${issue.path.join(".")}]` : "";
  throw problem("bad-row", {
    source: path,
    place,
    field: `${field}${at}`,
    given: issue.message.split("\n")[0],
    rule: "it is a text or a list of messages { role, content }, roles among system, user, assistant and tool",
    next: "Bring the messages into that form.",
  });
}

/** A message as chat interfaces take it. */
export const writtenMessage = ({ role, content, toolCalls, toolCallId, name }: Message) => ({
  role,
  content,
  ...(toolCalls
    ? {
        tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({
          id,
          type: "function",
          function: { name, arguments: given },
        })),
      }
    : {}),
  ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
  ...(name === undefined ? {} : { name }),
});

/** What else a row says, where it is one plain value. */
export function tagsBeside(row: object, known: readonly string[]): ConversationTags {
  const plain = Object.entries(row).filter(
    ([name, value]) =>
      !known.includes(name) &&
      (value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value)),
  );
  return Object.fromEntries(plain);
}
