/**
 * `node benchmarks/online.ts [--rows 200000] [--rounds 5]`: rows a second of an online linear learner on hashed features,
 * one pass, in turn with Vowpal Wabbit on the same rows. "From text" parses and hashes each line, as Vowpal Wabbit does;
 * "hashed before" is learning alone. Both sides print their mean logistic loss before learning each row.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type Feature, featureHasher, onlineLinear, type SparseRow } from "../src/nn/index.ts";
import { fold, generator, randomKey } from "../src/tensor/index.ts";
import { quantile } from "./alternate.ts";
import { pythonWith } from "./peers/python.ts";

const { rows: count, rounds } = new Command()
  .option("--rows <n>", "rows of the file", Number, 200_000)
  .option("--rounds <n>", "passes of each side", Number, 5)
  .parse()
  .opts<{ rows: number; rounds: number }>();

/** Twenty features a row out of 20,000 names, ten of them with a value; labels of a sparse truth with noise. */
function lines(): string[] {
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

const hash = featureHasher({ bits: 18, signed: false });

function parsed(line: string): { readonly label: number; readonly row: SparseRow } {
  const [label, ...features] = line.split(" ");
  const named = features.slice(1).map((text): Feature => {
    const colon = text.indexOf(":");
    return colon < 0 ? text : [text.slice(0, colon), Number(text.slice(colon + 1))];
  });
  return { label: label === "1" ? 1 : 0, row: hash(named) };
}

function ours(rows: Iterable<{ readonly label: number; readonly row: SparseRow }>) {
  const learner = onlineLinear({ size: 2 ** 18, loss: "logistic" });
  const began = performance.now();
  let loss = 0;
  for (const { label, row } of rows) {
    const logOdds = learner.learn(row, label);
    loss += Math.log1p(Math.exp(label === 1 ? -logOdds : logOdds));
  }
  return { rowsPerSecond: count / ((performance.now() - began) / 1000), loss: loss / count };
}

const folder = await mkdtemp(join(tmpdir(), "online-"));
try {
  const path = join(folder, "rows.vw");
  await writeFile(path, `${lines().join("\n")}\n`);
  const text = (await readFile(path, "utf8")).trimEnd().split("\n");
  const ready = text.map(parsed);
  const python = pythonWith("vowpalwabbit");
  const script = join(import.meta.dirname, "peers", "vw_online.py");
  const vw = (): { readonly name: string; readonly rowsPerSecond: number; readonly loss: number } => {
    const { stdout } = spawnSync(python, [script, path, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
    return JSON.parse(stdout.toString().trim().split("\n").at(-1) as string);
  };
  ours(text.slice(0, 20_000).map(parsed));
  const measured = Array.from({ length: rounds }, () => ({
    text: ours(
      (function* () {
        for (const line of text) yield parsed(line);
      })(),
    ),
    ready: ours(ready),
    peer: vw(),
  }));
  const median = (numbers: readonly number[]): number => Math.round(quantile(numbers, 0.5));
  const peer = median(measured.map((it) => it.peer.rowsPerSecond));
  for (const [name, side] of [
    ["from text", "text"],
    ["hashed before", "ready"],
  ] as const) {
    const speed = median(measured.map((it) => it[side].rowsPerSecond));
    const ratio = quantile(
      measured.map((it) => it[side].rowsPerSecond / it.peer.rowsPerSecond),
      0.5,
    );
    console.log(
      JSON.stringify({
        name: `online logistic regression, 20 hashed features a row, ${name}`,
        unit: "rows/s",
        ours: speed,
        peer,
        peerName: measured[0].peer.name,
        ratio: Number(ratio.toFixed(3)),
        oursLoss: Number(measured[0][side].loss.toFixed(4)),
        peerLoss: Number(measured[0].peer.loss.toFixed(4)),
      }),
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
