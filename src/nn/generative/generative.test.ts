import assert from "node:assert/strict";
import { test } from "node:test";
import { generator, type Key, leavesOf, randomKey, scalar, type Tensor, valueAndGrad } from "../../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../../tensor/testing.ts";
import { type DenoiserSizes, mlpDenoiser, unetDenoiser } from "./denoiser.ts";
import {
  cvae,
  diffusion,
  energyHead,
  flowMatching,
  type Generative,
  generated,
  karrasDiffusion,
  stillWhen,
} from "./index.ts";
import { assertRings } from "./testing.ts";

const denoiser = (sizes: DenoiserSizes) => mlpDenoiser(sizes, { hidden: [8] });
const small = (sizes: DenoiserSizes) => unetDenoiser(sizes, { widths: [4, 8], time: 8, groups: 2 });
/** A chunk of three actions of two numbers, for a condition of two. */
const chunk = { event: [3, 2], condition: 2 };
const guidance = { dropout: 0.3, weight: 1.5 };
const heads = {
  ddpm: diffusion({ ...chunk, denoiser, steps: 20, sampleSteps: 4, eta: 1 }),
  ddim: diffusion({ ...chunk, denoiser, predicts: "x0", guidance, sampleSteps: 4, bound: 1 }),
  edm: karrasDiffusion({ ...chunk, denoiser, guidance, sampleSteps: 4, churn: { amount: 2, noise: 1.003 } }),
  flow: flowMatching({ ...chunk, denoiser, guidance, sampleSteps: 3, sampler: "midpoint" }),
  "flow with a U-Net": flowMatching({ event: [4, 2], condition: 2, denoiser: small, guidance, sampleSteps: 2 }),
  cvae: cvae({ ...chunk, latent: 3, hidden: [8], spreadDraws: true }),
  energy: energyHead({ ...chunk, hidden: [8], candidates: 8, negatives: 5, langevinSteps: 2 }),
} as unknown as { readonly [name: string]: Generative<object> };

for (const [name, head] of Object.entries(heads)) {
  const length = name.includes("U-Net") ? 4 : 3;
  test(`${name}: over action chunks, with a slope at every parameter, and one decision where chance is away`, async () => {
    const got = await valuesOf(
      { target: wave([5, length, 2], 1), condition: wave([5, 2], 2) },
      ({ target, condition }, key) => {
        const params = head.init(key.at("params"));
        const [loss, slopes] = valueAndGrad((p: object) => head.loss(p, target, condition, key.at("loss")))(params);
        const steep = [...leavesOf<Tensor>(slopes).values()].map((s) => s.abs().sum());
        const policy = generated(head, params, condition);
        const sample = (quiet: number, draw: Key): Tensor =>
          policy.sample(stillWhen(scalar(quiet, "int32").equal(1), draw));
        return {
          loss,
          least: steep.slice(1).reduce((a, b) => a.minimum(b), steep[0]),
          drawn: policy.sample(key.at("draw")),
          loud: sample(0, key.at("draw")),
          mode: policy.mode(),
          quiet: sample(1, key.at("draw")),
          other: sample(1, key.at("other")),
        };
      },
      randomKey(1),
    );
    assert.ok(Number.isFinite(numbersOf(got.loss)[0]));
    // The last bias of an energy cancels in the softmax.
    if (name !== "energy") assert.ok(numbersOf(got.least)[0] > 0, "a parameter has no slope");
    assert.deepEqual(got.drawn.shape, [5, length, 2]);
    assert.deepEqual(got.loud.data, got.drawn.data);
    assertClose(numbersOf(got.quiet), numbersOf(got.mode), "mode");
    assert.deepEqual(got.quiet.data, got.other.data);
    assert.notDeepEqual(got.drawn.data, got.mode.data);
    await assert.rejects(
      valuesOf({ condition: wave([5, 2], 2) }, ({ condition }, key) => ({
        y: generated(head, head.init(key), condition).logProb(condition),
      })),
      /no density/,
    );
  });
}

test("guidance: a weight of 1 follows the condition, 0 ignores it, 2 goes as far again; dropout hides it from the loss", async () => {
  /** Predicts the sum of what it is told, wherever it is. */
  const teller = () =>
    Object.assign((_: object, x: Tensor, __: Tensor, given: Tensor) => x.mul(0).add(given.sum(-1, { keep: true })), {
      init: () => ({}),
    }) as never;
  const told = (weight: number, dropout = 0.5) =>
    flowMatching<object>({ event: [1], condition: 2, denoiser: teller, guidance: { weight, dropout }, sampleSteps: 1 });
  const got = await valuesOf(
    { c: wave([4, 2], 1) },
    ({ c }, key) => {
      const start = told(0).sample({}, c, key);
      const moved = (weight: number) => told(weight).sample({}, c, key).sub(start);
      const loss = (dropout: number, by: number) => told(1, dropout).loss({}, c.slice(-1, 0, 1), c.mul(by), key);
      return {
        one: moved(1),
        wanted: c.sum(-1, { keep: true }).add(1),
        two: moved(2).mul(0.5),
        hidden: loss(1, 1).sub(loss(1, 5)),
        seen: loss(0, 1).sub(loss(0, 5)),
      };
    },
    randomKey(1),
  );
  assertClose(numbersOf(got.one), numbersOf(got.wanted), "weight 1");
  assertClose(numbersOf(got.two), numbersOf(got.wanted), "weight 2");
  assert.equal(numbersOf(got.hidden)[0], 0);
  assert.ok(Math.abs(numbersOf(got.seen)[0]) > 0.1);
});

test("what cannot be made is refused in a sentence", async () => {
  assert.throws(() => diffusion({ ...chunk, steps: 10, sampleSteps: 20 }), /"sampleSteps" is 20; wanted .* 1 to 10/);
  assert.throws(() => diffusion({ ...chunk, eta: 2 }), /"eta" is 2/);
  assert.throws(() => karrasDiffusion({ ...chunk, sampleSteps: 0 }), /"sampleSteps" is 0/);
  assert.throws(() => flowMatching({ ...chunk, leastSpread: -1 }), /"leastSpread" is -1/);
  assert.throws(() => energyHead({ ...chunk, candidates: 0 }), /"candidates" is 0/);
  assert.throws(() => cvae({ ...chunk, latent: 0.5 }), /"latent" is 0.5/);
  assert.throws(() => unetDenoiser({ event: [2], condition: 1 }), /wanted an event \[time, n\]/);
  for (const [name, head] of Object.entries(heads)) {
    const inputs = { target: wave([5, 7], 1), condition: wave([5, 2], 2) };
    const lost = valuesOf(inputs, ({ target, condition }, key) => ({
      loss: head.loss(head.init(key), target, condition, key),
    }));
    await assert.rejects(lost, /target: wanted \[batch, \d, 2\], got \[5, 7\]/, name);
  }
});

test("the measure of the rings tells them from a Gaussian with their moments, from one mode, and from the other ring", () => {
  const random = generator(randomKey(8));
  const drawn = (f: (radius: number) => number[]) => [0.5, 1].map((r) => Array.from({ length: 1000 }, () => f(r)));
  const onRing = (r: number, width = 1, swing = 0.02): number[] => {
    const [angle, radius] = [2 * Math.PI * width * random.uniform(), r + swing * random.normal()];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  };
  const normal = (r: number): number[] => [random.normal() * r * Math.SQRT1_2, random.normal() * r * Math.SQRT1_2];
  assertRings(drawn(onRing));
  // 0.32 is the widest that any head is given.
  assert.throws(() => assertRings(drawn(normal), { off: 0.32 }), /draws lie 0\.3\d\d of a radius away/);
  assert.throws(
    () =>
      assertRings(
        drawn((r) => onRing(r, 0.25)),
        { off: 0.32 },
      ),
    /emptiest sector/,
  );
  assert.throws(() => assertRings(drawn(onRing).reverse(), { off: 0.32 }), /of a radius away/);
});
