import { evaluate } from "../interpret.ts";
import type { Loop } from "../loop.ts";
import { concatRows, type NdArray, sliceRows } from "../ndarray.ts";
import type { Rows } from "../operations.ts";

/** What each result of a loop is: a carried value after the last turn, or what every turn gave out, stacked. */
export const loops: Rows<"loop"> = {
  loop: {
    infer(inputs, { loop: { turns, carried, results }, which }) {
      const { shape, dtype } = results[which];
      return which < carried.length ? { shape: inputs[which].shape, dtype } : { shape: [turns, ...shape], dtype };
    },
    // Turns that a slope flows through were unrolled.
    pullback: (inputs) => inputs.map(() => null),
    lower: (emit, names, _output, { loop, which }) => emit.scan(loop, names)[which],
    reference: (inputs, _output, { loop, which }) => turned(loop, inputs)[which],
  },
};

/** A loop's results are asked for one at a time; the turns are made once. */
const last = new WeakMap<Loop, { readonly inputs: readonly NdArray[]; readonly values: readonly NdArray[] }>();

function turned(loop: Loop, inputs: readonly NdArray[]): readonly NdArray[] {
  const known = last.get(loop);
  if (known?.inputs.every((value, i) => value === inputs[i])) return known.values;
  const { turns, carried, scanned, captured, results } = loop;
  const standIns = [...carried, ...scanned, ...captured];
  const given: Record<string, NdArray> = {};
  const give = (at: number, value: NdArray): void => {
    given[(standIns[at].attributes as { name: string }).name] = value;
  };
  inputs.forEach((value, i) => {
    if (i < carried.length || i >= carried.length + scanned.length) give(i, value);
  });
  const out: NdArray[][] = results.slice(carried.length).map(() => []);
  let now = inputs.slice(0, carried.length);
  for (let turn = 0; turn < turns; turn++) {
    scanned.forEach((_, i) => {
      const row = sliceRows(inputs[carried.length + i], turn, turn + 1);
      give(carried.length + i, { ...row, shape: row.shape.slice(1) });
    });
    now.forEach((value, i) => {
      give(i, value);
    });
    const values = evaluate(results, given);
    now = values.slice(0, carried.length);
    values.slice(carried.length).forEach((value, i) => {
      out[i].push({ ...value, shape: [1, ...value.shape] });
    });
  }
  const values = [...now, ...out.map(concatRows)];
  last.set(loop, { inputs, values });
  return values;
}
