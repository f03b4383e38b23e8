import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commands } from "./commands.ts";
import { manual } from "./manual.ts";

test("docs/command-line.md says what --help says now; node src/cli/manual.ts > docs/command-line.md mends it", async () => {
  const path = join(import.meta.dirname, "../../docs/command-line.md");
  assert.ok(existsSync(path));
  const page = await manual();
  assert.equal(readFileSync(path, "utf8"), page);
  for (const { name } of commands) assert.match(page, new RegExp(`^Usage: repertoire ${name} `, "m"));
});
