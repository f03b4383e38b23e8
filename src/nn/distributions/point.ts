import { unreachable } from "../../problems.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Distribution } from "./distribution.ts";

/** A vector without chance. */
export const point = (value: Tensor): Distribution => ({
  kind: "point",
  mode: () => value,
  sample: () => value,
  logProb: () => unreachable("a point has no density: ask for its distance to the value instead"),
});

/** Several points, one a member of an ensemble, which act as their mean. */
export interface Committee extends Distribution {
  /** [member, batch, …] what each would do */
  members(): Tensor;
}

/** @param values [member, …] with the first axis named so, as `ensemble` gives them */
export const committee = (values: Tensor): Committee => ({ ...point(values.mean("member")), members: () => values });
