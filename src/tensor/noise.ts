/** Fills the draws a program declares. */
import type { Noise } from "./key.ts";
import { type NdArray, sliceRows, zeros } from "./ndarray.ts";
import { fillIntegers, fillNormal, fillUniform, fold, type RandomKey } from "./random.ts";
import type { Spec } from "./tree.ts";

/** A buffer for a draw, whose open axes have size `batch`: the one at hand where it fits. */
export function noiseFor({ shape, dtype }: Spec, batch = 0, atHand?: NdArray): NdArray {
  const sizes = shape.map((d) => (d < 0 ? batch : d));
  return atHand?.shape.every((d, i) => d === sizes[i]) ? atHand : zeros(sizes, dtype);
}

/** A draw is a function of the run's key, the update it belongs to and its path, whatever else is drawn. */
export function fillNoise(
  value: NdArray,
  { kind, path, update, turns }: Noise,
  key: RandomKey,
  firstUpdate: number,
): void {
  if (turns) {
    turns.forEach((turn, i) => {
      fillNoise(turnOf(value, i), { kind, ...turn }, key, firstUpdate);
    });
    return;
  }
  const own = fold(key, firstUpdate + update, path);
  if (kind === "normal") fillNormal(value.data as Float32Array, own);
  else if (kind === "uniform") fillUniform(value.data as Float32Array, own);
  else if (kind === "orthogonal") fillOrthogonal(value, own);
  else fillIntegers(value.data as Int32Array, kind.below, own);
}

/** The same for one row of a batch, which is the first axis, or the first behind the turns. */
export function fillRow(value: NdArray, noise: Noise, row: number, key: RandomKey): void {
  if (noise.turns === undefined) fillNoise(sliceRows(value, row, row + 1), noise, key, 0);
  noise.turns?.forEach((turn, i) => {
    fillNoise(sliceRows(turnOf(value, i), row, row + 1), { kind: noise.kind, ...turn }, key, 0);
  });
}

function turnOf(stacked: NdArray, turn: number): NdArray {
  const { shape, ...rest } = sliceRows(stacked, turn, turn + 1);
  return { ...rest, shape: shape.slice(1) };
}

/** Gram–Schmidt (twice, for accuracy) on a normal matrix, whose directions are uniform. Leading axes are separate draws. */
function fillOrthogonal({ data, shape }: NdArray, key: RandomKey): void {
  const [rows, columns] = shape.slice(-2);
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const normal = new Float64Array(count * length);
  for (let matrix = 0; matrix * rows * columns < data.length; matrix++) {
    fillNormal(normal, fold(key, matrix));
    for (let i = 0; i < count; i++) {
      const vector = normal.subarray(i * length, (i + 1) * length);
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j < i; j++) {
          const other = normal.subarray(j * length, (j + 1) * length);
          const along = dot(vector, other);
          for (let l = 0; l < length; l++) vector[l] -= along * other[l];
        }
      }
      const norm = Math.sqrt(dot(vector, vector));
      for (let l = 0; l < length; l++) vector[l] /= norm;
    }
    const start = matrix * rows * columns;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        data[start + r * columns + c] = rows <= columns ? normal[r * length + c] : normal[c * length + r];
      }
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
