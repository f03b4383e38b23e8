/** A market of recorded prices: windows of them, learned from, chosen by and judged by in the order of time. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import type { Value } from "../../spaces/space.ts";
import type { Environment } from "../environment.ts";
import { type ParameterValues, withValues } from "../parameters.ts";
import { costParameters } from "./market.ts";
import { assetSize, warmUp } from "./market-prices.ts";
import { type PriceColumns, type Prices, readPrices } from "./prices.ts";
import { type PriceSource, type TradingOptions, trading } from "./trading.ts";

export interface RecordedMarketOptions extends TradingOptions, Partial<ParameterValues<typeof costParameters>> {
  /** A CSV file of bars (needs Node), or what `parsePrices` made; a list of them, with the same times, for several assets. */
  readonly prices: string | Prices | readonly (string | Prices)[];
  /** Which column of the files is what; found by their usual names where left out. */
  readonly columns?: PriceColumns;
  /** Bars of a window, which is an episode. Default 240. */
  readonly bars?: number;
  /**
   * The longest time between two bars of one window, in usual ones (the median): 4 passes over a long weekend of daily
   * bars, and ends a window of minutes where the night begins. Default 4.
   */
  readonly maxGap?: number;
  /**
   * How often one walks forward: windows, in the order of time, make folds + 2 equal blocks. In fold k the first k + 1
   * blocks are to learn from, the next is to choose by, the one after to judge by. Default 3.
   */
  readonly folds?: number;
  /** Which fold, from 0. Default the last. */
  readonly fold?: number;
  /** Which of the fold's windows episodes are drawn from. Default "train". */
  readonly split?: "train" | "validation" | "test";
  /** One window in place of the split, counted from 0 over all of them. */
  readonly window?: number;
  /**
   * Basis points of an observed return of 1. Default: the root mean square of a bar's return in the windows to learn from,
   * so that what is seen is as large in any market, and says nothing of the time after.
   */
  readonly unit?: number;
  readonly name?: string;
}

export const recordedMarketOptionNames = [
  "prices", "columns", "bars", "maxGap", "folds", "fold", "split", "window", "unit", "act", "reward",
  ...(Object.keys(costParameters) as (keyof typeof costParameters)[]),
] as const; // biome-ignore format: one line a kind

const whole = (least: number) => z.number().int().min(least);
const checks = {
  bars: [whole(2), "a whole number of at least 2"],
  maxGap: [z.number().min(1), "a number of at least 1"],
  folds: [whole(1), "a whole number of at least 1"],
  fold: [whole(0), "a whole number of at least 0"],
  split: [z.enum(["train", "validation", "test"]), '"train", "validation" or "test"'],
  window: [whole(0), "a whole number of at least 0"],
  unit: [z.number().positive(), "a number above 0"],
} as const;

/** A stretch of time in which one trades, in the order of time. */
export interface MarketWindow {
  /** When its first bar ends and its last, milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** What it is for in the fold; nothing for what comes after. */
  readonly split: "train" | "validation" | "test" | undefined;
  /** [assets][bars + 1] closes, that before its first bar first: its future, for hindsight and analysis alone. */
  readonly closes: readonly (readonly number[])[];
}

/**
 * The windows of recorded prices, as `recordedMarket` takes them.
 * @throws Problem as `recordedMarket`
 */
export function marketWindows(options: RecordedMarketOptions): readonly MarketWindow[] {
  const { assets, starts, bars, parts } = laidOut(options);
  const [{ time }] = assets;
  return Array.from(
    starts,
    (start, window): MarketWindow => ({
      from: time[start],
      to: time[start + bars - 1],
      split: splitNames.find((name) => window >= parts[name][0] && window < parts[name][1]),
      closes: assets.map(({ close }) => Array.from(close.subarray(start - 1, start + bars))),
    }),
  );
}

/**
 * Replays a window of recorded prices, after the 60 bars before it from which what is seen begins; observed and traded as
 * trading.ts says, at the closes. Nothing of a bar is seen before it has ended. Info: also the number of the window and the
 * time of the bar seen last.
 * @throws Problem "bad-option", also where there are too few bars; what `parsePrices` and `readPrices` throw; "bad-row" where
 *   the times of two assets differ
 */
export function recordedMarket(options: RecordedMarketOptions): Environment<Float32Array, Value> {
  const { name = "Market" } = options;
  const { assets, starts, bars, parts, unit } = laidOut(options);
  const [first, end] =
    options.window === undefined ? parts[options.split ?? "train"] : [options.window, options.window + 1];
  const volumes = assets.map(relativeVolume);
  const source: PriceSource<typeof costParameters> = {
    assets: assets.length,
    bars,
    unit,
    parameters: withValues(name, costParameters, { ...options }),
    dayFor: (random) => first + random.integer(end - first),
    open(state, at, window) {
      const row = starts[window] - warmUp - 1;
      assets.forEach(({ close }, asset) => {
        state.set([0, close[row], close[row], close[row], close[row], 1, close[row]], at + asset * assetSize);
      });
    },
    next(state, at, window, bar) {
      const row = starts[window] + bar;
      assets.forEach(({ close, high, low }, asset) => {
        const from = at + asset * assetSize;
        const anchor = state[from + assetSize - 1];
        const slow = anchor + (close[row] - anchor) / 60;
        state.set([0, close[row], close[row - 1], high[row], low[row], volumes[asset][row], slow], from);
      });
    },
    info: (_, __, window, bar) => ({ window, time: assets[0].time[starts[window] + bar] }),
    closes: (window) => Array.from(assets[0].close.subarray(starts[window] - 1, starts[window] + bars)),
  };
  return trading(name, source, options);
}

const splitNames = ["train", "validation", "test"] as const;

/** Prices, cut into windows, dealt to what they are for. */
function laidOut(options: RecordedMarketOptions) {
  const { name = "Market", bars = 240, maxGap = 4, folds = 3, window } = options;
  const refuse = (option: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: name, name: option, given, wanted });
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) throw refuse(option, given, wanted);
  }
  const { fold = folds - 1 } = options;
  if (fold >= folds) throw refuse("fold", fold, `a whole number below ${folds}, the folds`);
  const given = Array.isArray(options.prices) ? options.prices : [options.prices];
  const assets = given.map((one: string | Prices) =>
    typeof one === "string" ? readPrices(one, options.columns) : one,
  );
  if (assets.length === 0 || !assets.every((one) => one?.time instanceof Float64Array)) {
    throw refuse("prices", null, "a CSV file of prices, or a list of such files");
  }
  for (const other of assets.slice(1)) checkTimes(assets[0], other);
  const starts = windowsIn(assets[0].time, bars, maxGap);
  const least = folds + 2;
  if (starts.length < least) {
    const rows = assets[0].time.length;
    const wanted = `at least ${least}, ${folds} folds and 2: ${warmUp + 1 + least * bars} bars without a gap of more than ${maxGap} usual ones, or fewer "bars"`;
    throw refuse("prices", `${rows} bars, ${starts.length} windows of ${bars}`, wanted);
  }
  if (window !== undefined && window >= starts.length)
    throw refuse("window", window, `one of 0 … ${starts.length - 1}`);
  const edge = (block: number): number => Math.floor((starts.length * block) / least);
  const parts = {
    train: [0, edge(fold + 1)],
    validation: [edge(fold + 1), edge(fold + 2)],
    test: [edge(fold + 2), edge(fold + 3)],
  } as const;
  const unit =
    options.unit === undefined ? usualReturn(assets, starts.subarray(0, parts.train[1]), bars) : options.unit * 1e-4;
  return { assets, starts, bars, parts, unit };
}

/** The first rows of windows: each has `warmUp` bars and one more before it, and no gap from there to its end. */
function windowsIn(time: Float64Array, bars: number, maxGap: number): Int32Array {
  const between = time
    .slice(1)
    .map((t, i) => t - time[i])
    .sort();
  const longest = maxGap * (between[Math.floor(between.length / 2)] ?? 0);
  const starts: number[] = [];
  let from = 0;
  for (let row = 1; row <= time.length; row++) {
    if (row < time.length && time[row] - time[row - 1] <= longest) continue;
    for (let start = from + warmUp + 1; start + bars <= row; start += bars) starts.push(start);
    from = row;
  }
  return Int32Array.from(starts);
}

function checkTimes(first: Prices, other: Prices): void {
  const rows = Math.max(first.time.length, other.time.length);
  for (let row = 0; row < rows; row++) {
    if (first.time[row] === other.time[row]) continue;
    const at = (time: number | undefined): string => (time === undefined ? "nothing" : new Date(time).toISOString());
    throw problem("bad-row", {
      source: other.name,
      place: `bar ${row}`,
      field: "time",
      given: at(other.time[row]),
      rule: `${first.name} has ${at(first.time[row])} there`,
      next: "Assets that are traded together have the same bars: keep those that all of them have.",
    });
  }
}

/** Of a bar, over all assets and windows, as a share; 1 basis point where prices never move. */
function usualReturn(assets: readonly Prices[], starts: Int32Array, bars: number): number {
  let [squares, count] = [0, 0];
  for (const { close } of assets) {
    for (const start of starts) {
      for (let row = start; row < start + bars; row++) {
        squares += (close[row] / close[row - 1] - 1) ** 2;
        count++;
      }
    }
  }
  return Math.max(1e-4, Math.sqrt(squares / count));
}

/** Volume against the mean of the 60 bars before, within [0.01, 100]; 1 where there is none to compare with. */
function relativeVolume({ volume }: Prices): Float64Array {
  let mean = 0;
  return volume.map((now, row) => {
    const before = mean;
    mean += (now - mean) / Math.min(row + 1, 60);
    return before > 0 ? Math.min(100, Math.max(0.01, now / before)) : 1;
  });
}
