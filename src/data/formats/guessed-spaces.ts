/** Spaces for formats that do not declare any, from what their columns hold. */
import { box, discrete, multiDiscrete } from "../../spaces/make.ts";
import type { Box, Discrete, MultiDiscrete } from "../../spaces/space.ts";
import { type NdArray, sizeOf } from "../../tensor/ndarray.ts";

/** A Box without bounds, as wide and as fine as the column. Integers are measurements here: float32. */
export const observationSpaceOf = (column: NdArray): Box =>
  box(-Infinity, Infinity, {
    shape: column.shape.slice(1),
    dtype: column.dtype === "float64" ? "float64" : "float32",
  });

/**
 * For whole numbers, as many choices as the largest seen; for others a Box: [−1, 1] when all lie in it, as nearly every
 * controller's do, and without bounds otherwise.
 */
export function actionSpaceOf(column: NdArray): Box | Discrete | MultiDiscrete {
  const shape = column.shape.slice(1);
  const width = sizeOf(shape);
  if (!column.dtype.startsWith("float")) {
    const sizes = new Array<number>(width).fill(1);
    for (let i = 0; i < column.data.length; i++)
      sizes[i % width] = Math.max(sizes[i % width], Number(column.data[i]) + 1);
    return width === 1 ? discrete(sizes[0]) : multiDiscrete(sizes);
  }
  const within = (column.data as Float32Array).every((value) => value >= -1 && value <= 1);
  const bound = within ? 1 : Infinity;
  return box(-bound, bound, { shape, dtype: column.dtype === "float64" ? "float64" : "float32" });
}
