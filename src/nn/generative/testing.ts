/** Two rings, a small one and a large one, told apart by the condition: what a generative head must learn, and a Gaussian cannot. */
import assert from "node:assert/strict";
import {
  adam,
  Compiled,
  cosineDecay,
  descendWith,
  fold,
  generator,
  type Learner,
  learner,
  type NdArray,
  ndarray,
  randomKey,
  runOnce,
  type Tensor,
  trace,
  Updates,
  zeros,
} from "../../tensor/index.ts";
import type { Generative } from "./generative.ts";

const rows = 4096;
const radii = [0.5, 1];
const ringSpread = 0.02;

/** `columns.target` [rows, 2] and `columns.condition` [rows, 1], −1 for the small ring and 1 for the large. */
function rings() {
  const random = generator(randomKey(3));
  const target = new Float32Array(2 * rows);
  const condition = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const ring = row % 2;
    const [angle, radius] = [2 * Math.PI * random.uniform(), radii[ring] + ringSpread * random.normal()];
    condition[row] = 2 * ring - 1;
    target.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * row);
  }
  return { target: ndarray(target, { shape: [rows, 2] }), condition: ndarray(condition, { shape: [rows, 1] }) };
}

/** Learns the rings by Adam, and returns the parameters. */
export async function learnRings<P>(head: Generative<P>, updates: number, batch = 256): Promise<P> {
  const optimiser = adam(cosineDecay(3e-3, updates));
  const begin = trace("begin", { state: {}, inputs: {} }, (state, _, key) => ({
    state,
    outputs: { start: learner(head.init(key), optimiser) },
  }));
  const { start } = (await runOnce(begin, {}, { key: randomKey(1) })) as unknown as { start: Learner<P> };
  await using run = new Updates(
    {
      name: "rings",
      columns: rings(),
      batchSize: batch,
      inputs: {},
      key: randomKey(2),
      rows(update) {
        const random = generator(fold(randomKey(4), update));
        return Int32Array.from({ length: batch }, () => random.integer(rows));
      },
      step(state, { target, condition }, _, key) {
        const [next, loss] = descendWith(optimiser, (state as { start: Learner<P> }).start, (params) =>
          head.loss(params, target, condition, key),
        );
        return { state: { start: next } as never, metrics: { loss } };
      },
    },
    { state: { start } as never, update: 0 },
  );
  await run.advance(updates);
  return (run.read() as { start: Learner<P> }).start.params;
}

/** Draws under each condition, or under one and the same. [n, 2] each. */
export async function drawRings<P>(head: Generative<P>, params: P, n = 1000, condition?: number) {
  const inputs = { params: params as unknown as NdArray, condition: zeros([n, 1]) };
  const program = trace("draw", { state: {}, inputs }, (state, given, key) => ({
    state,
    outputs: { x: head.sample(given.params as unknown as P, given.condition as Tensor, key.at("draw")) },
  }));
  await using compiled = await Compiled.open(program);
  const draws: number[][][] = [];
  for (const ring of [0, 1]) {
    const value = ndarray(new Float32Array(n).fill(condition ?? 2 * ring - 1), { shape: [n, 1] });
    const { x } = await compiled.run({ ...inputs, condition: value }, undefined, { key: randomKey(9) });
    draws.push(Array.from({ length: n }, (_, i) => [Number(x.data[2 * i]), Number(x.data[2 * i + 1])]));
  }
  return draws;
}

const radius = ([x, y]: readonly number[]): number => Math.hypot(x, y);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** How far draws lie from a ring on average, in shares of its radius. A Gaussian with the ring's moments: 0.39. */
export const offRing = (draws: readonly (readonly number[])[], ring: number): number =>
  mean(draws.map((x) => Math.abs(radius(x) - radii[ring]) / radii[ring]));

/** The share of draws in the emptiest of eight sectors; 1/8 is even. */
export function emptiestSector(draws: readonly (readonly number[])[]): number {
  const counts = new Array<number>(8).fill(0);
  for (const [x, y] of draws) counts[Math.min(7, Math.floor(((Math.atan2(y, x) + Math.PI) / (2 * Math.PI)) * 8))]++;
  return Math.min(...counts) / draws.length;
}

/** Draws lie near the ring the condition asks for, and all around it: what no Gaussian and no single mode does. */
export function assertRings(
  draws: readonly (readonly (readonly number[])[])[],
  { off = 0.15, sector = 0.05 } = {},
): void {
  draws.forEach((each, ring) => {
    const [away, least] = [offRing(each, ring), emptiestSector(each)];
    assert.ok(away < off, `ring ${ring}: draws lie ${away.toFixed(3)} of a radius away, wanted below ${off}`);
    assert.ok(
      least > sector,
      `ring ${ring}: the emptiest sector has ${least.toFixed(3)} of the draws, wanted above ${sector}`,
    );
  });
}
