/** Policies as the command line writes them: random, expert:skill=0.9,style=left, a file. */
import { parseOption } from "../algorithms/index.ts";
import type { Environment } from "../envs/index.ts";
import { type Expert, expertFor, loadPolicy, randomPolicy } from "../policies/index.ts";
import { problem } from "../problems.ts";
import type { Assignments } from "./flags.ts";

const kinds = ["random", "expert", "maze"] as const;

/**
 * @param env the environment it will act in
 * @throws Problem "bad-value" for a name that is none of ours, "no-expert", "unknown-option" or "bad-option" for a dial, and
 * what loadPolicy throws
 */
export async function performer(written: string, env: Environment, options: Assignments = {}): Promise<Expert> {
  if (written.endsWith(".onnx")) return { policy: await loadPolicy(written) };
  const [kind, rest] = written.split(/:(.*)/s, 2) as [string, string | undefined];
  if (!(kinds as readonly string[]).includes(kind)) {
    const wanted = "random, expert, expert:skill=0.7,style=left or a policy file (.onnx)";
    throw problem("bad-value", { where: "--policy", given: written, wanted });
  }
  const dials = dialsOf(kind, rest);
  if (kind === "random") {
    const [name] = Object.keys(dials);
    if (name !== undefined) throw problem("unknown-option", { where: "--policy random", name, known: [] });
    return { policy: randomPolicy(env) };
  }
  if (kind === "maze" && !/^(Point|Grid)Maze-/.test(env.name)) {
    const wanted = "a PointMaze or GridMaze environment";
    throw problem("bad-value", { where: `--policy ${written}`, given: env.name, wanted });
  }
  return expertFor(env.name, dials, options);
}

function dialsOf(kind: string, text: string | undefined): Assignments {
  const pairs = (text ?? "").split(",").filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name, value] = pair.split("=", 2).map((part) => part.trim());
      if (value === undefined) {
        throw problem("bad-option", { where: `--policy ${kind}`, name, given: pair, wanted: `${name}=value` });
      }
      return [name, parseOption(value)];
    }),
  );
}

export interface Part {
  readonly policy: string;
  readonly episodes: number;
}

/**
 * "expert:0.2,random:0.8" as whole episodes: shares of `episodes`, what rounding leaves going to the largest remainders.
 * @throws Problem "bad-option" when a share is missing, or they do not sum to 1, or a part would have no episode
 */
export function mixture(text: string, episodes: number): readonly Part[] {
  const refuse = (given: string, wanted: string) =>
    problem("bad-option", { where: "repertoire record", name: "--mix", given, wanted });
  const shares: { policy: string; share: number }[] = [];
  let open = "";
  // A policy's own commas belong to it: a part is over where a share ends it.
  for (const piece of text.split(",")) {
    open += open === "" ? piece : `,${piece}`;
    const [, policy, share] = /^(.*):(\d*\.?\d+)$/s.exec(open) ?? [];
    if (policy === undefined) continue;
    shares.push({ policy: policy.trim(), share: Number(share) });
    open = "";
  }
  if (open !== "") throw refuse(text, "each policy with its share, e.g. expert:0.2,random:0.8");
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-9) throw refuse(text, `shares that sum to 1 (these sum to ${Number(total.toFixed(6))})`);
  const exact = shares.map(({ share }) => share * episodes);
  // A product a hair under a whole number is that number.
  const counts = exact.map((n) => Math.floor(n + 1e-9));
  const byRemainder = exact.map((_, i) => i).sort((a, b) => exact[b] - counts[b] - (exact[a] - counts[a]) || a - b);
  for (let left = episodes - counts.reduce((a, b) => a + b, 0), i = 0; left > 0; left--, i++) counts[byRemainder[i]]++;
  if (counts.includes(0)) throw refuse(text, `shares that give each policy at least one of the ${episodes} episodes`);
  return shares.map(({ policy }, i) => ({ policy, episodes: counts[i] }));
}
