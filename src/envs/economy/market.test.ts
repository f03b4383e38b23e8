import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Value } from "../../spaces/space.ts";
import { checkEnvironment } from "../check.ts";
import type { Environment, Info } from "../environment.ts";
import { toSvg } from "../scene.ts";
import { type MarketOptions, market, marketDay } from "./market.ts";
import { asAction, hindsight, trader } from "./traders.ts";

type Choose = (observation: Float32Array, info: Info) => Value;

/** Net profit of each of the first days, basis points. */
const traded = (options: MarketOptions, days: number, make: (env: Environment, day: number) => Choose): number[] =>
  Array.from({ length: days }, (_, day) => {
    const env = market({ act: "positions", ...options, day });
    const choose = make(env as Environment, day);
    let { observation, info } = env.reset({ seed: 1 });
    for (let total = 0; ; ) {
      const step = env.step(choose(observation, info));
      total += step.info.profit as number;
      if (step.terminated) return total;
      ({ observation, info } = step);
    }
  });

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const error = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)) / (values.length - 1));

/** Trades by the hidden regime: what nobody may see. */
const oracle =
  (env: Environment): Choose =>
  (_, { regimes }) =>
    asAction(env.actionSpace, (regimes as string[])[0] === "up" ? 1 : (regimes as string[])[0] === "down" ? -1 : 0);
const rule =
  (style: "hold" | "momentum" | "dual-thrust") =>
  (env: Environment): Choose => {
    const { decide } = trader(env, style);
    const memory = new Float64Array(4);
    return (observation) => decide(observation, memory, undefined);
  };

test("who knows the regime earns after costs; on a martingale nobody does, whatever the rule", () => {
  const knowing = traded({}, 40, oracle);
  assert.ok(mean(knowing) > 4 * error(knowing), `${mean(knowing)} ± ${error(knowing)}`);
  const martingale = { trend: 0, reversion: 0, cost: 0 };
  for (const make of [oracle, rule("hold"), rule("momentum"), rule("dual-thrust")]) {
    const earned = traded({ ...martingale, market: 1 }, 40, make);
    assert.ok(Math.abs(mean(earned)) < 3 * error(earned), `${mean(earned)} ± ${error(earned)}`);
  }
});

test("hindsight's positions earn in the market what its programme says, and more than any other", () => {
  for (const day of [3, 71]) {
    const { closes } = marketDay({ market: 2 }, day);
    const { positions, profit } = hindsight(closes[0], 2);
    let t = 0;
    const env = market({ market: 2, act: "positions", day });
    env.reset({ seed: 1 });
    let earned = 0;
    for (const position of positions) earned += env.step(asAction(env.actionSpace, position)).reward;
    // The programme may hold on at the close, which the market sells: at most one trade apart.
    assert.ok(Math.abs(earned - profit) <= 2 + 1e-6, `${earned} ${profit}`);
    for (const position of positions.slice(0, 50)) t += Math.abs(position);
    assert.ok(t > 0);
  }
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 50, max: 150, noNaN: true }), { minLength: 2, maxLength: 6 }),
      fc.double({ min: 0, max: 500, noNaN: true }),
      fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 6, maxLength: 6 }),
      (closes, cost, other) => {
        let worth = 0;
        for (let i = 0; i + 1 < closes.length; i++) {
          worth += other[i] * (closes[i + 1] / closes[i] - 1) * 1e4 - cost * Math.abs(other[i] - (other[i - 1] ?? 0));
        }
        assert.ok(hindsight(closes, cost).profit >= worth - 1e-6);
      },
    ),
  );
});

test("profit is weights times returns less costs; prices are the market's, not the trader's", () => {
  const env = market({ assets: 2, day: 5, market: 7, cost: 3 });
  const { closes } = marketDay({ assets: 2, market: 7 }, 5);
  env.reset({ seed: 1 });
  const weights = [
    [0.5, -0.25],
    [1, 1], // scaled down to a half each
    [0, 0],
  ];
  const held = [
    [0.5, -0.25],
    [0.5, 0.5],
    [0, 0],
  ];
  let before = [0, 0];
  for (const [bar, given] of weights.entries()) {
    const { reward, info } = env.step(Float32Array.from(given));
    const gained = held[bar].map((w, i) => w * (closes[i][bar + 1] / closes[i][bar] - 1) * 1e4);
    const moved = held[bar].map((w, i) => Math.abs(w - before[i]));
    assert.ok(Math.abs(reward - (gained[0] + gained[1] - 3 * (moved[0] + moved[1]))) < 1e-6);
    assert.ok(Math.abs((info.traded as number) - (moved[0] + moved[1])) < 1e-12);
    before = held[bar];
  }
  const sharp = market({ reward: "sharpe", day: 5 });
  sharp.reset({ seed: 1 });
  const [first, second] = [1, 1].map((weight) => sharp.step(Float32Array.of(weight)));
  const [r1, r2] = [first.info.profit as number, second.info.profit as number];
  const [a, b] = [r1 / 60, r1 ** 2 / 60];
  assert.equal(first.reward, 0);
  const wanted = (b * (r2 - a) - 0.5 * a * (r2 ** 2 - b)) / (b - a * a) ** 1.5;
  assert.ok(Math.abs(second.reward - wanted) < 1e-9 * Math.max(1, Math.abs(wanted)));
});

test("parameters shape the prices; splits and days are apart; the interface and options", () => {
  const spread = (options: MarketOptions): number => {
    const { closes } = marketDay(options, 0);
    return Math.sqrt(mean(closes[0].slice(1).map((price, i) => Math.log(price / closes[0][i]) ** 2)));
  };
  const ratio = spread({ volatility: 3, trend: 0, reversion: 0 }) / spread({ trend: 0, reversion: 0 });
  assert.ok(Math.abs(ratio - 3) < 0.01, String(ratio));
  const { regimes } = marketDay({ persistence: 100_000 }, 1);
  assert.equal(new Set(regimes[0]).size, 1);
  const days = (split: "train" | "validation" | "test"): number[] => {
    const env = market({ split });
    return Array.from({ length: 60 }, (_, i) => env.reset(i === 0 ? { seed: 1 } : {}).info.day as number);
  };
  assert.ok(days("train").every((day) => day < 60) && new Set(days("train")).size > 20);
  assert.ok(days("validation").every((day) => day >= 60 && day < 80) && days("test").every((day) => day >= 80));
  for (const options of [{}, { assets: 3 }, { act: "positions", assets: 2 }, { act: "long", slippage: 2 }] as const) {
    const env = market(options);
    assert.deepEqual(checkEnvironment(env as Environment, { steps: 30 }), []);
    assert.match(toSvg(env.scene!()), /day \d+, wealth/);
  }
  assert.throws(() => market({ cost: -1 }), /cost.*basis points/);
  assert.throws(() => market({ act: "all" as "long" }), /act/);
  assert.throws(() => trader(market({ assets: 2 }), "hold"), /one asset/);
  assert.throws(() => hindsight([1, 2], 0, [1]), /flat/);
});
