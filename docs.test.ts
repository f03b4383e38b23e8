/** Every fence marked `ts run` in the guides runs, and prints what the `text` fence after it says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = import.meta.dirname;
const fences = /```ts run\n([\s\S]*?)```(?:\s*```text\n([\s\S]*?)```)?/g;

for (const page of readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"))) {
  const programs = [...readFileSync(join(root, "docs", page), "utf8").matchAll(fences)];
  programs.forEach(([, program, wanted], i) => {
    test(`docs/${page}: program ${i + 1} runs${wanted === undefined ? "" : " and prints what it says"}`, () => {
      // Inside the package, so that its imports are found as a user's are.
      const path = join(root, "runs", "docs", `${page}.${i}.ts`);
      mkdirSync(join(root, "runs", "docs"), { recursive: true });
      writeFileSync(path, program);
      try {
        const options = { cwd: root, encoding: "utf8" } as const;
        const { status, stdout, stderr } = spawnSync(
          process.execPath,
          ["--conditions=repertoire-source", path],
          options,
        );
        assert.equal(status, 0, stderr);
        if (wanted !== undefined) assert.equal(stdout, wanted);
      } finally {
        rmSync(path, { force: true });
      }
    });
  });
}
