import assert from "node:assert/strict";
import { test } from "node:test";
import { randomKey, type Tensor, zeros } from "../../tensor/index.ts";
import { assertClose, exactly, numbersOf, valuesOf, wave64 } from "../../tensor/testing.ts";
import { mlpDenoiser } from "./denoiser.ts";
import { type FlowSampler, flowMatching, follow } from "./flow.ts";
import { assertRings, drawRings, learnRings } from "./testing.ts";

test("flow matching learns two rings, by Euler's steps and by midpoints", async () => {
  const options = {
    event: [2],
    condition: 1,
    leastSpread: 0.01,
    denoiser: (sizes: Parameters<typeof mlpDenoiser>[0]) => mlpDenoiser(sizes, { hidden: [64, 64] }),
  };
  const head = flowMatching(options);
  const params = await learnRings(head, 3000);
  assertRings(await drawRings(head, params), { off: 0.2 });
  assertRings(await drawRings(flowMatching({ ...options, sampler: "midpoint" }), params), { off: 0.2 });
});

test("the loss is 0 for the field that leads every noise straight to the one target there is", async () => {
  const [target, leastSpread] = [0.6, 0.3];
  const perfect = () =>
    Object.assign(
      (_: object, x: Tensor, time: Tensor) => {
        const t = time.unsqueeze(-1);
        const noise = x.sub(t.mul(target)).div(t.mul(1 - leastSpread).from(1));
        return noise.mul(leastSpread - 1).add(target);
      },
      { init: () => ({}) },
    ) as never;
  const { loss } = await valuesOf(
    { x: zeros([500, 1]) },
    ({ x }, key) => ({
      loss: flowMatching<object>({ event: [1], condition: 1, leastSpread, denoiser: perfect }).loss(
        {},
        x.add(target),
        x,
        key,
      ),
    }),
    randomKey(1),
  );
  assert.ok(numbersOf(loss)[0] < 1e-10, `${numbersOf(loss)[0]}`);
});

const start = wave64([9], 1, 2);

test("from a point to a point the flow is a straight line, in any number of steps", () => {
  const places: Tensor[] = [];
  const { end, ...way } = exactly({ z: start }, ({ z }) => {
    const field = (x: Tensor, time: number): Tensor => {
      places.push(x);
      return x.from(0.6).div(1 - time);
    };
    const end = follow(field, z, 5, "euler");
    return { end, first: places[1], third: places[3] };
  });
  const between = (share: number): number[] => numbersOf(start).map((z) => z + share * (0.6 - z));
  assertClose(end, between(1), "end", { error: 1e-12 });
  assertClose(way.first, between(0.2), "after one step", { error: 1e-12 });
  assertClose(way.third, between(0.6), "after three steps", { error: 1e-12 });
});

test("with the perfect field of a Gaussian the error falls with the step, and with its square by midpoints", () => {
  const [centre, spread] = [0.7, 0.4];
  // x_t is N(t centre, (1 − t)² + t² spread²): the field that carries it keeps each quantile.
  const field = (x: Tensor, t: number): Tensor => {
    const variance = (1 - t) ** 2 + t * t * spread * spread;
    return x
      .sub(t * centre)
      .mul((t * spread * spread - (1 - t)) / variance)
      .add(centre);
  };
  const error = (steps: number, sampler: FlowSampler): number => {
    const { x } = exactly({ z: start }, ({ z }) => ({ x: follow(field, z, steps, sampler) }));
    return Math.max(...x.map((got, i) => Math.abs(got - (centre + spread * numbersOf(start)[i]))));
  };
  assert.ok(error(80, "euler") < error(20, "euler") / 3);
  assert.ok(error(80, "midpoint") < error(20, "midpoint") / 12);
  assert.ok(error(80, "midpoint") < 1e-3);
});
