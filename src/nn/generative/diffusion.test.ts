import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, type NdArray, ndarray, randomKey, type Tensor, zeros } from "../../tensor/index.ts";
import { assertClose, exactly, numbersOf, valuesOf, wave64 } from "../../tensor/testing.ts";
import { type DenoiserSizes, mlpDenoiser } from "./denoiser.ts";
import { ddim, diffusion, signalLeft } from "./diffusion.ts";
import { assertRings, drawRings, learnRings } from "./testing.ts";

const denoiser = (sizes: DenoiserSizes) => mlpDenoiser(sizes, { hidden: [64, 64] });
const rings = { event: [2], condition: 1, denoiser };

test("DDPM that predicts the noise learns two rings", async () => {
  const head = diffusion({ ...rings, bound: 1.3 });
  assertRings(await drawRings(head, await learnRings(head, 2500)), { off: 0.27 });
});

test("DDPM that predicts the result learns two rings, and draws them with and without fresh noise", async () => {
  const head = diffusion({ ...rings, predicts: "x0", bound: 1.3 });
  const params = await learnRings(head, 2500);
  assertRings(await drawRings(head, params), { off: 0.32 });
  assertRings(await drawRings(diffusion({ ...rings, predicts: "x0", bound: 1.3, eta: 1, sampleSteps: 50 }), params), {
    off: 0.32,
  });
});

const [centre, spread] = [0.7, 0.4];
const start = wave64([9], 1, 2);
/** What an exact transport of N(0, 1) to N(centre, spread²) makes of the start. */
const moved = (z: NdArray, s = spread): number[] => numbersOf(z).map((x) => centre + s * x);

/** The perfect prediction where the data is N(centre, s²). */
const perfect = (left: Float64Array, s: number, predicts: "epsilon" | "x0") => (x: Tensor, step: number) => {
  const signal = left[step];
  const variance = signal * s * s + 1 - signal;
  const off = x.sub(Math.sqrt(signal) * centre);
  return predicts === "epsilon"
    ? off.mul(Math.sqrt(1 - signal) / variance)
    : off.mul((Math.sqrt(signal) * s * s) / variance).add(centre);
};

test("DDIM with the perfect score of a Gaussian recovers the Gaussian, of a point the point", () => {
  for (const schedule of ["linear", "cosine"] as const) {
    const left = signalLeft(schedule, 800);
    const run = (predicts: "epsilon" | "x0", s: number, steps: number): number[] =>
      exactly({ z: start }, ({ z }) => ({
        x: ddim({ left, denoise: perfect(left, s, predicts), predicts, eta: 0, bound: undefined, steps }, () => z),
      })).x;
    assertClose(run("epsilon", spread, 800), moved(start), `${schedule}`, { error: 0.01, floor: 1 });
    const rough = Math.max(...run("epsilon", spread, 50).map((x, i) => Math.abs(x - moved(start)[i])));
    const fine = Math.max(...run("epsilon", spread, 400).map((x, i) => Math.abs(x - moved(start)[i])));
    assert.ok(fine < rough / 4, `${schedule}: ${fine} with 400 steps, ${rough} with 50`);
    assertClose(run("x0", spread, 40), run("epsilon", spread, 40), "what is predicted", { error: 1e-9, floor: 1 });
    assertClose(run("x0", 0, 7), moved(start, 0), "a point", { error: 1e-9 });
  }
});

test("the network's time names the step it stands for, in training as in sampling", async () => {
  const left = signalLeft("cosine", 10);
  /** Knows the one target there is, and reads from the time alone how much of it is left. */
  const knowing = () =>
    Object.assign(
      (_: object, x: Tensor, time: Tensor) => {
        const step = time.mul(10).sub(0.5).floor().cast("int32");
        const signal = constant(ndarray(Float32Array.from(left)))
          .gather(step)
          .unsqueeze(-1);
        return x.sub(signal.sqrt().mul(centre)).div(signal.from(1).sqrt());
      },
      { init: () => ({}) },
    ) as never;
  const { loss, x } = await valuesOf(
    { zero: zeros([500, 1]) },
    ({ zero }, key) => {
      const head = diffusion<object>({ event: [1], condition: 1, steps: 10, sampleSteps: 7, denoiser: knowing });
      return { loss: head.loss({}, zero.add(centre), zero, key), x: head.sample({}, zero, key.at("draw")) };
    },
    randomKey(1),
  );
  assert.ok(numbersOf(loss)[0] < 1e-6, `loss ${numbersOf(loss)[0]}`);
  assertClose(numbersOf(x), Array<number>(500).fill(centre), "draws", { error: 1e-3 });
});

test("DDPM with the perfect score keeps mean and spread", async () => {
  const left = signalLeft("cosine", 100);
  const { mean, deviation } = await valuesOf(
    {},
    (_, key) => {
      const denoise = perfect(left, spread, "epsilon");
      const x = ddim({ left, denoise, predicts: "epsilon", eta: 1, bound: undefined, steps: 100 }, (name) =>
        key.at(name).normal(5000),
      );
      return { mean: x.mean(), deviation: x.variance().sqrt() };
    },
    randomKey(1),
  );
  assertClose([...numbersOf(mean), ...numbersOf(deviation)], [centre, spread], "moments", { error: 0.05 });
});

test("the linear schedule over 1000 steps is DDPM's; both fall from near 1 to near 0", () => {
  const linear = signalLeft("linear", 1000);
  assertClose([1 - linear[0], linear[999]], [1e-4, 4.03583e-5], "linear", { error: 1e-3, floor: 1e-9 });
  const cosine = signalLeft("cosine", 1000);
  assertClose(
    [cosine[499]],
    [Math.cos(((0.5 + 0.008) / 1.008) * (Math.PI / 2)) ** 2 / Math.cos((0.008 / 1.008) * (Math.PI / 2)) ** 2],
    "cosine",
  );
  for (const left of [linear, cosine]) {
    left.forEach((x, i) => {
      assert.ok(x > 0 && x < (left[i - 1] ?? 1));
    });
  }
});
