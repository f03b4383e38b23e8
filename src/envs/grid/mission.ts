/** What a mission says: words that all levels of a family share, and words that a level chooses. */
import type { Family } from "./family.ts";
import { NAMED, PHRASE } from "./state.ts";
import { colourOf, colours, kindOf, kinds, movableKinds } from "./things.ts";

/** A word that a level chooses. */
export interface Mention {
  readonly placeholder: string;
  readonly words: readonly string[];
  /** Which of the words it is. */
  numberIn(state: Float64Array): number;
}

const colour = (placeholder: string, place: number): Mention => ({
  placeholder,
  words: colours,
  numberIn: (state) => colourOf(state[place]),
});
const kind = (placeholder: string, place: number): Mention => ({
  placeholder,
  words: movableKinds,
  numberIn: (state) => kindOf(state[place]) - kinds.key,
});
const known: readonly Mention[] = [
  colour("{colour}", NAMED),
  kind("{kind}", NAMED),
  colour("{otherColour}", NAMED + 1),
  kind("{otherKind}", NAMED + 1),
];

/** Those in a family's mission: colour and kind of what is named first, then of what is named second. */
export const mentionsOf = ({ mission }: Family): readonly Mention[] =>
  known.filter(({ placeholder }) => mission.includes(placeholder));

export function missionOf(state: Float64Array, family: Family): string {
  const { mission, phrases = [] } = family;
  return mentionsOf(family).reduce(
    (said, { placeholder, words, numberIn }) => said.replaceAll(placeholder, words[numberIn(state)]),
    mission.replace("{phrase}", phrases[state[PHRASE]] ?? ""),
  );
}
