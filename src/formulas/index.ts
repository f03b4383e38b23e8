/** repertoire/formulas: pure functions named as in the literature. */
export { batchMean, expectileLoss, huberLoss, squaredError } from "./losses.ts";
export { discounted, returnsToGo } from "./returns.ts";
export { bootstrapped } from "./targets.ts";
