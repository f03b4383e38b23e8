/**
 * Contextual bandits in the JSON of Vowpal Wabbit and of the Azure Personalizer: DSJSON (an event a line, with the ranked
 * actions "a", their probabilities "p", the context "c") and the plain form (the context with its labels beside).
 * https://github.com/VowpalWabbit/vowpal_wabbit/wiki/JSON and https://github.com/VowpalWabbit/vowpal_wabbit/wiki/DSJSON
 */
import { readBytes } from "../../files.ts";
import { problem } from "../../problems.ts";
import { growing, type Source } from "../columns.ts";
import { decisionLog } from "../decision-log.ts";
import type { DecisionLog } from "../trajectories.ts";
import { checkFingerprint, type DecisionsHeader, extrasOf, originOf, parseHeader } from "./header.ts";
import { Entries, type Json, parseEntries } from "./json-entries.ts";
import { headerEntry } from "./own-header.ts";
import { gunzipped } from "./peek.ts";
import { timeIn } from "./table.ts";
import { type Choice, type Features, jsonName, logOf, type VwDecision, type VwOptions } from "./vw-decisions.ts";

const what = "Vowpal Wabbit JSON";

/**
 * Reads a log of events; .gz is unpacked. A text feature is "name=text" with value 1, a number itself, true 1; a feature
 * of a namespace is "namespace^feature", as VW names them: after the innermost object. Names that begin with "_" are
 * VW's. The reward is minus _label_cost; "p" becomes the logging policy, Timestamp the extra "timestamp" (milliseconds),
 * EventId a tag, and pdrop (the probability with which such an event was dropped before it was logged) an extra: weight
 * a row by 1 / (1 − pdrop). Events that were not to be learned from (_skipLearn) are left out, as are those without a
 * label; of an event with slots, each is a decision.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" (no labels), "bad-row" naming the line and field
 */
export async function readDsjson(path: string, options: VwOptions = {}): Promise<DecisionLog> {
  const text = new TextDecoder().decode(gunzipped(await readBytes(path, what), path, what));
  const header = ownHeader(text, path);
  if (header) return restoredLog(text, header, path);
  const [decisions, notes] = decisionsOf(text, path);
  return logOf(decisions, path, options, notes);
}

/** The decisions in a text, and what was left out. */
function decisionsOf(text: string, path: string): readonly [readonly VwDecision[], readonly string[]] {
  const decisions: VwDecision[] = [];
  let skipped = 0;
  let events = 0;
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const event = eventIn(line, i + 1, path);
    if (event.get("_skipLearn") === true) skipped++;
    else decisions.push(...decisionsIn(event, i + 1, events, path));
    events++;
  }
  return [decisions, skipped > 0 ? [`left out ${skipped} events that say _skipLearn`] : []];
}

function refuse(path: string, line: number, field: string, given: string, rule: string, next?: string): never {
  throw problem("bad-row", {
    source: path,
    place: `line ${line}`,
    field,
    given,
    rule,
    next: next ?? "Write the file again from its source.",
  });
}

function eventIn(line: string, number: number, path: string): Entries {
  const next = "If a program was stopped while it wrote, delete the last line.";
  const json = parseEntries(line, (reason) =>
    refuse(path, number, "the whole line", reason, "each line is one event", next),
  );
  return json instanceof Entries
    ? json
    : refuse(path, number, "the whole line", "not an object", "each line is one event");
}

/** DSJSON spells them one way, the plain form another. */
const either = (event: Entries, name: string): Json | undefined =>
  event.get(name) ?? event.get(name.replace(/_label_(.)/, (_, c: string) => `_label_${c.toUpperCase()}`));

function decisionsIn(event: Entries, line: number, decision: number, path: string): readonly VwDecision[] {
  const inner = event.get("c");
  const context = inner instanceof Entries ? inner : event;
  const choices = choicesIn(context, line, path);
  const shared = featuresOf(context);
  const facts = { place: `line ${line}`, choices, extras: extrasIn(event, line, path), tags: tagsIn(event) };
  const outcomes = event.get("_outcomes");
  if (Array.isArray(outcomes)) return slotsIn(context, outcomes, { ...facts, shared }, decision, line, path);
  const ranked = numbersIn(event.get("a"), "a", line, path);
  const probabilities = numbersIn(event.get("p"), "p", line, path);
  const label = labelIn(event, "_labelIndex", line, path);
  const single = typeof choices === "number";
  return [
    {
      ...facts,
      shared,
      choices: single ? Math.max(choices, ranked.length, (label?.action ?? 0) + 1) : choices,
      ...(label ? { label } : {}),
      ...(ranked.length > 0 && probabilities.length === ranked.length
        ? { probabilities: new Map(ranked.map((action, i) => [action - 1, probabilities[i]])) }
        : {}),
    },
  ];
}

function labelIn(event: Entries, index: string, line: number, path: string): VwDecision["label"] {
  const [cost, probability] = [either(event, "_label_cost"), either(event, "_label_probability")];
  if (cost === undefined && probability === undefined) return undefined;
  const given = event.get(index);
  const action = typeof given === "number" ? given : Number(event.get("_label_Action") ?? Number.NaN) - 1;
  const wanted = { _label_cost: cost, _label_probability: probability, _labelIndex: action };
  for (const [field, value] of Object.entries(wanted)) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      refuse(
        path,
        line,
        field,
        String(value ?? "missing"),
        "a label has a cost, a probability and the index of its action",
      );
    }
  }
  if (!Number.isInteger(action) || action < 0) refuse(path, line, index, String(action), "actions are counted from 0");
  return { action, cost: cost as number, probability: probability as number };
}

function choicesIn(context: Entries, line: number, path: string): readonly Choice[] | number {
  const listed = context.get("_multi");
  if (listed === undefined) return 1;
  if (!Array.isArray(listed)) return refuse(path, line, "_multi", "not a list", "it lists the actions");
  return listed.map((action: Json, i): Choice => {
    if (!(action instanceof Entries))
      return refuse(path, line, `_multi[${i}]`, "not an object", "an action is an object");
    const tag = action.get("_tag");
    return { ...(typeof tag === "string" ? { tag } : {}), features: featuresOf(action) };
  });
}

function slotsIn(
  context: Entries,
  outcomes: readonly Json[],
  facts: Omit<VwDecision, "label">,
  decision: number,
  line: number,
  path: string,
): readonly VwDecision[] {
  const slots = context.get("_slots");
  const taken = new Set<number>();
  const count = typeof facts.choices === "number" ? facts.choices : facts.choices.length;
  return outcomes.map((outcome, slot): VwDecision => {
    if (!(outcome instanceof Entries))
      return refuse(path, line, `_outcomes[${slot}]`, "not an object", "an outcome is an object");
    const own =
      Array.isArray(slots) && slots[slot] instanceof Entries ? featuresOf(slots[slot]) : new Map<string, number>();
    const actions = numbersIn(outcome.get("_a"), "_a", line, path);
    const probabilities = numbersIn(outcome.get("_p"), "_p", line, path);
    const cost = outcome.get("_label_cost");
    const available = Array.from({ length: count }, (_, i) => i).filter((action) => !taken.has(action));
    const labelled = typeof cost === "number" && actions.length > 0 && probabilities.length > 0;
    if (labelled) taken.add(actions[0]);
    return {
      ...facts,
      shared: new Map([...facts.shared, ...own]),
      available,
      ...(labelled ? { label: { action: actions[0], cost, probability: probabilities[0] } } : {}),
      ...(probabilities.length === available.length && actions.length === available.length
        ? { probabilities: new Map(actions.map((action, i) => [action, probabilities[i]])) }
        : {}),
      extras: { ...facts.extras, decision, slot },
    };
  });
}

function numbersIn(value: Json | undefined, field: string, line: number, path: string): readonly number[] {
  if (value === undefined) return [];
  const list = Array.isArray(value) ? value : [value];
  for (const item of list) {
    if (typeof item !== "number" || !Number.isFinite(item)) refuse(path, line, field, String(item), "it lists numbers");
  }
  return list as readonly number[];
}

function extrasIn(event: Entries, line: number, path: string): { readonly [name: string]: number } {
  const time = event.get("Timestamp");
  const dropped = event.get("pdrop");
  const source = { name: path, place: () => `line ${line}` };
  return {
    ...(typeof time === "string" ? { timestamp: timeIn(time, 0, "Timestamp", source) } : {}),
    ...(typeof dropped === "number" ? { pdrop: dropped } : {}),
  };
}

function tagsIn(event: Entries): { readonly [name: string]: string } {
  const id = event.get("EventId");
  return typeof id === "string" ? { EventId: id } : {};
}

/** A feature's value by name; what comes twice adds up. */
function featuresOf(object: Entries, namespace = "", into = new Map<string, number>()): Features {
  const add = (name: string, value: number): void => {
    const full = namespace === "" ? name : `${namespace}^${name}`;
    into.set(full, (into.get(full) ?? 0) + value);
  };
  for (const [name, value] of object.list) {
    if (name === "_text" && typeof value === "string") {
      for (const word of value.split(/\s+/)) if (word !== "") add(word, 1);
    } else if (name.startsWith("_")) {
      // VW's own
    } else if (typeof value === "number") add(name, value);
    else if (typeof value === "string") add(`${name}=${value}`, 1);
    else if (value === true) add(name, 1);
    else if (value instanceof Entries) featuresOf(value, name, into);
    else if (Array.isArray(value)) listed(value, name, into);
  }
  return into;
}

/** A list is a namespace: of numbers by their place, of objects all together. */
function listed(values: readonly Json[], namespace: string, into: Map<string, number>): void {
  for (const [i, value] of values.entries()) {
    if (value instanceof Entries) featuresOf(value, namespace, into);
    else if (typeof value === "number") into.set(`${namespace}^${i}`, (into.get(`${namespace}^${i}`) ?? 0) + value);
    else if (typeof value === "string") into.set(`${namespace}^${i}=${value}`, 1);
  }
}

// ---------------------------------------------------------------------------------------------------- our own files

const firstLine = (text: string): string => text.slice(0, Math.max(0, text.indexOf("\n")));

/** The header that the first event of a file written here carries. */
function ownHeader(text: string, path: string): DecisionsHeader | undefined {
  const line = firstLine(text);
  if (!line.includes(`"${headerEntry}"`)) return undefined;
  const own = eventIn(line, 1, path).get(headerEntry);
  const header = own instanceof Entries ? own.get("header") : undefined;
  const parsed = typeof header === "string" ? parseHeader(header, path) : undefined;
  return parsed?.kind === "decisions" ? parsed : undefined;
}

interface Beside {
  readonly extras?: { readonly [name: string]: unknown };
  readonly tags?: { readonly [name: string]: string };
}

/** The log as it was written: VW's part of each event, and what stands beside it for us. */
function restoredLog(text: string, header: DecisionsHeader, path: string): DecisionLog {
  const { contextSpace, contextNames, actions } = header;
  const source: Source = { name: path, place: (row) => `line ${row + 1}` };
  const [decisions] = decisionsOf(text, path);
  const width = contextSpace?.kind === "box" ? contextSpace.shape[0] : 0;
  const like = decisionLog(
    {
      ...(contextSpace ? { contextSpace } : {}),
      context: { shape: [0, width], dtype: "float32", data: new Float32Array(0) },
      contextNames: (contextNames ?? Array.from({ length: width }, (_, i) => String(i))).map(jsonName),
      actions,
      ...{ action: [], propensity: [], reward: [] },
    },
    source,
  );
  const read = logOf(
    decisions.map(({ probabilities, ...decision }) => ({
      ...decision,
      ...(header.loggingPolicy && probabilities ? { probabilities } : {}),
      extras: {},
      tags: {},
    })),
    path,
    { like },
  );
  const columns = extrasOf(header).map(([name, stored]) => [name, growing(stored, source, `extras.${name}`)] as const);
  const names = Array.isArray(header.tags) ? header.tags : [];
  const tags = Object.fromEntries(names.map((name) => [name, [] as (string | null)[]]));
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const { [headerEntry]: beside = {} } = JSON.parse(line) as { readonly [headerEntry]?: Beside };
    for (const [name, column] of columns) column.push(beside.extras?.[name]);
    for (const name of names) tags[name].push(beside.tags?.[name] ?? null);
  }
  const { available, contextNames: _, ...log } = read;
  const whole = decisionLog(
    {
      ...log,
      // The sign of a zero is kept here, which costs from elsewhere spread at random.
      reward: Float64Array.from(decisions, ({ label }) => -(label?.cost ?? 0)),
      ...(contextNames ? { contextNames } : {}),
      ...(header.available
        ? { available: available ?? new Uint8Array(read.reward.length * read.actions.count).fill(1) }
        : {}),
      extras: Object.fromEntries(columns.map(([name, column]) => [name, column.done()])),
      tags,
      ...originOf(header, path),
    },
    source,
  );
  return checkFingerprint(whole, header.provenance.fingerprint, path);
}
