/** A side that is a process of its own: it says its name when it is ready, and answers every line it is sent with one of JSON. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { problem } from "../../src/problems.ts";
import type { Check, Peer } from "../benchmark.ts";

export interface ProcessOptions {
  /** How much of the unit an update is. Default 1. */
  readonly each?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * For every number of seconds it is sent, the process works for that long and says how many updates it made in which time, or
 * a value.
 * @param args the script first
 * @throws Problem "broken-file" when the process stops before it answers
 */
export async function openProcess(
  command: string,
  args: readonly string[],
  { each = 1, env = process.env }: ProcessOptions = {},
): Promise<Peer> {
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // a peer that has stopped is noticed by its missing answer
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<{ readonly [field: string]: unknown }> => {
    const { value, done } = await lines.next();
    if (done) {
      const path = args.find((it) => !it.startsWith("-")) ?? command;
      const next = "Its messages are above.";
      throw problem("broken-file", { path, what: "peer", reason: "it stopped without an answer", next });
    }
    return JSON.parse(value);
  };
  const ask = (question: string) => {
    child.stdin.write(`${question}\n`);
    return answer();
  };
  const { name } = await answer();
  return {
    name: String(name),
    async run(seconds) {
      const { updates, seconds: taken, value } = await ask(`${seconds}`);
      return value === undefined ? (Number(updates) * each) / Number(taken) : Number(value);
    },
    check: async (updates) => (await ask(`check ${updates}`)) as unknown as Check,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
    },
  };
}
