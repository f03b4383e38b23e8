/**
 * Rows a second of an online linear learner on hashed features, beside Vowpal Wabbit on the same rows. "From text" parses and
 * hashes each line, as Vowpal Wabbit does; "hashed before" is learning alone.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../src/files.ts";
import { onlineLinear, type SparseRow, textHasher } from "../src/nn/index.ts";
import { fold, generator, randomKey } from "../src/tensor/index.ts";
import type { Benchmark, LearningSide } from "./benchmark.ts";
import { openPeer } from "./peers/python.ts";

const folder = join(import.meta.dirname, "..", "runs", "bench");
const bits = 18;

/** Twenty features a row out of 20,000 names, ten of them with a value; labels of a sparse truth with noise. */
export function lines(count: number): string[] {
  const random = generator(fold(randomKey(1), "rows"));
  const truth = Float64Array.from({ length: 20_000 }, () => (random.uniform() < 0.1 ? 2 * random.normal() : 0));
  return Array.from({ length: count }, () => {
    let score = 0;
    const features = Array.from({ length: 20 }, (_, f) => {
      const name = Math.floor(20_000 * random.uniform() ** 3);
      const value = f < 10 ? 1 : Math.round(1000 * random.uniform()) / 1000;
      score += truth[name] * value;
      return f < 10 ? `user_${name}` : `user_${name}:${value}`;
    });
    return `${random.uniform() < 1 / (1 + Math.exp(-score)) ? 1 : -1} | ${features.join(" ")}`;
  });
}

/** The file both sides read, written once. */
async function rowsFile(count: number): Promise<string> {
  const path = join(folder, `online-${count}.vw`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  await writeAtomically(path, `${lines(count).join("\n")}\n`);
  return path;
}

const hash = textHasher({ bits, signed: false });

interface Example {
  readonly label: number;
  readonly row: SparseRow;
}

function parsed(line: string): Example {
  const bar = line.indexOf("|");
  return { label: line.startsWith("1") ? 1 : 0, row: hash(line, bar + 1) };
}

/** One pass of a learner that knows nothing yet. @returns the loss before each row */
function onePass<R>(rows: readonly R[], exampleOf: (row: R) => Example): Float64Array {
  const learner = onlineLinear({ size: 2 ** bits, loss: "logistic" });
  return Float64Array.from(rows, (given) => {
    const { label, row } = exampleOf(given);
    const logOdds = learner.learn(row, label);
    return Math.log1p(Math.exp(label === 1 ? -logOdds : logOdds));
  });
}

export function onlineSide(text: readonly string[], { hashed }: { readonly hashed: boolean }): LearningSide {
  const ready = hashed ? text.map(parsed) : [];
  const pass = (): Float64Array => (hashed ? onePass(ready, (example) => example) : onePass(text, parsed));
  pass();
  return {
    async run(seconds) {
      const begin = performance.now();
      let [rows, taken] = [0, 0];
      while (taken < seconds) {
        rows += pass().length;
        taken = (performance.now() - begin) / 1000;
      }
      return rows / taken;
    },
    async check() {
      const losses = pass();
      const tenth = Math.floor(losses.length / 10);
      const mean = (part: Float64Array): number => part.reduce((a, b) => a + b) / tenth;
      return { parameters: 2 ** bits, first: mean(losses.subarray(0, tenth)), last: mean(losses.subarray(-tenth)) };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

const count = 200_000;

export const onlineBenchmarks: readonly Benchmark[] = [false, true].map((hashed) => ({
  id: "online",
  name: `Online logistic regression, 20 hashed features a row, ${hashed ? "hashed before" : "from text"}`,
  unit: "rows/s",
  threads: 1,
  async openOurs() {
    const text = (await readFile(await rowsFile(count), "utf8")).trimEnd().split("\n");
    return onlineSide(text, { hashed });
  },
  peers: [
    {
      open: async () => openPeer("vw_online.py", { path: await rowsFile(count), rows: count, bits, threads: 1 }, count),
      optional: true,
    },
  ],
}));
