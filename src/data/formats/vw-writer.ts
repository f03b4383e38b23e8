/** Writes decision logs in the text and the DSJSON of Vowpal Wabbit; vw-text.ts and dsjson.ts read them. */
import { writeAtomically } from "../../files.ts";
import { problem } from "../../problems.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { DecisionLog, Recording } from "../trajectories.ts";
import { headerOf } from "./header.ts";
import { valueText } from "./jsonl.ts";
import { headerEntry } from "./own-header.ts";
import { jsonName, vwName } from "./vw-decisions.ts";

const number = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** [name, value] of what is not absent; a negative zero counts as something, so that it is not lost. */
function* present(values: NdArray, row: number, nameOf: (i: number) => string): Generator<readonly [string, number]> {
  const width = values.shape[1];
  for (let i = 0; i < width; i++) {
    const value = values.data[row * width + i] as number;
    if (!Object.is(value, 0)) yield [nameOf(i), value];
  }
}

/** The actions a row lists, in their order. */
function listedIn(log: DecisionLog, row: number): readonly number[] {
  const { count } = log.actions;
  const all = Array.from({ length: count }, (_, action) => action);
  return log.available ? all.filter((action) => log.available?.data[row * count + action] === 1) : all;
}

function decisionsOnly(path: string, recording: Recording): DecisionLog {
  const given = recording.kind === "decisions" ? "an empty log" : "trajectories";
  if (recording.kind === "decisions" && recording.reward.length > 0) return recording;
  throw problem("bad-value", { where: path, given, wanted: "a decision log of at least one row" });
}

// ---------------------------------------------------------------------------------------------------- text

/** Features by namespace, as VW's text groups them: "ns^name" stands as "|ns name", other names by themselves. */
function featureText(features: Iterable<readonly [string, number]>): string {
  const spaces = new Map<string, string[]>();
  for (const [name, value] of features) {
    const parts = name.split("^");
    const grouped = parts.length === 2 && parts.every((part) => part !== "" && vwName(part) === part);
    const [namespace, bare] = grouped ? parts : ["", vwName(name)];
    const word = value === 1 ? bare : `${bare}:${number(value)}`;
    spaces.set(namespace, [...(spaces.get(namespace) ?? []), word]);
  }
  if (spaces.size === 0) return "|";
  return [...spaces].map(([namespace, words]) => `|${namespace} ${words.join(" ")}`).join(" ");
}

/**
 * Writes a log as Vowpal Wabbit text: cb ("action:cost:probability | features", actions from 1) where actions are mere
 * numbers, else cb_adf, with the actions' names as tags and only the available ones listed. The cost is minus the reward.
 * The format has no place for extras, tags and the logging policy's other probabilities; read it back with `like` to have
 * the features in their places.
 * @throws Problem "bad-value" for trajectories or an empty log
 */
export async function writeVw(path: string, recording: Recording): Promise<void> {
  const log = decisionsOnly(path, recording);
  const contextName = (i: number): string => log.contextNames?.[i] ?? String(i);
  const adf = log.actions.features !== undefined || log.available !== undefined;
  let text = "";
  for (let row = 0; row < log.reward.length; row++) {
    const label = (action: number): string => `${action}:${number(0 - log.reward[row])}:${number(log.propensity[row])}`;
    const context = featureText(present(log.context, row, contextName));
    if (!adf) text += `${label(log.action[row] + 1)} ${context}\n`;
    else {
      const lines = listedIn(log, row).map((action) => {
        const chosen = action === log.action[row] ? `${label(0)} ` : "";
        return `${chosen}'${vwName(log.actions.names[action])}${actionText(log, action)}\n`;
      });
      text += `shared ${context}\n${lines.join("")}\n`;
    }
  }
  await writeAtomically(path, text);
}

/** An action's features by number, or its name where it has none. */
const actionText = ({ actions }: DecisionLog, action: number): string =>
  actions.features
    ? featureText(present(actions.features, action, (i) => `action^${i}`))
    : `|action ${vwName(actions.names[action])}`;

// ---------------------------------------------------------------------------------------------------- DSJSON

const object = (entries: Iterable<readonly [string, string]>): string =>
  `{${[...entries].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;

const numbersObject = (features: Iterable<readonly [string, number]>): readonly (readonly [string, string])[] =>
  [...features].map(([name, value]) => [jsonName(name), number(value)]);

/**
 * Writes a log as DSJSON, an event a row, and beside VW's own entries one called "repertoire", which VW passes over: the
 * header in the first event, extras and tags in each. Reads back equal.
 * @throws Problem "bad-value" for trajectories or an empty log
 */
export async function writeDsjson(path: string, recording: Recording): Promise<void> {
  const log = decisionsOnly(path, recording);
  const lines = Array.from(log.reward, (_, row) => eventText(log, row, row === 0 ? headerOf(log) : undefined));
  await writeAtomically(path, `${lines.join("\n")}\n`);
}

function eventText(log: DecisionLog, row: number, header: string | undefined): string {
  const { count, names, features } = log.actions;
  const listed = listedIn(log, row);
  const index = listed.indexOf(log.action[row]);
  const ranked = [index, ...listed.keys().filter((place) => place !== index)];
  const policy = log.loggingPolicy?.data as Float64Array | undefined;
  const probability = (place: number): string => number(policy?.[row * count + listed[place]] ?? 0);
  const context = numbersObject(present(log.context, row, (i) => log.contextNames?.[i] ?? String(i)));
  const choices = listed.map((action) => {
    const own = features ? object(numbersObject(present(features, action, String))) : "{}";
    return object([
      ["_tag", JSON.stringify(names[action])],
      ["features", own],
    ]);
  });
  const id = log.tags.EventId?.[row];
  const time = log.extras.timestamp?.data[row];
  const dropped = log.extras.pdrop?.data[row];
  return object([
    ["_label_cost", number(-log.reward[row])],
    ["_label_probability", number(log.propensity[row])],
    ["_label_Action", String(index + 1)],
    ["_labelIndex", String(index)],
    ...(typeof time === "number" ? ([["Timestamp", JSON.stringify(isoTime(time))]] as const) : []),
    ["Version", '"1"'],
    ["EventId", JSON.stringify(typeof id === "string" ? id : String(row))],
    ["a", `[${ranked.map((place) => place + 1)}]`],
    ["c", object([...context, ["_multi", `[${choices}]`]])],
    ...(policy ? ([["p", `[${ranked.map(probability)}]`]] as const) : []),
    ...(typeof dropped === "number" ? ([["pdrop", number(dropped)]] as const) : []),
    [headerEntry, besideText(log, row, header)],
  ]);
}

/** Milliseconds since 1970 as VW writes times; "" where the calendar has no such day. */
function isoTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

function besideText(log: DecisionLog, row: number, header: string | undefined): string {
  const extras = Object.entries(log.extras).map(([name, array]) => [name, valueText(array, row)] as const);
  const tags = Object.entries(log.tags).map(([name, values]) => [name, JSON.stringify(values[row])] as const);
  return object([
    ...(header === undefined ? [] : ([["header", JSON.stringify(header)]] as const)),
    ...(extras.length > 0 ? ([["extras", object(extras)]] as const) : []),
    ...(tags.length > 0 ? ([["tags", object(tags)]] as const) : []),
  ]);
}
