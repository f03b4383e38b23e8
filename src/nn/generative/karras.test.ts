import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, ndarray, randomKey, type Tensor } from "../../tensor/index.ts";
import { assertClose, exactly, numbersOf, valuesOf, wave64 } from "../../tensor/testing.ts";
import { type DenoiserSizes, mlpDenoiser } from "./denoiser.ts";
import { heun, karrasDiffusion, noiseLevels } from "./karras.ts";
import { assertRings, drawRings, learnRings } from "./testing.ts";

const denoiser = (sizes: DenoiserSizes) => mlpDenoiser(sizes, { hidden: [64, 64] });
const rings = { event: [2], condition: 1, denoiser };

const [centre, spread] = [0.7, 0.4];
const start = wave64([9], 1, 2);

test("EDM learns two rings; with churn they stay, with no weight on the condition they mix", async () => {
  const guided = { ...rings, guidance: { dropout: 0.2, weight: 1 } };
  const head = karrasDiffusion({ ...guided, sampleSteps: 12 });
  const params = await learnRings(head, 2500);
  assertRings(await drawRings(head, params), { off: 0.22 });
  assertRings(await drawRings(karrasDiffusion({ ...guided, sampleSteps: 12, churn: { amount: 5 } }), params), {
    off: 0.22,
  });
  const blind = karrasDiffusion({ ...guided, sampleSteps: 12, guidance: { dropout: 0.2, weight: 0 } });
  const [first, second] = await drawRings(blind, params);
  assert.deepEqual(first, second, "the condition is not looked at");
  const large = first.filter(([x, y]) => Math.hypot(x, y) > 0.75).length / first.length;
  assert.ok(large > 0.3 && large < 0.7, `the large ring has ${large} of the draws`);
});

test("Heun's method with the perfect denoiser of a Gaussian errs by the square of the step, churn keeps the spread", async () => {
  const denoise = (x: Tensor, level: number): Tensor =>
    x
      .mul(spread ** 2)
      .add(level ** 2 * centre)
      .div(spread ** 2 + level ** 2);
  const most = 80;
  const error = (steps: number): number => {
    const levels = noiseLevels(steps, 0.002, most, 7);
    const { x } = exactly({ z: start }, ({ z }) => ({ x: heun({ levels, denoise }, () => z) }));
    const wanted = numbersOf(start).map((z) => centre + ((z * most - centre) * spread) / Math.hypot(spread, most));
    return Math.max(...x.map((got, i) => Math.abs(got - wanted[i])));
  };
  assert.ok(error(40) < 0.02, `${error(40)}`);
  assert.ok(error(80) < error(40) / 3, `${error(80)} against ${error(40)}`);
  const { mean, deviation } = await valuesOf(
    {},
    (_, key) => {
      const levels = noiseLevels(100, 0.002, most, 7);
      const x = heun({ levels, denoise, churn: { amount: 20 } }, (name) => key.at(name).normal(5000));
      return { mean: x.mean(), deviation: x.variance().sqrt() };
    },
    randomKey(1),
  );
  assertClose([...numbersOf(mean), ...numbersOf(deviation)], [centre, spread], "moments", { error: 0.05 });
});

test("EDM's preconditioning: a network that says 0 leaves the target c_out wide, so the loss is 1", async () => {
  const silent = () => Object.assign((_: Record<string, never>, x: Tensor) => x.mul(0), { init: () => ({}) }) as never;
  const { loss } = await valuesOf(
    { x: ndarray(wave64([4000, 1], 0, 0.5 * Math.SQRT2).data as Float64Array, { shape: [4000, 1] }) },
    ({ x }, key) => ({
      loss: karrasDiffusion<object>({ event: [1], condition: 1, dataSpread: 0.5, denoiser: silent }).loss(
        {},
        x.cast("float32"),
        constant(ndarray(new Float32Array(4000), { shape: [4000, 1] })),
        key,
      ),
    }),
    randomKey(3),
  );
  assertClose(numbersOf(loss), [1], "loss", { error: 0.05 });
});
