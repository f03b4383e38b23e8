import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the program in docs/environments.md runs, and its environment passes the check", () => {
  const guide = readFileSync(new URL("../../docs/environments.md", import.meta.url), "utf8");
  const program = /```ts\n([\s\S]*?)```/.exec(guide)![1];
  const lines = program.trimEnd().split("\n");
  assert.ok(lines.length <= 40, `${lines.length} lines`);
  const folder = mkdtempSync(join(tmpdir(), "repertoire-docs-"));
  try {
    const source = (name: string) => fileURLToPath(new URL(`../${name}/index.ts`, import.meta.url));
    writeFileSync(
      join(folder, "program.ts"),
      program.replace(/"repertoire\/(\w+)"/g, (_, name) => JSON.stringify(source(name))),
    );
    const said = execFileSync(process.execPath, [join(folder, "program.ts")], { encoding: "utf8" });
    assert.match(said, /^\d+ steps of 20 episodes\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
