/** Choosing what comes next from scores. */
import { problem } from "../problems.ts";
import { type Key, sort, type Tensor } from "../tensor/index.ts";

export interface TokenChoice {
  /** Divides the scores; 0 takes the likeliest. Default 1. */
  readonly temperature?: number;
  /** Only the so many likeliest may be drawn (Fan, Lewis, Dauphin 2018, arXiv:1805.04833), and what ties with the last. Default: all. */
  readonly topK?: number;
  /**
   * Only the fewest likeliest that together have this probability, after temperature and topK (nucleus sampling: Holtzman and
   * others 2019, arXiv:1904.09751), and what ties with the last. In (0, 1]. Default 1.
   */
  readonly topP?: number;
}

/** @throws Problem "bad-option" */
export function checkChoice({ temperature = 1, topK = 1, topP = 1 }: TokenChoice): void {
  const where = "nextToken";
  const refuse = (name: string, given: number, wanted: string) => problem("bad-option", { where, name, given, wanted });
  if (!(temperature >= 0)) throw refuse("temperature", temperature, "a number of at least 0");
  if (!(Number.isSafeInteger(topK) && topK >= 1)) throw refuse("topK", topK, "a whole number of at least 1");
  if (!(topP > 0 && topP <= 1)) throw refuse("topP", topP, "a number above 0 and at most 1");
}

/** The next token of each row, int32 [batch], from scores [batch, vocabulary]. @throws Problem "bad-option" */
export function nextToken(scores: Tensor, choice: TokenChoice, key: Key): Tensor {
  checkChoice(choice);
  const { temperature = 1, topK, topP = 1 } = choice;
  if (temperature === 0) return scores.argmax();
  const scaled = scores.div(temperature);
  const noise = key.gumbel(...scores.shape);
  const vocabulary = scores.shape[scores.rank - 1];
  if ((topK === undefined || topK >= vocabulary) && topP === 1) return scaled.add(noise).argmax();
  const sorted = sort(scaled, -1, { descending: true }).slice(-1, 0, Math.min(topK ?? vocabulary, vocabulary));
  const chances = sorted.softmax();
  // What the likelier ones have between them: the first has nothing before it and always stays.
  const enough = chances.cumsum().sub(chances).less(topP);
  const least = enough.where(sorted, Number.POSITIVE_INFINITY).min(-1, { keep: true });
  return scaled.greaterEqual(least).where(scaled.add(noise), Number.NEGATIVE_INFINITY).argmax();
}
