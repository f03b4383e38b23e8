/** Why a value is none of a space, in words that say what to change. */
import { describeValue, isRecord } from "../spaces/contains.ts";
import { orderedNames } from "../spaces/make.ts";
import type { Box, Space } from "../spaces/space.ts";
import { sizeOf } from "../tensor/ndarray.ts";

/** "the observation is a plain array: …", or undefined for a value of the space in exactly its form. */
export function misfit(space: Space, value: unknown, what: string): string | undefined {
  switch (space.kind) {
    case "box":
      return boxMisfit(space, value, what);
    case "discrete": {
      const last = space.start + space.n - 1;
      if (Number.isInteger(value) && (value as number) >= space.start && (value as number) <= last) return undefined;
      return `${what} is ${describeValue(value)}: wanted a whole number from ${space.start} to ${last}`;
    }
    case "multi-discrete": {
      if (!(value instanceof Int32Array)) {
        return `${what} is ${describeValue(value)}: wanted an Int32Array (Int32Array.of(…))`;
      }
      if (value.length !== space.sizes.length) {
        return `${what} has ${value.length} choices: its space has ${space.sizes.length}`;
      }
      const at = value.findIndex((choice, i) => choice < 0 || choice >= space.sizes[i]);
      return at < 0 ? undefined : `${what} is ${value[at]} in element ${at}: wanted 0 to ${space.sizes[at] - 1}`;
    }
    case "dict": {
      if (!isRecord(value))
        return `${what} is ${describeValue(value)}: wanted a record of ${orderedNames(space).join(", ")}`;
      const missing = orderedNames(space).find((name) => !Object.hasOwn(value, name));
      if (missing !== undefined) return `${what} has no "${missing}": its space says it has`;
      const extra = Object.keys(value).find((name) => !Object.hasOwn(space.entries, name));
      if (extra !== undefined) return `${what} has "${extra}", which its space has not: leave it out, or declare it`;
      for (const name of orderedNames(space)) {
        const found = misfit(space.entries[name], value[name], `${what}.${name}`);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    case "tuple": {
      if (!Array.isArray(value) || value.length !== space.items.length) {
        return `${what} is ${describeValue(value)}: wanted an array of ${space.items.length}, one a part of the Tuple`;
      }
      for (const [i, item] of space.items.entries()) {
        const found = misfit(item, value[i], `${what}[${i}]`);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    case "text":
      if (typeof value !== "string") return `${what} is ${describeValue(value)}: wanted a string`;
      if (value.length <= space.maxLength) return undefined;
      return `${what} has ${value.length} characters: its space allows ${space.maxLength}`;
  }
}

function boxMisfit(space: Box, value: unknown, what: string): string | undefined {
  const form = space.dtype === "float64" ? "Float64Array" : "Float32Array";
  if (Array.isArray(value)) return `${what} is a plain array: return ${form}.from(it)`;
  if (!(value instanceof Float32Array || value instanceof Float64Array)) {
    return `${what} is ${describeValue(value)}: wanted a ${form}`;
  }
  if (value.constructor.name !== form) {
    const declared = value instanceof Float64Array ? "float64" : "float32";
    return `${what} is a ${value.constructor.name} where its space says ${space.dtype}: return ${form}.from(it), or declare box(…, { dtype: "${declared}" })`;
  }
  const size = sizeOf(space.shape);
  if (value.length !== size) {
    return `${what} has ${value.length} numbers: its space has ${size}, of shape [${space.shape.join(", ")}]`;
  }
  const narrow = space.dtype === "float32";
  for (let i = 0; i < size; i++) {
    if (Number.isNaN(value[i])) {
      return `${what} is NaN in element ${i}: look for a division by 0, or a root or logarithm of something negative`;
    }
    // A float32 cannot hold 4.8: bound and value are compared after the same rounding.
    const [low, high] = narrow
      ? [Math.fround(space.low[i]), Math.fround(space.high[i])]
      : [space.low[i], space.high[i]];
    if (value[i] >= low && value[i] <= high) continue;
    return `${what} is ${Number(value[i].toPrecision(6))} in element ${i}, outside [${space.low[i]}, ${space.high[i]}]: widen the bounds, or clip it`;
  }
  return undefined;
}
