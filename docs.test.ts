/** Every fence marked `ts run` in the guides type-checks, runs, and prints what the `text` fence after it says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, test } from "node:test";

const root = import.meta.dirname;
const fences = /```ts run\n([\s\S]*?)```(?:\s*```text\n([\s\S]*?)```)?/g;

// Inside the package, so that the programs' imports are found as a user's are.
mkdirSync(join(root, "runs"), { recursive: true });
const folder = mkdtempSync(join(root, "runs", "docs-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const programs = pages.flatMap((page) =>
  [...readFileSync(join(root, "docs", page), "utf8").matchAll(fences)].map(([, program, wanted], i) => {
    const path = join(folder, `${basename(page, ".md")}-${i + 1}.ts`);
    writeFileSync(path, program);
    return { name: `docs/${page}, program ${i + 1}`, path, wanted };
  }),
);

test("programs in the guides type-check", () => {
  const config = { extends: "../../tsconfig.json", include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "--noEmit", "-p", folder], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

for (const { name, path, wanted } of programs) {
  test(`${name} runs${wanted === undefined ? "" : " and prints what it says"}`, () => {
    const options = { cwd: root, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--conditions=repertoire-source", path], options);
    assert.equal(status, 0, stderr);
    if (wanted !== undefined) assert.equal(stdout, wanted);
  });
}
