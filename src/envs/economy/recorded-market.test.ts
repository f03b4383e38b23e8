import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { Environment } from "../environment.ts";
import { make } from "../registry.ts";
import { toSvg } from "../scene.ts";
import { specOf } from "../spec.ts";
import { type PriceColumns, type Prices, parsePrices } from "./prices.ts";
import { marketWindows, type RecordedMarketOptions, recordedMarket } from "./recorded-market.ts";
import { hindsight, trader } from "./traders.ts";

const folder = await mkdtemp(join(tmpdir(), "prices-"));
after(() => rm(folder, { recursive: true }));

const minute = 60_000;
const start = Date.UTC(2026, 0, 5, 9);

/** A walk of minutes as a table; `nights` are the rows before which a night lies. */
function walk(rows: number, seed = 1, nights: readonly number[] = []): string {
  const random = generator(randomKey(seed));
  let [close, time] = [50, start];
  const lines = Array.from({ length: rows }, (_, row) => {
    time += nights.includes(row) ? 1000 * minute : minute;
    const open = close * Math.exp(0.0002 * random.normal());
    close = open * Math.exp(0.001 * random.normal());
    const [high, low] = [Math.max(open, close) * 1.0002, Math.min(open, close) * 0.9998];
    return [new Date(time).toISOString(), open, high, low, close, random.integer(900)].join(",");
  });
  return ["Date,Open,High,Low,Close,Volume", ...lines].join("\n");
}

const prices = parsePrices(walk(800));
const seen = (env: Environment<Float32Array>, steps: number): Float32Array[] => {
  const { observation } = env.reset({ seed: 1 });
  return [observation, ...Array.from({ length: steps }, () => env.step(Float32Array.of(0.5)).observation)];
};

test("a table is read whichever way it is written", () => {
  const times = [0, 1, 2].map((i) => start + i * minute);
  const tables: readonly (readonly [string, PriceColumns?])[] = [
    [`time,close\n${times.map((t, i) => `${t},${i + 1}`).join("\n")}\n`],
    [`\ufeffClose;Timestamp\r\n${times.map((t, i) => `${i + 1};${t / 1000}`).join("\r\n")}`],
    [
      `"Date"\t"Price"\n${times.map((t, i) => `"${new Date(t).toISOString().replace("T", " ").replace(".000Z", "")}"\t"${i + 1}"`).join("\n")}`,
    ],
    [
      `when,Adj Close,close\n${times.map((t, i) => `${new Date(t).toISOString()},${i + 1},9`).join("\n")}`,
      { time: "when", close: "Adj Close" },
    ],
  ];
  for (const [text, columns = {}] of tables) {
    const { time, close, high, low, volume } = parsePrices(text, { columns });
    assert.deepEqual([[...time], [...close], [...volume]], [times, [1, 2, 3], [1, 1, 1]], text);
    assert.deepEqual(
      [[...high], [...low]],
      [
        [1, 2, 3],
        [1, 1, 2],
      ],
      "of the close and the one before",
    );
  }
  const day = parsePrices("date,open,high,low,close,volume\n2026-05-01,2,4,1,3,0\n2026-05-04,3,3,3,3,7\n");
  assert.deepEqual(
    [[...day.time], [...day.high], [...day.volume]],
    [
      [Date.UTC(2026, 4, 1), Date.UTC(2026, 4, 4)],
      [4, 3],
      [0, 7],
    ],
  );
  const zone = parsePrices("time,close\n2026-05-01T09:30:00+02:00,1\n2026-05-01 07:31,1\n");
  assert.equal(zone.time[1] - zone.time[0], minute);
});

test("what is wrong in a table is one sentence: the line, the column, the rule", () => {
  const refused = (text: string, words: RegExp): void =>
    assert.throws(
      () => parsePrices(text, { name: "spy.csv" }),
      (error) => error instanceof Problem && words.test(error.message),
    );
  const table = (row: string): string => `time,open,high,low,close,volume\n2026-05-01,2,4,1,3,5\n${row}\n`;
  refused(
    table("2026-05-02,2,4,1,,5"),
    /^spy\.csv, line 3, field "close": nothing; a price is a number above 0\. Drop the row/,
  );
  refused(table("2026-05-02,2,4,1,NaN,5"), /line 3, field "close": NaN/);
  refused(table("2026-05-02,2,4,1,-37,5"), /line 3, field "close": -37; a price is a number above 0/);
  refused(table("2026-05-02,2,2.5,1,3,5"), /line 3, field "high": 2\.5; no other price of the row is above it/);
  refused(table("2026-05-02,2,4,2.5,3,5"), /line 3, field "low": 2\.5; no other price of the row is below it/);
  refused(table("2026-05-02,2,4,1,3,-1"), /line 3, field "volume": -1/);
  refused(table("2026-05-02,2,4,1,3"), /line 3, field "the whole line": 5 cells; the first line names 6 columns/);
  refused(
    table("2026-05-01,2,4,1,3,5"),
    /line 3, field "time": 2026-05-01; each row is later than the one before\. Sort the rows/,
  );
  refused(table("05/02/2026,2,4,1,3,5"), /line 3, field "time": 05\/02\/2026; wanted a date such as/);
  refused(table("2026-13-02,2,4,1,3,5"), /line 3, field "time"/);
  refused("", /^spy\.csv: not a recording: it has no column for the time/);
  refused("time,close\n", /it has no rows/);
  refused("time,bid\n1,2\n", /it has no column for the close/);
  assert.throws(
    () => parsePrices("time,close\n1,2", { columns: { close: "Close" } }),
    /"columns\.close" is "Close"; wanted one of the columns of prices: time, close/,
  );
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("1", "2026-05-01", ",", "\n", '"', "NaN", " ", "-", "time,close\n"), { maxLength: 40 }),
      (parts) => {
        try {
          const read = parsePrices(`time,close\n${parts.join("")}`);
          assert.ok(read.close.every((price) => price > 0));
        } catch (error) {
          assert.ok(error instanceof Problem);
        }
      },
    ),
  );
});

test("windows follow each other, pass over no long gap, and are learned from before they are judged by", () => {
  const windows = marketWindows({ prices, bars: 40 });
  assert.equal(windows.length, Math.floor((800 - 61) / 40));
  for (const [i, { from, to, closes }] of windows.entries()) {
    const row = 61 + 40 * i;
    assert.deepEqual([from, to], [prices.time[row], prices.time[row + 39]]);
    assert.deepEqual(closes[0], Array.from(prices.close.slice(row - 1, row + 40)));
  }
  // 18 windows: three fifths, one, one.
  assert.deepEqual(
    Object.values(Object.groupBy(windows, ({ split }) => split ?? "after")).map((all) => all?.length),
    [10, 4, 4],
  );
  for (const fold of [0, 1, 2, 3]) {
    const dealt = marketWindows({ prices, bars: 40, folds: 4, fold }).map(({ split }) => split);
    const order = ["train", "validation", "test", undefined];
    assert.deepEqual(
      dealt,
      dealt.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
      `fold ${fold}`,
    );
    assert.deepEqual([dealt.indexOf("validation"), dealt.indexOf("test")], [3 * (fold + 1), 3 * (fold + 2)]);
  }
  const nights = parsePrices(walk(800, 1, [300, 550]));
  const days = marketWindows({ prices: nights, bars: 40, folds: 1 });
  assert.deepEqual(
    days.map(({ from }) => Array.from(nights.time).indexOf(from)),
    [61, 101, 141, 181, 221, 361, 401, 441, 481, 611, 651, 691, 731],
  );
  assert.equal(marketWindows({ prices: nights, bars: 40, maxGap: 2000 }).length, windows.length);
});

test("a window replays what was recorded: profit is weights times returns less costs", () => {
  const env = recordedMarket({ prices, bars: 40, window: 7, cost: 3 });
  const [closes] = marketWindows({ prices, bars: 40 })[7].closes;
  const { info } = env.reset({ seed: 5 });
  assert.deepEqual([info.window, info.time], [7, prices.time[61 + 7 * 40 - 1]]);
  let [held, wealth] = [0, 1];
  for (let bar = 0; bar < 40; bar++) {
    const weight = Math.fround(Math.sin(bar));
    const { reward, terminated, info: now } = env.step(Float32Array.of(weight));
    const left = bar === 39 ? Math.abs(weight) : 0;
    const wanted = 1e4 * weight * (closes[bar + 1] / closes[bar] - 1) - 3 * (Math.abs(weight - held) + left);
    assert.ok(Math.abs(reward - wanted) < 1e-6, `bar ${bar}`);
    wealth *= 1 + wanted * 1e-4;
    assert.ok(Math.abs((now.wealth as number) - wealth) < 1e-9);
    assert.deepEqual([terminated, now.time], [bar === 39, prices.time[61 + 7 * 40 + bar]]);
    held = weight;
  }
  const { positions, profit } = hindsight(closes, 2);
  const best = recordedMarket({ prices, bars: 40, window: 7, act: "positions" });
  best.reset({ seed: 1 });
  const earned = positions.reduce((sum, position) => sum + best.step(position + 1).reward, 0);
  // Selling at the close costs what hindsight, which goes on, does not pay.
  assert.ok(Math.abs(earned + 2 * Math.abs(positions[39]) - profit) < 1e-6);
});

test("nothing is seen of a bar before it has ended, nor of the time after the windows to learn from", () => {
  const row = 61 + 3 * 40 + 20;
  const changed = (from: number): Prices => {
    const times = (values: Float64Array): Float64Array => values.map((value, i) => (i < from ? value : 3 * value));
    return {
      ...prices,
      close: times(prices.close),
      high: times(prices.high),
      low: times(prices.low),
      volume: times(prices.volume),
    };
  };
  const options = { bars: 40, window: 3, unit: 10 };
  const before = seen(recordedMarket({ prices, ...options }), 39);
  const after = seen(recordedMarket({ prices: changed(row), ...options }), 39);
  assert.deepEqual(after.slice(0, 21), before.slice(0, 21));
  assert.notDeepEqual(after[21], before[21]);
  // The unit is that of the ten windows to learn from.
  const unit = (given: Prices): number => seen(recordedMarket({ prices: given, bars: 40, window: 3 }), 0)[0][0];
  assert.equal(unit(changed(61 + 10 * 40)), unit(prices));
  assert.notEqual(unit(changed(61 + 10 * 40 - 1)), unit(prices));
  const squares = marketWindows({ prices, bars: 40 })
    .slice(0, 10)
    .flatMap(({ closes: [c] }) => c.slice(1).map((x, i) => (x / c[i] - 1) ** 2));
  const scale = Math.sqrt(squares.reduce((a, b) => a + b) / squares.length);
  assert.ok(Math.abs(unit(prices) * scale - before[0][0] * 1e-3) < 1e-9);
  assert.ok(before.every((observation) => observation.every(Number.isFinite)));
});

test("volume is seen against that of the bars before it", () => {
  const row = 61 + 2 * 40;
  let mean = 0;
  for (let i = 0; i < row - 1; i++) mean += (prices.volume[i] - mean) / Math.min(i + 1, 60);
  const [first] = seen(recordedMarket({ prices, bars: 40, window: 2 }), 0);
  assert.ok(Math.abs(first[3] - Math.log(prices.volume[row - 1] / mean)) < 1e-6);
  const silent = parsePrices(walk(800).replaceAll(/,\d+$/gm, ",0"));
  assert.equal(seen(recordedMarket({ prices: silent, bars: 40 }), 0)[0][3], 0);
});

test("episodes are drawn from the split's windows; several assets share their times", () => {
  const drawn = (options: Partial<RecordedMarketOptions>): number[] => {
    const env = recordedMarket({ prices, bars: 40, ...options });
    return Array.from({ length: 60 }, (_, i) => env.reset(i === 0 ? { seed: 1 } : {}).info.window as number);
  };
  const range = (windows: number[]): [number, number] => [Math.min(...windows), Math.max(...windows)];
  assert.deepEqual(range(drawn({})), [0, 9]);
  assert.deepEqual(range(drawn({ split: "validation" })), [10, 13]);
  assert.deepEqual(range(drawn({ split: "test", fold: 0 })), [7, 9]);
  const other = parsePrices(walk(800, 2), { name: "other.csv" });
  const both = recordedMarket({ prices: [prices, other], bars: 40, window: 0, cost: 0 });
  both.reset({ seed: 1 });
  const [a, b] = marketWindows({ prices: [prices, other], bars: 40 })[0].closes;
  const { reward } = both.step(Float32Array.of(0.5, -0.5));
  assert.ok(Math.abs(reward - 5e3 * (a[1] / a[0] - b[1] / b[0])) < 1e-6);
  const late = { ...other, time: other.time.map((t, i) => (i === 9 ? t + 1 : t)) };
  assert.throws(
    () => recordedMarket({ prices: [prices, late] }),
    /^Problem: other\.csv, bar 9, field "time": .*; prices has /,
  );
});

test("made by name from a file, checked like any environment, and said what is missing", async () => {
  const path = join(folder, "spy.csv");
  await writeFile(path, walk(800));
  await writeFile(`${path}.gz`, gzipSync(walk(800)));
  const env = make("Market-recorded-v0", { prices: path, bars: 40 });
  assert.deepEqual(checkEnvironment(env, { steps: 60 }), []);
  assert.deepEqual(specOf(env)?.options, { prices: path, bars: 40 });
  assert.match(toSvg(env.scene!()), /day \d+, wealth/);
  const packed = make("Market-recorded-v0", { prices: `${path}.gz`, bars: 40, window: 2 });
  const plain = make("Market-recorded-v0", { prices: path, bars: 40, window: 2 });
  assert.deepEqual(packed.reset({ seed: 1 }).observation, plain.reset({ seed: 1 }).observation);
  const { decide } = trader(env, "momentum");
  assert.ok(decide(env.reset({ seed: 1 }).observation as Float32Array, new Float64Array(4), undefined));
  const refused = (options: object, words: RegExp): void =>
    assert.throws(() => make("Market-recorded-v0", { prices: path, ...options }), words);
  refused({ prices: undefined }, /option "prices" is .*; wanted a CSV file of prices/);
  refused({ prices: join(folder, "none.csv") }, /none\.csv: no such file; wanted a table of prices/);
  refused({}, /"prices" is "800 bars, 3 windows of 240"; wanted at least 5/);
  refused({ bars: 40, fold: 3 }, /"fold" is 3; wanted a whole number below 3/);
  refused({ bars: 40, window: 18 }, /"window" is 18; wanted one of 0 … 17/);
  refused({ bars: 40, cost: -1 }, /cost.*basis points/);
  refused({ bars: 40, act: "all" }, /act/);
  refused({ bars: 40, trend: 1 }, /has no option "trend"/);
});
