/** How much of what could be seen and done the recorded behaviour went through. */
import { problem } from "../../problems.ts";
import { sameSpace } from "../../spaces/contains.ts";
import type { Space } from "../../spaces/space.ts";
import { type NdArray, sizeOf } from "../../tensor/ndarray.ts";
import type { Trajectories } from "../trajectories.ts";
import { distinctCounter } from "./distinct.ts";

export interface Coverage {
  /** SACo: distinct (state, action) pairs, as a multiple of the reference's. May exceed 1. */
  readonly value: number;
  readonly pairs: number;
  readonly referencePairs: number;
  /** False where one of the counts is a sketch's, with a standard error of 0.41%. */
  readonly exact: boolean;
}

export interface CoverageOptions {
  /** Equal parts of a continuous axis between the reference's least and greatest value. Default 100. */
  readonly bins?: number;
  /** Pairs above which a sketch counts. Default 1,000,000. */
  readonly exactUpTo?: number;
}

/**
 * SACo: the number of distinct (state, action) pairs over that of a reference, the replay of an online run (everything
 * seen in training). Schweighofer et al., arXiv:2111.04714. Choices are told apart as they are; of numbers, those of one
 * bin count as equal, and beyond the reference's range there is one further bin on each side. One pass over both
 * recordings.
 *
 * The number depends on the reference and on how many steps there are: compare recordings of one length. Dividing by the
 * number of steps instead would say how rarely a policy repeats itself, which is another question.
 * @throws Problem "bad-value" when spaces differ, "no-observations" for an empty reference, "bad-option" for the bins
 */
export const stateActionCoverage = (
  t: Trajectories,
  reference: Trajectories,
  options: CoverageOptions = {},
): Coverage => coverageOver(reference, options)(t);

/**
 * The same for many recordings against one reference, whose pairs are counted once.
 * @throws Problem as stateActionCoverage, when it is made or when it is asked
 */
export function coverageOver(reference: Trajectories, options: CoverageOptions = {}): (t: Trajectories) => Coverage {
  const { bins = 100, exactUpTo } = options;
  if (!(Number.isSafeInteger(bins) && bins >= 1 && bins <= 60_000)) {
    const wanted = "a whole number from 1 to 60,000";
    throw problem("bad-option", { where: "stateActionCoverage", name: "bins", given: bins, wanted });
  }
  if (reference.reward.length === 0) throw problem("no-observations", { where: "stateActionCoverage, reference" });
  const cells = [
    axesOf(reference.observation, reference.observationSpace, bins),
    axesOf(reference.action, reference.actionSpace, bins),
  ] as const;
  const counted = (of: Trajectories) => {
    const counter = distinctCounter(exactUpTo);
    const key = new Uint16Array(cells[0].width + cells[1].width);
    for (let row = 0; row < of.reward.length; row++) {
      cells[0].write(key, 0, of.observation, row);
      cells[1].write(key, cells[0].width, of.action, row);
      counter.add(key);
    }
    return { pairs: counter.count(), exact: counter.exact() };
  };
  const whole = counted(reference);
  return (t) => {
    for (const space of ["observationSpace", "actionSpace"] as const) {
      if (sameForm(t[space], reference[space])) continue;
      throw problem("bad-value", {
        where: "stateActionCoverage",
        given: `a reference with another ${space === "actionSpace" ? "action" : "observation"} space`,
        wanted: "a recording of the same world",
      });
    }
    const mine = t === reference ? whole : counted(t);
    return {
      value: mine.pairs / whole.pairs,
      pairs: mine.pairs,
      referencePairs: whole.pairs,
      exact: mine.exact && whole.exact,
    };
  };
}

/** Bounds may differ: two recordings of one world may have been declared with more and less care. */
const sameForm = (a: Space, b: Space): boolean =>
  a.kind === "box" && b.kind === "box" ? a.shape.join() === b.shape.join() : sameSpace(a, b);

interface Cells {
  /** Key numbers that one value takes. */
  readonly width: number;
  write(key: Uint16Array, at: number, rows: NdArray, row: number): void;
}

/** Which cell a stored value lies in. */
function axesOf(reference: NdArray, space: Space, bins: number): Cells {
  const width = sizeOf(reference.shape.slice(1));
  const whole = space.kind === "discrete" || space.kind === "multi-discrete";
  if (whole) {
    const start = space.kind === "discrete" ? space.start : 0;
    return {
      width: 2 * width,
      write(key, at, { data }, row) {
        for (let d = 0; d < width; d++) {
          const choice = Number(data[row * width + d]) - start;
          key[at + 2 * d] = choice & 0xffff;
          key[at + 2 * d + 1] = choice >>> 16;
        }
      },
    };
  }
  const low = new Float64Array(width).fill(Infinity);
  const high = new Float64Array(width).fill(-Infinity);
  reference.data.forEach((v, i) => {
    low[i % width] = Math.min(low[i % width], Number(v));
    high[i % width] = Math.max(high[i % width], Number(v));
  });
  return {
    width,
    write(key, at, { data }, row) {
      for (let d = 0; d < width; d++) {
        const v = Number(data[row * width + d]);
        const share = (v - low[d]) / (high[d] - low[d] || 1);
        key[at + d] = v < low[d] ? 0 : v > high[d] ? bins + 1 : 1 + Math.min(bins - 1, Math.floor(share * bins));
      }
    },
  };
}
