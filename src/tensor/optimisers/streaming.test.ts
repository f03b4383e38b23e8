import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray, sliceRows } from "../ndarray.ts";
import { trace } from "../program.ts";
import { fold, generator, randomKey } from "../random.ts";
import { Compiled, Store } from "../runtime.ts";
import { scalar, type Tensor } from "../tensor.ts";
import { assertClose, numbersOf, wave } from "../testing.ts";
import { type Learner, learner } from "./optimiser.ts";
import golden from "./streaming.golden.json" with { type: "json" };
import { climbWith, obgd } from "./streaming.ts";

interface Value {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

const ways = {
  "the paper's own": obgd({ discount: 0.9 }),
  "where nothing overshoots": obgd({ discount: 0.9, trace: 0.5, rate: 0.01 }),
};

for (const [name, traces] of Object.entries(ways)) {
  test(`ObGD, ${name}: the paper's algorithm on twenty transitions and the ends of two episodes`, async () => {
    const wanted = golden[name as keyof typeof golden];
    const vector = { shape: [4], dtype: "float32" } as const;
    const number = { shape: [], dtype: "float32" } as const;
    const parameters = { weight: vector, bias: number };
    const state = { net: { params: parameters, memory: parameters, step: { ...number, dtype: "int32" } as const } };
    const inputs = { now: vector, next: vector, push: number, ended: number };
    const program = trace("stream", { state, inputs }, ({ net }, { now, next, push, ended }) => {
      const value = ({ weight, bias }: Value, x: Tensor): Tensor => x.mul(weight).sum().add(bias).tanh();
      const { params } = net as unknown as Learner<Value>;
      const error = push.add(value(params, next).mul(ended.from(1)).mul(0.9)).sub(value(params, now));
      const [moved] = climbWith(traces, net as unknown as Learner<Value>, (p) => value(p, now), { error, ended });
      return { state: { net: moved } as never, outputs: { error } };
    });
    const zero = { ...ndarray([0]), shape: [] };
    const start = {
      params: { weight: wave([4], 3), bias: { ...ndarray([0.3]), shape: [] } },
      memory: { weight: ndarray([0, 0, 0, 0]), bias: zero },
      step: { ...ndarray([0], { dtype: "int32" }), shape: [] },
    };
    const store = new Store<typeof state>({ net: start } as never);
    await using compiled = await Compiled.open(program);
    const rows = wave([21, 4], 1);
    const row = (t: number) => ({ ...sliceRows(rows, t, t + 1), shape: [4] });
    const errors: number[] = [];
    for (let t = 0; t < 20; t++) {
      const given = {
        now: row(t),
        next: row(t + 1),
        push: ndarray([3 * Math.sin(t)]),
        ended: ndarray([t % 7 === 6 ? 1 : 0]),
      };
      const flat = { ...given, push: { ...given.push, shape: [] }, ended: { ...given.ended, shape: [] } };
      const out = (await compiled.run(flat as never, store)) as never as { error: typeof zero };
      errors.push(numbersOf(out.error)[0]);
    }
    const { net } = store.read() as unknown as { net: typeof start };
    assertClose(errors, wanted.errors, "errors");
    assertClose(numbersOf(net.params.weight), wanted.weight, "weight");
    assertClose(numbersOf(net.params.bias), [wanted.bias], "bias");
  });
}

test("from one transition at a time, ObGD finds the values of Sutton's random walk", async () => {
  const places = 5;
  const vector = { shape: [places], dtype: "float32" } as const;
  const number = { shape: [], dtype: "float32" } as const;
  const state = { net: { params: vector, memory: vector, step: { ...number, dtype: "int32" } as const } };
  const inputs = { now: vector, next: vector, reward: number, ended: number };
  const traces = obgd({ discount: 1, trace: 0.5, rate: 0.05, caution: 2 });
  const program = trace("walk", { state, inputs }, ({ net }, { now, next, reward, ended }) => {
    const values = net as unknown as Learner<Tensor>;
    const of = (v: Tensor, x: Tensor): Tensor => v.mul(x).sum();
    const error = reward.add(of(values.params, next).mul(ended.from(1))).sub(of(values.params, now));
    const [moved] = climbWith(traces, values, (v) => of(v, now), { error, ended });
    return { state: { net: moved } as never, outputs: {} };
  });
  const zero = { ...ndarray([0]), shape: [] };
  const start = {
    params: ndarray([0, 0, 0, 0, 0]),
    memory: ndarray([0, 0, 0, 0, 0]),
    step: { ...ndarray([0], { dtype: "int32" }), shape: [] },
  };
  const store = new Store<typeof state>({ net: start } as never);
  await using compiled = await Compiled.open(program);
  const random = generator(fold(randomKey(1), "walk"));
  const at = (place: number) => ndarray(Array.from({ length: places }, (_, i) => (i === place ? 1 : 0)));
  const averages = new Float64Array(places);
  const [episodes, counted] = [700, 350];
  for (let episode = 0; episode < episodes; episode++) {
    for (let place = 2; place >= 0 && place < places; ) {
      const next = place + (random.uniform() < 0.5 ? 1 : -1);
      const ended = next < 0 || next === places;
      const reward = next === places ? ndarray([1]) : zero;
      const given = {
        now: at(place),
        next: at(next),
        reward: { ...reward, shape: [] },
        ended: { ...ndarray([ended ? 1 : 0]), shape: [] },
      };
      await compiled.run(given as never, store);
      place = next;
    }
    if (episode < episodes - counted) continue;
    const { net } = store.read() as unknown as { net: typeof start };
    numbersOf(net.params).forEach((v, i) => {
      averages[i] += v / counted;
    });
  }
  averages.forEach((v, i) => {
    assert.ok(Math.abs(v - (i + 1) / 6) < 0.07, `${i}: ${v}, wanted ${(i + 1) / 6}`);
  });
});

test("a trace begins as nothing, in the shape of the parameters", () => {
  const { memory } = learner({ w: scalar(3) }, obgd({ discount: 0.9 }));
  assertClose([...(memory as { w: Tensor }).w.shape], [], "shape");
});
