/**
 * A market with hidden regimes, for learning to trade under costs: minutes with trend, reversion and noise that switch
 * without notice (P140 QTNet, arXiv 2312.15730; P182 MacroHFT, arXiv 2406.14537: the real minutes are replaced by made
 * ones). recorded-market.ts has real ones.
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import type { Value } from "../../spaces/space.ts";
import type { Environment } from "../environment.ts";
import { ownValues, type ParameterValues, parameter, withValues } from "../parameters.ts";
import { assetSize, barsADay, nextBar, openDay, regimes, warmUp } from "./market-prices.ts";
import { type PriceSource, type TradingOptions, trading } from "./trading.ts";

/** What trading costs. */
export const costParameters = {
  cost: parameter(2, 0, 50, "price of trading, basis points of what is bought or sold"),
  slippage: parameter(0, 0, 50, "mean worsening of the price at which one trades, basis points"),
};

/** As options of `make` they set the market's own values. */
const marketParameters = {
  ...costParameters,
  trend: parameter(1, 0, 5, "drift of the trending regimes, as a multiple of 1.5 basis points a bar"),
  reversion: parameter(1, 0, 5, "pull of the reverting regime, as a multiple of its own"),
  volatility: parameter(1, 0.1, 5, "noise, as a multiple of the regimes' own"),
  persistence: parameter(60, 2, 100_000, "mean bars that a regime lasts"),
  correlation: parameter(0.3, 0, 0.95, "correlation of the noise of two assets"),
};

export interface MarketOptions extends TradingOptions, Partial<ParameterValues<typeof marketParameters>> {
  /** Which market: all prices are a function of it, the day and the parameters. Default 0. */
  readonly market?: number;
  /** Which of its 100 days episodes are drawn from: 0–59, 60–79, 80–99. Default "train". */
  readonly split?: "train" | "validation" | "test";
  /** One day in place of the split, a whole number from 0. */
  readonly day?: number;
  readonly assets?: number;
  readonly name?: string;
}

export const marketOptionNames = [
  "market", "split", "day", "assets", "act", "reward",
  ...(Object.keys(marketParameters) as (keyof typeof marketParameters)[]),
] as const; // biome-ignore format: one line a kind

const splits = { train: [0, 60], validation: [60, 20], test: [80, 20] } as const;

const checks = {
  market: [z.number().int().min(0), "a whole number of at least 0"],
  split: [z.enum(["train", "validation", "test"]), '"train", "validation" or "test"'],
  day: [z.number().int().min(0), "a whole number of at least 0"],
  assets: [z.number().int().min(1).max(50), "a whole number from 1 to 50"],
} as const;

/**
 * One day of 240 bars, observed and traded as trading.ts says; a unit of return is 10 basis points. Info: also the day,
 * and what the agent must not see: regimes.
 * @throws Problem "bad-option"
 */
export function market(options: MarketOptions = {}): Environment<Float32Array, Value> {
  const { name = "Market", market: number = 0, split = "train", assets = 1 } = options;
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where: name, name: option, given, wanted });
    }
  }
  const source: PriceSource<typeof marketParameters> = {
    assets,
    bars: barsADay,
    unit: 10 * 1e-4,
    parameters: withValues(name, marketParameters, { ...options }),
    dayFor(random) {
      const [first, days] = splits[split];
      return options.day ?? first + random.integer(days);
    },
    open: (state, at, day) => openDay(state, at, assets, number, day),
    next: (state, at, day, bar, p) => nextBar(state, at, assets, number, day, bar, p),
    info: (state, at, day) => ({
      day,
      regimes: Array.from({ length: assets }, (_, asset) => regimes[state[at + asset * assetSize]].name),
    }),
    closes: (day) => marketDay({ ...options, assets }, day).closes[0],
  };
  return trading(name, source, options);
}

export interface MarketDay {
  /** [assets][bars + 1] closes, that of the opening first */
  readonly closes: readonly (readonly number[])[];
  /** [assets][bars] numbers of `regimes` */
  readonly regimes: readonly (readonly number[])[];
}

/**
 * A whole day as those who trade it will see it, its future and hidden regimes included: for hindsight experts and
 * analysis, never for observations.
 */
export function marketDay(options: MarketOptions, day: number): MarketDay {
  const { market: number = 0, assets = 1 } = options;
  const law = ownValues(withValues("marketDay", marketParameters, { ...options }));
  const state = new Float64Array(assets * assetSize);
  openDay(state, 0, assets, number, day);
  for (let bar = -warmUp; bar < 0; bar++) nextBar(state, 0, assets, number, day, bar, law);
  const closes = Array.from({ length: assets }, (_, asset) => [state[asset * assetSize + 1]]);
  const hidden = Array.from({ length: assets }, (): number[] => []);
  for (let bar = 0; bar < barsADay; bar++) {
    nextBar(state, 0, assets, number, day, bar, law);
    for (let asset = 0; asset < assets; asset++) {
      closes[asset].push(state[asset * assetSize + 1]);
      hidden[asset].push(state[asset * assetSize]);
    }
  }
  return { closes, regimes: hidden };
}
