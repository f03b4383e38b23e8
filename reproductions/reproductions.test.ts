/** Crashes and chance only: a tiny budget says nothing about a claim. `npm run reproduce -- <id>` is what does. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import test from "node:test";
import { verdicts } from "../results/schema.ts";
import { loadReproduction, reproductionFiles } from "./runner.ts";

for (const [id, file] of reproductionFiles()) {
  test(`${basename(file)}: at the tiny budget nothing crashes and equal seeds give equal numbers (no evidence for the claim)`, async () => {
    const { arms, seeds, budget, run, verdict, ...rest } = await loadReproduction(file);
    assert.equal(rest.id, id);
    const numbers: Record<string, number[]> = {};
    for (const arm of Object.keys(arms)) {
      const job = { arm, seed: seeds[0], budget: budget.tiny, progress: () => undefined };
      const [first, second] = [await run(job), await run(job)];
      assert.ok(Number.isFinite(first), `${arm} gave ${first}`);
      assert.equal(second, first, `${arm} gave two numbers for one seed`);
      numbers[arm] = [first];
    }
    assert.ok(verdicts.includes(verdict(numbers).verdict));
  });
}

test("a reproduction states its claim in a file named after it", async () => {
  for (const [id, file] of reproductionFiles()) {
    const { claim, relation, metric } = await loadReproduction(file);
    assert.ok(file.includes(id) && claim && relation && metric, file);
  }
});
