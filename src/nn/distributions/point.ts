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
