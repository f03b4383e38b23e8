import assert from "node:assert/strict";
import { test } from "node:test";
import { grad, mapTree, randomKey, type Tensor } from "../tensor/index.ts";
import { normal, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import { type Activation, mlp } from "./layers.ts";
import golden from "./lipschitz.golden.json" with { type: "json" };
import {
  almostOrthogonal,
  lipschitzBound,
  lipschitzMlp,
  lipschitzResidual,
  spectralBound,
  spectralLinear,
} from "./lipschitz.ts";
import { ensemble, type Net } from "./net.ts";
import { orthogonalLinear } from "./orthogonal-layer.ts";
import { assertEnsemble, assertGolden } from "./testing.ts";

test("Lipschitz layers, forward and every slope as in PyTorch", async () => {
  const x = wave([4, 3], 50);
  // The margin for rounding, a hundred-thousandth a layer, sets them apart.
  const bounded = lipschitzMlp({ inputs: 3, hidden: [5], outputs: 2, activation: "tanh", bound: 3 });
  await assertGolden(golden.mlp, bounded.init, { x }, (p, { x }) => ({ y: bounded(p, x) }), { error: 1e-4 });
  const block = lipschitzResidual(3, 5);
  await assertGolden(golden.residual, block.init, { x }, (p, { x }) => ({ y: block(p, x) }));
  const turning = orthogonalLinear(5, 3);
  await assertGolden(golden.orthogonal, turning.init, { x: wave([4, 5], 50) }, (p, { x }) => ({ y: turning(p, x) }));
  const divided = spectralLinear(3, 5);
  // The bound exceeds the norm itself by up to a part in a thousand, most of it where singular values lie close.
  await assertGolden(golden.spectral, divided.init, { x }, (p, { x }) => ({ y: divided(p, x) }), { error: 2e-3 });
});

test("the spectral bound is at least the norm and within a thousandth of it", async () => {
  for (const [name, norm] of Object.entries(golden.norms)) {
    const [rows, columns] = name.split("x").map(Number);
    for (const scale of [1e-6, 1, 1e6]) {
      const { bound } = await valuesOf({ w: wave([rows, columns], 1) }, ({ w }) => ({
        bound: spectralBound(w.mul(scale)),
      }));
      const ratio = numbersOf(bound)[0] / (norm * scale);
      assert.ok(ratio >= 1 && ratio < 1.001, `${name} × ${scale}: ${ratio}`);
    }
  }
  const { zero } = await valuesOf({ w: wave([3, 4], 1) }, ({ w }) => ({ zero: spectralBound(w.mul(0)) }));
  assert.ok(numbersOf(zero)[0] < 1e-12);
});

const stretch = async <P>(
  net: Net<P, readonly [x: Tensor], Tensor>,
  certificate: (params: P) => Tensor,
  seed: number,
) => {
  // Near and far pairs: slopes show in the near ones, bounds that only hold far away do not.
  return await valuesOf(
    { a: normal(seed, 400, 6), b: normal(seed + 1, 400, 6), near: normal(seed + 2, 400, 1) },
    ({ a, b, near }, draw) => {
      const params = mapTree(net.init(draw), (leaf: Tensor) => leaf.mul(3)) as P;
      const other = a.add(b.sub(a).mul(near.mul(2).sigmoid().mul(0.1)));
      const size = (v: Tensor): Tensor => v.square().sum(-1).sqrt();
      const ratio = (to: Tensor): Tensor => size(net(params, a).sub(net(params, to))).div(size(a.sub(to)));
      return { most: ratio(other).max().maximum(ratio(b).max()), bound: certificate(params) };
    },
    randomKey(seed),
  );
};

test("no pair of points violates the certificate of any perceptron", async () => {
  for (const activation of [
    "relu",
    "tanh",
    "gelu",
    "silu",
    "softplus",
    "elu",
  ] as const satisfies readonly Activation[]) {
    for (const seed of [1, 20]) {
      const net = mlp({ inputs: 6, hidden: [16, 16], outputs: 3, activation });
      const { most, bound } = await stretch(net, (p) => lipschitzBound(p, activation), seed);
      assert.ok(numbersOf(most)[0] <= numbersOf(bound)[0], `${activation}: ${most.data} > ${bound.data}`);
      assert.ok(numbersOf(most)[0] > 0.02 * numbersOf(bound)[0], `${activation}: ${most.data} against ${bound.data}`);
    }
  }
});

test("layers bounded by construction keep their bound whatever their parameters", async () => {
  const one = (p: { layers: readonly { weight: Tensor }[] }): Tensor => p.layers[0].weight.mul(0).sum();
  for (const seed of [3, 40]) {
    const bounded = lipschitzMlp({ inputs: 6, hidden: [16, 16], outputs: 6, bound: 2 });
    const { most } = await stretch(bounded, one, seed);
    assert.ok(numbersOf(most)[0] <= 2 && numbersOf(most)[0] > 0.1, `${most.data}`);
    const block = await stretch(lipschitzResidual(6, 16), (p) => p.weight.mul(0).sum(), seed);
    assert.ok(numbersOf(block.most)[0] <= 1 + 1e-5 && numbersOf(block.most)[0] > 0.5, `${block.most.data}`);
    const divided = await stretch(spectralLinear(6, 9), (p) => p.weight.mul(0).sum(), seed);
    assert.ok(numbersOf(divided.most)[0] <= 1 && numbersOf(divided.most)[0] > 0.5, `${divided.most.data}`);
  }
});

test("almost-orthogonal matrices have norm at most 1, and orthonormal columns stay as they are", async () => {
  const { norm, same } = await valuesOf(
    { w: wave([8, 5], 1, 4) },
    ({ w }, draw) => {
      const columns = draw.orthogonal(8, 5);
      return { norm: spectralBound(almostOrthogonal(w)), same: almostOrthogonal(columns).sub(columns).abs().max() };
    },
    randomKey(1),
  );
  assert.ok(numbersOf(norm)[0] <= 1.001 && numbersOf(norm)[0] > 0.3);
  assert.ok(numbersOf(same)[0] < 1e-4);
});

test("an orthogonal layer keeps every distance where it can, and none grows where it cannot", async () => {
  const [wide, narrow] = [orthogonalLinear(4, 6), orthogonalLinear(6, 4)];
  const { kept, shrunk } = await valuesOf(
    { a: normal(1, 50, 6), b: normal(2, 50, 6) },
    ({ a, b }, draw) => {
      const size = (v: Tensor): Tensor => v.square().sum(-1).sqrt();
      const ratio = (f: (x: Tensor) => Tensor, x: Tensor, y: Tensor): Tensor =>
        size(f(x).sub(f(y))).div(size(x.sub(y)));
      const [up, down] = [wide.init(draw.at("wide")), narrow.init(draw.at("narrow"))];
      return {
        kept: ratio((x) => wide(up, x), a.slice(1, 0, 4), b.slice(1, 0, 4)),
        shrunk: ratio((x) => narrow(down, x), a, b),
      };
    },
    randomKey(1),
  );
  assert.ok(numbersOf(kept).every((r) => Math.abs(r - 1) < 1e-5));
  assert.ok(numbersOf(shrunk).every((r) => r < 1 + 1e-5) && numbersOf(shrunk).some((r) => r < 0.9));
});

test("a certificate is a penalty: its slope shrinks it; an ensemble has one a member; layer norms are refused", async () => {
  const net = mlp({ inputs: 3, hidden: [8], outputs: 2 });
  const { before, after, each } = await valuesOf(
    {},
    (_, draw) => {
      const params = net.init(draw);
      const slope = grad((p: typeof params) => lipschitzBound(p))(params);
      const moved = params.layers.map(({ weight, bias }, i) => ({
        weight: weight.sub(slope.layers[i].weight.mul(0.01)),
        bias,
      }));
      return {
        before: lipschitzBound(params),
        after: lipschitzBound({ layers: moved }),
        each: lipschitzBound(ensemble(net, 3).init(draw)),
      };
    },
    randomKey(1),
  );
  assert.ok(numbersOf(after)[0] < numbersOf(before)[0]);
  assert.deepEqual(each.shape, [3]);
  const params = { layers: [], norms: [{}] };
  assert.throws(() => lipschitzBound(params), /a network with layer norms/);
});

test("an ensemble of bounded networks is its members apart", async () => {
  const x = { x: wave([4, 3], 1) };
  await assertEnsemble(lipschitzMlp({ inputs: 3, hidden: [5], outputs: 2 }), x);
  await assertEnsemble(lipschitzResidual(3, 5), x);
  await assertEnsemble(orthogonalLinear(3, 2), x);
  await assertEnsemble(spectralLinear(3, 5), x, { error: 1e-4 });
});
