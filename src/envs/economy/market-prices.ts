/** Prices with hidden regimes: minutes of made-up trading days, the same for all who trade a market. */
import { fold, type Generator, generator, type RandomKey, randomKey } from "../../tensor/random.ts";

export const barsADay = 240;
/** Bars before the open from which indicators start. */
export const warmUp = 60;

/** Hidden states of an asset; numbers in basis points a bar. */
export const regimes = [
  { name: "up", drift: 1.5, volatility: 6, pull: 0 },
  { name: "down", drift: -1.5, volatility: 6, pull: 0 },
  { name: "reverting", drift: 0, volatility: 7, pull: 0.06 },
  { name: "noisy", drift: 0, volatility: 14, pull: 0 },
] as const;

/** What shapes the prices; see market.ts for their ranges. */
export interface PriceLaw {
  /** Multiple of the regimes' drift. */
  readonly trend: number;
  /** Multiple of the regimes' pull towards the recent mean. */
  readonly reversion: number;
  readonly volatility: number;
  /** Mean bars that a regime lasts. */
  readonly persistence: number;
  /** Correlation of the noise of any two assets. */
  readonly correlation: number;
}

/** One asset's bar, as numbers in a state: regime, close, open, high, low, volume, slow mean (the anchor of reversion). */
export const assetSize = 7;
const [regimeAt, closeAt, openAt, highAt, lowAt, volumeAt, anchorAt] = [0, 1, 2, 3, 4, 5, 6];
const point = 1e-4;
const parts = 4;
const anchorRate = 1 / 60;

const dayKey = (market: number, day: number): RandomKey => fold(randomKey(market), "day", day);

/** Writes each asset before the first bar: price 100, a regime drawn evenly. */
export function openDay(state: Float64Array, at: number, assets: number, market: number, day: number): void {
  const random = generator(fold(dayKey(market, day), "open"));
  for (let asset = 0; asset < assets; asset++) {
    const from = at + asset * assetSize;
    state[from + regimeAt] = random.integer(regimes.length);
    for (const i of [closeAt, openAt, highAt, lowAt, anchorAt]) state[from + i] = 100;
    state[from + volumeAt] = 1;
  }
}

/**
 * Replaces each asset's bar by the next. What happens depends on market, day, bar and law alone, and not on who trades:
 * the same bar can be asked for again.
 */
export function nextBar(
  state: Float64Array,
  at: number,
  assets: number,
  market: number,
  day: number,
  bar: number,
  law: PriceLaw,
): void {
  const random = generator(fold(dayKey(market, day), "bar", bar));
  const season = seasonOf(bar);
  const common = Float64Array.from({ length: parts }, () => random.normal());
  for (let asset = 0; asset < assets; asset++) assetBar(state, at + asset * assetSize, random, common, season, law);
}

/** Busy at the open and the close. */
function seasonOf(bar: number): number {
  const through = Math.max(0, Math.min(1, bar / barsADay));
  return 0.8 + 0.8 * (2 * through - 1) ** 2;
}

function assetBar(
  state: Float64Array,
  from: number,
  random: Generator,
  common: Float64Array,
  season: number,
  law: PriceLaw,
): void {
  if (random.uniform() < 1 / law.persistence) {
    state[from + regimeAt] = (state[from + regimeAt] + 1 + random.integer(regimes.length - 1)) % regimes.length;
  }
  const { drift, volatility, pull } = regimes[state[from + regimeAt]];
  const deviation = (volatility * law.volatility * season * point) / Math.sqrt(parts);
  const open = state[from + closeAt];
  let price = open;
  let [high, low] = [open, open];
  const shared = Math.sqrt(law.correlation);
  const own = Math.sqrt(1 - law.correlation);
  for (let part = 0; part < parts; part++) {
    const back = law.reversion * pull * Math.log(state[from + anchorAt] / price);
    const noise = shared * common[part] + own * random.normal();
    // Minus half the variance, so that without drift and pull the price itself is a martingale.
    price *= Math.exp((law.trend * drift * point + back) / parts + deviation * noise - (deviation * deviation) / 2);
    high = Math.max(high, price);
    low = Math.min(low, price);
  }
  state[from + openAt] = open;
  state[from + closeAt] = price;
  state[from + highAt] = high;
  state[from + lowAt] = low;
  state[from + anchorAt] += anchorRate * (price - state[from + anchorAt]);
  const move = Math.abs(Math.log(price / open)) / (6 * point);
  state[from + volumeAt] = season * (1 + 0.5 * move) * Math.exp(0.3 * random.normal() - 0.045);
}
