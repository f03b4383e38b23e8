/** A linear model over hashed features inside a program: gather the weights that a row names, and add up. */
import { type Tensor, zerosOf } from "../../tensor/index.ts";
import { type Net, net } from "../net.ts";

export interface WeightTable {
  /** [size, outputs] */
  readonly weight: Tensor;
}

/**
 * int32 indices [batch, features] and values [batch, features] → [batch, outputs]. The slope of the table is a
 * scatter-add of the batch's own rows; an optimiser walks the whole table, so minibatches of hundreds pay and single
 * rows do not: for these there is `onlineLinear`.
 */
export const weightTable = (size: number, outputs = 1): Net<WeightTable, [indices: Tensor, values: Tensor], Tensor> =>
  net(
    () => ({ weight: zerosOf([size, outputs]) }),
    ({ weight }, indices, values) => weight.gather(indices).mul(values.unsqueeze(-1)).sum(-2),
  );
