import { problem } from "../problems.ts";
import { catalogue } from "./catalogue.ts";
import type { AnyAlgorithm } from "./define.ts";

/** @throws Problem "unknown-name" with the nearest names */
export function algorithmNamed(name: string): AnyAlgorithm {
  const found = catalogue.find((algorithm) => algorithm.name === name);
  if (found) return found;
  throw problem("unknown-name", { where: "methods", what: "method", name, known: catalogue.map((a) => a.name) });
}
