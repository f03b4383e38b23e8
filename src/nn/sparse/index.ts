/** Linear models of hashed features: from single rows as they come, or from minibatches in a program. */
export {
  type Feature,
  featureHasher,
  type HashOptions,
  murmur3,
  type SparseColumns,
  type SparseRow,
  sparseColumns,
  textHasher,
} from "./hashing.ts";
export { type OnlineLinear, type OnlineLoss, type OnlineOptions, type OnlineState, onlineLinear } from "./online.ts";
export { type WeightTable, weightTable } from "./table.ts";
