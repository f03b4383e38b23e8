/**
 * A market with hidden regimes, for learning to trade under costs: minutes with trend, reversion and noise that switch
 * without notice (P140 QTNet, arXiv 2312.15730; P182 MacroHFT, arXiv 2406.14537: the real minutes are replaced by made
 * ones).
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, discrete, multiDiscrete } from "../../spaces/make.ts";
import type { Space, Value } from "../../spaces/space.ts";
import type { Environment } from "../environment.ts";
import { ownValues, type ParameterValues, parameter, withValues } from "../parameters.ts";
import { label, line, type Point } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { assetSize, barsADay, nextBar, openDay, regimes, warmUp } from "./market-prices.ts";

/** As options of `make` they set the market's own values. */
export const marketParameters = {
  cost: parameter(2, 0, 50, "price of trading, basis points of what is bought or sold"),
  slippage: parameter(0, 0, 50, "mean worsening of the price at which one trades, basis points"),
  trend: parameter(1, 0, 5, "drift of the trending regimes, as a multiple of 1.5 basis points a bar"),
  reversion: parameter(1, 0, 5, "pull of the reverting regime, as a multiple of its own"),
  volatility: parameter(1, 0.1, 5, "noise, as a multiple of the regimes' own"),
  persistence: parameter(60, 2, 100_000, "mean bars that a regime lasts"),
  correlation: parameter(0.3, 0, 0.95, "correlation of the noise of two assets"),
};

export interface MarketOptions extends Partial<ParameterValues<typeof marketParameters>> {
  /** Which market: all prices are a function of it, the day and the parameters. Default 0. */
  readonly market?: number;
  /** Which of its 100 days episodes are drawn from: 0–59, 60–79, 80–99. Default "train". */
  readonly split?: "train" | "validation" | "test";
  /** One day in place of the split, a whole number from 0. */
  readonly day?: number;
  readonly assets?: number;
  /**
   * "weights": the share of wealth held in each asset, from −1 to 1, scaled down where they sum to more than 1;
   * "positions": short, flat or long in each; "long": flat or long. Default "weights".
   */
  readonly act?: "weights" | "positions" | "long";
  /** "profit": of the bar after costs, basis points; "sharpe": the differential Sharpe ratio of it. Default "profit". */
  readonly reward?: "profit" | "sharpe";
  readonly name?: string;
}

export const marketOptionNames = [
  "market", "split", "day", "assets", "act", "reward",
  ...(Object.keys(marketParameters) as (keyof typeof marketParameters)[]),
] as const; // biome-ignore format: one line a kind

const splits = { train: [0, 60], validation: [60, 20], test: [80, 20] } as const;
const sharpeRate = 1 / 60;
const point = 1e-4;

const checks = {
  market: [z.number().int().min(0), "a whole number of at least 0"],
  split: [z.enum(["train", "validation", "test"]), '"train", "validation" or "test"'],
  day: [z.number().int().min(0), "a whole number of at least 0"],
  assets: [z.number().int().min(1).max(50), "a whole number from 1 to 50"],
  act: [z.enum(["weights", "positions", "long"]), '"weights", "positions" or "long"'],
  reward: [z.enum(["profit", "sharpe"]), '"profit" or "sharpe"'],
} as const;

/** Moving figures of an asset, beside its bar: mean of returns and squares, fast and slow mean price, five last closes. */
const indicatorSize = 9;
const perAsset = 11;

/**
 * One day of 240 bars, one decision a bar; what is held at the close is sold, at the usual cost. Observation, for each asset 11 numbers: of the last bar alone, return, high
 * and low against the close (in 10 basis points), log volume; of its trend, returns over 5 bars (30 basis points), price
 * against its fast and slow means (12, 26 bars) and their difference, volatility, price against its mean of 60 bars
 * (all in units that stay within a few ones); the position held. Then the time of day as sine and cosine, and the day's
 * profit so far (percent). Reward: see `reward`. Info: profit (basis points, net), traded, wealth (1 at the open), and
 * what the agent must not see: regimes.
 * @throws Problem "bad-option"
 */
export function market(options: MarketOptions = {}): Environment<Float32Array, Value> {
  const {
    name = "Market",
    market: number = 0,
    split = "train",
    assets = 1,
    act = "weights",
    reward = "profit",
  } = options;
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where: name, name: option, given, wanted });
    }
  }
  const parameters = withValues(name, marketParameters, { ...options });
  const actionSpace: Space =
    act === "weights"
      ? box(-1, 1, { shape: [assets] })
      : assets === 1
        ? discrete(act === "long" ? 2 : 3, { names: act === "long" ? ["flat", "long"] : ["short", "flat", "long"] })
        : multiDiscrete(Array<number>(assets).fill(act === "long" ? 2 : 3));
  // state: day, bar, wealth, mean and mean square of profit, profit, traded, weights, bars, indicators
  const head = 7;
  const [weightsAt, barsAt] = [head, head + assets];
  const indicatorsAt = barsAt + assets * assetSize;
  const width = assets * perAsset + 3;
  const wanted = new Float64Array(assets);

  const follow = (state: Float64Array, bar: number, p: ParameterValues<typeof marketParameters>): void => {
    nextBar(state, barsAt, assets, number, state[0], bar, p);
    for (let asset = 0; asset < assets; asset++)
      measure(state, barsAt + asset * assetSize, indicatorsAt + asset * indicatorSize);
  };
  const choose = (action: Value): void => {
    const list = typeof action === "number" ? [action] : (action as Float32Array | Int32Array);
    let total = 0;
    for (let asset = 0; asset < assets; asset++) {
      wanted[asset] =
        act === "weights" ? list[asset] : act === "long" ? list[asset] / assets : (list[asset] - 1) / assets;
      total += Math.abs(wanted[asset]);
    }
    if (total > 1) for (let asset = 0; asset < assets; asset++) wanted[asset] /= total;
  };

  return simulate<Float32Array, Value, typeof marketParameters>({
    name,
    observationSpace: box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [width] }),
    actionSpace,
    stateSize: indicatorsAt + assets * indicatorSize,
    parameters,
    start(state, random, p) {
      state.fill(0);
      const [first, days] = splits[split];
      state[0] = options.day ?? first + random.integer(days);
      state[2] = 1;
      openDay(state, barsAt, assets, number, state[0]);
      for (let asset = 0; asset < assets; asset++) {
        for (let i = 2; i < indicatorSize; i++) state[indicatorsAt + asset * indicatorSize + i] = 100;
      }
      for (let bar = -warmUp; bar < 0; bar++) follow(state, bar, p);
    },
    advance(state, action, random, p) {
      choose(action);
      let traded = 0;
      for (let asset = 0; asset < assets; asset++) {
        traded += Math.abs(wanted[asset] - state[weightsAt + asset]);
        state[weightsAt + asset] = wanted[asset];
      }
      const slipped = p.slippage > 0 ? p.slippage * Math.abs(random.normal()) * Math.sqrt(Math.PI / 2) : 0;
      let profit = -traded * (p.cost + slipped) * point;
      follow(state, state[1], p);
      for (let asset = 0; asset < assets; asset++) {
        const from = barsAt + asset * assetSize;
        profit += state[weightsAt + asset] * (state[from + 1] / state[from + 2] - 1);
      }
      state[1]++;
      if (state[1] >= barsADay) {
        for (let asset = 0; asset < assets; asset++) {
          traded += Math.abs(state[weightsAt + asset]);
          profit -= Math.abs(state[weightsAt + asset]) * p.cost * point;
          state[weightsAt + asset] = 0;
        }
      }
      state[2] *= 1 + profit;
      state[5] = profit / point;
      state[6] = traded;
      const earned = reward === "profit" ? state[5] : differentialSharpe(state[5], state[3], state[4]);
      state[3] += sharpeRate * (state[5] - state[3]);
      state[4] += sharpeRate * (state[5] * state[5] - state[4]);
      return earned;
    },
    ended: (state) => state[1] >= barsADay,
    observe(state) {
      const seen = new Float32Array(width);
      for (let asset = 0; asset < assets; asset++) {
        const at = asset * perAsset;
        describe(state, barsAt + asset * assetSize, indicatorsAt + asset * indicatorSize, seen, at);
        seen[at + perAsset - 1] = state[weightsAt + asset];
      }
      const time = (2 * Math.PI * state[1]) / barsADay;
      seen.set([Math.sin(time), Math.cos(time), 100 * (state[2] - 1)], assets * perAsset);
      return seen;
    },
    info: (state) => ({
      profit: state[5],
      traded: state[6],
      wealth: state[2],
      day: state[0],
      regimes: Array.from({ length: assets }, (_, asset) => regimes[state[barsAt + asset * assetSize]].name),
    }),
    draw(state) {
      const { day, prices } = { day: state[0], prices: marketDay({ ...options, assets }, state[0]).closes[0] };
      const points = prices.slice(0, state[1] + 1).map((price, i): Point => [i, price * 20]);
      const [low, high] = [Math.min(...prices) * 20 - 5, Math.max(...prices) * 20 + 5];
      const shapes = [
        ...(points.length > 1 ? [line(points, 0.8, "#2b6cb0")] : []),
        label(barsADay / 2, high - 3, 6, `day ${day}, wealth ${state[2].toFixed(4)}`, "#222"),
      ];
      return { x: 0, y: low, width: barsADay, height: Math.max(20, high - low), shapes };
    },
  });
}

/** Moody and Saffell 1998: what the profit adds to the Sharpe ratio of the recent past; 0 while that has no spread. */
function differentialSharpe(profit: number, mean: number, square: number): number {
  const variance = square - mean * mean;
  if (variance < 1e-9) return 0;
  return (square * (profit - mean) - 0.5 * mean * (profit * profit - square)) / variance ** 1.5;
}

/** [mean return, mean square, fast mean, slow mean, closes of 1 … 5 bars ago] */
function measure(state: Float64Array, bar: number, at: number): void {
  const close = state[bar + 1];
  const change = close / state[bar + 2] - 1;
  state[at] += (change - state[at]) / 20;
  state[at + 1] += (change * change - state[at + 1]) / 20;
  state[at + 2] += (2 / 13) * (close - state[at + 2]);
  state[at + 3] += (2 / 27) * (close - state[at + 3]);
  state.copyWithin(at + 5, at + 4, at + 8);
  state[at + 4] = state[bar + 2];
}

function describe(state: Float64Array, bar: number, at: number, seen: Float32Array, to: number): void {
  const [close, open, high, low, volume, anchor] = state.subarray(bar + 1, bar + assetSize);
  const tens = 10 * point;
  seen[to] = (close / open - 1) / tens;
  seen[to + 1] = (high / close - 1) / tens;
  seen[to + 2] = (low / close - 1) / tens;
  seen[to + 3] = Math.log(volume);
  seen[to + 4] = (close / state[at + 8] - 1) / (3 * tens);
  seen[to + 5] = (close / state[at + 2] - 1) / tens;
  seen[to + 6] = (close / state[at + 3] - 1) / tens;
  seen[to + 7] = (state[at + 2] - state[at + 3]) / close / tens;
  seen[to + 8] = Math.sqrt(Math.max(0, state[at + 1])) / tens;
  seen[to + 9] = (close / anchor - 1) / tens;
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
