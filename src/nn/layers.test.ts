import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, grad, leavesOf, mapTree, type NdArray, randomKey, type Tensor } from "../tensor/index.ts";
import { assertClose, below, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import golden from "./layers.golden.json" with { type: "json" };
import { type Activation, fanIn, glorot, type Initialiser, type Mlp, mlp, orthogonal, within } from "./layers.ts";
import { ensemble, members } from "./net.ts";

const sizes = { inputs: 3, hidden: [5, 4], outputs: 2 };
const key = randomKey(7);

for (const [name, wanted] of Object.entries(golden)) {
  test(`mlp, ${name}: forward and every slope as in PyTorch`, async () => {
    const [activation, normalised] = name.split(", ");
    const net = mlp({ ...sizes, activation: activation as Activation, layerNorm: normalised !== undefined });
    const got = await valuesOf({ x: wave([6, 3], 50, 1.5) }, ({ x }, draw) => {
      const start = net.init(draw);
      const paths = [...leavesOf(start).keys()];
      const waves = mapTree(start, ({ shape }: Tensor, path) => constant(wave(shape, paths.indexOf(path))));
      const params = waves as unknown as Mlp;
      const slopes = grad((p: { x: Tensor; params: Mlp }) => net(p.params, p.x).square().mean())({ x, params });
      return { out: net(params, x), "slope/x": slopes.x, ...below("slope", slopes.params) };
    });
    assert.deepEqual(Object.keys(got).sort(), Object.keys(wanted).sort());
    for (const [path, numbers] of Object.entries(wanted)) {
      assertClose(numbersOf((got as Record<string, NdArray>)[path]), numbers, path, { floor: 0.02 });
    }
  });
}

test("an ensemble of n is n separate networks: the same starts, the same outputs, the same slopes", async () => {
  const net = mlp({ ...sizes, layerNorm: true });
  const twins = ensemble(net, 3);
  const loss = (out: Tensor) => out.square().mean();
  const got = await valuesOf(
    { x: wave([6, 3], 1, 1.5) },
    ({ x }, draw) => {
      const params = twins.init(draw);
      const out = twins(params, x);
      assert.deepEqual(out.axes, ["member", "", ""]);
      const slopes = grad((p: Mlp) => loss(twins(p, x)).mul(3))(params);
      const results: Record<string, Tensor> = { out };
      Object.assign(results, below("params", params), below("slopes", slopes));
      for (let i = 0; i < 3; i++) {
        const own = net.init(draw.at(i));
        results[`${i}/out`] = net(own, x);
        results[`${i}/member`] = twins(members(params, i, i + 1), x).at("member", 0);
        const slope = grad((p: Mlp) => loss(net(p, x)))(own);
        Object.assign(results, below(`${i}/params`, own), below(`${i}/slopes`, slope));
      }
      return results;
    },
    key,
  );
  const shared = Object.keys(got).filter((name) => !/^\d\//.test(name));
  for (const name of shared) {
    const size = got[name].data.length / 3;
    for (let i = 0; i < 3; i++) {
      const member = numbersOf(got[name]).slice(i * size, (i + 1) * size);
      assertClose(member, numbersOf(got[`${i}/${name}`]), `${name} of ${i}`, { error: 1e-6 });
    }
  }
  for (let i = 0; i < 3; i++) assertClose(numbersOf(got[`${i}/member`]), numbersOf(got[`${i}/out`]), `member ${i}`);
  assert.notDeepEqual(got["0/out"].data, got["1/out"].data);
  assert.equal(shared.length, 1 + 2 * 10);
});

test("orthogonal weights are orthonormal in the shorter direction, times the gain", async () => {
  for (const [rows, columns] of [
    [4, 4],
    [7, 3],
    [3, 7],
  ]) {
    const { w } = await valuesOf({}, (_, draw) => ({ w: orthogonal(2)(draw, rows, columns) }), key);
    const at = (r: number, c: number) => numbersOf(w)[r * columns + c] / 2;
    const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
    const vector = (i: number) => Array.from({ length }, (_, j) => (rows <= columns ? at(i, j) : at(j, i)));
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++) {
        const dot = vector(i).reduce((sum, v, k) => sum + v * vector(j)[k], 0);
        assert.ok(Math.abs(dot - (i === j ? 1 : 0)) < 1e-6, `${rows}×${columns}: ${i} · ${j} = ${dot}`);
      }
  }
});

test("weights start uniform within their bounds", async () => {
  const [inputs, outputs] = [100, 60];
  const starts: [Initialiser, number][] = [
    [fanIn, 0.1],
    [glorot, Math.sqrt(6 / 160)],
    [within(0.003), 0.003],
  ];
  for (const [initialise, bound] of starts) {
    const { w } = await valuesOf({}, (_, draw) => ({ w: initialise(draw, inputs, outputs) }), key);
    const values = numbersOf(w);
    assert.ok(values.every((v) => Math.abs(v) <= bound * (1 + 1e-6)));
    assert.ok(Math.max(...values) > 0.99 * bound && Math.min(...values) < -0.99 * bound);
    const mean = values.reduce((a, b) => a + b) / values.length;
    assert.ok(Math.abs(mean) < (5 * bound) / Math.sqrt(3 * values.length));
  }
});

test("layers of one network start apart, and what was asked of the start holds", async () => {
  const net = mlp({ inputs: 4, hidden: [4, 4], outputs: 4, lastWeight: within(1e-3), bias: "zero" });
  const got = await valuesOf({}, (_, draw) => below("start", net.init(draw)), key);
  const leaf = (path: string) => numbersOf(got[`start/${path}`]);
  assert.notDeepEqual(leaf("layers/0/weight"), leaf("layers/1/weight"));
  assert.ok(leaf("layers/2/weight").every((v) => Math.abs(v) <= 1.001e-3));
  assert.ok(leaf("layers/1/weight").some((v) => Math.abs(v) > 0.1));
  for (const i of [0, 1, 2]) assert.deepEqual(leaf(`layers/${i}/bias`), [0, 0, 0, 0]);
});
