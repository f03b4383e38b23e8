export { contains, describe, describeValue, inBox, inDiscrete, isBounded, sameSpace } from "./contains.ts";
export { flatDim, flatten, flattenBatch, flattenInto, unflatten } from "./flatten.ts";
export { copyValue, valueFromJson, valueToJson } from "./json.ts";
export { box, boxValue, dict, discrete, multiDiscrete, orderedNames, text, tuple } from "./make.ts";
export { parseValue } from "./parse.ts";
export { sample } from "./sample.ts";
export { parseSpace, spaceSchema } from "./schema.ts";
export type { Box, Dict, Discrete, MultiDiscrete, Space, Text, Tuple, Value } from "./space.ts";
export { allocateRows, readRow, stackValues, storedForm, writeRow } from "./stored.ts";
