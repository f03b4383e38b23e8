/** Crashes and chance only: a tiny budget says nothing about a claim. `npm run reproduce -- <id>` is what does. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import test from "node:test";
import { verdicts } from "../results/schema.ts";
import { loadReproduction, reproductionFiles } from "./runner.ts";

for (const [id, file] of reproductionFiles()) {
  test(`${basename(file)}: at the tiny budget nothing crashes and equal seeds give equal numbers (no evidence for the claim)`, async () => {
    const { arms, seeds, budget, run, together, verdict, ...rest } = await loadReproduction(file);
    assert.equal(rest.id, id);
    const job = { seed: seeds[0], budget: budget.tiny, progress: () => undefined };
    const names = Object.keys(arms);
    const measured = async (which: readonly string[]): Promise<Record<string, number>> => {
      if (together) return await together(job);
      const each: Record<string, number> = {};
      for (const arm of which) each[arm] = await run({ ...job, arm });
      return each;
    };
    // Where arms are many they differ in a number, and a few of them played twice say as much about chance.
    const twice = names.filter((_, i) => i % Math.ceil(names.length / 4) === 0);
    const [first, second] = [await measured(names), await measured(twice)];
    const numbers: Record<string, number[]> = {};
    for (const arm of names) {
      assert.ok(Number.isFinite(first[arm]), `${arm} gave ${first[arm]}`);
      numbers[arm] = [first[arm]];
    }
    for (const arm of twice) assert.equal(second[arm], first[arm], `${arm} gave two numbers for one seed`);
    assert.ok(verdicts.includes(verdict(numbers).verdict));
  });
}

test("a reproduction states its claim in a file named after it", async () => {
  for (const [id, file] of reproductionFiles()) {
    const { claim, relation, metric } = await loadReproduction(file);
    assert.ok(file.includes(id) && claim && relation && metric, file);
  }
});
