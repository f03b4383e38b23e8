/** What is asked for, in words: an object, what to do with it, and how far. */
import type { Vocabulary } from "../../spaces/space.ts";

export const tabletopTasks = [
  "pick-up",
  "reorient",
  "open-drawer",
  "close-drawer",
  "open-cabinet",
  "close-cabinet",
  "pour",
  "transfer",
] as const;
export type TabletopTask = (typeof tabletopTasks)[number];

/** Before the amount, and behind it. */
const templates: { readonly [T in TabletopTask]: readonly [command: string, rest: string] } = {
  "pick-up": ["raise the bottle", "of the way"],
  reorient: ["turn the bottle", "of the way"],
  "open-drawer": ["open the drawer", "of the way"],
  "close-drawer": ["close the drawer", "of the way"],
  "open-cabinet": ["open the cabinet", "of the way"],
  "close-cabinet": ["close the cabinet", "of the way"],
  pour: ["pour out", "of the water"],
  transfer: ["transfer", "of the water"],
};

/** Amounts to learn with, %, and amounts that are never shown, though each of their digits is, in its place. */
export const trainedGoals = [22, 25, 38, 50, 62, 78, 90, 100] as const;
export const novelGoals = [32, 68] as const;

/** Amounts that can be said in words too. */
const verbal: ReadonlyMap<number, string> = new Map([
  [25, "a quarter"],
  [50, "half"],
  [100, "all"],
]);

/** @param percent a whole number @param inWords where there are words for it */
export function instructionFor(task: TabletopTask, percent: number, inWords: boolean): string {
  const [command, rest] = templates[task];
  return `${command} ${(inWords ? verbal.get(percent) : undefined) ?? `${percent}%`} ${rest}`;
}

/** The state that an instruction asks for, in [0, 1]; NaN where it names no amount. */
export function goalOf(instruction: string): number {
  const numeral = /(\d+(?:\.\d+)?)%/.exec(instruction)?.[1];
  const said = [...verbal].find(([, words]) => new RegExp(`\\b${words}\\b`).test(instruction))?.[0];
  return Number(numeral ?? said ?? Number.NaN) / 100;
}

const commands = Object.values(templates).map(([command]) => command);
const rests = Object.values(templates).map(([, rest]) => rest);
const each = (words: readonly string[]): readonly string[] => [...new Set(words)];

/** Characters in the longest instruction, "close the cabinet 100% of the way". */
export const longest = 40;

/** Instructions word by word, numerals as numerals. */
export const wordVocabulary: Vocabulary = {
  words: each([...commands, ...verbal.values(), ...rests].flatMap((phrase) => phrase.split(" ")).concat("%")),
  length: 10,
};

/** Instructions in three phrases each, of which those are known that are there to learn with: the amount as one of a few. */
export const phraseVocabulary: Vocabulary = {
  words: each([...commands, ...trainedGoals.map((percent) => `${percent}%`), ...verbal.values(), ...rests]),
  length: 3,
  numerals: false,
};
