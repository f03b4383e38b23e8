import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as formulas from "./index.ts";

test("docs/formulas.md has a row for every formula, and none for what is not there", () => {
  const page = readFileSync(new URL("../../docs/formulas.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| .+ \| .*\|$/gm)].map(([, name]) => name);
  assert.deepEqual([...rows].sort(), Object.keys(formulas).sort());
});
