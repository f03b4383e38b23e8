import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { returns } from "../../data/index.ts";
import { register } from "../../envs/index.ts";
import { ppo } from "../interaction/ppo.ts";
import { line } from "./testing.ts";
import { tierNames, tiers } from "./tiers.ts";

register({ name: "TieredLine-v0", about: "Stay near the middle.", create: () => line("discrete") });

const options = {
  hidden: [16],
  horizon: 32,
  worlds: 4,
  batchSize: 64,
  epochs: 4,
  learningRate: 1e-3,
  discount: 0.9,
  steps: 4096,
};
const run = { options, rows: 400, seed: 3, judgements: 8 };
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "repertoire-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("tiers are of graded quality, and follow from the seed whether or not the run was stopped", async () => {
  const straight = await inFolder((folder) => tiers(ppo, "TieredLine-v0", { ...run, folder }));
  const means = tierNames.map((tier) => mean(returns(straight.recordings[tier]!)));
  const [random, medium, replay, mixed, expert] = means;
  assert.ok(random < medium && medium < expert, `${means}`);
  assert.ok(replay < expert && medium < mixed && mixed < expert, `${means}`);
  for (const tier of ["random", "medium", "expert"] as const) {
    assert.equal(straight.recordings[tier]!.reward.length, 400);
    assert.equal(straight.recordings[tier]!.tags.tier[0], tier);
  }
  await inFolder(async (folder) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 150);
    const stopped = await tiers(ppo, "TieredLine-v0", { ...run, folder, signal: controller.signal });
    const resumed = stopped.interrupted ? await tiers(ppo, "TieredLine-v0", { ...run, folder }) : stopped;
    for (const tier of tierNames) {
      const [once, again] = [straight, resumed].map((made) => made.recordings[tier]!.provenance.fingerprint);
      assert.equal(again, once, tier);
    }
    await writeFile(join(folder, "policies", "7.json"), '{"step": "seven"}');
    await assert.rejects(tiers(ppo, "TieredLine-v0", { ...run, folder }), /7\.json.*not what this run wrote/);
  });
});

test("how long to train must be said", async () => {
  const { steps: _, ...rest } = options;
  await assert.rejects(tiers(ppo, "TieredLine-v0", { ...run, options: rest, folder: "unused" }), /steps to train for/);
});
