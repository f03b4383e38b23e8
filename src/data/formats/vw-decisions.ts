/**
 * What the formats of Vowpal Wabbit have in common: decisions whose features have names and are mostly absent, made into
 * a decision log, which has a place for each.
 */
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Source } from "../columns.ts";
import { decisionLog } from "../decision-log.ts";
import type { ActionSet, DecisionLog } from "../trajectories.ts";

/** Values by name; a feature of a namespace is "namespace^feature". */
export type Features = ReadonlyMap<string, number>;

/** An action as one decision lists it. */
export interface Choice {
  /** What identifies it, when the file says. */
  readonly tag?: string;
  readonly features: Features;
}

/** A labelled decision, or one without a label. */
export interface VwDecision {
  /** Where it stands: "line 18". */
  readonly place: string;
  readonly shared: Features;
  /** The actions with their features; or only how many there are known to be. */
  readonly choices: readonly Choice[] | number;
  /** Which of them could be chosen, counted from 0; left out, all. */
  readonly available?: readonly number[];
  /** The one that was chosen, counted from 0, what it cost, and how probable it was. */
  readonly label?: { readonly action: number; readonly cost: number; readonly probability: number };
  /** The probability of each action, where it was logged. */
  readonly probabilities?: ReadonlyMap<number, number>;
  readonly extras: { readonly [name: string]: number };
  readonly tags: { readonly [name: string]: string };
}

export interface VwOptions {
  /** Encode as this log was: the same features in the same places, the same actions. */
  readonly like?: DecisionLog;
  /** Leave out features that fewer decisions have. Default 1: none. */
  readonly leastCount?: number;
}

/** The most numbers that contexts or masks may take: 400 MB of them. */
const mostNumbers = 1e8;
/** The most actions told apart by what they are like; beyond it they are told apart by their place in the list. */
const mostActions = 1000;

/**
 * A decision log: one number a feature that any decision has, 0 where it is absent; the reward is minus the cost.
 * Actions with features are told apart by their tag where each has one, else by their features, and a decision's mask
 * says which of them it listed. Decisions without a label are left out, and the lineage says so.
 * @throws Problem "not-a-recording" when none has a label, "bad-field" when there are too many features, "bad-row"
 */
export function logOf(
  decisions: readonly VwDecision[],
  path: string,
  options: VwOptions,
  notes: readonly string[] = [],
) {
  const labelled = decisions.filter(({ label }) => label !== undefined);
  if (labelled.length === 0) {
    throw problem("not-a-recording", {
      source: path,
      reason: decisions.length === 0 ? "it holds no examples" : "none of its examples has a label",
      wanted: "decisions with action, cost and probability",
      next: "Join the outcomes to the decisions first.",
    });
  }
  const source: Source = { name: path, place: (row) => labelled[row].place };
  const { like } = options;
  const context = vocabulary(labelled, ({ shared }) => [shared], like?.contextNames ?? undefined, options, source);
  const actions = actionsIn(labelled, like, source);
  const { count } = actions.set;
  const rows = labelled.length;
  if (rows * count > mostNumbers)
    throw tooMany(`${count} actions in ${rows} decisions`, "Leave rare actions out.", source);
  const available = new Uint8Array(rows * count);
  const probabilities = labelled.every((decision) => decision.probabilities)
    ? new Float64Array(rows * count)
    : undefined;
  const action = new Int32Array(rows);
  const propensity = new Float64Array(rows);
  const reward = new Float64Array(rows);
  labelled.forEach((decision, row) => {
    const places = actions.placesOf(decision, row);
    const { label } = decision as { label: NonNullable<VwDecision["label"]> };
    const at = (choice: number): number => places[choice] ?? outOfRange(choice, places.length, row, source);
    for (const choice of decision.available ?? places.keys()) available[row * count + at(choice)] = 1;
    for (const [choice, p] of decision.probabilities ?? [])
      if (probabilities) probabilities[row * count + at(choice)] = p;
    action[row] = at(label.action);
    propensity[row] = label.probability;
    reward[row] = 0 - label.cost;
  });
  const masked = like?.available !== undefined || available.includes(0);
  const unlabelled = decisions.length - rows;
  return decisionLog(
    {
      context: context.matrix,
      ...(like && like.contextNames === undefined ? {} : { contextNames: context.names }),
      ...(like ? { contextSpace: like.contextSpace } : {}),
      actions: actions.set,
      action,
      propensity,
      reward,
      ...(masked ? { available: { shape: [rows, count], dtype: "bool", data: available } } : {}),
      ...(probabilities ? { loggingPolicy: probabilities } : {}),
      extras: { ...columnsOf(labelled, ({ extras }) => extras), ...actions.extras },
      tags: tagsOf(labelled),
      lineage: [path, ...notes, ...(unlabelled > 0 ? [`left out ${unlabelled} examples without a label`] : [])],
    },
    source,
  );
}

function outOfRange(choice: number, count: number, row: number, source: Source): never {
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field: "action",
    given: String(choice + 1),
    rule: `the actions are numbered 1 … ${count}`,
    next: "Check the label.",
  });
}

const tooMany = (given: string, next: string, source: Source) =>
  problem("bad-field", {
    source: source.name,
    field: "features and actions",
    given,
    rule: `a log holds at most ${mostNumbers} numbers`,
    next,
  });

interface Vocabulary {
  readonly names: readonly string[];
  /** [rows, names] */
  readonly matrix: NdArray;
}

/** One number a name that anything has, in the order of first appearance. */
function vocabulary<T>(
  all: readonly T[],
  featuresOf: (item: T) => readonly Features[],
  known: readonly string[] | undefined,
  options: VwOptions,
  source: Source,
): Vocabulary {
  const counts = new Map<string, number>();
  for (const item of all) {
    for (const features of featuresOf(item))
      for (const name of features.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const least = options.leastCount ?? 1;
  const names = known ?? [...counts].filter(([, count]) => count >= least).map(([name]) => name);
  if (names.length * all.length > mostNumbers) {
    const next = "Leave rare features out ({ leastCount: 20 }), or read a part of the file.";
    throw tooMany(`${names.length} different features in ${all.length} decisions`, next, source);
  }
  const places = new Map(names.flatMap((name, i) => [[name, i] as const, [vwName(name), i] as const]));
  const data = new Float32Array(all.length * names.length);
  all.forEach((item, row) => {
    for (const features of featuresOf(item)) {
      for (const [name, value] of features) {
        const place = places.get(name);
        if (place !== undefined) data[row * names.length + place] = value;
      }
    }
  });
  return { names, matrix: { shape: [all.length, names.length], dtype: "float32", data } };
}

/** A name as Vowpal Wabbit's JSON can hold it: those that begin with "_" are its own. */
export const jsonName = (name: string): string => name.replace(/^_/, "%5F");

/** A name as Vowpal Wabbit's text can hold it: without spaces, colons, bars and carets. */
export const vwName = (name: string): string => name.replace(/[\s:|^%\p{Cc}]/gu, encodeURIComponent) || "%";

interface Actions {
  readonly set: ActionSet;
  /** The place in the set of each action that a decision lists. */
  readonly placesOf: (decision: VwDecision, row: number) => readonly number[];
  readonly extras: { readonly [name: string]: NdArray };
}

const described = (features: Features): string =>
  [...features].map(([name, value]) => (value === 1 ? name : `${name}:${value}`)).join(" ") || "(nothing)";

/** What tells a decision's actions apart: tags when all have them, else features; a second of the same has a number. */
function identities(choices: readonly Choice[], tagged: boolean): readonly string[] {
  const seen = new Map<string, number>();
  return choices.map(({ tag, features }) => {
    const name = tagged ? String(tag) : described(features);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} #${times}`;
  });
}

function actionsIn(all: readonly VwDecision[], like: DecisionLog | undefined, source: Source): Actions {
  if (all.every(({ choices }) => typeof choices === "number")) return numbered(all, like, source);
  const listed = all.flatMap(({ choices }) => (typeof choices === "number" ? [] : choices));
  const tagged = listed.every(({ tag }) => tag !== undefined);
  const known = new Map<string, Choice>();
  const named = all.map(({ choices }) => (typeof choices === "number" ? [] : identities(choices, tagged)));
  for (const [row, { choices }] of all.entries()) {
    if (typeof choices === "number") continue;
    for (const [i, choice] of choices.entries()) if (!known.has(named[row][i])) known.set(named[row][i], choice);
  }
  if (known.size > mostActions && like === undefined) return byPlace(all, source);
  const names = like?.actions.names ?? [...known.keys()];
  const places = new Map(names.flatMap((name, i) => [[vwName(name), i] as const, [name, i] as const]));
  const placesOf = (_: VwDecision, row: number): readonly number[] =>
    named[row].map((name) => places.get(name) ?? unknownAction(name, names, row, source));
  if (like) return { set: like.actions, placesOf, extras: {} };
  const { names: features, matrix } = vocabulary(
    [...known.values()],
    ({ features }) => [features],
    undefined,
    {},
    source,
  );
  return {
    set: { count: names.length, names, ...(features.length > 0 ? { features: matrix } : {}) },
    placesOf,
    extras: {},
  };
}

function unknownAction(name: string, names: readonly string[], row: number, source: Source): never {
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field: "action",
    given: name,
    rule: `the actions of the log it is read like are ${names.slice(0, 12).join(", ")}${names.length > 12 ? " …" : ""}`,
    next: "Read it by itself, or like a log that has this action.",
  });
}

/** Actions that are no more than numbers, from 1. */
function numbered(all: readonly VwDecision[], like: DecisionLog | undefined, source: Source): Actions {
  const counts = all.map(({ choices }) => choices as number);
  const labels = all.map(({ label }) => (label?.action ?? 0) + 1);
  const most = [...counts, ...labels].reduce((a, b) => Math.max(a, b), 1);
  if (most > mostNumbers) throw tooMany(`an action numbered ${most}`, "Check the labels.", source);
  const set = like?.actions ?? { count: most, names: Array.from({ length: most }, (_, i) => String(i + 1)) };
  const places = Array.from({ length: set.count }, (_, i) => i);
  return { set, placesOf: () => places, extras: {} };
}

/** Too many different actions to be a set: each is known by its place in the list, and described row by row. */
function byPlace(all: readonly VwDecision[], source: Source): Actions {
  const lists = all.map(({ choices }) => choices as readonly Choice[]);
  const count = lists.reduce((most, choices) => Math.max(most, choices.length), 1);
  const every = lists.flatMap((choices) => Array.from({ length: count }, (_, i) => choices[i]?.features ?? new Map()));
  const { names, matrix } = vocabulary(every, (features) => [features], undefined, {}, source);
  const shape = [all.length, count, names.length];
  return {
    set: { count, names: Array.from({ length: count }, (_, i) => `place ${i + 1}`) },
    placesOf: (_, row) => lists[row].map((__, i) => i),
    extras: { actionFeatures: { ...matrix, shape } },
  };
}

/** A column of each number that every decision has. */
function columnsOf(all: readonly VwDecision[], of: (decision: VwDecision) => { readonly [name: string]: number }) {
  const names = Object.keys(of(all[0])).filter((name) => all.every((decision) => of(decision)[name] !== undefined));
  return Object.fromEntries(names.map((name) => [name, Float64Array.from(all, (decision) => of(decision)[name])]));
}

function tagsOf(all: readonly VwDecision[]): { readonly [name: string]: readonly (string | null)[] } {
  const names = new Set(all.flatMap(({ tags }) => Object.keys(tags)));
  return Object.fromEntries([...names].map((name) => [name, all.map(({ tags }) => tags[name] ?? null)]));
}
