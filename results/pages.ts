/**
 * Generates what is said about results from the result files: the table in README.md, docs/results.md, and with what the
 * methods declare of themselves the methods' pages. `npm run results` writes them; a test says when they are stale.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { meanEstimate } from "repertoire/evaluation";
import type { AnyAlgorithm } from "../src/algorithms/define.ts";
import { methodPages } from "../src/algorithms/pages.ts";
import { writeAtomically } from "../src/files.ts";
import { problem } from "../src/problems.ts";
import type { BenchResult, ReproductionResult } from "./schema.ts";
import { readResults } from "./store.ts";

type Results = Awaited<ReturnType<typeof readResults>>;

const begin = "<!-- results: made by `npm run results` from results/, not by hand -->";
const end = "<!-- end of results -->";
const root = join(import.meta.dirname, "..");

/** README.md with its results replaced. @throws Problem "broken-file" when a marker is missing */
export function readme(text: string, results: Results): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined)
    throw problem("broken-file", {
      path: "README.md",
      what: "page with results",
      reason: `it lacks "${begin}" or "${end}"`,
    });
  return `${before}${begin}\n\n${summary(results)}\n\n${end}${after}`;
}

/** A line for each claim and each thing that is timed: the numbers themselves are a page away. */
function summary({ reproductions, bench }: Results): string {
  if (reproductions.length + bench.length === 0) return "Nothing has been measured yet.";
  const counts = Object.entries({ holds: "hold", "does not hold": "do not", inconclusive: "are inconclusive" }).map(
    ([verdict, said]) => `${reproductions.filter((it) => it.verdict === verdict).length} ${said}`,
  );
  const claims = reproductions.map((it) => [`${it.id} ${it.name}`, `**${it.verdict}**`]);
  const timed = Map.groupBy(bench, ({ name, threads }) => `${name}, ${threads} thread${threads > 1 ? "s" : ""}`);
  const speeds = [...timed].map(([what, rows]) => [
    what,
    `${short(rows[0].ours)} ${rows[0].unit}`,
    rows.map((it) => `${ratio(it)}: ${it.peerName}`).join("; "),
  ]);
  return [
    table([`claim (${counts.join(", ")})`, "verdict"], claims),
    table(["speed", "ours", "how many times as good as whom"], speeds),
    "What each claim is, what had to hold, and every number with its seeds, machine and commit: [docs/results.md](docs/results.md).",
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** What a method's page says: every arm, every speed. */
function overview({ reproductions, bench }: Results): string {
  if (reproductions.length + bench.length === 0) return "Nothing has been measured yet.";
  const claims = reproductions.map((it) => [`${it.id} ${it.name}`, it.relation, armsOf(it), `**${it.verdict}**`]);
  const speeds = bench.map((it) => [
    it.name,
    speed(it),
    `${it.peerName}, ${it.threads} thread${it.threads > 1 ? "s" : ""}`,
    `${ratio(it)} times`,
  ]);
  return [
    table(["what", "what had to hold", "measured, with 95% intervals", "verdict"], claims),
    table(["speed", "ours and theirs", "against", "ours is better by"], speeds),
    "Every number, with its seeds, machine and commit: [docs/results.md](docs/results.md).",
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** docs/results.md */
export function page({ reproductions, bench }: Results): string {
  const claims = reproductions.map(section).join("\n");
  const rows = bench.map((it) => [
    it.name,
    speed(it),
    it.peerName,
    `${ratio(it)} times`,
    `${it.threads}`,
    it.machine,
    it.commit,
  ]);
  const speeds = table(["what", "ours and theirs", "against", "ratio", "threads", "machine", "commit"], rows);
  return `# Results

Made by \`npm run results\` from the files in \`results/\`; none of it is typed. A verdict is computed from the numbers, by a
rule that the reproduction stated before it ran; one that says *does not hold* is kept like any other.

## Published claims

${claims || "None has been run yet.\n"}
## Speed

Alternating runs on one machine; a ratio above 1 is in our favour, ± half the range of the middle half of the ratios.

${speeds || "None has been measured yet."}
`;
}

const section = (it: ReproductionResult): string => `### ${it.id} ${it.name}: ${it.verdict}

- Claim: ${it.claim}
- What had to hold: ${it.relation}
- Metric: ${it.metric}
- Found: ${it.notes} Interval of that quantity: [${it.interval.map((bound) => bound ?? "open").join(", ")}].
- Run: seeds ${it.seeds.join(", ")}; ${Object.entries(it.budget)
  .map(([name, amount]) => `${name} ${amount}`)
  .join(", ")}; ${it.wallSeconds} s in all on ${it.machine}; commit ${it.commit}.

${table(
  ["arm", "mean [95% interval]", "each seed"],
  Object.entries(it.arms).map(([arm, values]) => [arm, estimate(values), values.map(short).join(", ")]),
)}
`;

const armsOf = (it: ReproductionResult): string =>
  Object.entries(it.arms)
    .map(([arm, values]) => `${arm} ${estimate(values)}`)
    .join("; ");

function estimate(values: readonly number[]): string {
  const { value, interval } = meanEstimate(values);
  return `${short(value)} [${interval.map(short).join(", ")}]`;
}

const short = (value: number): string => (Number.isFinite(value) ? `${Number(value.toPrecision(4))}` : "open");
const speed = (it: BenchResult): string => `${short(it.ours)} and ${short(it.peer)} ${it.unit}`;
const ratio = ({ ratio, spread }: BenchResult): string => `${ratio.toFixed(2)} ± ${spread.toFixed(2)}`;

const table = (head: string[], rows: string[][]): string =>
  rows.length === 0
    ? ""
    : [head, head.map(() => "---"), ...rows]
        .map((row) => `| ${row.map((it) => it.replaceAll("|", "\\|")).join(" | ")} |`)
        .join("\n");

/**
 * What a method's page says of results: those with an arm, and those speeds, that begin with its name or its title, behind
 * the world's name where there is one.
 */
export function methodResults({ reproductions, bench }: Results, { name, title }: Named, page: string): string {
  const named = [name, title].map((it) => it.replaceAll(/[^\w\s]/g, "\\$&")).join("|");
  const begins = new RegExp(`^(?:[\\w-]+-v\\d, )?(?:${named})(?:$|[,:;(]| [(\\d])`, "i");
  const own = {
    reproductions: reproductions.filter(({ arms }) => Object.keys(arms).some((arm) => begins.test(arm))),
    bench: bench.filter((it) => begins.test(it.name)),
  };
  const up = page
    .split("/")
    .slice(1)
    .map(() => "..");
  return overview(own).replace("(docs/results.md)", `(${up.join("/")}/docs/results.md)`);
}

type Named = Pick<AnyAlgorithm, "name" | "title">;

/** Every page as it should read, by path from the root. */
export async function pages(): Promise<ReadonlyMap<string, string>> {
  const results = await readResults();
  const current = await readFile(join(root, "README.md"), "utf8");
  const own = new Map([["README.md", readme(current, results)]]).set("docs/results.md", page(results));
  return new Map([...own, ...(await methodPages((algorithm, path) => methodResults(results, algorithm, path)))]);
}

if (import.meta.main) {
  for (const [path, text] of await pages()) await writeAtomically(join(root, path), text);
}
