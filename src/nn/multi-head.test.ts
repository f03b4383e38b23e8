import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, grad, mapTree, type NdArray, ndarray, randomKey, type Tensor } from "../tensor/index.ts";
import { assertClose, below, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import { qEnsemble, tanhGaussianPolicy } from "./heads.ts";
import { mlp } from "./layers.ts";
import { multiHead, multiHeadQEnsemble, multiHeadTanhGaussianPolicy } from "./multi-head.ts";
import { assertEnsemble } from "./testing.ts";

const [heads, outputs] = [3, 2];
const sizes = { inputs: 4, hidden: [5], outputs };
const head = (number: number): NdArray =>
  ndarray(
    Float32Array.from({ length: 6 * heads }, (_, i) => Number(i % heads === number)),
    { shape: [6, heads] },
  );
const x = wave([6, 4], 1);

test("the head that is picked is a plain perceptron with its own part of the last layer; the others get no slope", async () => {
  for (let number = 0; number < heads; number++) {
    const got = await valuesOf(
      { x, which: head(number) },
      ({ x, which }, key) => {
        const network = multiHead({ ...sizes, heads });
        const params = network.init(key);
        const own = (last: Tensor): Tensor => last.slice(-1, number * outputs, (number + 1) * outputs);
        const [first, last] = params.layers;
        const alone = { ...params, layers: [first, mapTree(last, own)] };
        const slopes = grad((p: typeof params) => network(p, x, which).square().sum())(params);
        return {
          picked: network(params, x, which),
          plain: mlp(sizes)(alone as never, x),
          ...below("slope", slopes.layers[1]),
        };
      },
      randomKey(2),
    );
    assertClose(numbersOf(got.picked), numbersOf(got.plain), `head ${number}`);
    for (const path of ["slope/weight", "slope/bias"]) {
      numbersOf((got as Record<string, NdArray>)[path]).forEach((slope, i) => {
        const mine = Math.floor((i % (heads * outputs)) / outputs) === number;
        if (!mine) assert.equal(slope, 0, `${path} of a head that was not picked`);
      });
      assert.ok(numbersOf((got as Record<string, NdArray>)[path]).some((slope) => slope !== 0));
    }
  }
});

test("with one head these are the plain policy and critics, from the same start", async () => {
  const one = constant(ndarray(new Float32Array(6).fill(1), { shape: [6, 1] }));
  const got = await valuesOf(
    { x, a: wave([6, 2], 2) },
    ({ x, a }, key) => {
      const [body, size] = [{ hidden: [5] }, 2];
      const policies = [
        tanhGaussianPolicy(4, 2, body),
        multiHeadTanhGaussianPolicy(4, 2, { ...body, heads: 1 }),
      ] as const;
      const critics = [
        qEnsemble(4, 2, { ...body, size }),
        multiHeadQEnsemble(4, 2, { ...body, size, heads: 1 }),
      ] as const;
      return {
        plain: policies[0](policies[0].init(key), x).mode(),
        headed: policies[1](policies[1].init(key), x, one).mode(),
        q: critics[0](critics[0].init(key), x, a),
        headedQ: critics[1](critics[1].init(key), x, a, one),
      };
    },
    randomKey(3),
  );
  assert.deepEqual(numbersOf(got.headed), numbersOf(got.plain));
  assert.deepEqual(numbersOf(got.headedQ), numbersOf(got.q));
  assert.deepEqual(got.headedQ.shape, [2, 6]);
});

test("an ensemble of them gives what its members give apart", () =>
  assertEnsemble(multiHead({ ...sizes, heads }), { x, which: wave([6, heads], 3) }));
