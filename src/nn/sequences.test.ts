import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Compiled,
  concat,
  constant,
  grad,
  ndarray,
  randomKey,
  type Spec,
  scalar,
  stack,
  type Tensor,
  trace,
  zeros,
} from "../tensor/index.ts";
import { assertClose, numbersOf, valuesOf, wave } from "../tensor/testing.ts";
import attentionGolden from "./attention.golden.json" with { type: "json" };
import { attention, causalMask, remembered } from "./attention.ts";
import { mapNet } from "./net.ts";
import recurrentGolden from "./recurrent.golden.json" with { type: "json" };
import { type Cell, gru, lstm, overTime } from "./recurrent.ts";
import { assertEnsemble, assertGolden } from "./testing.ts";

const key = randomKey(4);

test("GRU and LSTM over time from a carried state, forward and every slope as in PyTorch", async () => {
  const xs = wave([2, 4, 2], 50, 1.5);
  const gated = overTime(gru(2, 3));
  await assertGolden(recurrentGolden.gru, gated.init, { xs, h: wave([2, 3], 60) }, (p, { xs, h }) => {
    const { outputs, state } = gated(p, xs, { state: h });
    return { ys: outputs, last: state };
  });
  const long = overTime(lstm(2, 3));
  const given = { xs, h: wave([2, 3], 60), c: wave([2, 3], 70) };
  await assertGolden(recurrentGolden.lstm, long.init, given, (p, { xs, h, c }) => {
    const { outputs, state } = long(p, xs, { state: { hidden: h, cell: c } });
    return { ys: outputs, hidden: state.hidden, cell: state.cell };
  });
});

test("truncated, slopes reach no further back than they are told, and values are the same", async () => {
  const cell = gru(2, 3);
  const { reach, whole, cut } = await valuesOf(
    { xs: wave([2, 6, 2], 1, 1.5) },
    ({ xs }, draw) => {
      const params = cell.init(draw);
      const last = (x: Tensor, truncate?: number): Tensor =>
        overTime(cell)(params, x, truncate ? { truncate } : {}).outputs.at(1, 5);
      return {
        reach: grad((x: Tensor) => last(x, 4).sum())(xs)
          .abs()
          .sum([0, 2]),
        whole: last(xs),
        cut: last(xs, 4),
      };
    },
    key,
  );
  assert.deepEqual(
    numbersOf(reach).map((slope) => slope > 0),
    [false, false, false, false, true, true],
  );
  assert.deepEqual(cut.data, whole.data);
});

test("acting, rows of any number carry their state from call to call", async () => {
  const cell = lstm(2, 3);
  const any = (size: number): Spec => ({ shape: [-1, size], dtype: "float32" });
  const inputs: { readonly [name: string]: Spec } = { x: any(2), hidden: any(3), cell: any(3) };
  const program = trace("act", { state: {}, inputs }, (state, { x, hidden, cell: held }, draw) => ({
    state,
    outputs: { after: cell(cell.init(draw), x, { hidden, cell: held }) },
  }));
  await using compiled = await Compiled.open(program);
  for (const rows of [1, 3]) {
    let carried = { hidden: zeros([rows, 3]), cell: zeros([rows, 3]) };
    for (let t = 0; t < 3; t++) {
      const { after } = await compiled.run({ x: wave([rows, 2], t), ...carried } as never, undefined, { key });
      carried = after as unknown as typeof carried;
    }
    const { whole } = await valuesOf(
      { a: wave([rows, 2], 0), b: wave([rows, 2], 1), c: wave([rows, 2], 2) },
      ({ a, b, c }, draw) => ({ whole: overTime(cell)(cell.init(draw), stack([a, b, c], 1)).state.hidden }),
      key,
    );
    assertClose(numbersOf(carried.hidden), numbersOf(whole), `${rows} rows`, { error: 1e-6 });
  }
});

async function assertSteps<S>(cell: Cell<S>): Promise<void> {
  const { whole, stepped, cut, fresh } = await valuesOf(
    { xs: wave([2, 5, 2], 1, 1.5) },
    ({ xs }, draw) => {
      const params = cell.init(draw);
      let state = cell.start(2);
      for (let t = 0; t < 5; t++) state = cell(params, xs.at(1, t), state);
      const begins = constant(ndarray([0, 0, 1, 0, 0])).broadcastTo(2, 5);
      return {
        whole: overTime(cell)(params, xs).outputs.at(1, 4),
        stepped: cell.shown(state),
        cut: overTime(cell)(params, xs, { begins }).outputs.slice(1, 2),
        fresh: overTime(cell)(params, xs.slice(1, 2)).outputs,
      };
    },
    key,
  );
  assertClose(numbersOf(whole), numbersOf(stepped), "over time", { error: 1e-6 });
  assertClose(numbersOf(cut), numbersOf(fresh), "from the beginning", { error: 1e-6 });
}

test("a cell over time is the cell step by step, and an episode that begins forgets what came before", async () => {
  await assertSteps(gru(2, 3));
  await assertSteps(lstm(2, 3));
});

test("attention, causal and across, forward and every slope as in PyTorch", async () => {
  const own = attention({ size: 4, heads: 2 });
  await assertGolden(attentionGolden.causal, own.init, { x: wave([2, 3, 4], 50) }, (p, { x }) => ({
    y: own(p, x, { causal: true }),
  }));
  const across = attention({ size: 4, heads: 2, memory: 3 });
  const given = { x: wave([2, 3, 4], 50), memory: wave([2, 5, 3], 60) };
  await assertGolden(attentionGolden.cross, across.init, given, (p, { x, memory }) => ({
    y: across(p, x, { memory }),
  }));
});

test("a masked place has no say, and a causal layer sees nothing later", async () => {
  const layer = attention({ size: 4, heads: 2 });
  const { masked, without, both, apart, early, alone } = await valuesOf(
    { x: wave([2, 5, 4], 1) },
    ({ x }, draw) => {
      const params = layer.init(draw);
      const mask = constant(ndarray(Uint8Array.of(1, 1, 1, 0, 0)));
      return {
        masked: layer(params, x, { mask }).slice(1, 0, 3),
        without: layer(params, x.slice(1, 0, 3)),
        both: layer(params, x, { mask, causal: true }).slice(1, 1),
        apart: concat(
          [
            layer(params, x, { causal: true }).slice(1, 1, 3),
            layer(params, x.slice(1, 3), { memory: x.slice(1, 0, 3) }),
          ],
          1,
        ),
        early: layer(params, x, { causal: true }).slice(1, 0, 3),
        alone: layer(params, x.slice(1, 0, 3), { causal: true }),
      };
    },
    key,
  );
  assertClose(numbersOf(masked), numbersOf(without), "masked", { error: 1e-6 });
  assertClose(numbersOf(early), numbersOf(alone), "causal", { error: 1e-6 });
  assertClose(numbersOf(both), numbersOf(apart), "causal and masked", { error: 1e-6 });
});

test("without positions, attention treats places alike: permuting them permutes what comes out", async () => {
  const layer = attention({ size: 4, heads: 2 });
  const order = constant(ndarray(Int32Array.of(3, 0, 4, 1, 2)));
  const { before, after } = await valuesOf(
    { x: wave([5, 4], 1) },
    ({ x }, draw) => {
      const params = layer.init(draw);
      return { before: layer(params, x).gather(order), after: layer(params, x.gather(order)) };
    },
    key,
  );
  assertClose(numbersOf(before), numbersOf(after), "permuted", { error: 1e-6 });
});

test("steps with a cache give what the whole causal sequence gives", async () => {
  const layer = attention({ size: 4, heads: 2 });
  const { whole, stepped } = await valuesOf(
    { x: wave([2, 5, 4], 1), nothing: { ...wave([2, 2, 8, 2], 9, 100) } },
    ({ x, nothing }, draw) => {
      const params = layer.init(draw);
      let cache = { keys: nothing, values: nothing };
      assert.deepEqual(layer.cacheShape(2, 8), nothing.shape);
      const outs: Tensor[] = [];
      for (let t = 0; t < 5; t++) {
        const position = scalar(t, "int32");
        const step = layer.step(params, x.slice(1, t, t + 1), cache, position);
        outs.push(step.out);
        cache = remembered(cache, step.fresh, position);
      }
      return { whole: layer(params, x, { causal: true }), stepped: concat(outs, 1) };
    },
    key,
  );
  assertClose(numbersOf(stepped), numbersOf(whole), "stepped", { error: 1e-6 });
});

test("masks and refusals", async () => {
  const { mask } = await valuesOf({}, () => ({ mask: causalMask(2, 4) }));
  assert.deepEqual(numbersOf(mask), [1, 1, 1, 0, 1, 1, 1, 1]);
  assert.throws(() => attention({ size: 6, heads: 4 }), /attention: got "4 heads"; wanted a divisor of its size 6/);
});

test("an ensemble of recurrent or attending networks is its members apart", async () => {
  const xs = { xs: wave([2, 4, 2], 1, 1.5) };
  await assertEnsemble(
    mapNet(overTime(gru(2, 3)), ({ outputs }) => outputs),
    xs,
  );
  await assertEnsemble(
    mapNet(overTime(lstm(2, 3)), ({ state }) => state.cell),
    xs,
  );
  await assertEnsemble(attention({ size: 4, heads: 2 }), { x: wave([2, 3, 4], 1) });
});
