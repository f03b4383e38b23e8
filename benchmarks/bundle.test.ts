/** What a page may import bundles without Node's modules, and weighs what it did when it was last measured. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filled, read, weighed } from "./bundle.ts";

const root = join(import.meta.dirname, "..");
const measured = read();

test("each sub-path bundles for a page, and is at most a fifth heavier than it was measured", async () => {
  for (const [subPath, before] of Object.entries(measured.subPaths)) {
    const now = await weighed(root, subPath, ["repertoire-source"]);
    assert.equal(now === null, before === null, `${subPath}: does it bundle for a page?`);
    if (now === null || before === null) continue;
    const most = 1.2 * before.gzipped + 2000;
    assert.ok(
      now.gzipped <= most,
      `${subPath}: ${now.gzipped} bytes gzipped, ${before.gzipped} before. Find out what came in; if it is worth it: npm run bench:bundle`,
    );
  }
});

test("what a page loads at once holds no runtime: it comes with the first program", async () => {
  const policies = await weighed(root, "./policies", ["repertoire-source"]);
  assert.ok(policies !== null && policies.minified < 1_000_000);
  assert.ok(measured.runtime["wasm: script"].gzipped > 10_000);
});

test("docs/browser.md says what was measured (else: npm run bench:bundle)", () => {
  const page = readFileSync(join(root, "docs/browser.md"), "utf8");
  assert.equal(filled(page, measured), page);
});
