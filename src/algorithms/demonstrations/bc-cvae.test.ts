import assert from "node:assert/strict";
import { test } from "node:test";
import { randomKey } from "../../tensor/index.ts";
import { close, read, run, worldOf } from "../testing.ts";
import { train } from "../train.ts";
import { bcCvae } from "./bc-cvae.ts";

// Half the demonstrators pass on the left, a little further out; half on the right; nobody goes straight ahead.
const actions = [-0.8, 0.6].flatMap((side) => [-0.04, -0.02, 0, 0.02, 0.04].map((off) => side + off));
const recording = worldOf(actions.map((a) => ({ observation: [1], action: [a], terminated: true })));

async function drawn(divergenceWeight: number): Promise<number[]> {
  const options = { divergenceWeight, normaliseObservations: false, latent: 2, hidden: [32], learningRate: 1e-2 };
  const { policy } = await train(bcCvae, recording, { options: { ...options, batchSize: 32, steps: 800 } });
  const observations = { shape: [400, 1], dtype: "float32", data: new Float32Array(400).fill(1) } as const;
  const { action } = await policy.actBatch(observations, { key: randomKey(2) });
  await policy[Symbol.asyncDispose]();
  return Array.from(action.data, Number);
}

test("codes lead both ways, about equally often", async () => {
  const draws = await drawn(0.02);
  const near = (at: number) => draws.filter((a) => Math.abs(a - at) < 0.15).length / draws.length;
  assert.ok(near(-0.8) > 0.3 && near(0.6) > 0.3, `${near(-0.8)} on the left, ${near(0.6)} on the right`);
  assert.ok(near(-0.8) + near(0.6) > 0.65, "draws between the two ways");
});

test("where the divergence weighs much the code says nothing, and what is left is squared error's mean", async () => {
  const draws = await drawn(100);
  close(
    draws,
    draws.map(() => -0.1),
    0.15,
    "draw",
  );
  assert.ok(Math.max(...draws) - Math.min(...draws) < 0.2);
});

test("the loss is squared error and β times the divergence", async () => {
  const off = { latent: 2, divergenceWeight: 0.5, hidden: [4] };
  const { metrics, nets, start, columns } = await run(bcCvae, recording, { options: off, updates: 1 });
  const { mean, logSpread } = nets.policy.encode(start.policy.params, columns.action, columns.observation);
  const [m, s] = [read(mean), read(logSpread)];
  const divergence = m.reduce((sum, x, i) => sum + (x * x + Math.exp(2 * s[i]) - 1) / 2 - s[i], 0) / actions.length;
  // What remains is a mean of squares, one draw of the code each: that of the same start without the divergence.
  const { metrics: alone } = await run(bcCvae, recording, { options: { ...off, divergenceWeight: 0 }, updates: 1 });
  close([metrics.policyLoss - alone.policyLoss], [0.5 * divergence], 1e-5, "β KL");
  assert.ok(alone.policyLoss > 0.3 && alone.policyLoss < 3);
});
