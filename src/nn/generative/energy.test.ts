import assert from "node:assert/strict";
import { test } from "node:test";
import { constant as constantOf, grad, ndarray, randomKey, type Tensor } from "../../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../../tensor/testing.ts";
import { energyHead } from "./energy.ts";
import { generated } from "./generative.ts";
import { assertRings, drawRings, learnRings } from "./testing.ts";

const options = { event: [2], condition: 1, hidden: [64, 64], bounds: [-1.3, 1.3], negatives: 32 } as const;

test("an energy learns two rings; resampling, Langevin steps alone and the derivative-free search all find them", async () => {
  const params = await learnRings(energyHead(options), 1300, 64);
  const drawn = (more: object) => drawRings(energyHead({ ...options, ...more }), params, 500);
  assertRings(await drawn({ rounds: 0, candidates: 128 }));
  assertRings(await drawn({ rounds: 0, candidates: 1, langevinSteps: 80, langevinSize: 3e-3 }), { off: 0.2 });
  assertRings(await drawn({ rounds: 3, candidates: 48 }));
});

test("without chance the search finds the lowest energy, and steps without noise go down its slope", async () => {
  // One linear layer: the energy is w · (x, c), lowest in a corner.
  const corner = { layers: [{ weight: ndarray([[1], [-2], [0.5]]), bias: ndarray([0]) }] };
  const plain = { event: [2], condition: 1, hidden: [], bounds: [-1, 1] } as const;
  const got = await valuesOf(
    { weight: corner.layers[0].weight, bias: corner.layers[0].bias, c: ndarray([[0], [1]]) },
    ({ weight, bias, c }, key) => {
      const params = { layers: [{ weight, bias }], norms: [] };
      const draw = (more: object) => generated(energyHead({ ...plain, ...more }), params, c);
      const head = energyHead(plain);
      const at = c.mul(0).add(0.5);
      const point = (x: Tensor): Tensor => head.energy(params, x, c);
      return {
        searched: draw({ rounds: 6, shrink: 0.8 }).mode(),
        descended: draw({ rounds: 0, langevinSteps: 40, langevinSize: 0.2 }).mode(),
        again: draw({ rounds: 6, shrink: 0.8 }).mode(),
        slope: grad((x: Tensor) => point(x).sum())(at.add(ndarrayOf([0, 0]))),
        drawn: draw({}).sample(key),
      };
    },
    randomKey(1),
  );
  assertClose(numbersOf(got.searched), [-1, 1, -1, 1], "searched", { error: 0.05 });
  assertClose(numbersOf(got.descended), [-1, 1, -1, 1], "descended", { error: 1e-6 });
  assert.deepEqual(got.again.data, got.searched.data);
  assertClose(numbersOf(got.slope), [1, -2, 1, -2], "slope");
  assert.ok(numbersOf(got.drawn).every((x) => Math.abs(x) <= 1));
});

const ndarrayOf = (values: number[]) => constantOf(ndarray(values));

test("an energy that knows nothing costs log (1 + negatives), over chunks too", async () => {
  const head = energyHead({
    event: [3, 2],
    condition: 2,
    hidden: [8],
    negatives: 15,
    candidates: 16,
    langevinSteps: 2,
  });
  const { loss, x } = await valuesOf(
    { target: wave([4, 3, 2], 1), c: wave([4, 2], 2) },
    ({ target, c }, key) => {
      const params = head.init(key);
      const flat = {
        ...params,
        layers: params.layers.map(({ weight, bias }) => ({ weight: weight.mul(0), bias })),
      };
      return { loss: head.loss(flat, target, c, key.at("loss")), x: head.sample(params, c, key.at("draw")) };
    },
    randomKey(1),
  );
  assertClose(numbersOf(loss), [Math.log(16)], "loss");
  assert.deepEqual(x.shape, [4, 3, 2]);
});
