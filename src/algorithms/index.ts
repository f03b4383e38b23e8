/** repertoire/algorithms: the methods, what a method is, and the loop that runs one. */
export { type Improvement, type ImproveOptions, improve } from "./improve/improve.ts";
export * from "./index.browser.ts";
export { type Judged, type TierName, type Tiers, type TiersOptions, tierNames, tiers } from "./online/tiers.ts";
