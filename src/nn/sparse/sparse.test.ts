import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  adagrad,
  Compiled,
  descendWith,
  fold,
  generator,
  type Learner,
  learner,
  type NdArray,
  ndarray,
  randomKey,
  runOnce,
  Store,
  sliceRows,
  type Tensor,
  trace,
} from "../../tensor/index.ts";
import { assertClose, numbersOf } from "../../tensor/testing.ts";
import {
  featureHasher,
  murmur3,
  type OnlineState,
  onlineLinear,
  type SparseRow,
  sparseColumns,
  textHasher,
  weightTable,
} from "./index.ts";
import golden from "./online.golden.json" with { type: "json" };
import type { WeightTable } from "./table.ts";

test("MurmurHash3 gives its published values", () => {
  for (const [text, seed, hash] of [
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["test", 0, 0xba6bd213],
    ["test", 0x9747b28c, 0x704b81dc],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
    ["aaa", 0x9747b28c, 0x283e0130],
    ["ππππππππ", 0x9747b28c, 0xd58063c1],
  ] as const)
    assert.equal(murmur3(text, seed), hash, `"${text}", ${seed}`);
});

test("hashed products are the products of what was hashed, on average over namespaces, when values are signed", () => {
  // All above 0: without signs every collision adds.
  const a: [string, number][] = Array.from({ length: 12 }, (_, i) => [`f${i}`, 1 + Math.sin(i) / 2]);
  const b: [string, number][] = Array.from({ length: 12 }, (_, i) => [`f${i + 6}`, 1 + Math.cos(i) / 2]);
  const values = new Map(b);
  const wanted = a.reduce((sum, [name, value]) => sum + value * (values.get(name) ?? 0), 0);
  const mean = (signed: boolean): number => {
    let sum = 0;
    for (let n = 0; n < 2000; n++) {
      const hash = featureHasher({ bits: 3, namespace: `n${n}`, signed });
      const dense = [a, b].map((features) => {
        const { indices, values } = hash(features);
        const out = new Float64Array(8);
        indices.forEach((at, f) => {
          out[at] += values[f];
        });
        return out;
      });
      sum += dense[0].reduce((product, v, i) => product + v * dense[1][i], 0) / 2000;
    }
    return sum;
  };
  const [signed, unsigned] = [mean(true), mean(false)];
  assert.ok(Math.abs(signed - wanted) < 0.6, `${signed}, wanted ${wanted}`);
  assert.ok(unsigned - wanted > 10, `${unsigned}, wanted ${wanted} and more`);
});

test("features in text make the rows that the same features make", () => {
  const [fromText, fromFeatures] = [
    textHasher({ bits: 20, namespace: "n" }),
    featureHasher({ bits: 20, namespace: "n" }),
  ];
  const name = fc.stringMatching(/^[a-zé雪:_0-9]*[a-zé雪_]$/);
  const feature = fc.oneof(
    name.filter((text) => !text.includes(":")),
    fc.tuple(
      name,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    ),
  );
  fc.assert(
    fc.property(fc.array(feature, { maxLength: 200 }), fc.constantFrom(" ", "   "), (features, gap) => {
      const words = features.map((it) => (typeof it === "string" ? it : `${it[0]}:${it[1]}`));
      const text = `1 |${gap}${words.join(gap)}${gap}`;
      assert.deepEqual(fromText(text, 3), fromFeatures(features));
    }),
  );
  for (const bad of ["a:", "a:b", "a:1e999", "a:1 b:x"]) assert.throws(() => fromText(bad), /feature "[ab]"/);
});

const size = 64;

/** Rows of up to six features, some of which meet in one place, and labels of a linear truth. */
function rowsOf(count: number, seed: number, scales = false) {
  const random = generator(fold(randomKey(seed), "rows"));
  const hash = featureHasher({ bits: 6 });
  const rows = Array.from({ length: count }, (): SparseRow => {
    const features = Array.from({ length: 1 + random.integer(6) }, (): [string, number] => {
      const name = random.integer(40);
      return [`f${name}`, random.normal() * (scales ? 10 ** ((name % 5) - 2) : 1)];
    });
    return hash(features);
  });
  const truth = Float64Array.from({ length: size }, () => random.normal());
  const labels = rows.map(({ indices, values }) =>
    indices.reduce((sum, at, f) => sum + truth[at] * values[f] * (scales ? 1 / largestOf(rows, at) : 1), 0),
  );
  return { rows, labels };
}

const largestOf = (rows: readonly SparseRow[], place: number): number =>
  Math.max(
    ...rows.flatMap(({ indices, values }) => [...indices].map((at, f) => (at === place ? Math.abs(values[f]) : 0))),
  );

/** The same model in a program: AdaGrad down the sum of a minibatch's losses. */
async function inProgram(rows: readonly SparseRow[], labels: readonly number[], batchSize: number, logistic: boolean) {
  const model = weightTable(size);
  const optimiser = adagrad(0.3);
  const columns = { ...sparseColumns(rows), label: ndarray(Float32Array.from(labels)) };
  const start = await runOnce(
    trace("start", { state: {}, inputs: {} }, (state, _inputs, key) => ({
      state,
      outputs: learner(model.init(key), optimiser) as unknown,
    })),
    {},
  );
  const spec = ({ shape, dtype }: NdArray) => ({ shape: [batchSize, ...shape.slice(1)], dtype });
  const given = {
    state: { net: start as never as Learner<WeightTable> },
    inputs: { indices: spec(columns.indices), values: spec(columns.values), label: spec(columns.label) },
  };
  const program = trace("learn", given as never, (state, inputs) => {
    const { indices, values, label } = inputs as { readonly [name: string]: Tensor };
    const { net } = state as unknown as { net: Learner<WeightTable> };
    const [moved] = descendWith(optimiser, net, (params) => {
      const prediction = model(params, indices, values).squeeze(-1);
      return logistic
        ? prediction.softplus().sub(prediction.mul(label)).sum()
        : prediction.sub(label).square().sum().mul(0.5);
    });
    return { state: { net: moved } as never, outputs: {} };
  });
  const store = new Store({ net: start } as never);
  await using compiled = await Compiled.open(program);
  for (let at = 0; at + batchSize <= rows.length; at += batchSize) {
    const batch = Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, sliceRows(column, at, at + batchSize)]),
    );
    await compiled.run(batch as never, store as never);
  }
  return numbersOf((store.read() as unknown as { net: { params: { weight: NdArray } } }).net.params.weight);
}

for (const [batchSize, logistic] of [
  [1, false],
  [8, false],
  [8, true],
] as const) {
  const loss = logistic ? "logistic" : "squared";
  test(`${loss}, ${batchSize} rows at a time: the same weights in JavaScript and in a program`, async () => {
    const { rows, labels: numbers } = rowsOf(240, 5);
    const labels = logistic ? numbers.map((y) => (y > 0 ? 1 : 0)) : numbers;
    const online = onlineLinear({ size, loss, rate: 0.3, step: "adagrad" });
    for (let at = 0; at < rows.length; at += batchSize) {
      if (batchSize === 1) online.learn(rows[at], labels[at]);
      else online.learnBatch(rows.slice(at, at + batchSize), labels.slice(at, at + batchSize));
    }
    const weights = numbersOf(online.state().weight);
    assert.ok(weights.some((w) => Math.abs(w) > 0.3));
    assertClose(weights, await inProgram(rows, labels, batchSize, logistic), "weights", { error: 1e-4 });
  });
}

test("normalised steps are algorithm 2 of arXiv:1305.6646", () => {
  const online = onlineLinear({ size: 12 });
  const predictions = golden.predictions.map((_, t) => {
    const at = [0, 1, 2].map((f) => ((t + 1) * 5 + 4 * f) % 12);
    const values = at.map((place, f) => (1 + place) ** 2 * Math.sin(1.7 * (t + 1 + f)));
    const row = { indices: Int32Array.from(at), values: Float32Array.from(values) };
    return online.learn(row, Math.sin(t + 1));
  });
  assertClose(predictions, golden.predictions, "predictions", { error: 1e-4 });
  assertClose(numbersOf(online.state().weight), golden.weight, "weights", { error: 1e-4 });
});

test("normalised steps: predictions do not depend on the features' units (arXiv:1305.6646, section 3)", () => {
  const { rows, labels } = rowsOf(300, 6);
  // Powers of two, so that another unit is exactly another unit.
  const unit = (at: number): number => 2 ** ((at % 9) - 4);
  const predictions = (step: "normalised" | "adagrad", units: boolean): number[] => {
    const online = onlineLinear({ size, step });
    return rows.map(({ indices, values }, r) => {
      const scaled = units ? values.map((v, f) => v * unit(indices[f])) : values;
      return online.learn({ indices, values: scaled }, labels[r]);
    });
  };
  assertClose(predictions("normalised", true), predictions("normalised", false), "in other units", { error: 1e-3 });
  const plain = predictions("adagrad", false);
  assert.ok(predictions("adagrad", true).some((p, i) => Math.abs(p - plain[i]) > 0.5));
});

test("it learns: on features of scales from 0.01 to 100 the last errors are a tenth of the first", () => {
  const { rows, labels } = rowsOf(400, 7, true);
  const online = onlineLinear({ size });
  const errors = Array.from({ length: 6 }, () =>
    rows.reduce((sum, row, r) => sum + (online.learn(row, labels[r]) - labels[r]) ** 2, 0),
  );
  assert.ok(errors[5] < errors[0] / 10, `${errors}`);
});

test("a learner goes on from its state as if it had never stopped", () => {
  const { rows, labels } = rowsOf(120, 8);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 120 }), fc.constantFrom("adagrad", "normalised"), (cut, step) => {
      const learned = (from: number, to: number, state?: OnlineState): OnlineState => {
        const online = onlineLinear({ size, step }, state);
        for (let r = from; r < to; r++) online.learn(rows[r], labels[r]);
        return online.state();
      };
      assert.deepEqual(learned(cut, 120, learned(0, cut)), learned(0, 120));
    }),
    { numRuns: 20 },
  );
});

test("what cannot be learned from is refused", () => {
  const row = featureHasher({ bits: 6 })(["a", ["b", 2]]);
  const logistic = onlineLinear({ size, loss: "logistic" });
  assert.throws(() => logistic.learn(row, 0.5), { code: "bad-value" });
  assert.throws(() => logistic.learn({ indices: Int32Array.of(size), values: Float32Array.of(1) }, 1), {
    code: "bad-value",
  });
  assert.throws(() => logistic.learnBatch([row], [1]), { code: "bad-option" });
  assert.throws(() => onlineLinear({ size: 0 }), { code: "bad-option" });
  assert.throws(() => onlineLinear({ size: 8 }, logistic.state()), { code: "bad-option" });
  assert.throws(() => featureHasher({ bits: 40 }), { code: "bad-option" });
  assert.throws(() => featureHasher()([["x", Number.NaN]]), { code: "not-finite" });
});
