/**
 * Makes the recordings of datasets.json again and compares their fingerprints.
 *
 *   npm run datasets                 lists them
 *   npm run datasets -- hopper …     makes these, into runs/datasets/, and says whether they are the same
 *   npm run datasets -- hopper --note   writes what was made into datasets.json
 */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { readJson, writeAtomically } from "../src/files.ts";
import { problem } from "../src/problems.ts";

const root = join(import.meta.dirname, "..");
const path = join(root, "recordings", "datasets.json");
const madeSchema = z.object({
  fingerprint: z.string(),
  rows: z.int(),
  episodes: z.int(),
  return: z.number(),
});
const schema = z.object({
  about: z.string(),
  machine: z.string(),
  datasets: z.record(z.string(), z.object({ command: z.string(), tiers: z.record(z.string(), madeSchema) })),
});

const parsed = schema.safeParse(await readJson(path, "list of datasets"));
if (!parsed.success) {
  const reason = z.prettifyError(parsed.error).replaceAll(/\s+/g, " ");
  throw problem("broken-file", { path, what: "list of datasets", reason });
}
const listed = parsed.data;
const given = process.argv.slice(2);
const note = given.includes("--note");
const names = given.filter((word) => word !== "--note");
if (names.length === 0) {
  for (const [name, { command }] of Object.entries(listed.datasets)) console.log(`${name.padEnd(20)} ${command}`);
}
let differs = false;
for (const name of names) {
  const dataset = listed.datasets[name];
  if (dataset === undefined) {
    const known = Object.keys(listed.datasets);
    throw problem("unknown-name", { where: "datasets", what: "dataset", name, known });
  }
  const folder = join("runs", "datasets", name);
  const words = ["--conditions=repertoire-source", "src/cli/main.ts", ...dataset.command.split(" "), "-o", folder];
  const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  const { tiers } = z
    .object({ tiers: z.record(z.string(), madeSchema) })
    .parse(await readJson(join(root, folder, "tiers.json"), "tiers"));
  for (const [tier, made] of Object.entries(tiers)) {
    const before = dataset.tiers[tier]?.fingerprint;
    const same = before === made.fingerprint;
    differs ||= before !== undefined && !same;
    console.log(`${name} ${tier.padEnd(14)} ${before === undefined ? "new" : same ? "the same" : "DIFFERS"}`);
  }
  if (note) {
    dataset.tiers = tiers;
    await writeAtomically(path, `${JSON.stringify({ ...listed, machine: cpus()[0].model }, null, 2)}\n`);
  }
}
process.exitCode = differs ? 1 : 0;
