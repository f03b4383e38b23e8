/** Rules that both kinds of recording share. */
import { problem } from "../problems.ts";
import { describe } from "../spaces/contains.ts";
import type { Space } from "../spaces/space.ts";
import { type NdArray, ndarray } from "../tensor/ndarray.ts";
import { type Column, column, type Source, type Stored } from "./columns.ts";
import type { Tags } from "./trajectories.ts";

/**
 * Checks stored values against their space. Observations may leave a Box's bounds (sensors do, and nothing breaks);
 * actions may not, because a policy is told those bounds.
 * @throws Problem "bad-row" for the first value outside
 */
export function inSpace(
  values: NdArray,
  space: Space,
  boxes: "bounded" | "unbounded",
  source: Source,
  field: string,
): void {
  const { data } = values;
  const refuse = (row: number, given: string): never => {
    throw problem("bad-row", {
      source: source.name,
      place: source.place(row),
      field,
      given,
      rule: `it must lie in ${describe(space)}`,
      next: "Correct the value, or declare the space it was recorded in.",
    });
  };
  if (space.kind === "discrete") {
    const end = space.start + space.n;
    for (let row = 0; row < data.length; row++) {
      if (!(data[row] >= space.start && data[row] < end)) refuse(row, String(data[row]));
    }
  } else if (space.kind === "multi-discrete") {
    const { sizes } = space;
    for (let i = 0; i < data.length; i++) {
      const choice = i % sizes.length;
      if (!(data[i] >= 0 && data[i] < sizes[choice])) {
        refuse(Math.floor(i / sizes.length), `${data[i]} for choice ${choice}`);
      }
    }
  } else if (space.kind === "box" && boxes === "bounded") {
    // A float32 cannot hold 0.1: bounds are rounded as the values were.
    const round = data instanceof Float32Array ? Math.fround : (bound: number): number => bound;
    const low = space.low.map(round);
    const high = space.high.map(round);
    for (let i = 0, at = 0; i < data.length; i++, at = at + 1 === low.length ? 0 : at + 1) {
      if (!(data[i] >= low[at] && data[i] <= high[at])) {
        refuse(
          Math.floor(i / low.length),
          `${data[i]} for element ${at}, bounds [${space.low[at]}, ${space.high[at]}]`,
        );
      }
    }
  }
}

/** @throws Problem "bad-field" when a tag has not one plain value an episode */
export function checkedTags(tags: Tags, count: number, unit: "episode" | "row", source: Source): Tags {
  for (const [name, values] of Object.entries(tags)) {
    const refuse = (given: string): never => {
      throw problem("bad-field", {
        source: source.name,
        field: `tags.${name}`,
        given,
        rule: `a tag has one text, finite number, boolean or null for each ${unit} (${count})`,
        next: `Give null where an ${unit === "row" ? "entry" : unit} has no value.`,
      });
    };
    if (!Array.isArray(values)) refuse("not a list");
    if (values.length !== count) refuse(`${values.length} values`);
    for (const value of values) {
      const fine = value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
      if (!fine) refuse(`the value ${String(value)}`);
    }
  }
  return tags;
}

/** Extra columns keep the element type they come with; nested numbers become float64. */
export function checkedExtras(
  extras: { readonly [name: string]: Column },
  rows: number,
  source: Source,
): { readonly [name: string]: NdArray } {
  const checked = Object.entries(extras).map(([name, given]): [string, NdArray] => [
    name,
    column(given, rows, storedLike(given), source, `extras.${name}`),
  ]);
  return Object.fromEntries(checked);
}

/** The form of one value of a column: its own, or for nested numbers that of the first row, in float64. */
function storedLike(given: Column): Stored {
  if ("dtype" in given && "data" in given) return { shape: given.shape.slice(1), dtype: given.dtype };
  if (ArrayBuffer.isView(given)) return { shape: [], dtype: ndarray(given).dtype };
  const shape: number[] = [];
  for (let level = given[0]; typeof level === "object" && level !== null; level = level[0]) shape.push(level.length);
  return { shape, dtype: "float64" };
}
