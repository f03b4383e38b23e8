/** Draws of a program: by name, from one key, in the size of an open batch. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Key } from "./key.ts";
import { ndarray, zeros } from "./ndarray.ts";
import { fillNoise, fillRow } from "./noise.ts";
import { trace } from "./program.ts";
import { randomKey } from "./random.ts";
import { Compiled, runOnce } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import { normal, numbersOf } from "./testing.ts";

const key = randomKey(3);
const open = { shape: [-1, 3], dtype: "float32" } as const;

test("noise takes the size of an open batch at each call, and a row's does not depend on how many there are", async () => {
  const program = trace("noisy", { state: {}, inputs: { x: open } }, (state, { x }, draw: Key) => ({
    state,
    outputs: {
      added: x.add(draw.at("a").normal(-1, 3)),
      picked: draw.at("b").integers(5, -1),
      fixed: draw.at("c").uniform(4).add(0),
    },
  }));
  await using compiled = await Compiled.open(program);
  const of = (rows: number) => compiled.run({ x: normal(1, rows, 3) }, undefined, { key, update: 2 });
  const [seven, one, again] = [await of(7), await of(1), await of(7)];
  assert.deepEqual([seven.added.shape, seven.picked.shape, seven.fixed.shape], [[7, 3], [7], [4]]);
  assert.deepEqual([one.added.shape, one.picked.shape, one.fixed.shape], [[1, 3], [1], [4]]);
  assert.deepEqual(again, seven);
  assert.deepEqual(numbersOf(one.added), numbersOf(seven.added).slice(0, 3));
  assert.deepEqual(numbersOf(one.picked), numbersOf(seven.picked).slice(0, 1));
  assert.deepEqual(one.fixed, seven.fixed);
  assert.equal(new Set(numbersOf(seven.added)).size, 21);
});

test("noise of open size needs one size to take: none, or two, are refused", async () => {
  const drawn = (inputs: { readonly [name: string]: typeof open }) =>
    trace("noisy", { state: {}, inputs }, (state, given, draw: Key) => {
      const sums = Object.values(given as { readonly [name: string]: Tensor }).map((x) => x.sum());
      return { state, outputs: { y: sums.reduce((a, b) => a.add(b), draw.normal(-1).sum()) } };
    });
  await assert.rejects(runOnce(drawn({}), {}, { key }), {
    code: "bad-value",
    message: 'noisy: got "no input of open size"; wanted one open size, which its noise takes.',
  });
  const two = { a: ndarray([[1, 2, 3]]), b: normal(1, 2, 3) };
  await assert.rejects(runOnce(drawn({ a: open, b: open }), two as never, { key }), {
    message: 'noisy: got "inputs of open sizes 1, 2"; wanted one open size, which its noise takes.',
  });
});

test("a draw is named by its path: another draw beside it changes nothing", async () => {
  const draws = (both: boolean) =>
    trace("draws", { state: {}, inputs: {} }, (state, _inputs, draw) => {
      const before = both ? draw.at("other").uniform(5) : undefined;
      return {
        state,
        outputs: {
          noise: draw.at("noise").normal(5),
          again: draw.at("noise").normal(5),
          gumbel: draw.at("gumbel").gumbel(1000),
          ...(before ? { before } : {}),
        },
      };
    });
  const alone = await runOnce(draws(false), {}, { key, update: 3 });
  const beside = await runOnce(draws(true), {}, { key, update: 3 });
  assert.deepEqual(alone.noise, beside.noise);
  assert.deepEqual(alone.noise.data, alone.again.data);
  assert.notDeepEqual(alone.noise.data, (await runOnce(draws(false), {}, { key, update: 4 })).noise.data);
  assert.ok(Array.from(alone.gumbel.data as Float32Array).every(Number.isFinite));
});

test("one key drawn from in two shapes is refused: the numbers would repeat", () => {
  const drawn = (second: string) =>
    trace("drawn", { state: {}, inputs: {} }, (state, _, key) => ({
      state,
      outputs: { a: key.at("first").normal(3), b: key.at(second).normal(4) },
    }));
  assert.equal(drawn("second").noise.length, 2);
  assert.throws(
    () => drawn("first"),
    /the key at "first\/normal" is drawn from in two shapes, \[3\] and \[4\].* Split it by name/,
  );
});

test("a row's part of stacked draws is what it would be drawn turn by turn, and alone", () => {
  const turns = [0, 1, 2].map((turn) => ({ path: `${turn}/normal`, update: 0 }));
  const kind = "normal";
  const stacked = zeros([3, 2, 4]);
  const keys = [randomKey(1), randomKey(2)];
  keys.forEach((own, row) => {
    fillRow(stacked, { kind, ...turns[0], turns }, row, own);
  });
  const wanted = turns.flatMap((turn) =>
    keys.flatMap((own) => {
      const one = zeros([1, 4]);
      fillNoise(one, { kind, ...turn }, own, 0);
      return numbersOf(one);
    }),
  );
  assert.deepEqual(numbersOf(stacked), wanted);
  assert.equal(new Set(wanted).size, 24);
});
