import { problem } from "../../problems.ts";
import { type NdArray, takeRows, zeros } from "../../tensor/ndarray.ts";
import { permutation, type RandomKey } from "../../tensor/random.ts";

export interface CrossFitOptions {
  /** Where the folds come from; the same key gives the same folds. */
  readonly key: RandomKey;
  /** Parts the rows are dealt into, at least 2. Default 5. */
  readonly folds?: number;
}

/**
 * Predictions of each row by a model that has not seen it, as the direct method and the doubly robust estimator need:
 * the rows are dealt into folds at random, and each fold is predicted by a model fitted to the others.
 * Chernozhukov and others (2018), arXiv:1608.00060.
 *
 * @param rows how many
 * @param predict fits a model to the rows numbered `train`, and returns its predictions [test.length, …] for those
 *   numbered `test`; called once a fold, one after another
 * @returns [rows, …], in the order of the rows
 * @throws Problem "bad-option" when there are fewer rows than folds; "shape" when a prediction has not a row for each tested
 */
export async function crossFit(
  rows: number,
  predict: (train: Int32Array, test: Int32Array, fold: number) => NdArray | Promise<NdArray>,
  { key, folds = 5 }: CrossFitOptions,
): Promise<NdArray> {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= rows)) {
    throw problem("bad-option", {
      where: "crossFit",
      name: "folds",
      given: folds,
      wanted: `a whole number from 2 to the ${rows} rows`,
    });
  }
  const order = permutation(rows, key);
  // Row order[i] is predicted in fold i mod folds, so the folds' sizes differ by one at most.
  const inFold = (fold: number, held: boolean): Int32Array =>
    order.filter((_, i) => (i % folds === fold) === held).sort();
  let out: NdArray | undefined;
  for (let fold = 0; fold < folds; fold++) {
    const test = inFold(fold, true);
    const predicted = await predict(inFold(fold, false), test, fold);
    out ??= zeros([rows, ...predicted.shape.slice(1)], predicted.dtype);
    const wanted = [test.length, ...out.shape.slice(1)];
    if (predicted.shape.join() !== wanted.join()) {
      throw problem("shape", {
        where: `crossFit: predictions of fold ${fold}`,
        wanted: `[${wanted}]`,
        got: [predicted.shape],
      });
    }
    const width = predicted.data.length / test.length;
    for (const [i, row] of test.entries()) {
      (out.data as Float64Array).set(takeRows(predicted, [i]).data as Float64Array, row * width);
    }
  }
  return out ?? zeros([0]);
}
