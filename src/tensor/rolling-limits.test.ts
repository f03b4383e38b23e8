/** When turns become a loop and when they are unrolled: slopes, sizes, and what a body may not do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { repeat } from "./control.ts";
import { customGradient } from "./custom.ts";
import { grad } from "./grad.ts";
import { everythingIn } from "./loop.ts";
import { trace } from "./program.ts";
import { runOnce } from "./runtime.ts";
import { constant, type Tensor } from "./tensor.ts";
import { assertClose, normal, numbersOf } from "./testing.ts";

type Inputs = { readonly x: Tensor; readonly w: Tensor };
const specs = { x: { shape: [-1, 3], dtype: "float32" }, w: { shape: [3, 3], dtype: "float32" } } as const;
const values = { x: normal(1, 5, 3), w: normal(2, 3, 3) };
const turns = 30;

const programOf = (f: (inputs: Inputs) => { readonly [name: string]: Tensor }) =>
  trace("limits", { state: {}, inputs: specs }, (state, inputs) => ({ state, outputs: f(inputs) }));
const loopsIn = ({ graph }: ReturnType<typeof programOf>): number =>
  everythingIn([...graph.values()]).filter(({ operation }) => operation === "loop").length;

const long =
  (w: Tensor, n = turns) =>
  (x: Tensor) =>
    repeat(n, x, (now) =>
      now
        .matmul(w)
        .tanh()
        .add(x.mul(0.1))
        .sin()
        .add(now)
        .mul(0.5)
        .cos()
        .sub(x)
        .mul(0.9)
        .add(1)
        .mul(0.2)
        .tanh()
        .add(now),
    );

test("a slope unrolls the turns it flows through, and no others", async () => {
  const byState = programOf(({ x, w }) => ({ slope: grad((at: Tensor) => long(w)(at).sum())(x) }));
  const byWeight = programOf(({ x, w }) => ({ slope: grad((at: Tensor) => long(at)(x).sum())(w) }));
  const closedOver = programOf(({ x, w }) => ({ slope: grad((at: Tensor) => at.mul(long(w)(x)).sum())(x) }));
  const stopped = programOf(({ x, w }) => ({
    slope: grad((at: Tensor) => at.mul(long(w)(at.stopGradient())).sum())(x),
  }));
  assert.deepEqual([byState, byWeight, closedOver, stopped].map(loopsIn), [0, 0, 1, 1]);
  const value = async (program: ReturnType<typeof programOf>) => numbersOf((await runOnce(program, values)).slope);
  assertClose(await value(closedOver), await value(stopped), "what the product has on its other side");
  // Along a direction, by differences of the loop's own values.
  const step = 1e-2;
  const moved = (by: number) => programOf(({ x, w }) => ({ slope: long(w.add(by))(x).sum() }));
  const [ahead, behind] = [await value(moved(step)), await value(moved(-step))];
  const along = (await value(byWeight)).reduce((a, b) => a + b);
  assertClose([along], [(ahead[0] - behind[0]) / (2 * step)], "slope by weight", { error: 0.03 });
});

test("a solver with a gradient of its own is a loop inside a differentiated loss", async () => {
  // √a by Newton's method; the slope is 1 / (2 √a), whatever the steps.
  const root = customGradient(
    (a: Tensor) => repeat(2000, a, (now) => now.add(a.div(now)).mul(0.5)),
    (slope, _, out) => [slope.div(out.mul(2))],
  );
  const program = programOf(({ x }) => ({ slope: grad((a: Tensor) => root(a.square().add(1)).sum())(x) }));
  assert.equal(loopsIn(program), 1);
  assertClose(
    numbersOf((await runOnce(program, values)).slope),
    numbersOf(values.x).map((v) => v / Math.sqrt(v * v + 1)),
    "slope",
  );
});

test("few turns, and small ones, are unrolled; long ones that cannot be a loop are refused", () => {
  const small = (n: number) => programOf(({ x }) => ({ end: repeat(n, x, (now) => now.mul(1.01)) }));
  assert.deepEqual(
    [7, 4095, 4096].map((n) => loopsIn(small(n))),
    [0, 0, 1],
  );
  const larger = (n: number) => programOf(({ x, w }) => ({ end: long(w, n)(x) }));
  assert.deepEqual(
    [7, 30].map((n) => loopsIn(larger(n))),
    [0, 1],
  );
  const x = constant(values.x);
  assert.throws(
    () => grad((at: Tensor) => long(constant(values.w), 30_000)(at).sum())(x),
    /repeat: got "30000 turns of \d+ operations that must be unrolled, because a slope flows through them"; wanted at most 200000/,
  );
  const alternating = (now: Tensor, turn: number): Tensor => (turn % 2 === 0 ? now.sin() : now.cos()).mul(2).add(x);
  assert.throws(() => repeat(70_000, x, alternating), /one differs from the next/);
});

test("a body that keeps a tensor of another turn is refused where turns may become a loop", () => {
  const x = constant(values.x);
  let kept = x;
  const body = (now: Tensor): Tensor => {
    const next = now.add(kept).sin().mul(2).add(1).cos().mul(3).tanh().add(x).sin().mul(2).add(1).cos().mul(3).tanh();
    kept = next;
    return next;
  };
  assert.throws(() => repeat(turns, x, body), {
    message:
      'repeat: got "a turn that uses a tensor of another"; wanted a pure function of its arguments. Carry it in the state.',
  });
});
