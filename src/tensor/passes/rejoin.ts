/** Taking apart and putting together: what was just taken apart need not be put together again. */
import { concat } from "../joining.ts";
import type { Tensor } from "../tensor.ts";

export const rejoin = (tensor: Tensor): Tensor =>
  tensor.operation === "concat" ? (rejoined(tensor) ?? tensor) : tensor;

/**
 * What a concatenation puts together: vectors that were put together before are their parts, and parts that lay beside each
 * other in one vector are one part of it.
 */
function rejoined(tensor: Tensor): Tensor | undefined {
  if (tensor.rank !== 1) return undefined;
  const parts: Tensor[] = [];
  for (const input of tensor.inputs.flatMap((x) => (x.operation === "concat" ? x.inputs : [x]))) {
    const before = parts.at(-1);
    const [a, b] = [before, input].map((x) => (x?.operation === "slice" ? (x.attributes as Cut) : undefined));
    if (a && b && before?.inputs[0] === input.inputs[0] && a.to === b.from) {
      parts.pop();
      parts.push(part(before.inputs[0], a.from, b.to));
    } else parts.push(input);
  }
  return parts.length < tensor.inputs.length || parts.some((part, i) => part !== tensor.inputs[i])
    ? concat(parts, 0)
    : undefined;
}

const part = (whole: Tensor, from: number, to: number): Tensor =>
  from === 0 && to === whole.shape[0] ? whole : whole.slice(0, from, to);

interface Cut {
  readonly from: number;
  readonly to: number;
}
