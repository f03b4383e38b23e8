/** Turns that become a loop: the same values and draws as turns that are unrolled, in a fraction of the graph. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { repeat, scan } from "./control.ts";
import { evaluate, topological } from "./interpret.ts";
import { stack } from "./joining.ts";
import type { Key } from "./key.ts";
import { everythingIn } from "./loop.ts";
import { type NdArray, ndarray } from "./ndarray.ts";
import { toOnnx } from "./onnx/model.ts";
import { type Program, trace } from "./program.ts";
import { randomKey } from "./random.ts";
import { Compiled } from "./runtime.ts";
import { constant, scalar, type Tensor } from "./tensor.ts";
import { assertClose, normal, numbersOf } from "./testing.ts";

type Inputs = { readonly x: Tensor; readonly w: Tensor };
type Made = { readonly [name: string]: Tensor };
/** Enough for a body to be worth a loop. */
const busy = (x: Tensor): Tensor =>
  x.sin().mul(1.1).add(0.3).cos().mul(0.9).sub(0.2).sin().mul(1.3).add(0.1).cos().mul(0.8).sub(0.1);
const open = { x: { shape: [-1, 3], dtype: "float32" }, w: { shape: [3, 3], dtype: "float32" } } as const;
const values = { x: normal(1, 5, 3), w: normal(2, 3, 3) };
const at = { key: randomKey(7), update: 4 };

const programOf = (f: (inputs: Inputs, key: Key) => Made) =>
  trace("loops", { state: {}, inputs: open }, (state, inputs, key) => ({ state, outputs: f(inputs, key) }));
type Traced = ReturnType<typeof programOf>;

const loopsIn = (program: Pick<Program, "graph">): number =>
  new Set(
    everythingIn([...program.graph.values()]).flatMap(({ operation, attributes }) =>
      operation === "loop" ? [(attributes as { loop: { signature: string } }).loop.signature] : [],
    ),
  ).size;

async function run(program: Traced): Promise<{ readonly [name: string]: NdArray }> {
  await using compiled = await Compiled.open(program);
  return (await compiled.run(values, undefined, at)) as never;
}

/** Both ways, in the runtime: what the loop gives is what its turns give one after another. */
async function assertLoops(
  looped: (inputs: Inputs, key: Key) => Made,
  unrolled: (inputs: Inputs, key: Key) => Made,
  { loops = 1 } = {},
): Promise<Traced> {
  const [a, b] = [programOf(looped), programOf(unrolled)];
  assert.deepEqual([loopsIn(a), loopsIn(b)], [loops, 0]);
  const [got, wanted] = [await run(a), await run(b)];
  for (const [name, { shape, dtype }] of Object.entries(wanted)) {
    assert.deepEqual([got[name].shape, got[name].dtype], [shape, dtype], name);
    assertClose(numbersOf(got[name]), numbersOf(wanted[name]), name);
  }
  return a;
}

const turns = 30;
/** Constants and draws that differ by turn, matrices that do not, a counter, and a part of the state that stays. */
const walk = ({ x, w }: Inputs, key: Key) => {
  const start = { x, count: scalar(0, "int32"), kept: x.add(1) };
  const half = w.mul(0.5);
  const body = ({ x: now, count, kept }: typeof start, turn: number): typeof start => {
    const moved = now
      .matmul(half.mul(0.9))
      .tanh()
      .add(kept.mul(0.1))
      .mul(constant(ndarray([turn / turns, 1, 2])));
    const noise = key
      .at(turn)
      .normal(-1, 3)
      .mul(Math.sqrt(turn + 1));
    const same = key.at("same").normal(3);
    return { x: busy(moved.add(noise.mul(0.1)).add(same)), count: count.add(turn), kept };
  };
  return { start, body };
};
const byHand = <S>(n: number, state: S, body: (state: S, turn: number) => S): S => {
  let now = state;
  for (let turn = 0; turn < n; turn++) now = body(now, turn);
  return now;
};

test("repeat: a loop gives what its turns give, with the same draws, whatever the batch", async () => {
  const [looped, unrolled] = [repeat, byHand].map((turning) => (inputs: Inputs, key: Key): Made => {
    const { start, body } = walk(inputs, key);
    const { x, count, kept } = turning(turns, start, body);
    return { end: x, count, kept };
  });
  const program = await assertLoops(looped, unrolled);
  assert.deepEqual(
    program.noise.map(({ shape, turns: each }) => [shape, each?.length]),
    [
      [[3], undefined],
      [[turns, -1, 3], turns],
    ],
  );
  const size = (f: typeof looped): number => toOnnx(programOf(f)).length;
  assert.ok(size(looped) < size(unrolled) / 8, `${size(looped)} and ${size(unrolled)} bytes`);
});

test("the interpreter turns a loop as the runtime does", async () => {
  const program = programOf((inputs) => {
    const body = ({ x }: { x: Tensor }, turn: number) => ({
      x: x
        .matmul(inputs.w)
        .tanh()
        .add(turn / 10)
        .mul(x.sum(0))
        .sin()
        .sub(x.mul(0.5))
        .cos()
        .atMost(turn)
        .mul(1.1)
        .tanh()
        .add(x)
        .mul(0.7),
    });
    return { end: repeat(turns, { x: inputs.x }, body).x };
  });
  assert.equal(loopsIn(program), 1);
  const [wanted] = evaluate([...program.graph.values()], values);
  assertClose(numbersOf((await run(program)).end), numbersOf(wanted), "end", { error: 1e-3 });
});

test("scan: rows and outputs keep their places, forwards and in reverse", async () => {
  for (const reverse of [false, true]) {
    const body = (w: Tensor) => (h: Tensor, x: Tensor, step: number) => {
      const next = h
        .matmul(w)
        .add(x)
        .tanh()
        .mul(0.9)
        .add(h.mul(0.1))
        .sin()
        .add(step / 100)
        .square()
        .sub(x)
        .mul(0.5);
      return { state: next, outputs: { next, least: next.min(1), step: next.sum().mul(0).add(step).cast("int32") } };
    };
    const rows = ({ x }: Inputs): Tensor =>
      stack(Array.from({ length: turns }, (_, i) => x.sum(0, { keep: true }).mul(i)));
    await assertLoops(
      (inputs) => {
        const { state, outputs } = scan(rows(inputs), inputs.x.sum(0, { keep: true }), body(inputs.w), { reverse });
        return { state, ...outputs };
      },
      (inputs) => {
        const out: Made[] = [];
        let state = inputs.x.sum(0, { keep: true });
        for (let i = 0; i < turns; i++) {
          const step = reverse ? turns - 1 - i : i;
          const next = body(inputs.w)(state, rows(inputs).at(0, step), step);
          state = next.state;
          out[step] = next.outputs;
        }
        return {
          state,
          ...Object.fromEntries(Object.keys(out[0]).map((name) => [name, stack(out.map((o) => o[name]))])),
        };
      },
    );
  }
});

test("turns that differ are unrolled beside those that are alike", async () => {
  const body = (w: Tensor) => (x: Tensor, turn: number) => {
    const next = x
      .matmul(w)
      .tanh()
      .add(x.mul(0.3))
      .mul(0.9)
      .sin()
      .add(x)
      .mul(0.4)
      .add(1)
      .cos()
      .sub(x.mul(0.2))
      .mul(1.01);
    return turn === 0 ? next.relu() : turn === turns - 1 ? next.abs() : next;
  };
  const made = [repeat, byHand].map((turning) => ({ x, w }: Inputs) => ({ end: turning(turns, x, body(w)) }));
  const program = await assertLoops(made[0], made[1]);
  assert.ok(topological([...program.graph.values()]).some(({ operation }) => operation === "abs"));
});

test("tensors made before the turns may be constants or draws that differ, and are unrolled where they are more", async () => {
  const body = (w: Tensor, others: readonly Tensor[]) => (x: Tensor, turn: number) =>
    x.matmul(w).tanh().add(others[turn]).mul(0.9).sin().add(x).mul(0.4).add(1).cos().sub(x.mul(0.2)).mul(1.01);
  const several = (f: (i: number) => Tensor): Tensor[] => Array.from({ length: turns }, (_, i) => f(i));
  const kinds: readonly [number, (inputs: Inputs, key: Key) => Tensor[]][] = [
    [1, () => several((i) => constant(ndarray([i, 1, 2])))],
    [1, (_, key) => several((i) => key.at(i).normal(3))],
    [0, (_, key) => several((i) => key.at(i).normal(3).mul(0.5))],
    [0, ({ x }) => several((i) => x.sum(0, { keep: true }).mul(i))],
  ];
  for (const [loops, others] of kinds) {
    const made = [repeat, byHand].map((turning) => (inputs: Inputs, key: Key) => ({
      end: turning(turns, inputs.x, body(inputs.w, others(inputs, key))),
    }));
    await assertLoops(made[0], made[1], { loops });
  }
});

test("loops inside loops, outputs that others read too, and two that are one", async () => {
  const inner = (w: Tensor) => (x: Tensor) =>
    repeat(20, x, (now, turn) =>
      now
        .matmul(w)
        .tanh()
        .mul(1 + turn / 100)
        .add(x.mul(0.1))
        .sin()
        .add(now)
        .mul(0.5)
        .cos()
        .sub(x)
        .abs()
        .add(0.1)
        .log()
        .mul(0.2),
    );
  const program = programOf(({ x, w }) => {
    const early = x.mul(2);
    const [a, b] = [repeat(20, early, inner(w)), repeat(20, early, inner(w))];
    const outside = inner(w)(early);
    return { early, a, sum: a.add(b), outside, first: a.at(1, 0) };
  });
  assert.equal(loopsIn(program), 2, "the one outside has the body of the one inside the other");
  const got = await run(program);
  const wanted = evaluate([...program.graph.values()], values);
  [...program.graph.keys()].forEach((name, i) => {
    assertClose(numbersOf(got[name]), numbersOf(wanted[i]), name, { error: 1e-4 });
  });
  assert.deepEqual(
    numbersOf(got.sum),
    numbersOf(got.a).map((v) => 2 * v),
  );
});

test("random bodies: looped as unrolled", async () => {
  const steps: readonly ((x: Tensor, turn: number, key: Key, w: Tensor) => Tensor)[] = [
    (x, turn) => x.add(turn / 10),
    (x) => x.tanh(),
    (x, _, __, w) => x.matmul(w).sin(),
    (x, turn, key) => x.add(key.at(turn).uniform(-1, 3)),
    (x, _, key) => x.mul(key.at("one").normal(3)).tanh(),
    (x, turn) => x.mul(constant(ndarray([1, turn % 2, 1]))),
    (x) => x.stopGradient().sub(x.mul(0.5)),
    (x) => x.softmax(-1),
    (x) => x.sum(0).mul(0.1).sub(x).cos(),
    (_, turn, __, w) =>
      w
        .slice(0, 0, 1)
        .mul(turn + 1)
        .sin(),
  ];
  const bodies = fc.array(fc.nat(steps.length - 1), { minLength: 12, maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(bodies, async (chosen) => {
      const body = (key: Key, w: Tensor) => (x: Tensor, turn: number) =>
        chosen.reduce((now, which, i) => now.mul(0.3).add(steps[which](now, turn, key.at(`step${i}`), w).mul(0.3)), x);
      const made = [repeat, byHand].map((turning) => ({ x, w }: Inputs, key: Key) => ({
        end: turning(12, x, body(key, w.mul(0.3))).sin(),
      }));
      const [a, b] = made.map(programOf);
      assert.equal(loopsIn(a), 1);
      const [got, wanted] = [await run(a), await run(b)];
      assertClose(numbersOf(got.end), numbersOf(wanted.end), "end", { error: 1e-3, floor: 1 });
    }),
    { numRuns: 25 },
  );
});
