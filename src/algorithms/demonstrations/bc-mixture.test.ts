import assert from "node:assert/strict";
import { test } from "node:test";
import { randomKey } from "../../tensor/index.ts";
import { close, read, rowsOf, run, worldOf } from "../testing.ts";
import { train } from "../train.ts";
import { bc } from "./bc.ts";
import { bcMixture } from "./bc-mixture.ts";

// Half the demonstrators pass on the left, half on the right; nobody goes straight ahead.
const actions = [-0.8, 0.8].flatMap((side) => [-0.06, -0.03, 0, 0.03, 0.06].map((off) => side + off));
const recording = worldOf(actions.map((a) => ({ observation: [1], action: [a], terminated: true })));

const width = 0.01;
const grid = Array.from({ length: 400 }, (_, i) => -2 + (i + 0.5) * width);

async function massOf(method: typeof bc | typeof bcMixture) {
  const { policy } = await run(method as typeof bc, recording, { updates: 600 });
  const density = read(
    policy(grid.map(() => [1]))
      .logProb(rowsOf(grid.map((a) => [a])))
      .exp(),
  );
  const mass = (from: number, to: number) =>
    grid.reduce((sum, a, i) => sum + (a > from && a < to ? density[i] * width : 0), 0);
  return { mass, mode: read(policy([[1]]).mode())[0] };
}

test("a mixture puts half its mass at each of two ways to act and none between them; a Gaussian goes between", async () => {
  const mixture = await massOf(bcMixture);
  close([mixture.mass(-1, -0.6), mixture.mass(0.6, 1)], [0.5, 0.5], 0.02, "mass");
  assert.ok(mixture.mass(-0.5, 0.5) < 1e-3);
  assert.ok(Math.abs(Math.abs(mixture.mode) - 0.8) < 0.05, `its single best action is ${mixture.mode}`);
  const gaussian = await massOf(bc);
  close([gaussian.mode], [0], 0.02, "the Gaussian's mode");
  assert.ok(gaussian.mass(-0.5, 0.5) > 0.3);
});

test("what is shipped draws from both ways, about equally often", async () => {
  const options = {
    normaliseObservations: false,
    parts: 3,
    hidden: [16],
    learningRate: 1e-2,
    batchSize: 32,
    steps: 400,
  };
  const { policy } = await train(bcMixture, recording, { options });
  const observations = { shape: [400, 1], dtype: "float32", data: new Float32Array(400).fill(1) } as const;
  const { action } = await policy.actBatch(observations, { key: randomKey(2) });
  const drawn = Array.from(action.data, Number);
  assert.ok(drawn.every((a) => Math.abs(Math.abs(a) - 0.8) < 0.3));
  close([drawn.filter((a) => a > 0).length / 400], [0.5], 0.1, "share on the right"); // four standard errors
  await policy[Symbol.asyncDispose]();
});
