/**
 * Contextual bandits in the text of Vowpal Wabbit: cb ("action:cost:probability | features"), cb_eval (an evaluated
 * action before that), cb_adf (an action a line, "shared" for what they share, an empty line between) and ccb (slots).
 * https://github.com/VowpalWabbit/vowpal_wabbit/wiki/Input-format
 */
import { readBytes } from "../../files.ts";
import { problem } from "../../problems.ts";
import type { DecisionLog } from "../trajectories.ts";
import { gunzipped } from "./peek.ts";
import { type Features, logOf, type VwDecision, type VwOptions } from "./vw-decisions.ts";

const what = "Vowpal Wabbit text";

interface Label {
  readonly action: number;
  readonly cost?: number;
  readonly probability?: number;
}

interface Line {
  readonly number: number;
  /** "shared", "action", "slot" or nothing. */
  readonly role: string;
  readonly ccb: boolean;
  /** What stands before the first bar, without role and tag. */
  readonly labels: readonly string[];
  readonly tag?: string;
  readonly features: Features;
}

/**
 * Reads a log of contextual bandit examples; .gz is unpacked.
 *
 * The reward is minus the cost. A cb label of several actions ("1:2:0.5 2 3") says which were available. In cb_eval files
 * (found by lines that name the same action twice) the evaluated action becomes the extra "evaluated", counted from 0.
 * Of a ccb example each labelled slot is a decision: its context is what is shared and the slot's own features, its
 * actions are those no earlier slot has taken, and extras "decision" and "slot" say where it was.
 * @throws Problem "missing-file", "broken-file", "not-a-recording" (no labels), "bad-row" naming the line
 */
export async function readVw(path: string, options: VwOptions = {}): Promise<DecisionLog> {
  const text = new TextDecoder().decode(gunzipped(await readBytes(path, what), path, what));
  const lines = text.split(/\r?\n/).map((line, i) => (line.trim() === "" ? undefined : parsed(line, i + 1, path)));
  const rows = lines.filter((line) => line !== undefined);
  if (!isMultiline(lines, rows)) {
    const evaluated = rows.some(({ labels }) => labels.length === 2 && labels[1].split(":")[0] === labels[0]);
    const notes = evaluated ? ["the action before each label is the evaluated one"] : [];
    return logOf(
      rows.map((line) => single(line, evaluated, path)),
      path,
      options,
      notes,
    );
  }
  const blocks = blocksOf(lines);
  return logOf(
    blocks.flatMap((block, i) => (block.some(({ ccb }) => ccb) ? slots(block, i, path) : [adf(block, path)])),
    path,
    options,
  );
}

/** Whether an example takes several lines: roles and action 0 say so, and empty lines between with unlabelled ones. */
function isMultiline(lines: readonly (Line | undefined)[], rows: readonly Line[]): boolean {
  if (rows.some(({ role, labels }) => role !== "" || /^0:/.test(labels[0] ?? ""))) return true;
  const inside = lines.slice(0, lines.findLastIndex((line) => line !== undefined) + 1);
  return inside.includes(undefined) && rows.some(({ labels }) => labels.length === 0);
}

function blocksOf(lines: readonly (Line | undefined)[]): readonly (readonly Line[])[] {
  const blocks: Line[][] = [[]];
  for (const line of lines) {
    if (line === undefined) blocks.push([]);
    else blocks[blocks.length - 1].push(line);
  }
  return blocks.filter((block) => block.length > 0);
}

function refuse(path: string, line: number, field: string, given: string, rule: string): never {
  const next = "See docs/recordings.md for an example of each form.";
  throw problem("bad-row", { source: path, place: `line ${line}`, field, given, rule, next });
}

function parsed(line: string, number: number, path: string): Line {
  const bar = line.indexOf("|");
  if (bar < 0) refuse(path, number, "the whole line", short(line), "features stand behind a bar");
  const head = line.slice(0, bar);
  const words = head.split(/\s+/).filter((word) => word !== "");
  // The word that touches the bar, or begins with a quote, is the example's tag.
  const touching = words.length > 0 && !/\s$/.test(head);
  const last = words[words.length - 1];
  const tag = last !== undefined && (touching || last.startsWith("'")) ? words.pop()?.replace(/^'/, "") : undefined;
  const ccb = words[0] === "ccb";
  if (ccb) words.shift();
  // "shared" may touch the bar as well.
  const shared = words[0] === "shared" || last === "shared";
  const role = shared ? "shared" : ccb ? (words.shift() ?? "") : "";
  if (role === "shared" && words[0] === "shared") words.shift();
  if (ccb && !["shared", "action", "slot"].includes(role)) {
    refuse(path, number, "label", `ccb ${role}`, "it is ccb shared, ccb action or ccb slot");
  }
  const features = featuresIn(line.slice(bar), number, path);
  return { number, role, ccb, labels: words, features, ...(tag === undefined || shared ? {} : { tag }) };
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

function featuresIn(text: string, number: number, path: string): Features {
  const features = new Map<string, number>();
  for (const part of text.split("|").slice(1)) {
    const [first = "", ...rest] = part.split(/\s/);
    const [namespace, weight] = first === "" ? ["", 1] : valued(first, number, path);
    let anonymous = 0;
    for (const word of rest) {
      if (word === "") continue;
      const [given, value] = valued(word, number, path);
      const bare = given === "" ? String(anonymous++) : given;
      const name = namespace === "" ? bare : `${namespace}^${bare}`;
      features.set(name, (features.get(name) ?? 0) + value * weight);
    }
  }
  return features;
}

/** "name:value", or a name whose value is 1. */
function valued(word: string, number: number, path: string): readonly [string, number] {
  const colon = word.lastIndexOf(":");
  if (colon < 0) return [word, 1];
  const value = Number(word.slice(colon + 1));
  if (word.length === colon + 1 || !Number.isFinite(value)) {
    refuse(path, number, word.slice(0, colon), word.slice(colon + 1) || "nothing", "a feature's value is a number");
  }
  return [word.slice(0, colon), value];
}

function labelIn(word: string, number: number, path: string): Label {
  const parts = word.split(":");
  const [action, cost, probability] = parts.map(Number);
  if (
    parts.length > 3 ||
    parts.some((part) => part === "") ||
    [action, cost ?? 0, probability ?? 0].some(Number.isNaN)
  ) {
    refuse(path, number, "label", word, "it is action:cost:probability");
  }
  if (!Number.isInteger(action) || action < 0) refuse(path, number, "label", word, "an action is a whole number");
  return { action, ...(parts.length > 1 ? { cost } : {}), ...(parts.length > 2 ? { probability } : {}) };
}

/** A whole label, or nothing when there is none. */
function labelled(labels: readonly Label[], number: number, path: string) {
  const [whole, ...more] = labels.filter(({ cost }) => cost !== undefined);
  if (whole === undefined) return undefined;
  if (more.length > 0) refuse(path, number, "label", `${more.length + 1} actions with costs`, "one action was chosen");
  const { action, cost, probability } = whole;
  if (probability === undefined) {
    return refuse(
      path,
      number,
      "label",
      `${action}:${cost}`,
      "it has the probability of the action: action:cost:probability",
    );
  }
  return { action, cost: cost as number, probability };
}

/** A cb or cb_eval line: actions are numbered from 1. */
function single(line: Line, evaluated: boolean, path: string): VwDecision {
  const words = evaluated ? line.labels.slice(1) : line.labels;
  const labels = words.map((word) => labelIn(word, line.number, path));
  const zero = labels.find(({ action }) => action === 0);
  if (zero) refuse(path, line.number, "label", "action 0", "actions are numbered from 1");
  const label = labelled(labels, line.number, path);
  return {
    place: `line ${line.number}`,
    shared: line.features,
    choices: labels.reduce((most, { action }) => Math.max(most, action), 1),
    ...(labels.length > 1 ? { available: labels.map(({ action }) => action - 1) } : {}),
    ...(label ? { label: { ...label, action: label.action - 1 } } : {}),
    extras: evaluated ? { evaluated: labelIn(line.labels[0], line.number, path).action - 1 } : {},
    tags: line.tag === undefined ? {} : { tag: line.tag },
  };
}

const choiceOf = ({ tag, features }: Line) => ({ ...(tag === undefined ? {} : { tag }), features });

/** A block of cb_adf: the labelled line is the chosen action, whatever number its label has. */
function adf(block: readonly Line[], path: string): VwDecision {
  const shared = block.filter(({ role }) => role === "shared");
  const actions = block.filter(({ role }) => role !== "shared");
  const chosen = actions.flatMap((line, i) => {
    const label = labelled(
      line.labels.map((word) => labelIn(word, line.number, path)),
      line.number,
      path,
    );
    return label ? [{ ...label, action: i }] : [];
  });
  if (shared.length > 1) refuse(path, shared[1].number, "label", "a second shared line", "an example has one");
  if (chosen.length > 1) refuse(path, block[0].number, "label", `${chosen.length} labels`, "one action was chosen");
  return {
    place: `line ${block[0].number}`,
    shared: shared[0]?.features ?? new Map(),
    choices: actions.map(choiceOf),
    ...(chosen.length > 0 ? { label: chosen[0] } : {}),
    extras: {},
    tags: {},
  };
}

/** A block of ccb: a decision a slot. */
function slots(block: readonly Line[], decision: number, path: string): readonly VwDecision[] {
  const shared = block.find(({ role }) => role === "shared")?.features ?? new Map();
  const choices = block.filter(({ role }) => role === "action").map(choiceOf);
  const taken = new Set<number>();
  return block
    .filter(({ role }) => role === "slot")
    .map((line, slot): VwDecision => {
      const [outcome, included] = [
        line.labels.find((word) => word.includes(":")),
        line.labels.find((word) => !word.includes(":")),
      ];
      const parts = (outcome?.split(",") ?? []).map((word, i) => slotLabel(word, i, line.number, path));
      const listed = included?.split(",").map(Number) ?? [...choices.keys()];
      const available = listed.filter((action) => !taken.has(action));
      const [first] = parts;
      const probabilities =
        parts.length > 1 ? new Map(parts.map(({ action, probability }) => [action, probability])) : undefined;
      if (first) taken.add(first.action);
      return {
        place: `line ${line.number}`,
        shared: new Map([...shared, ...line.features]),
        choices,
        available,
        ...(first ? { label: first } : {}),
        ...(probabilities ? { probabilities } : {}),
        extras: { decision, slot },
        tags: {},
      };
    });
}

/** The first of a slot's labels is action:cost:probability, the others action:probability. */
function slotLabel(word: string, i: number, number: number, path: string) {
  const parts = word.split(":").map(Number);
  const wanted = i === 0 ? 3 : 2;
  if (parts.length !== wanted || !parts.every(Number.isFinite) || !Number.isInteger(parts[0])) {
    refuse(path, number, "label", word, `it is action:${i === 0 ? "cost:" : ""}probability`);
  }
  return { action: parts[0], cost: i === 0 ? parts[1] : 0, probability: parts[wanted - 1] };
}
