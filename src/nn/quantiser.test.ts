import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, ndarray, randomKey } from "../tensor/index.ts";
import { assertClose, normal, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import { net } from "./net.ts";
import golden from "./quantiser.golden.json" with { type: "json" };
import { codebook, movedCodes, quantise } from "./quantiser.ts";
import { assertGolden } from "./testing.ts";

test("quantised vectors, both losses and every slope as in PyTorch", async () => {
  const book = net(
    (key) => ({ codes: codebook(key, 4, 3).codes }),
    (params) => params.codes,
  );
  await assertGolden(golden.quantise, book.init, { z: wave([6, 3], 50) }, (p, { z }) => {
    const { out, commitment, codebookLoss } = quantise(p, z);
    return { y: out, commitment, codebook: codebookLoss };
  });
});

test("codes by moving averages as in PyTorch", async () => {
  const got = await valuesOf(
    { z: wave([6, 3], 50), codes: wave([4, 3], 0) },
    ({ z, codes }, draw) => {
      const start = { ...codebook(draw, 4, 3), codes, sums: codes };
      const { codes: moved, counts, sums } = movedCodes(start, z, quantise(start, z).indices, { decay: 0.9 });
      return { moved, counts, sums };
    },
    randomKey(1),
  );
  assertClose(numbersOf(got.moved), golden.moving.codes, "codes");
  assertClose(numbersOf(got.counts), golden.moving.counts, "counts");
  assertClose(numbersOf(got.sums), golden.moving.sums, "sums");
});

test("each vector gets its nearest code, a code is its own, and codes settle on the centres of the data", async () => {
  const points = normal(1, 300, 2);
  const centres = ndarray([
    [4, 4],
    [-4, 4],
    [0, -5],
  ]);
  const got = await valuesOf(
    { points, centres },
    ({ points, centres }, draw) => {
      const data = points.mul(0.3).reshape(3, 100, 2).add(centres.unsqueeze(1)).reshape(300, 2);
      let book = codebook(draw, 3, 2);
      book = { ...book, codes: centres.mul(0.2), sums: centres.mul(0.2) };
      for (let i = 0; i < 12; i++) book = movedCodes(book, data, quantise(book, data).indices, { decay: 0.5 });
      return {
        codes: book.codes,
        means: data.reshape(3, 100, 2).mean(1),
        own: quantise(book, book.codes.reshape(1, 3, 2)).indices,
        far: quantise(
          { codes: centres },
          constant(
            ndarray([
              [9, 9],
              [-0.1, 3],
              [0.1, -30],
            ]),
          ),
        ).indices,
      };
    },
    randomKey(1),
  );
  assertClose(numbersOf(got.codes), numbersOf(got.means), "centres", { error: 2e-3 });
  assert.deepEqual(numbersOf(got.own), [0, 1, 2]);
  assert.deepEqual(numbersOf(got.far), [0, 1, 2]);
});

test("a code that nothing chooses keeps its place, and stays finite when its count has gone", async () => {
  const { kept, counts } = await valuesOf(
    {
      codes: ndarray([
        [0, 0],
        [50, 0],
      ]),
    },
    ({ codes }, draw) => {
      let book = { ...codebook(draw, 2, 2), codes, sums: codes };
      const zeros = codes.mul(0);
      for (let i = 0; i < 60; i++) book = movedCodes(book, zeros, quantise(book, zeros).indices, { decay: 0.1 });
      return { kept: book.codes, counts: book.counts };
    },
    randomKey(1),
  );
  assert.ok(numbersOf(kept).every(Number.isFinite), `${kept.data}`);
  assert.equal(numbersOf(counts)[1], 0);
});
