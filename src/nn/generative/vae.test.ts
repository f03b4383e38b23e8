import assert from "node:assert/strict";
import { test } from "node:test";
import { mapTree, ndarray, randomKey, type Tensor, zerosOf } from "../../tensor/index.ts";
import { assertClose, exactly, numbersOf, valuesOf, wave, wave64 } from "../../tensor/testing.ts";
import { gaussian } from "../distributions.ts";
import { assertRings, drawRings, learnRings } from "./testing.ts";
import { cvae, klToStandard, vae } from "./vae.ts";

test("a conditional autoencoder learns two rings", async () => {
  const head = cvae({ event: [2], condition: 1, latent: 2, hidden: [64, 64], spread: 0.05, activation: "silu" });
  assertRings(await drawRings(head, await learnRings(head, 3000)), { off: 0.25 });
});

test("the code's divergence is the closed form between normals, and 0 from a standard normal", () => {
  const { ours, general, none } = exactly({ m: wave64([3, 4], 1), s: wave64([3, 4], 2) }, ({ m, s }) => ({
    ours: klToStandard(gaussian(m, s)),
    general: gaussian(m, s).kl(gaussian(m.mul(0), s.mul(0))),
    none: klToStandard(gaussian(m.mul(0), s.mul(0))),
  }));
  assertClose(ours, general, "KL", { error: 1e-12 });
  assert.deepEqual(none, [0, 0, 0]);
});

test("with a decoder that ignores its code the bound is the likelihood itself; β weighs the divergence alone", async () => {
  const options = { event: [3, 2], condition: 2, latent: 4, hidden: [8], spread: 0.5 };
  const got = await valuesOf(
    { x: wave([5, 3, 2], 1), c: wave([5, 2], 2) },
    ({ x, c }, key) => {
      const head = cvae(options);
      const silent = mapTree(head.init(key), (leaf: Tensor) => zerosOf(leaf.shape)) as ReturnType<typeof head.init>;
      const params = head.init(key.at("params"));
      const draw = key.at("draw");
      const elbo = (beta: number) => cvae({ ...options, beta }).elbo(params, x, c, draw);
      return {
        elbo: head.elbo(silent, x, c, draw),
        exact: gaussian(zerosOf([5, 6]), zerosOf([6]).add(Math.log(0.5))).logProb(x.reshape(5, 6)),
        gap: elbo(1).sub(elbo(3)),
        twice: klToStandard(head.encode(params, x, c)).mul(2),
        shape: head.sample(params, c, draw),
      };
    },
    randomKey(1),
  );
  assertClose(numbersOf(got.elbo), numbersOf(got.exact), "bound");
  assertClose(numbersOf(got.gap), numbersOf(got.twice), "β");
  assert.deepEqual(got.shape.shape, [5, 3, 2]);
});

test("without condition: the tensor in its place says how many to draw and nothing else", async () => {
  const head = vae({ event: [2], latent: 2, hidden: [8], spreadDraws: true });
  const { x, y, loss } = await valuesOf(
    { c: ndarray([[1], [2], [3]]), target: wave([3, 2], 1) },
    ({ c, target }, key) => {
      const params = head.init(key);
      return {
        x: head.sample(params, c, key.at("draw")),
        y: head.sample(params, c.mul(7), key.at("draw")),
        loss: head.loss(params, target, c, key.at("loss")),
      };
    },
    randomKey(1),
  );
  assert.deepEqual(x.shape, [3, 2]);
  assert.deepEqual(x.data, y.data);
  assert.ok(numbersOf(loss)[0] > 0);
});
