import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { Problem } from "../src/problems.ts";
import { methodResults, page, pages, readme } from "./pages.ts";
import type { BenchResult, ReproductionResult } from "./schema.ts";
import { readResults } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "repertoire-results-"));
test.after(() => rmSync(folder, { recursive: true }));

const machine = { machine: "a machine", commit: "0123abcd" };
const claim: ReproductionResult = {
  ...{ id: "P007", name: "method", claim: "It wins.", metric: "return, higher is better", relation: "new | old apart" },
  ...{ arms: { new: [2, 3, 4], old: [1, 1, 1] }, interval: [0.5, null], verdict: "holds", seeds: [0, 1, 2] },
  ...{ budget: { steps: 10 }, wallSeconds: 3, notes: "new − old = 2." },
  ...machine,
};
const speed: BenchResult = {
  ...{ name: "an update", unit: "µs", ours: 10, peer: 25, peerName: "PyTorch", ratio: 2.5, spread: 0.1, threads: 2 },
  ...machine,
};
const results = { reproductions: [claim], bench: [speed] };

test("each generated page says what the result files and the methods say (else: npm run results)", async () => {
  for (const [path, text] of await pages())
    assert.equal(readFileSync(join(import.meta.dirname, "..", path), "utf8"), text, path);
});

test("the README has a line for each claim and each thing timed, and stays when made again", () => {
  const empty =
    "before\n<!-- results: made by `npm run results` from results/, not by hand -->\n<!-- end of results -->\nafter\n";
  const peers = [speed, { ...speed, peerName: "JAX", ratio: 0.5 }, { ...speed, threads: 1 }];
  const once = readme(empty, {
    reproductions: [claim, { ...claim, id: "P008", verdict: "inconclusive" }],
    bench: peers,
  });
  for (const line of [
    "| claim (1 hold, 0 do not, 1 are inconclusive) | verdict |",
    "| P007 method | **holds** |",
    "| an update, 2 threads | 10 µs | 2.50 ± 0.10: PyTorch; 0.50 ± 0.10: JAX |",
    "| an update, 1 thread | 10 µs | 2.50 ± 0.10: PyTorch |",
  ])
    assert.ok(once.includes(`${line}\n`), once);
  assert.ok(once.startsWith("before\n") && once.endsWith("after\n"));
  assert.equal(
    readme(once, { reproductions: [claim, { ...claim, id: "P008", verdict: "inconclusive" }], bench: peers }),
    once,
  );
  assert.match(readme(once, { reproductions: [], bench: [] }), /Nothing has been measured yet/);
  assert.throws(() => readme("no markers", results), Problem);
});

test("the page holds each seed's number, the open end, seeds, budget, machine and commit", () => {
  const text = page(results);
  for (const part of [
    "2, 3, 4",
    "[0.5, open]",
    "seeds 0, 1, 2; steps 10; 3 s",
    "a machine",
    "0123abcd",
    "P007 method: holds",
  ])
    assert.ok(text.includes(part), part);
});

test("a method's page holds the results whose arm, and the speeds whose name, begin with the method's name or title", () => {
  const arms = { "td3-bc, greedy": [2, 3, 4], bc: [1, 1, 1] };
  const all = { reproductions: [{ ...claim, arms }], bench: [{ ...speed, name: "TD3+BC (256 wide)" }] };
  const of = (name: string, title: string) => methodResults(all, { name, title }, "src/algorithms/x/page.md");
  assert.match(of("td3-bc", "TD3+BC"), /P007[\s\S]*TD3\+BC \(256 wide\)[\s\S]*\(\.\.\/\.\.\/\.\.\/docs\/results\.md\)/);
  assert.match(of("bc", "Behaviour cloning"), /P007/);
  assert.doesNotMatch(of("bc", "Behaviour cloning"), /256 wide/);
  for (const other of ["td3", "bc-mixture", "b"]) assert.match(of(other, "Another"), /Nothing has been measured yet/);
});

test("a result file holds one result or a list; anything else is refused with file and field", async () => {
  const write = (content: unknown): void => writeFileSync(join(folder, "P007.json"), JSON.stringify(content));
  write(claim);
  assert.deepEqual((await readResults(folder)).reproductions, [claim]);
  write([claim, { ...claim, id: "P008" }]);
  assert.equal((await readResults(folder)).reproductions.length, 2);
  const wrong: [object, RegExp][] = [
    [{ ...claim, verdict: "certainly" }, /P007\.json.*result 0, verdict/],
    [{ ...claim, seeds: [0, 1] }, /each arm holds one number a seed/],
    [{ ...claim, arms: { new: [Number.NaN, 1, 2] } }, /result 0, arms\.new\.0/],
    [{ ...claim, extra: 1 }, /extra/],
    [{ ...claim, commit: "main" }, /commit: a git commit/],
  ];
  for (const [content, message] of wrong) {
    write(content);
    await assert.rejects(readResults(folder), message);
  }
  writeFileSync(join(folder, "P007.json"), "{");
  await assert.rejects(readResults(folder), /it is not JSON/);
});
