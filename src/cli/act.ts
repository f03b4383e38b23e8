/** repertoire act: a policy decides, a line in and a line out. */
import { once } from "node:events";
import { Command } from "commander";
import * as z from "zod";
import { loadPolicy, type Memory, type OnnxPolicy } from "../policies/index.ts";
import { Problem, problem } from "../problems.ts";
import { parseValue, valueToJson } from "../spaces/index.ts";
import { fold, type NdArray, type RandomKey, randomKey } from "../tensor/index.ts";
import { wholeNumber } from "./flags.ts";
import { sayAside } from "./printing.ts";

interface Flags {
  readonly sample?: boolean;
  readonly seed: number;
  readonly info?: boolean;
}

export const actCommand = (): Command =>
  new Command("act")
    .description(
      'Decides: reads observations from standard input as lines of JSON, and answers each at once with a line on standard output: {"action":…}, with its probability where the policy knows it. A line is an observation (a list or a number), or {"observation":…,"id":…,"reset":true}: a policy with memory remembers what it saw for each id, until a line of that id says reset, as the first of an episode does. A line that is no such observation is answered {"line":…,"error":…}, which is said on standard error too; the others are answered all the same, and the command ends with 2.',
    )
    .argument("<policy>", "a policy file (.onnx)")
    .option("--sample", "act by chance, as the policy would, instead of its best action")
    .option(
      "--seed <n>",
      "of all chance: an id's decisions follow from it and from what it saw",
      wholeNumber("--seed", 0),
      0,
    )
    .option("--info", "answer with what else the policy puts out, e.g. all probabilities")
    .addHelpText("after", `\nExample:\n  echo '[0.1, 0, -0.02, 0]' | repertoire act runs/bc/policy.onnx`)
    .action(async (file: string, flags: Flags) => {
      await using policy = await loadPolicy(file);
      const answer = answering(policy, flags);
      let number = 0;
      for await (const text of lines(process.stdin)) {
        number++;
        if (text.trim() === "") continue;
        const answered = await answer(text, number);
        if (answered.error !== undefined) {
          process.exitCode = 2;
          sayAside(answered.error);
        }
        if (!process.stdout.write(`${JSON.stringify(answered)}\n`)) await once(process.stdout, "drain");
      }
    });

/** Outputs by name; an error in their place where the line was none. */
interface Answer {
  readonly id?: Id;
  readonly error?: string;
  readonly [output: string]: unknown;
}

const idSchema = z.union([z.string(), z.number()]);
type Id = z.output<typeof idSchema>;
const questionSchema = z.strictObject({
  observation: z.unknown(),
  id: idSchema.exactOptional(),
  reset: z.boolean().exactOptional(),
});

/** What goes on from one decision of an id to its next. */
interface Played {
  readonly key: RandomKey;
  readonly decisions: number;
  readonly memory?: Memory;
}

/** From a line to its answer. Ids do not mix: what one is answered depends on its own lines alone. */
function answering(policy: OnnxPolicy, { sample, seed, info }: Flags) {
  const { observationSpace, actionSpace } = policy;
  const players = new Map<string, Played>();
  return async (text: string, line: number): Promise<Answer> => {
    let whose: { readonly id?: Id } = {};
    try {
      const json = jsonIn(text, line);
      whose = idIn(json);
      const { observation, reset } = questionIn(json, line);
      const name = JSON.stringify(whose.id ?? null);
      const before = players.get(name) ?? { key: fold(randomKey(seed), name), decisions: 0 };
      const { key, decisions } = before;
      // Kept at once: an episode begins here even where its first observation is none.
      if (reset) players.set(name, { key, decisions });
      const decision = await policy.act(parseValue(observationSpace, observation, `${place(line)}, observation`), {
        deterministic: !sample,
        key: fold(key, decisions),
        ...(before.memory === undefined || reset ? {} : { memory: before.memory }),
      });
      const { action, probability, memory } = decision;
      players.set(name, { key, decisions: decisions + 1, ...(memory === undefined ? {} : { memory }) });
      return {
        ...whose,
        action: valueToJson(actionSpace, action),
        ...(actionSpace.kind === "discrete" && actionSpace.names
          ? { name: actionSpace.names[(action as number) - actionSpace.start] }
          : {}),
        ...(probability === undefined ? {} : { probability }),
        ...(info ? outputsOf(decision.info) : {}),
      };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { line, ...whose, error: error.message };
    }
  };
}

const place = (line: number): string => `standard input, line ${line}`;

const badLine = (line: number, field: string, given: string, rule: string) =>
  problem("bad-row", {
    source: "standard input",
    place: `line ${line}`,
    field,
    given,
    rule,
    next: 'Send the observation alone, or {"observation":…} with "id" and "reset" where they are wanted.',
  });

/** @throws Problem "bad-row" */
function jsonIn(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badLine(line, "the whole line", (error as Error).message, "each line is one JSON value");
  }
}

const isRecord = (json: unknown): json is { readonly [name: string]: unknown } =>
  typeof json === "object" && json !== null && !Array.isArray(json);

/** Who asks, found before the rest is checked, so that a refusal says it too. */
function idIn(json: unknown): { readonly id?: Id } {
  const found = idSchema.safeParse(isRecord(json) ? json.id : undefined);
  return found.success ? { id: found.data } : {};
}

/** @throws Problem "bad-row" */
function questionIn(json: unknown, line: number): z.output<typeof questionSchema> {
  if (!isRecord(json)) return { observation: json };
  if (!Object.hasOwn(json, "observation")) {
    throw badLine(line, "observation", "missing", `the line has ${Object.keys(json).join(", ") || "nothing"}`);
  }
  const parsed = questionSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badLine(
    line,
    issue.path.join(".") || "the whole line",
    issue.message,
    "id is a text or a number, reset true or false",
  );
}

/** What the policy says beside, as rows of plain numbers. */
const outputsOf = (info: { readonly [name: string]: NdArray }) =>
  Object.fromEntries(Object.entries(info).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]));

/** Lines end with a line feed alone: what else Unicode ends lines with may stand in a text of JSON. */
async function* lines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let open = "";
  for await (const chunk of stream) {
    const [first, ...rest] = decoder.decode(chunk, { stream: true }).split("\n");
    open += first;
    for (const next of rest) {
      yield open;
      open = next;
    }
  }
  open += decoder.decode();
  if (open !== "") yield open;
}
