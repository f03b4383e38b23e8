import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../interpret.ts";
import { ndarray } from "../ndarray.ts";
import { scalar } from "../tensor.ts";
import { assertClose, numbersOf, valuesOf } from "../testing.ts";
import {
  constantRate,
  cosineDecay,
  cosineRestarts,
  exponentialDecay,
  linearDecay,
  piecewise,
  type Schedule,
  sequence,
  warmUp,
  warmUpThen,
} from "./index.ts";
import golden from "./schedules.golden.json" with { type: "json" };

const schedules: { readonly [name in keyof typeof golden]: Schedule } = {
  constant: constantRate(0.1),
  linear: linearDecay(0.1, 10, 0.02),
  exponential: exponentialDecay(0.1, 0.9),
  piecewise: piecewise([0.1, 0.01, 0.001], [3, 10]),
  restarts: cosineRestarts(0.1, 5, { floor: 0.1 }),
  "growing restarts": cosineRestarts(0.1, 3, { grow: 2 }),
  "warm, then cosine": warmUpThen(4, cosineDecay(0.1, 20)),
  sequence: sequence([constantRate(0.1), exponentialDecay(0.1, 0.8), constantRate(0.05)], [4, 12]),
};

for (const [name, schedule] of Object.entries(schedules)) {
  test(`${name}: the rates of PyTorch, in a program`, async () => {
    const wanted = golden[name as keyof typeof golden];
    const steps = Object.fromEntries(wanted.map((_, i) => [`s${i}`, { ...ndarray([i]), shape: [] }]));
    const rates = await valuesOf(steps, (tensors) =>
      Object.fromEntries(wanted.map((_, i) => [`rate${i}`, schedule(tensors[`s${i}`]).mul(1)])),
    );
    const got = wanted.map((_, i) => numbersOf((rates as Record<string, never>)[`rate${i}`])[0]);
    assertClose(got, wanted, name, { floor: 0.01 });
  });
}

const at = (rate: Schedule, ...steps: number[]): number[] =>
  steps.map((step) => Number(Number(evaluate([rate(scalar(step, "float64"))])[0].data[0]).toFixed(9)));

test("schedules pass through their ends and stay there", () => {
  assert.deepEqual(at(cosineDecay(2, 10), 0, 5, 10, 1000), [2, 1, 0, 0]);
  assert.deepEqual(at(cosineDecay(2, 10, 0.25), 0, 5, 10, 11), [2, 1.25, 0.5, 0.5]);
  assert.deepEqual(at(warmUp(2, 4), 0, 1, 3, 4, 1000), [0.5, 1, 2, 2, 2]);
  assert.deepEqual(at(linearDecay(2, 4, 1), 0, 2, 4, 1000), [2, 1.5, 1, 1]);
  assert.deepEqual(at(exponentialDecay(2, 0.5, 10), 0, 10, 20), [2, 1, 0.5]);
});

test("a schedule that cannot be is refused", () => {
  const refused = { code: "bad-option" };
  assert.throws(() => piecewise([1, 2], [3, 4]), refused);
  assert.throws(() => piecewise([1, 2, 3], [4, 4]), refused);
  assert.throws(() => piecewise([1, 2], [0]), refused);
  assert.throws(() => sequence([constantRate(1)], [2]), refused);
  assert.throws(() => cosineRestarts(1, 0), refused);
  assert.throws(() => cosineRestarts(1, 10, { grow: 0.5 }), refused);
});
