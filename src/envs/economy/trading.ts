/** Trading bar by bar under costs, whatever the prices come from: what is held, earned and seen. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, discrete, multiDiscrete } from "../../spaces/make.ts";
import type { Space, Value } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import type { Parameters, ParameterValues } from "../parameters.ts";
import { label, line, type Point } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { assetSize, warmUp } from "./market-prices.ts";

export interface TradingOptions {
  /**
   * "weights": the share of wealth held in each asset, from −1 to 1, scaled down where they sum to more than 1;
   * "positions": short, flat or long in each; "long": flat or long. Default "weights".
   */
  readonly act?: "weights" | "positions" | "long";
  /** "profit": of the bar after costs, basis points; "sharpe": the differential Sharpe ratio of it. Default "profit". */
  readonly reward?: "profit" | "sharpe";
}

const checks = {
  act: [z.enum(["weights", "positions", "long"]), '"weights", "positions" or "long"'],
  reward: [z.enum(["profit", "sharpe"]), '"profit" or "sharpe"'],
} as const;

/** What trading costs; other parameters are those of the prices. */
interface Costs {
  /** Basis points of what is bought or sold. */
  readonly cost: number;
  /** Mean worsening of the price, basis points. */
  readonly slippage: number;
}

/** Prices, a day after another. A state holds `assetSize` numbers an asset, as market-prices.ts says. */
export interface PriceSource<P extends Parameters> {
  readonly assets: number;
  /** An episode, one decision each. */
  readonly bars: number;
  /** What an observed return of 1 is, as a share: 0.001 is ten basis points. */
  readonly unit: number;
  readonly parameters: P;
  /** Draws the day of an episode. */
  dayFor(random: Generator): number;
  /** Writes each asset as it is `warmUp` bars before the first of the day. */
  open(state: Float64Array, at: number, day: number): void;
  /** Replaces each asset's bar by that of this number, from −warmUp on. Its open is the close before it. */
  next(state: Float64Array, at: number, day: number, bar: number, p: ParameterValues<P>): void;
  /** What is known of the day and the bar that was seen last, beside profit and wealth. */
  info(state: Float64Array, at: number, day: number, bar: number): Info;
  /** [bars + 1] closes of the first asset, that before the first bar first, for the picture. */
  closes(day: number): readonly number[];
}

const sharpeRate = 1 / 60;
const point = 1e-4;

/** Moving figures of an asset, beside its bar: mean of returns and squares, fast and slow mean price, five last closes. */
const indicatorSize = 9;
const perAsset = 11;

/**
 * One day of bars, one decision a bar; what is held at the close is sold, at the usual cost. Observation, for each asset
 * 11 numbers: of the last bar alone, return, high and low against the close (in units), log volume; of its trend, returns
 * over 5 bars (3 units), price against its fast and slow means (12, 26 bars) and their difference, volatility, price
 * against its mean of 60 bars (units); the position held. Then the place in the day as sine and cosine, and the day's
 * profit so far (percent). Reward: see `TradingOptions`. Info: profit (basis points, net), traded, wealth (1 at the open),
 * and what the source says.
 * @throws Problem "bad-option"
 */
export function trading<P extends Parameters>(
  name: string,
  source: PriceSource<P>,
  options: TradingOptions,
): Environment<Float32Array, Value> {
  checkTrading(name, options);
  const { act = "weights", reward = "profit" } = options;
  const { assets, bars } = source;
  // state: day, bar, wealth, mean and mean square of profit, profit, traded, weights, bars, indicators
  const head = 7;
  const [weightsAt, barsAt] = [head, head + assets];
  const indicatorsAt = barsAt + assets * assetSize;
  const width = assets * perAsset + 3;
  const wanted = new Float64Array(assets);

  const follow = (state: Float64Array, bar: number, p: ParameterValues<P>): void => {
    source.next(state, barsAt, state[0], bar, p);
    for (let asset = 0; asset < assets; asset++) {
      measure(state, barsAt + asset * assetSize, indicatorsAt + asset * indicatorSize);
    }
  };

  return simulate<Float32Array, Value, P>({
    name,
    observationSpace: box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [width] }),
    actionSpace: actionsFor(act, assets),
    stateSize: indicatorsAt + assets * indicatorSize,
    parameters: source.parameters,
    start(state, random, p) {
      state.fill(0);
      state[0] = source.dayFor(random);
      state[2] = 1;
      source.open(state, barsAt, state[0]);
      for (let asset = 0; asset < assets; asset++) {
        const from = indicatorsAt + asset * indicatorSize;
        state.fill(state[barsAt + asset * assetSize + 1], from + 2, from + indicatorSize);
      }
      for (let bar = -warmUp; bar < 0; bar++) follow(state, bar, p);
    },
    advance(state, action, random, p) {
      const { cost, slippage } = p as unknown as Costs;
      choose(act, action, wanted);
      let traded = 0;
      for (let asset = 0; asset < assets; asset++) {
        traded += Math.abs(wanted[asset] - state[weightsAt + asset]);
        state[weightsAt + asset] = wanted[asset];
      }
      const slipped = slippage > 0 ? slippage * Math.abs(random.normal()) * Math.sqrt(Math.PI / 2) : 0;
      let profit = -traded * (cost + slipped) * point;
      follow(state, state[1], p);
      for (let asset = 0; asset < assets; asset++) {
        const from = barsAt + asset * assetSize;
        profit += state[weightsAt + asset] * (state[from + 1] / state[from + 2] - 1);
      }
      state[1]++;
      if (state[1] >= bars) {
        for (let asset = 0; asset < assets; asset++) {
          traded += Math.abs(state[weightsAt + asset]);
          profit -= Math.abs(state[weightsAt + asset]) * cost * point;
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
    ended: (state) => state[1] >= bars,
    observe(state) {
      const seen = new Float32Array(width);
      for (let asset = 0; asset < assets; asset++) {
        const at = asset * perAsset;
        describe(state, barsAt + asset * assetSize, indicatorsAt + asset * indicatorSize, source.unit, seen, at);
        seen[at + perAsset - 1] = state[weightsAt + asset];
      }
      const time = (2 * Math.PI * state[1]) / bars;
      seen.set([Math.sin(time), Math.cos(time), 100 * (state[2] - 1)], assets * perAsset);
      return seen;
    },
    info: (state) => ({
      profit: state[5],
      traded: state[6],
      wealth: state[2],
      ...source.info(state, barsAt, state[0], state[1] - 1),
    }),
    draw: (state) => picture(source.closes(state[0]), state[0], state[1], state[2]),
  });
}

/** @throws Problem "bad-option" */
export function checkTrading(where: string, options: TradingOptions): void {
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where, name: option, given, wanted });
    }
  }
}

function actionsFor(act: NonNullable<TradingOptions["act"]>, assets: number): Space {
  if (act === "weights") return box(-1, 1, { shape: [assets] });
  if (assets > 1) return multiDiscrete(Array<number>(assets).fill(act === "long" ? 2 : 3));
  return discrete(act === "long" ? 2 : 3, { names: act === "long" ? ["flat", "long"] : ["short", "flat", "long"] });
}

/** Writes the weights that an action asks for; they never sum to more than 1. */
function choose(act: NonNullable<TradingOptions["act"]>, action: Value, wanted: Float64Array): void {
  const list = typeof action === "number" ? [action] : (action as Float32Array | Int32Array);
  const assets = wanted.length;
  let total = 0;
  for (let asset = 0; asset < assets; asset++) {
    wanted[asset] =
      act === "weights" ? list[asset] : act === "long" ? list[asset] / assets : (list[asset] - 1) / assets;
    total += Math.abs(wanted[asset]);
  }
  if (total > 1) for (let asset = 0; asset < assets; asset++) wanted[asset] /= total;
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

function describe(state: Float64Array, bar: number, at: number, unit: number, seen: Float32Array, to: number): void {
  const [close, open, high, low, volume, anchor] = state.subarray(bar + 1, bar + assetSize);
  seen[to] = (close / open - 1) / unit;
  seen[to + 1] = (high / close - 1) / unit;
  seen[to + 2] = (low / close - 1) / unit;
  seen[to + 3] = Math.log(volume);
  seen[to + 4] = (close / state[at + 8] - 1) / (3 * unit);
  seen[to + 5] = (close / state[at + 2] - 1) / unit;
  seen[to + 6] = (close / state[at + 3] - 1) / unit;
  seen[to + 7] = (state[at + 2] - state[at + 3]) / close / unit;
  seen[to + 8] = Math.sqrt(Math.max(0, state[at + 1])) / unit;
  seen[to + 9] = (close / anchor - 1) / unit;
}

/** The price so far, 1 at the open. */
function picture(closes: readonly number[], day: number, bar: number, wealth: number) {
  const heights = closes.map((price) => (2000 * price) / closes[0]);
  const points = heights.slice(0, bar + 1).map((height, i): Point => [i, height]);
  const low = heights.reduce((a, b) => Math.min(a, b)) - 5;
  const high = heights.reduce((a, b) => Math.max(a, b)) + 5;
  const bars = closes.length - 1;
  const shapes = [
    ...(points.length > 1 ? [line(points, 0.8, "#2b6cb0")] : []),
    label(bars / 2, high - 3, 6, `day ${day}, wealth ${wealth.toFixed(4)}`, "#222"),
  ];
  return { x: 0, y: low, width: bars, height: Math.max(20, high - low), shapes };
}
