import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as evolution from "../../tensor/evolution/index.ts";
import * as optimisers from "../../tensor/optimisers/index.ts";

const page = readFileSync(new URL("../../../docs/optimisers.md", import.meta.url), "utf8");

test("docs/optimisers.md has a row for everything there is, and none for what is not", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| .+ \| .*\|$/gm)].map(([, name]) => name);
  assert.deepEqual(rows.toSorted(), [...Object.keys(optimisers), ...Object.keys(evolution)].toSorted());
});

test("the programs in docs/optimisers.md run, and say what they should", () => {
  const programs = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, program]) => program);
  const folder = mkdtempSync(join(tmpdir(), "repertoire-docs-"));
  try {
    const said = programs.map((program, i) => {
      const path = join(folder, `program${i}.ts`);
      const source = (name: string) => fileURLToPath(new URL(`../../${name}/index.ts`, import.meta.url));
      writeFileSync(
        path,
        program.replace(/"repertoire\/(\w+)"/g, (_, name) => JSON.stringify(source(name))),
      );
      return execFileSync(process.execPath, [path], { encoding: "utf8" });
    });
    assert.deepEqual(said, ["init, update\n", "1.000, 0.000\n", "true false\n"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
