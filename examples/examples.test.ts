/** Every example runs as a newcomer would run it, and says what it should. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const folder = import.meta.dirname;
const says: Record<string, readonly RegExp[]> = {
  "clone-a-demonstrator.ts": [/the clone earns (4[5-9]\d|500),/, /chosen with probability 0\.\d\d/],
  "improve-a-log.ts": [/^ship: The challenger gains 0\.\d+/m, /policy runs\/examples\/shop\/policy\.onnx/],
  "your-own-environment.ts": [/keeps its promises/, /random earns -\d{3,}/, /iql earns -[1-4]?\d\d /],
};

for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))) {
  test(`${file} runs, in at most 40 lines`, () => {
    const lines = readFileSync(join(folder, file), "utf8").trimEnd().split("\n").length;
    assert.ok(lines <= 40, `${lines} lines`);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--conditions=repertoire-source", join("examples", file)],
      {
        cwd: join(folder, ".."),
        encoding: "utf8",
      },
    );
    assert.equal(status, 0, stderr);
    for (const sentence of says[file]) assert.match(stdout, sentence);
  });
}
