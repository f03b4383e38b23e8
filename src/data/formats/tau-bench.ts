/**
 * Transcripts of τ-bench: an agent with tools serves a simulated customer, and the state it leaves behind is judged.
 * Yao, Shinn, Razavi, Narasimhan (2024), "τ-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains",
 * arXiv:2406.12045.
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import type { Conversation } from "../conversations.ts";
import { messagesIn } from "./messages.ts";

const schema = z.object({
  task_id: z.union([z.number(), z.string()]),
  reward: z.number(),
  traj: z.array(z.unknown()),
  trial: z.number().optional(),
  info: z.object({ task: z.object({ instruction: z.string().optional() }).optional() }).optional(),
});

/** Whether a value is a transcript, by its names. */
export const isTauBench = (value: object): boolean => "task_id" in value && "traj" in value && "reward" in value;

/** The conversation with the task's reward; the tags task, trial and instruction say what was asked for. */
export function tauBenchConversation(value: unknown, path: string, place: string): Conversation {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw problem("bad-row", {
      source: path,
      place,
      field: issue.path.join("."),
      given: issue.message,
      rule: "a transcript has task_id, reward and traj (a list of messages)",
      next: "Take the file again from where it was made.",
    });
  }
  const { task_id, reward, traj, trial, info } = parsed.data;
  const instruction = info?.task?.instruction;
  return {
    messages: messagesIn(traj, "user", path, place, "traj"),
    reward,
    tags: {
      task: task_id,
      ...(trial === undefined ? {} : { trial }),
      ...(instruction === undefined ? {} : { instruction }),
    },
  };
}
