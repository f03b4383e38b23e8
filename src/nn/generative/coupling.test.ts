import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray, randomKey } from "../../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../../tensor/testing.ts";
import { couplingFlow } from "./coupling.ts";
import { assertRings, drawRings, learnRings } from "./testing.ts";

test("a flow learns two rings", async () => {
  const head = couplingFlow({ event: [2], condition: 1, layers: 6, hidden: [32, 32], activation: "silu" });
  assertRings(await drawRings(head, await learnRings(head, 1200, 128)), { off: 0.2 });
});

test("what is made of noise is turned back into it, and both ways stretch space alike", async () => {
  for (const [event, condition] of [
    [[3], 2],
    [[2, 2], 0],
    [[1], 1],
  ] as const) {
    const head = couplingFlow({ event, condition, hidden: [8] });
    const got = await valuesOf(
      { z: wave([5, ...event], 1), c: wave([5, Math.max(1, condition)], 2) },
      ({ z, c }, key) => {
        const params = head.init(key);
        const there = head.forward(params, z, c);
        const back = head.inverse(params, there.value, c);
        return { noise: back.value, sum: there.logDeterminant.add(back.logDeterminant), made: there.value };
      },
      randomKey(1),
    );
    assertClose(numbersOf(got.noise), numbersOf(wave([5, ...event], 1)), `${event}`, { error: 1e-5 });
    assertClose(numbersOf(got.sum), [0, 0, 0, 0, 0], "log-determinants", { error: 1e-5 });
    assert.deepEqual(got.made.shape, [5, ...event]);
    assert.notDeepEqual(numbersOf(got.made), numbersOf(wave([5, ...event], 1)));
  }
});

test("the density sums to 1 over a grid, and that of a number given a condition is a normal's", async () => {
  const side = 81;
  const cell = 12 / side;
  const at = (i: number): number => -6 + (i + 0.5) * cell;
  const grid = Array.from({ length: side * side }, (_, k) => [at(k % side), at(Math.floor(k / side))]);
  const head = couplingFlow({ event: [2], condition: 0, hidden: [8], mostScale: 0.3 });
  const { density } = await valuesOf(
    { x: ndarray(grid) },
    ({ x }, key) => ({ density: head.logProb(head.init(key), x, x).exp() }),
    randomKey(2),
  );
  const total = numbersOf(density).reduce((sum, p) => sum + p * cell ** 2, 0);
  assert.ok(Math.abs(total - 1) < 0.01, `${total}`);

  const one = couplingFlow({ event: [1], condition: 1, layers: 1, hidden: [4] });
  const { log, middle, ahead } = await valuesOf(
    { x: ndarray([[-1], [0], [2]]), c: ndarray([[0.3], [0.3], [0.3]]) },
    ({ x, c }, key) => {
      const params = one.init(key);
      return {
        log: one.logProb(params, x, c),
        middle: one.forward(params, x.mul(0), c).value,
        ahead: one.forward(params, x.mul(0).add(1), c).value,
      };
    },
    randomKey(3),
  );
  const [mean, spread] = [numbersOf(middle)[0], numbersOf(ahead)[0] - numbersOf(middle)[0]];
  assert.ok(Math.abs(mean) > 1e-3 && Math.abs(spread - 1) > 1e-3, "the condition moves it");
  const wanted = [-1, 0, 2].map(
    (x) => -0.5 * ((x - mean) / spread) ** 2 - Math.log(spread) - 0.5 * Math.log(2 * Math.PI),
  );
  assertClose(numbersOf(log), wanted, "a normal", { error: 1e-5 });
});

test("a flow refuses what it cannot be", () => {
  assert.throws(() => couplingFlow({ event: [2], condition: 0, layers: 0 }), /layers/);
  assert.throws(() => couplingFlow({ event: [2], condition: 0, mostScale: 0 }), /mostScale/);
});
