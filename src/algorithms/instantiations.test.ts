/**
 * Checking a method's file must stay cheap, for there will be many: the types are inferred from the declaration, and an
 * inference that grows with the catalogue would be felt in every editor. Counted, not timed, so that no machine matters.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { methodFiles } from "./pages.ts";

const root = join(import.meta.dirname, "../..");

/** How often TypeScript fills in a generic type in checking these files and what they import. */
function instantiations(files: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), "repertoire-types-"));
  try {
    const compilerOptions = { typeRoots: [join(root, "node_modules/@types")] };
    const config = { extends: join(root, "tsconfig.json"), compilerOptions, include: [], files };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    // Checkers that run side by side share no work, and how they divide it would be counted too.
    const options = ["-p", folder, "--noEmit", "--extendedDiagnostics", "--singleThreaded"];
    const { stdout } = spawnSync(process.execPath, [tsc, ...options], { encoding: "utf8" });
    return Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * A method costs some 600 today (IQL, the longest, 840, with what it is the first to use); 150 of them at this budget are
 * 225,000, a second or two of checking. More than this means that a type in define.ts, options.ts or nn/ has begun to
 * multiply: mend that rather than the number.
 */
const budget = 1500;

test("checking a method costs at most 1,500 type instantiations beyond the parts it is made of", () => {
  const parts = ["algorithms/define.ts", "algorithms/options.ts", "algorithms/actions.ts"].concat(
    ["nn", "tensor", "formulas"].map((floor) => `${floor}/index.ts`),
  );
  const alone = parts.map((part) => join(root, "src", part));
  const methods = methodFiles().map((path) => join(root, path));
  const cost = (instantiations([...alone, ...methods]) - instantiations(alone)) / methods.length;
  assert.ok(cost > 0 && cost <= budget, `${cost} a method`);
});
