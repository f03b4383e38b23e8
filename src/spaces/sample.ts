/** Random values of a space. */
import { sizeOf } from "../tensor/ndarray.ts";
import type { Generator } from "../tensor/random.ts";
import { orderedNames } from "./make.ts";
import type { Box, Space, Value, Vocabulary } from "./space.ts";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/**
 * A value drawn from the space as Gymnasium draws it: uniform between two bounds, exponential beyond one, normal with
 * none; Text of uniform length over letters and digits, or words of its vocabulary.
 */
export function sample(space: Space, random: Generator): Value {
  switch (space.kind) {
    case "box":
      return sampleBox(space, random);
    case "discrete":
      return space.start + random.integer(space.n);
    case "multi-discrete":
      return Int32Array.from(space.sizes, (size) => random.integer(size));
    case "dict": {
      const drawn: { [name: string]: Value } = {};
      for (const name of orderedNames(space)) drawn[name] = sample(space.entries[name], random);
      return drawn;
    }
    case "tuple":
      return space.items.map((item) => sample(item, random));
    case "text":
      if (space.vocabulary !== undefined) return sentence(space.vocabulary, space.maxLength, random);
      return Array.from({ length: random.integer(space.maxLength + 1) }, () => letters[random.integer(62)]).join("");
  }
}

/** Words drawn for each token, as long as there is room for them. */
function sentence({ words, length }: Vocabulary, maxLength: number, random: Generator): string {
  let drawn = "";
  for (let left = words.length === 0 ? 0 : random.integer(length + 1); left > 0; left--) {
    const longer = `${drawn}${drawn === "" ? "" : " "}${words[random.integer(words.length)]}`;
    if (longer.length > maxLength) break;
    drawn = longer;
  }
  return drawn;
}

function sampleBox(space: Box, random: Generator): Float32Array | Float64Array {
  const size = sizeOf(space.shape);
  const drawn = space.dtype === "float64" ? new Float64Array(size) : new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const low = space.low[i];
    const high = space.high[i];
    if (low === -Infinity && high === Infinity) drawn[i] = random.normal();
    else if (high === Infinity) drawn[i] = low - Math.log(1 - random.uniform());
    else if (low === -Infinity) drawn[i] = high + Math.log(1 - random.uniform());
    else drawn[i] = low + (high - low) * random.uniform();
  }
  return drawn;
}
