import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { grad, maximum, ndarray, type Tensor } from "../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import golden from "./losses.golden.json" with { type: "json" };
import { batchMean, expectileLoss, huberLoss, squaredError } from "./losses.ts";
import { discounted, returnsToGo } from "./returns.ts";
import { bootstrapped } from "./targets.ts";

/** Two members' predictions; the losses of one take the first. */
const inputs = { prediction: wave([2, 5], 9, 2), target: wave([5], 10, 2) };

const cases: { readonly [name in keyof typeof golden]: (prediction: Tensor, target: Tensor) => Tensor } = {
  huber: (p, target) => huberLoss(p.at(0, 0).sub(target), 0.8),
  squared: (p, target) => squaredError(p.at(0, 0), target),
  expectile: (p, target) => expectileLoss(target.sub(p.at(0, 0)), 0.7),
  twins: (p, target) => squaredError(p.named("member", ""), target),
};

for (const [name, loss] of Object.entries(cases)) {
  test(`${name}: value and slope as in PyTorch`, async () => {
    const got = await valuesOf(inputs, ({ prediction, target }) => ({
      value: loss(prediction, target),
      slope: grad((p: Tensor) => loss(p, target))(prediction),
    }));
    const wanted = golden[name as keyof typeof golden];
    assertClose(numbersOf(got.value), [wanted.value], "value");
    assertClose(numbersOf(got.slope).slice(0, wanted.slope.length), wanted.slope, "slope");
  });
}

test("an option may be a tensor: the same losses", async () => {
  const got = await valuesOf({ ...inputs, rate: ndarray([0.7]) }, ({ prediction, target, rate }) => {
    const error = target.sub(prediction.at(0, 0));
    const at = rate.squeeze(0);
    return { expectile: expectileLoss(error, at), huber: huberLoss(error, at), wanted: huberLoss(error, 0.7) };
  });
  assertClose(numbersOf(got.expectile), [golden.expectile.value], "expectile");
  assert.deepEqual(got.huber.data, got.wanted.data);
});

test("an expectile of a half is half of the squared error, and errors weigh τ above and 1 − τ below", async () => {
  const got = await valuesOf({ error: ndarray([2, -2]) }, ({ error }) => ({
    half: expectileLoss(error, 0.5),
    above: expectileLoss(error.at(0, 0), 0.9),
    below: expectileLoss(error.at(0, 1), 0.9),
  }));
  assertClose([...numbersOf(got.half), ...numbersOf(got.above), ...numbersOf(got.below)], [2, 3.6, 0.4], "loss");
});

test("the mean is over the batch; members are summed, wherever their axis is", async () => {
  const got = await valuesOf(
    {
      x: ndarray([
        [1, 2, 3],
        [5, 6, 7],
      ]),
    },
    ({ x }) => ({
      plain: batchMean(x),
      first: batchMean(x.named("member", "")),
      last: batchMean(x.transpose().named("", "member")),
    }),
  );
  assertClose([got.plain, got.first, got.last].flatMap(numbersOf), [4, 8, 8], "mean");
});

test("a target is the reward and, where the episode goes on, what follows, discounted once a step", async () => {
  const { target } = await valuesOf(
    {
      reward: ndarray([1, 1, 1]),
      continues: ndarray([1, 0, 1]),
      span: ndarray([1, 1, 3]),
      next: ndarray([10, 10, 10]),
      discount: ndarray([0.5]),
    },
    (x) => ({ target: bootstrapped(x.reward, x.continues, x.span, x.discount.squeeze(0), maximum(x.next, 0)) }),
  );
  assertClose(numbersOf(target), [6, 1, 2.25], "target");
});

test("returns: examples, and what each says of the next", () => {
  assert.equal(discounted([1, 1, 1], 0.5), 1.75);
  assert.deepEqual([...returnsToGo([1, 1, 1], 0.5)], [1.75, 1.5, 1]);
  assert.equal(discounted([], 0.9), 0);
  const rewards = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { maxLength: 50 });
  fc.assert(
    fc.property(rewards, fc.double({ min: 0, max: 1, noNaN: true }), (r, discount) => {
      const returns = returnsToGo(r, discount);
      r.forEach((reward, t) => {
        assert.ok(Math.abs(returns[t] - (reward + discount * (returns[t + 1] ?? 0))) < 1e-9);
      });
      assert.ok(
        Math.abs(discounted(r, discount) - r.reduce((sum, reward, t) => sum + discount ** t * reward, 0)) < 1e-9,
      );
      if (r.length > 0) assert.equal(returns[0], discounted(r, discount));
    }),
  );
});
