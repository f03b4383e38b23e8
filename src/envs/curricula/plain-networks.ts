/** What networks have learned as plain JSON, so that a teacher can be saved with the environment it teaches in. */
import type { NdArray } from "../../tensor/ndarray.ts";
import { mapTree } from "../../tensor/tree.ts";

/** A tree of NdArrays, float32 or int32. */
export type Networks = unknown;

export const plainNetworks = (networks: Networks): unknown =>
  mapTree(networks, ({ shape, dtype, data }: NdArray) => ({ shape, dtype, data: Array.from(data, Number) }));

/** What `plainNetworks` gave, as it was. */
export const restoredNetworks = (plain: unknown): Networks =>
  mapTree(plain, ({ shape, dtype, data }: NdArray) => ({
    shape,
    dtype,
    data: dtype === "int32" ? Int32Array.from(data, Number) : Float32Array.from(data, Number),
  }));
