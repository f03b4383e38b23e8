/**
 * Every sentence an error can say. A problem is a value: a code and the facts; its sentence stands here, beside all
 * the others, and says where it happened, what was given, what was wanted and what to do next.
 *
 * @example throw problem("unknown-option", { where: "iql", name: "tau", known: ["discount", "expectile"] });
 */

const list = (names: readonly (string | number)[]): string => (names.length === 0 ? "none" : names.join(", "));
const shape = (dims: readonly number[]): string => `[${dims.map((d) => (d < 0 ? "any" : d)).join(", ")}]`;

/** A long list is not read: the beginning, and how many more there are. */
const first = (names: readonly string[], most: number): string =>
  names.length <= most ? list(names) : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;

/** The known names nearest to a misspelt one come first, so that the reader sees the likely word at once. */
const nearest = (name: string, known: readonly string[]): readonly string[] =>
  [...known].sort((a, b) => distance(name, a) - distance(name, b) || a.localeCompare(b));

function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, swap));
    }
    previous = current;
  }
  return previous[b.length];
}

const sentences = {
  // ------------------------------------------------------------------------------------------------ anywhere
  "unknown-name": (p: { where: string; what: string; name: string; known: readonly string[] }) =>
    `${p.where}: there is no ${p.what} "${p.name}". Known: ${first(nearest(p.name, p.known), 12)}.`,
  "unknown-option": (p: { where: string; name: string; known: readonly string[] }) =>
    `${p.where} has no option "${p.name}". It has: ${list(nearest(p.name, p.known))}.`,
  "bad-option": (p: { where: string; name: string; given: unknown; wanted: string }) =>
    `${p.where}: option "${p.name}" is ${JSON.stringify(p.given)}; wanted ${p.wanted}.`,
  "bad-value": (p: { where: string; given: unknown; wanted: string; next?: string }) =>
    `${p.where}: got ${typeof p.given === "string" ? `"${p.given}"` : String(p.given)}; wanted ${p.wanted}.${p.next ? ` ${p.next}` : ""}`,
  "missing-file": (p: { path: string; what: string; next?: string }) =>
    `${p.path}: no such file; wanted ${p.what}.${p.next ? ` ${p.next}` : " Check the path."}`,
  "broken-file": (p: { path: string; what: string; reason: string; next?: string }) =>
    `${p.path}: not a readable ${p.what}: ${p.reason.replace(/[\s.]+$/, "")}.${p.next ? ` ${p.next}` : " Write the file again from its source."}`,

  "needs-node": (p: { module: string; next?: string }) =>
    `This needs ${p.module}, and a page has none. ${p.next ?? "Read and write files in Node; in a page, work with bytes."}`,

  // ------------------------------------------------------------------------------------------------ tensor
  "missing-package": (p: { where: string; name: string; range: string; what: string }) =>
    `${p.where}: the package "${p.name}" is not installed; wanted for ${p.what}, and left out otherwise because it is large. Install it: npm install ${p.name}@${p.range}.`,
  "no-provider": (p: { where: string; provider: string; reason: string; known: readonly string[] }) =>
    `${p.where}: the execution provider "${p.provider}" cannot be used here: ${p.reason.replace(/[\s.]+$/, "")}. Leave it out for the default, or choose one of: ${list(p.known)}.`,
  shape: (p: { where: string; wanted: string; got: readonly (readonly number[])[]; line?: string }) =>
    `${p.where}: wanted ${p.wanted}, got ${p.got.map(shape).join(" and ")}.${p.line ? ` At ${p.line}.` : ""}`,
  axis: (p: { where: string; axis: string | number; known: readonly (string | number)[]; line?: string }) =>
    `${p.where}: there is no axis ${JSON.stringify(p.axis)}; the axes are ${list(p.known)}.${p.line ? ` At ${p.line}.` : ""}`,
  dtype: (p: { where: string; wanted: string; got: readonly string[]; line?: string }) =>
    `${p.where}: wanted ${p.wanted}, got ${list(p.got)}.${p.line ? ` At ${p.line}.` : ""}`,
  "same-draw": (p: { where: string; path: string; shapes: readonly (readonly number[])[] }) =>
    `${p.where}: the key at "${p.path}" is drawn from in two shapes, ${p.shapes.map(shape).join(" and ")}, which would repeat the same numbers. Split it by name: key.split("first", "second").`,
  "no-gradient": (p: { where: string; reason: string; next: string; line?: string }) =>
    `${p.where} has no gradient: ${p.reason}. ${p.next}${p.line ? ` At ${p.line}.` : ""}`,
  "tree-leaf": (p: { where: string; path: string; wanted: string; got: string }) =>
    `${p.where}: the leaf "${p.path}" is ${p.got}; wanted ${p.wanted}.`,
  "tree-mismatch": (p: { where: string; missing: readonly string[]; unexpected: readonly string[]; next: string }) =>
    `${p.where}: ${[p.missing.length > 0 ? `missing ${list(p.missing)}` : "", p.unexpected.length > 0 ? `unexpected ${list(p.unexpected)}` : ""].filter(Boolean).join("; ")}. ${p.next}`,

  // ------------------------------------------------------------------------------------------------ data
  "bad-row": (p: { source: string; place: string; field: string; given: string; rule: string; next: string }) =>
    `${p.source}, ${p.place}, field "${p.field}": ${p.given}; ${p.rule}. ${p.next}`,
  "bad-field": (p: { source: string; field: string; given: string; rule: string; next: string }) =>
    `${p.source}, field "${p.field}": ${p.given}; ${p.rule}. ${p.next}`,
  "not-a-recording": (p: { source: string; reason: string; wanted: string; next: string }) =>
    `${p.source}: not a recording: ${p.reason}; wanted ${p.wanted}. ${p.next}`,
  "bad-recipe": (p: { where: string; part: string; reason: string }) =>
    `${p.where}: ${p.part}: ${p.reason.replace(/[\s.]+$/, "")}. docs/curation.md says what a recipe may hold.`,
  "dangling-link": (p: { id: string; what: string; wanted: string; next: string }) =>
    `feedback "${p.id}" judges ${p.what}, which is not there; wanted ${p.wanted}. ${p.next}`,

  // ------------------------------------------------------------------------------------------------ spaces
  "outside-space": (p: { where: string; given: string; space: string }) =>
    `${p.where}: got ${p.given}; wanted a value of ${p.space}.`,
  "bad-space": (p: { where: string; reason: string }) => `${p.where}: not a space: ${p.reason}.`,

  // ------------------------------------------------------------------------------------------------ envs
  "not-running": (p: { where: string }) =>
    `${p.where}: step was called before reset, or after the episode ended. Call reset first.`,
  "no-expert": (p: { world: string }) =>
    `No expert comes along for ${p.world}. Record a policy file (--policy FILE.onnx), train one (repertoire train METHOD --env ${p.world}), or play at random.`,
  "not-prepared": (p: { name: string }) =>
    `make: the simulator of ${p.name} is fetched on demand. Call await prepare(${JSON.stringify(p.name)}) first.`,
  "bad-model": (p: { where: string; reason: string }) =>
    `${p.where}: MuJoCo does not accept the model: ${p.reason.replace(/\s+/g, " ").replace(/[\s.]+$/, "")}. Mend the MJCF there.`,
  "bad-environment": (p: { name: string; sentence: string }) => `${p.name}: ${p.sentence}`,
  "in-vector": (p: { name: string; index: number; reason: string }) =>
    `${p.name}, environment ${p.index} of the vector: ${p.reason.replace(/[\s.]+$/, "")}. Mend it, then reset the vector.`,
  "vector-busy": (p: { name: string; doing: string; now: string }) =>
    `${p.name}: ${p.now} was called before ${p.doing} had finished. Await each call before the next.`,
  "vector-closed": (p: { name: string; now: string }) =>
    `${p.name}: ${p.now} was called after the vector had been closed. Open another.`,
  "worker-stopped": (p: { name: string; reason: string }) =>
    `${p.name}: a worker of the vector stopped: ${p.reason.replace(/[\s.]+$/, "")}. Close the vector and open another.`,
  "engine-full": (p: { where: string }) =>
    `${p.where}: MuJoCo's memory (2 GB a thread) is full. Close environments that are no longer used (env.close()), or spread them over threads with vectoriseInWorkers.`,
  closed: (p: { name: string }) => `${p.name}: it was used after it had been closed. Make another.`,
  "bad-map": (p: { row: number; column: number; reason: string }) =>
    `maze map, row ${p.row}, column ${p.column}: ${p.reason}. Draw it with # . S G, one row a line.`,
  "bad-kitchen": (p: { row: number; column: number; reason: string }) =>
    `kitchen, row ${p.row}, column ${p.column}: ${p.reason}. Draw it with X O T D P S, spaces, 1 and 2, one row a line.`,
  "no-tables": (p: { name: string }) =>
    `${p.name}: wanted option "folder", where its tables lie. They are the CSV files of ICU-Sepsis v2, from github.com/icu-sepsis/icu-sepsis.`,

  "not-settled": (p: { where: string; sweeps: number; change: number }) =>
    `${p.where}: after ${p.sweeps} sweeps values still change by ${p.change}; some way never ends. Lower the discount, or use solveWithin for a world with a time limit.`,

  // ------------------------------------------------------------------------------------------------ evaluation
  "no-observations": (p: { where: string }) =>
    `${p.where}: there is nothing to measure; wanted at least one observation. Check that the filter or the log is not empty.`,
  "not-finite": (p: { where: string; index?: number; given: number }) =>
    `${p.where}: got ${p.given}${p.index === undefined ? "" : ` at position ${p.index}`}; wanted a finite number. Remove or mend that observation first.`,
  unpaired: (p: { where: string; first: number; second: number }) =>
    `${p.where}: got ${p.first} values and ${p.second}; wanted as many of each, measured on the same things. Use differenceOfMeans for independent samples.`,
  "bad-target": (p: { where: string; row: number; given: string; wanted: string }) =>
    `${p.where}: row ${p.row} of the target policy ${p.given}; wanted ${p.wanted}. Compute the probabilities from the policy again.`,
  "ragged-scores": (p: { task: number; seeds: number; first: number }) =>
    `Scores: task ${p.task} has ${p.seeds} ${p.seeds === 1 ? "seed" : "seeds"} and task 0 has ${p.first}; wanted as many for every task. Run the missing seeds, or leave out the same ones everywhere.`,
  "bad-report": (p: { part: string; reason: string }) =>
    `The report cannot be written: ${p.part}: ${p.reason}. See reportSchema in repertoire/evaluation/report.`,
  "bad-log": (p: { where: string; row: number; field: string; given: number; wanted: string }) =>
    `${p.where}: row ${p.row}, field "${p.field}" is ${p.given}; wanted ${p.wanted}. Mend or drop the row before evaluating.`,

  // ------------------------------------------------------------------------------------------------ policies
  "needs-key": (p: { where: string }) =>
    `${p.where}: acting by chance needs a key. Give one (key: randomKey(1)), or ask for deterministic: true.`,
  "space-mismatch": (p: { where: string; what: string; policy: string; environment: string }) =>
    `${p.where}: the policy's ${p.what} space is ${p.policy}, the environment's is ${p.environment}. Use a policy made for this environment, or wrap the environment.`,
  "foreign-model": (p: { path: string; reason: string }) =>
    `${p.path}: an ONNX file, but not a Repertoire policy: ${p.reason}. Wanted a file written by \`repertoire train\`, \`improve\` or \`export\`.`,
  "policy-drift": (p: { path: string; output: string; element: number; wanted: number; got: number }) =>
    `${p.path}: this machine does not run the policy as it was tested: ${p.output}[${p.element}] is ${p.got}, wanted ${p.wanted}. The file was altered or this runtime computes differently; do not ship it from here.`,

  // ------------------------------------------------------------------------------------------------ algorithms
  "no-medium": (p: { environment: string; random: number; best: number }) =>
    `tiers: no policy on the way was better in ${p.environment} than chance (best ${p.best}, chance ${p.random}), so there is no medium and no expert. Train longer, or with other options.`,
  "learns-in-worlds": (p: { method: string }) =>
    `${p.method} learns from its own play, not from a recording. Use trainOnline with an environment (on the command line: --env NAME in place of the file).`,
  "learns-from-recordings": (p: { method: string }) =>
    `${p.method} does not say how it would play while it learns: it learns from recordings. Record behaviour first, or choose a method with "online" in docs/methods.md.`,
  "no-demonstrations": (p: { method: string; given: boolean }) =>
    p.given
      ? `${p.method} imitates nobody: it has no use for demonstrations. Leave them out, or choose a method that learns from imitations, such as gaifo.`
      : `${p.method} imitates while it plays, and was shown nothing. Give trainOnline the option demonstrations, a recording of the same observations.`,
  "broken-world": (p: { environment: string; what: string; given: number; step: number }) =>
    `${p.environment}: after ${p.step} steps ${p.what} is ${p.given}, from which nothing can be learned; wanted finite numbers. Mend the environment; checkEnvironment says what else is wrong with it.`,
  "wrong-recording": (p: { method: string; wanted: string; got: string }) =>
    `${p.method} learns from ${p.wanted}; this recording holds ${p.got}. \`repertoire methods\` lists what learns from what.`,
  "wrong-actions": (p: { method: string; wanted: string; got: string }) =>
    `${p.method} makes actions in ${p.wanted}; these are in ${p.got}. \`repertoire methods\` lists what makes which.`,
  "no-text": (p: { method: string; got: string }) =>
    `${p.method} reads sentences; wanted observations with a Text that has a vocabulary, got ${p.got}. Give the Text one: text(40, { words, length }).`,
  "no-label": (p: { method: string; name: string; known: readonly string[] }) =>
    `${p.method} learns from the step column "${p.name}", one number a step; the recording has ${list(p.known)}. Record it (collect has the option info), or turn off the option that asks for it.`,
  "too-short": (p: { where: string; rows: number; unit: string; least: number }) =>
    `${p.where}: ${p.rows} ${p.unit} are too few to learn from, choose by and judge by; wanted at least ${p.least}. Record more.`,
  "run-mismatch": (p: { folder: string; field: string; was: unknown; now: unknown }) =>
    `${p.folder}: holds another run: its ${p.field} is ${JSON.stringify(p.was)}, this one's ${JSON.stringify(p.now)}. Resume with what it was started with, or choose another folder.`,

  // ------------------------------------------------------------------------------------------------ cli
  "bad-usage": (p: { where: string; reason: string; next: string }) => `${p.where}: ${p.reason}. ${p.next}`,
  "output-exists": (p: { path: string; what: string; next: string }) => `${p.path}: ${p.what}. ${p.next}`,
  "log-mismatch": (p: { policy: string; what: string; has: string; log: string }) =>
    `${p.policy}: the policy's ${p.what} is ${p.has}, the log's is ${p.log}. Wanted a log of the decisions it was made for.`,
  "file-system": (p: { path: string; doing: string; reason: string }) =>
    `${p.path}: could not ${p.doing} it (${p.reason}). Check the path, your rights to it and the space left.`,
} as const;

export type Code = keyof typeof sentences;
export type Facts<C extends Code> = Parameters<(typeof sentences)[C]>[0];

/** An error a person caused and can mend: the command line prints its sentence alone and exits with code 2. */
export class Problem<C extends Code = Code> extends Error {
  readonly code: C;
  readonly facts: Facts<C>;
  constructor(code: C, facts: Facts<C>) {
    // What a file or another library said may hold line ends; a sentence does not.
    super((sentences[code] as (facts: Facts<C>) => string)(facts).replace(/\s*[\r\n\u2028\u2029]+\s*/g, " "));
    this.name = "Problem";
    this.code = code;
    this.facts = facts;
  }
}

export const problem = <C extends Code>(code: C, facts: Facts<C>): Problem<C> => new Problem(code, facts);

/** For a place that no input can lead to; reaching it is a fault of this package, so the sentence asks for a report. */
export function unreachable(what: string): never {
  throw new Error(`Repertoire has a fault: ${what}. Please report it with what you ran.`);
}
