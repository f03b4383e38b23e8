import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fold, generator, randomKey } from "./random.ts";
import { normal } from "./testing.ts";
import type { Spec } from "./tree.ts";
import { type ColumnSource, type Columns, Updates } from "./updates.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Megabytes the process holds, once what is no longer used is given back. */
function resident(): number {
  collect();
  collect();
  return process.memoryUsage().rss / 2 ** 20;
}

const rows = 512;
const columns: Columns = { x: normal(1, rows, 8), y: normal(2, rows) };

/** Two sets of columns that take turns, as shards do. */
const turns: ColumnSource = async (update) => ({
  columns: update % 2000 < 1000 ? columns : { x: normal(3, rows, 8), y: normal(4, rows) },
  until: (Math.floor(update / 1000) + 1) * 1000,
});

for (const [name, source] of [
  ["resident columns", columns],
  ["columns that are replaced", turns],
] as const) {
  // 1.5 kB an update would be 24 MB here and 1.5 GB in a million, which `npm run bench memory -- --seconds 60` shows.
  test(`${name}: 16,000 updates leave the process within 24 MB of what it was`, async () => {
    const draws = (update: number): Int32Array => {
      const random = generator(fold(randomKey(5), update));
      return Int32Array.from({ length: 16 }, () => random.integer(rows));
    };
    await using updates = new Updates<{ readonly w: Spec }, Record<never, never>>(
      {
        name: "memory",
        columns: source,
        batchSize: 16,
        rows: draws,
        inputs: {},
        key: randomKey(6),
        unroll: 2,
        step({ w }, { x, y }, _inputs, key) {
          const error = x.mul(w).sum(-1).sub(y).add(key.at("noise").normal(16).mul(0.1));
          const slope = x.mul(error.unsqueeze(-1)).mean(0);
          return { state: { w: w.sub(slope.mul(0.01)) }, metrics: { error: error.square().mean() } };
        },
      },
      { state: { w: normal(7, 8) } as never, update: 0 },
    );
    await updates.advance(12_000);
    const before = resident();
    await updates.advance(16_000);
    const grown = resident() - before;
    assert.ok(grown < 24, `${grown.toFixed(1)} MB more`);
  });
}
