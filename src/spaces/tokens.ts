/**
 * Text as numbers, for networks: which word stands in each place of a sentence, and what each numeral in it is worth. So a
 * number is an input, and not only the word it is written with.
 */
import { box } from "./make.ts";
import type { Box, Text, Vocabulary } from "./space.ts";

/** Tokens that every vocabulary begins with: nothing (behind the sentence's end), a word not known, then ten digits and a point. */
const [nothing, unknown, zero] = [0, 1, 2];
const point = zero + 10;
const ownWords = point + 1;

/** The tokens numerals are made of: from the first up to, without, the second. */
export const numeralTokens = [zero, ownWords] as const;

/** How many different tokens there are. */
export const tokenCount = ({ words }: Vocabulary): number => ownWords + words.length;

/** A Text's place among numbers: first the tokens, then what the numerals are worth, 0 for what is none. */
export const asBox = ({ length }: Vocabulary): Box =>
  box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [2 * length] });

interface Sentence {
  readonly tokens: readonly number[];
  /** Beside each token, what the numeral is worth that it is a sign of; 0 elsewhere. */
  readonly worths: readonly number[];
}

interface Reader {
  /** The longest first. */
  readonly words: readonly (readonly [word: string, token: number])[];
  readonly read: Map<string, Sentence>;
}

// An environment says the same few sentences at every step.
const readers = new WeakMap<Vocabulary, Reader>();
const mostRemembered = 4096;

function readerOf(vocabulary: Vocabulary): Reader {
  const known = readers.get(vocabulary);
  if (known !== undefined) return known;
  const words = vocabulary.words.map((word, i) => [word.toLowerCase(), ownWords + i] as const);
  const reader = { words: words.sort(([a], [b]) => b.length - a.length), read: new Map<string, Sentence>() };
  readers.set(vocabulary, reader);
  return reader;
}

/** A sentence's tokens, whatever their number. Case does not count; of the words that it may go on with the longest is taken. */
export function tokensOf(vocabulary: Vocabulary, sentence: string): Sentence {
  const { words, read } = readerOf(vocabulary);
  const before = read.get(sentence);
  if (before !== undefined) return before;
  const [tokens, worths]: number[][] = [[], []];
  const { numerals = true } = vocabulary;
  for (let rest = sentence.toLowerCase().trimStart(); rest !== ""; ) {
    const word = words.find(([known]) => rest.startsWith(known) && endsAt(rest, known.length));
    const numeral = word || !numerals ? undefined : /^\d+(?:\.\d+)?/.exec(rest)?.[0];
    const other = (numerals ? /^[^\s\d]+/ : /^\S+/).exec(rest)?.[0];
    const made = word ? [word[1]] : numeral ? [...numeral].map(signOf) : [unknown];
    tokens.push(...made);
    worths.push(...made.map(() => Number(numeral ?? 0)));
    rest = rest.slice((word?.[0] ?? numeral ?? other ?? " ").length).trimStart();
  }
  if (read.size >= mostRemembered) read.clear();
  const made = { tokens, worths };
  read.set(sentence, made);
  return made;
}

const signOf = (sign: string): number => (sign === "." ? point : zero + Number(sign));

/** Whether a word may end before this place: not within a run of letters, nor within a numeral. */
const endsAt = (text: string, at: number): boolean =>
  !/\p{L}\p{L}|\d[\d.]|\d\p{L}|\p{L}\d/u.test(text.slice(at - 1, at + 1));

/** Writes 2 · length numbers at `at` and returns the place after them. The sentence must be in the space. */
export function writeTokens(vocabulary: Vocabulary, sentence: string, out: Float32Array, at: number): number {
  const { length } = vocabulary;
  const { tokens, worths } = tokensOf(vocabulary, sentence);
  out.fill(nothing, at, at + 2 * length);
  out.set(tokens, at);
  out.set(worths, at + length);
  return at + 2 * length;
}

/** The sentence that these numbers are, one space between its words and "?" for what was not known. */
export function sentenceOf({ words, length }: Vocabulary, row: Float32Array, at: number): string {
  let sentence = "";
  let numeral = "";
  for (let i = 0; i < length && row[at + i] !== nothing; i++) {
    const token = row[at + i];
    const isNumeral = token >= zero && token < ownWords;
    const word =
      token === unknown ? "?" : token === point ? "." : isNumeral ? String(token - zero) : words[token - ownWords];
    const punctuation = token >= ownWords && /^[^\p{L}\p{N}]+$/u.test(word);
    // The worth beside each sign tells "5 5" from "55".
    const goesOn = isNumeral && numeral !== "" && row[at + length + i] === row[at + length + i - 1];
    const whole = Math.fround(Number(numeral)) === row[at + length + i] && !numeral.endsWith(".") && word !== ".";
    const sameNumeral = goesOn && !whole;
    sentence += i === 0 || punctuation || sameNumeral ? word : ` ${word}`;
    numeral = isNumeral ? (sameNumeral ? numeral : "") + word : "";
  }
  return sentence;
}

/** Whether a Text is short enough, in characters and, with a vocabulary, in tokens. */
export const inText = ({ maxLength, vocabulary }: Text, value: unknown): value is string =>
  typeof value === "string" &&
  value.length <= maxLength &&
  (vocabulary === undefined || tokensOf(vocabulary, value).tokens.length <= vocabulary.length);
