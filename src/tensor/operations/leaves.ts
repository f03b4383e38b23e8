import { problem } from "../../problems.ts";
import type { Rows } from "../operations.ts";
import { userLine } from "../shape.ts";

/** What programs start from, and marks that change no value. */
export const leaves: Rows<"input" | "constant" | "identity" | "stopGradient" | "custom"> = {
  input: {
    infer: (_, { shape, dtype, axes }) => ({ shape, dtype, ...(axes ? { axes } : {}) }),
    pullback: () => [],
    lower: (_emit, _names, _output, { name }) => name,
    reference: (_inputs, _output, { name }) => {
      throw problem("tree-mismatch", {
        where: "evaluate",
        missing: [name],
        unexpected: [],
        next: "Give every input a value.",
      });
    },
  },
  constant: {
    infer: (_, { value }) => ({ shape: value.shape, dtype: value.dtype }),
    pullback: () => [],
    lower: (emit, _names, _output, { value }) => emit.array(value),
    reference: (_inputs, _output, { value }) => value,
  },
  identity: {
    infer([x], { axes }) {
      if (axes && axes.length !== x.rank) {
        throw problem("shape", { where: "identity", wanted: `${axes.length} axes`, got: [x.shape], ...userLine() });
      }
      return { shape: x.shape, dtype: x.dtype, axes: axes ?? x.axes };
    },
    pullback: (_inputs, _output, slope) => [slope],
    lower: (_emit, [x]) => x,
    reference: ([x]) => x,
  },
  stopGradient: {
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype, axes: x.axes }),
    pullback: () => [null],
    lower: (_emit, [x]) => x,
    reference: ([x]) => x,
  },
  custom: {
    infer: ([value]) => ({ shape: value.shape, dtype: value.dtype, axes: value.axes }),
    pullback: ([, ...inputs], output, slope, { pullback }) => [null, ...pullback(slope, inputs, output)],
    lower: (_emit, [value]) => value,
    reference: ([value]) => value,
  },
};
