import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { Problem } from "repertoire/problems";
import { readResults } from "../results/store.ts";
import { all, beats, defineReproduction, exceeds } from "./reproduction.ts";
import { type ReproduceOptions, reproduce } from "./runner.ts";

const folder = mkdtempSync(join(tmpdir(), "repertoire-reproduce-"));
test.after(() => rmSync(folder, { recursive: true }));
const coin = join(import.meta.dirname, "fixtures/P000-coin.ts");

function places(name: string): ReproduceOptions & { said: string[]; results: string; runs: string } {
  const said: string[] = [];
  return {
    runs: join(folder, name, "runs"),
    results: join(folder, name, "results"),
    said,
    say: (line) => said.push(line),
  };
}

test("a reproduction stopped half-way and started again gives the result of one never stopped", async () => {
  const { result: whole } = await reproduce(coin, { ...places("whole"), parallel: 2 });
  assert.equal(whole.verdict, "holds");
  assert.deepEqual(whole.arms.fair, [50, 50 + Math.sin(1), 50 + Math.sin(2)]);

  const cut = places("cut");
  const stop = new AbortController();
  const say = (line: string): void => void (/seed 1/.test(line) && stop.abort(new Error("stopped")));
  await assert.rejects(reproduce(coin, { ...cut, say, signal: stop.signal }), /stopped/);
  assert.ok(!existsSync(join(cut.results, "P000.json")));
  const log = join(cut.runs, "P000.jsonl");
  const before = readFileSync(log, "utf8");
  appendFileSync(log, '{"arm":"fair","see');

  const { result, path } = await reproduce(coin, cut);
  const { wallSeconds, commit } = whole;
  assert.deepEqual({ ...result, wallSeconds, commit }, whole);
  assert.match(cut.said[0], /: 3 of 6 runs are in /);
  assert.ok(readFileSync(log, "utf8").startsWith(before));
  assert.deepEqual((await readResults(cut.results)).reproductions, [result]);
  assert.equal(path, join(cut.results, "P000.json"));
});

test("arms that come out of the same work are all kept from doing it once a seed", async () => {
  const both = join(import.meta.dirname, "fixtures/P998-together.ts");
  const options = places("together");
  const { result } = await reproduce(both, options);
  assert.deepEqual(result.arms, { first: [113, 114], second: [93, 94] });
  assert.equal(options.said.filter((line) => /seed/.test(line)).length, 2);
  const again = places("together");
  await reproduce(both, { ...again, seeds: [3, 4] });
  assert.match(again.said.join(), /2 of 2 runs are in/);
  const { reproduction } = await import("./fixtures/P998-together.ts");
  const job = { seed: 5, budget: {}, progress: () => undefined };
  assert.equal(await reproduction.run({ ...job, arm: "second" }), 95);
});

test("a tiny run, or one with other seeds, is no evidence and writes no result", async () => {
  const options = places("tiny");
  const tiny = await reproduce(coin, { ...options, tiny: true });
  const partial = await reproduce(coin, { ...options, seeds: [0, 5] });
  for (const { path } of [tiny, partial]) assert.equal(path, join(options.runs, "P000.json"));
  assert.ok(!existsSync(options.results));
  assert.deepEqual(partial.result.arms.loaded, [80, 80 + Math.sin(5)]);
});

test("a run that fails ends the others and says which it was", async () => {
  const broken = join(import.meta.dirname, "fixtures/P999-broken.ts");
  const failing = reproduce(broken, { ...places("broken"), parallel: 2 });
  await assert.rejects(
    failing,
    (error) => error instanceof Problem && /P999, one, seed 0.*got NaN/.test(error.message),
  );
});

test("beats holds when the intervals are apart, fails when the difference is below 0, else is inconclusive", () => {
  const low = [1, 1.1, 0.9, 1, 1];
  const high = [2, 2.1, 1.9, 2, 2];
  const wide = [0, 3, 1, 2, 0.5];
  assert.equal(beats("a", "b")({ a: high, b: low }).verdict, "holds");
  assert.equal(beats("a", "b")({ a: low, b: high }).verdict, "does not hold");
  assert.equal(beats("a", "b")({ a: wide, b: low }).verdict, "inconclusive");
  assert.equal(beats("a", "b")({ a: [2], b: [1] }).verdict, "inconclusive");
});

test("exceeds is paired: a small steady difference holds where unpaired intervals overlap", () => {
  const b = [1, 5, 9, 13, 17];
  const a = b.map((value, i) => value + 1 + i / 100);
  assert.equal(exceeds("a", "b")({ a, b }).verdict, "holds");
  assert.equal(exceeds("a", "b", 2)({ a, b }).verdict, "does not hold");
  assert.equal(exceeds("a", "b", 1.02)({ a, b }).verdict, "inconclusive");
  assert.equal(beats("a", "b")({ a, b }).verdict, "inconclusive");
});

test("all holds when each relation does and otherwise shows the one that does not", () => {
  const arms = { a: [3, 3.1, 2.9], b: [2, 2.1, 1.9], c: [4, 4.1, 3.9] };
  assert.equal(all(beats("a", "b"), beats("c", "a"))(arms).verdict, "holds");
  const mixed = all<"a" | "b" | "c">(beats("a", "b"), beats("a", "c"))(arms);
  assert.equal(mixed.verdict, "does not hold");
  assert.deepEqual(mixed.interval, beats("a", "c")(arms).interval);
});

test("a definition with a wrong id, one arm or a seed twice is refused", () => {
  const base = { name: "n", claim: "c", metric: "m", relation: "r", budget: { full: {}, tiny: {} } };
  const rest = { ...base, run: async () => 0, verdict: beats("a", "b") };
  const good = { ...rest, id: "P001", arms: { a: "", b: "" }, seeds: [0, 1] };
  assert.equal(defineReproduction(good).id, "P001");
  for (const change of [{ id: "7" }, { arms: { a: "" } as { a: string; b: string } }, { seeds: [0, 0] }, { seeds: [] }])
    assert.throws(() => defineReproduction({ ...good, ...change }), Problem);
});
