/** Every example runs as a newcomer would run it, and says what it should. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const folder = import.meta.dirname;
const run = (file: string) =>
  spawnSync(process.execPath, ["--conditions=repertoire-source", file], { cwd: join(folder, ".."), encoding: "utf8" });
const says: Record<string, readonly RegExp[]> = {
  "clone-a-demonstrator.ts": [/the clone earns (4[5-9]\d|500),/, /chosen with probability 0\.\d\d/],
  "improve-a-log.ts": [/^ship: The challenger gains 0\.\d+/m, /policy runs\/examples\/shop\/policy\.onnx/],
  "your-own-environment.ts": [/keeps its promises/, /random earns -\d{3,}/, /iql earns -[1-4]?\d\d /],
};

// What an earlier version of an example left is not this one's to resume.
rmSync(join(folder, "..", "runs", "examples"), { recursive: true, force: true });

test("the README's first program runs", () => {
  const [, program] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(folder, "..", "README.md"), "utf8")) ?? [];
  const work = mkdtempSync(join(tmpdir(), "repertoire-readme-"));
  const path = join(folder, "..", "runs", "readme.ts");
  mkdirSync(join(folder, "..", "runs"), { recursive: true });
  try {
    const source = program
      .replace("recordings/maze-mixed.parquet", join(folder, "..", "recordings", "maze-mixed.parquet"))
      .replace('"policy.onnx"', JSON.stringify(join(work, "policy.onnx")));
    writeFileSync(path, source);
    const { status, stdout, stderr } = run(path);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^reaches the goal in 0\.[5-9]\d*, 95% interval 0\.\d\d to (0|1)\.\d\d$/m);
    assert.ok(readFileSync(join(work, "policy.onnx")).length > 10_000);
  } finally {
    rmSync(path, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
});

for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))) {
  test(`${file} runs, in at most 40 lines`, () => {
    const lines = readFileSync(join(folder, file), "utf8").trimEnd().split("\n").length;
    assert.ok(lines <= 40, `${lines} lines`);
    const { status, stdout, stderr } = run(join("examples", file));
    assert.equal(status, 0, stderr);
    for (const sentence of says[file]) assert.match(stdout, sentence);
  });
}
