import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  bits,
  fillIntegers,
  fillNormal,
  fillUniform,
  fold,
  type Generator,
  generator,
  permutation,
  randomKey,
} from "./random.ts";

const n = 100_000;
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const moment = (values: ArrayLike<number>, power: number): number => mean(Array.from(values, (v) => v ** power));
const near = (value: number, wanted: number, error: number, what: string): void =>
  assert.ok(Math.abs(value - wanted) < error, `${what} is ${value}, wanted ${wanted} ± ${error}`);

/** χ² of counts against equal shares; its mean is the number of bins less one. */
const chiSquared = (counts: readonly number[]): number => {
  const share = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, c) => sum + (c - share) ** 2 / share, 0);
};
/** Beyond this a fair draw falls once in about three million. */
const limit = (bins: number): number => bins - 1 + 5 * Math.sqrt(2 * (bins - 1));
const counted = (values: Iterable<number>, bins: number): number[] => {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.floor(value * bins)]++;
  return counts;
};

test("Threefry-2x32 of 20 rounds gives Random123's known answers", () => {
  const answers = [
    // counter, key, result: kat_vectors of Random123 1.14
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xc4923a9c, 0x483df7a0],
  ];
  for (const [c0, c1, hi, lo, ...wanted] of answers) assert.deepEqual(bits({ hi, lo }, c0, c1), wanted);
});

test("uniform numbers fill [0, 1) evenly, pairs of neighbours too, in both widths", () => {
  for (const out of [new Float32Array(n), new Float64Array(n)]) {
    fillUniform(out, randomKey(1));
    assert.ok(out.every((u) => u >= 0 && u < 1));
    near(mean(out), 0.5, 0.005, "mean");
    near(moment(out, 2), 1 / 3, 0.005, "second moment");
    assert.ok(chiSquared(counted(out, 100)) < limit(100));
    const pairs = Array.from({ length: n / 2 }, (_, i) => (Math.floor(out[2 * i] * 10) + out[2 * i + 1]) / 10);
    assert.ok(chiSquared(counted(pairs, 100)) < limit(100));
  }
});

test("a float32 draw never rounds up to 1", () => {
  const out = new Float32Array(2);
  let largest = 0;
  for (let seed = 0; seed < n; seed++) {
    fillUniform(out, randomKey(seed));
    largest = Math.max(largest, out[0], out[1]);
  }
  assert.ok(largest < 1 && largest > 0.9999);
});

test("normal numbers have the normal's moments, tails and no tie between neighbours", () => {
  for (const out of [new Float32Array(n), new Float64Array(n + 1)]) {
    fillNormal(out, randomKey(2));
    assert.ok(out.every(Number.isFinite));
    const error = 5 / Math.sqrt(n);
    near(mean(out), 0, error, "mean");
    near(moment(out, 2), 1, error * Math.SQRT2, "variance");
    near(moment(out, 3), 0, error * Math.sqrt(15), "third moment");
    near(moment(out, 4), 3, error * Math.sqrt(96), "fourth moment");
    const beyond = Array.from(out).filter((z) => Math.abs(z) > 1.959964).length;
    near(beyond / out.length, 0.05, 0.0035, "share beyond 1.96");
    near(mean(Array.from(out.slice(1), (z, i) => z * out[i])), 0, error, "correlation of neighbours");
  }
});

test("normal numbers are Box and Muller's of the same bits, whatever the length of the fill", () => {
  for (const length of [1, 2, 7, 511, 512, 513, 200_001]) {
    const out = new Float64Array(length);
    const key = randomKey(length);
    fillNormal(out, key);
    for (let i = 0; i < length; i++) {
      const [a, b] = bits(key, i >>> 1, 0);
      const radius = Math.sqrt(-2 * Math.log((a + 0.5) / 2 ** 32));
      const angle = 2 * Math.PI * (b / 2 ** 32);
      const wanted = radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
      near(out[i], wanted, 4e-15, `number ${i} of ${length}`);
    }
  }
});

test("integers are even over any range", () => {
  for (const below of [1, 2, 7, 1000]) {
    const out = new Int32Array(n);
    fillIntegers(out, below, randomKey(3));
    assert.ok(out.every((i) => i >= 0 && i < below));
    if (below > 1)
      assert.ok(
        chiSquared(
          counted(
            Array.from(out, (i) => i / below + 1e-9),
            below,
          ),
        ) < limit(below),
        `${below}`,
      );
  }
});

test("a longer fill begins with the shorter one", () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), fc.nat(), (a, b, seed) => {
      for (const fill of [fillUniform, fillNormal]) {
        const [short, long] = [new Float64Array(a), new Float64Array(a + b)];
        fill(short, randomKey(seed));
        fill(long, randomKey(seed));
        assert.deepEqual(long.subarray(0, a), short);
      }
    }),
    { numRuns: 50 },
  );
});

test("keys folded by different names or numbers differ, and are unrelated streams", () => {
  const key = randomKey(4);
  const paths: (string | number)[][] = [
    ["a"],
    ["b"],
    ["ab"],
    ["a", "b"],
    ["b", "a"],
    [""],
    ["0"],
    [0],
    [1],
    [2 ** 32],
    [0, 0],
    ["a", 0],
    [0, "a"],
  ];
  const folded = paths.map((path) => fold(key, ...path));
  assert.equal(new Set([key, ...folded].map(({ hi, lo }) => `${hi} ${lo}`)).size, paths.length + 1);
  assert.deepEqual(fold(key, "a", "b"), fold(fold(key, "a"), "b"));
  assert.notDeepEqual(fold(randomKey(5), "a"), fold(key, "a"));

  const streams = folded.map((k) => {
    const out = new Float64Array(10_000);
    fillNormal(out, k);
    return out;
  });
  streams.forEach((x, i) => {
    for (const y of streams.slice(i + 1)) near(mean(x.map((v, t) => v * y[t])), 0, 0.05, "correlation");
  });
});

test("a name and the number it hashes to are different keys", () => {
  const fnv = (text: string, start: number): number =>
    [...text].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 0x01000193), start) >>> 0;
  const names = Array.from({ length: 20_000 }, (_, i) => `name ${i}`);
  const name = names.find((it) => fnv(it, 0x9747b28c) < 2 ** 21) as string;
  const number = fnv(name, 0x811c9dc5) + fnv(name, 0x9747b28c) * 2 ** 32;
  assert.ok(Number.isSafeInteger(number));
  assert.notDeepEqual(fold(randomKey(4), name), fold(randomKey(4), number));
});

test("keys of neighbouring numbers are as even as draws of one stream", () => {
  const first = (k: { hi: number; lo: number }): number => {
    const out = new Float64Array(1);
    fillUniform(out, k);
    return out[0];
  };
  const run = fold(randomKey(6), "updates");
  assert.ok(
    chiSquared(
      counted(
        Array.from({ length: n }, (_, i) => first(fold(run, i, "noise"))),
        100,
      ),
    ) < limit(100),
  );
  assert.ok(
    chiSquared(
      counted(
        Array.from({ length: n }, (_, i) => first(randomKey(i))),
        100,
      ),
    ) < limit(100),
  );
});

test("seeds beyond 32 bits and below 0 are keys of their own", () => {
  const seeds = [0, 1, -1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, 0xffffffff];
  assert.equal(new Set(seeds.map((seed) => JSON.stringify(randomKey(seed)))).size, seeds.length);
});

test("a generator continues from its position, through every kind of draw", () => {
  const draws: ((random: Generator) => number)[] = [
    (g) => g.uniform(),
    (g) => g.between(-2, 3),
    (g) => g.normal(),
    (g) => g.integer(10),
    (g) => g.choice([1, 0, 2]),
  ];
  fc.assert(
    fc.property(fc.array(fc.nat(4)), fc.array(fc.nat(4), { minLength: 1 }), fc.nat(), (first, then, seed) => {
      const whole = generator(randomKey(seed));
      for (const i of first) draws[i](whole);
      const resumed = generator(randomKey(seed), whole.position());
      for (const i of then) assert.equal(draws[i](resumed), draws[i](whole));
      assert.equal(resumed.position(), whole.position());
    }),
  );
  const far = generator(randomKey(1), 2 ** 32);
  assert.notEqual(far.uniform(), generator(randomKey(1)).uniform());
  assert.equal(far.position(), 2 ** 32 + 1);
});

test("a generator's draws have their distributions", () => {
  const random = generator(randomKey(7));
  const many = (draw: () => number): number[] => Array.from({ length: n }, draw);
  assert.ok(
    chiSquared(
      counted(
        many(() => random.uniform()),
        100,
      ),
    ) < limit(100),
  );
  const between = many(() => random.between(-2, 3));
  assert.ok(between.every((v) => v >= -2 && v < 3));
  near(mean(between), 0.5, 0.03, "mean of between");
  const normal = many(() => random.normal());
  near(mean(normal), 0, 0.016, "mean of normal");
  near(moment(normal, 2), 1, 0.025, "variance of normal");
  near(moment(normal, 4), 3, 0.16, "fourth moment of normal");
  assert.ok(
    chiSquared(
      counted(
        many(() => random.integer(7) / 7 + 1e-9),
        7,
      ),
    ) < limit(7),
  );
  const chosen = many(() => random.choice([1, 0, 3, 0]));
  const share = (i: number): number => chosen.filter((c) => c === i).length / n;
  near(share(0), 0.25, 0.01, "share of weight 1 of 4");
  near(share(2), 0.75, 0.01, "share of weight 3 of 4");
  assert.equal(share(1) + share(3), 0);
});

test("a generator and fills of one key do not share numbers", () => {
  const random = generator(randomKey(8));
  const out = new Float64Array(1000);
  fillUniform(out, randomKey(8));
  const seen = new Set(out);
  for (let i = 0; i < 1000; i++) assert.ok(!seen.has(random.uniform()));
});

test("a permutation holds each number once, and every order is as likely", () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(), (size, seed) => {
      assert.deepEqual(
        [...permutation(size, randomKey(seed))].sort((a, b) => a - b),
        Array.from({ length: size }, (_, i) => i),
      );
    }),
    { numRuns: 50 },
  );
  const orders = new Map<string, number>();
  for (let seed = 0; seed < 24_000; seed++) {
    const order = permutation(4, fold(randomKey(9), seed)).join();
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assert.equal(orders.size, 24);
  assert.ok(chiSquared([...orders.values()]) < limit(24));
});
