import assert from "node:assert/strict";
import { test } from "node:test";
import { grad, mapTree, randomKey, type Tensor } from "../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import golden from "./experts.golden.json" with { type: "json" };
import { mixtureOfExperts } from "./experts.ts";
import { mapNet } from "./net.ts";
import { assertEnsemble, assertGolden } from "./testing.ts";

const sizes = { inputs: 3, hidden: [5], outputs: 2, experts: 4 };
const x = wave([6, 3], 50, 1.5);

test("soft and top-2 experts with their balance, forward and every slope as in PyTorch", async () => {
  for (const [name, top] of [
    ["soft", 4],
    ["top 2", 2],
  ] as const) {
    const net = mixtureOfExperts({ ...sizes, top });
    await assertGolden(golden[name], net.init, { x }, (p, { x }) => {
      const { out, balance } = net(p, x);
      return { y: out, balance };
    });
  }
});

test("gates sum to 1, all but the chosen are 0, and with one expert the mixture is that expert", async () => {
  const sparse = mixtureOfExperts({ ...sizes, top: 2 });
  const alone = mixtureOfExperts({ ...sizes, experts: 1 });
  const got = await valuesOf(
    { x },
    ({ x }, draw) => {
      const only = alone(alone.init(draw.at("alone")), x);
      return { gates: sparse(sparse.init(draw), x).gates, balance: only.balance, gate: only.gates };
    },
    randomKey(1),
  );
  for (let row = 0; row < 6; row++) {
    const gates = numbersOf(got.gates).slice(row * 4, row * 4 + 4);
    assert.equal(gates.filter((g) => g > 0).length, 2);
    assert.ok(Math.abs(gates.reduce((a, b) => a + b) - 1) < 1e-6);
  }
  assert.deepEqual(numbersOf(got.balance), [1]);
  assert.deepEqual(new Set(numbersOf(got.gate)), new Set([1]));
});

test("the balance is 1 where experts share evenly, near their number where one takes all, and its slope evens out", async () => {
  const net = mixtureOfExperts({ ...sizes, top: 1 });
  const got = await valuesOf(
    { x },
    ({ x }, draw) => {
      const params = net.init(draw);
      const still = mapTree(params.gate, (leaf: Tensor) => leaf.mul(0)) as typeof params.gate;
      const first = x.at(0, 0).slice(0, 0, 1).broadcastTo(4).argmax().oneHot(4);
      const greedy = { ...params, gate: { weight: still.weight, bias: first.mul(20) } };
      const tilted = { ...params, gate: { weight: still.weight, bias: first } };
      return {
        one: net(greedy, x).balance,
        slope: grad((bias: Tensor) => net({ ...tilted, gate: { ...tilted.gate, bias } }, x).balance)(tilted.gate.bias),
        soft: mixtureOfExperts(sizes)({ ...params, gate: still }, x).balance,
      };
    },
    randomKey(1),
  );
  assertClose(numbersOf(got.one), [4], "one takes all");
  assertClose(numbersOf(got.soft), [1], "even");
  assert.ok(
    numbersOf(got.slope)[0] > 0.1 &&
      numbersOf(got.slope)
        .slice(1)
        .every((s) => s < 0),
  );
});

test("an ensemble of mixtures is its members apart; a `top` out of range is refused", async () => {
  const out = (top: number) => mapNet(mixtureOfExperts({ ...sizes, top }), ({ out: mixed }) => mixed);
  await assertEnsemble(out(4), { x });
  await assertEnsemble(out(2), { x: wave([2, 3, 3], 1) });
  assert.throws(() => mixtureOfExperts({ ...sizes, top: 5 }), /"top" is 5; wanted 1 to 4/);
});
