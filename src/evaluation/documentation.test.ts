import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the program in docs/evaluation.md runs, ships, and writes its report", () => {
  const guide = readFileSync(new URL("../../docs/evaluation.md", import.meta.url), "utf8");
  const program = /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? assert.fail("no program in the guide");
  const folder = mkdtempSync(join(tmpdir(), "repertoire-docs-"));
  try {
    const source = (name: string) => fileURLToPath(new URL(`../${name}/index.ts`, import.meta.url));
    writeFileSync(
      join(folder, "program.ts"),
      program.replace(/"repertoire\/([\w/]+)"/g, (_, name) => JSON.stringify(source(name))),
    );
    const said = execFileSync(process.execPath, [join(folder, "program.ts")], { encoding: "utf8", cwd: folder });
    assert.match(
      said,
      /^ship The challenger gains 0\.1\d+ \(95% interval .*\): all of the interval is above the 0\.05 asked for\. \d+/,
    );
    assert.match(readFileSync(join(folder, "report.html"), "utf8"), /Should each visitor see what suits them\?/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
