import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sample } from "../../spaces/sample.ts";
import type { Value } from "../../spaces/space.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { Environment } from "../environment.ts";
import { toSvg } from "../scene.ts";
import { longTermSatisfaction } from "./long-term-satisfaction.ts";
import { itemFeatures, type RecommenderOptions, rankFeatures, recommender, userFeatures } from "./recommender.ts";
import { recommenderWorld, topics } from "./users.ts";

/** What a linear ranker does to some users, a mean a user. */
function served(weights: readonly number[], users: number, options: RecommenderOptions = {}) {
  const totals = { reward: 0, steps: 0, sessions: 0, click: 0, share: 0, hate: 0, like: 0, novelty: 0, appeal: 0 };
  for (let user = 0; user < users; user++) {
    const env = recommender({ act: "weights", ...options, user: options.user ?? user });
    env.reset({ seed: user });
    for (;;) {
      const { reward, info, terminated } = env.step(Float32Array.from(weights));
      const responses = info.responses as { readonly [name: string]: number };
      const hidden = info.hidden as { readonly [name: string]: number };
      totals.reward += reward;
      totals.steps++;
      for (const name of ["click", "share", "hate", "like"] as const) totals[name] += responses[name];
      for (const name of ["novelty", "appeal"] as const) totals[name] += hidden[name];
      if (!terminated) continue;
      totals.sessions += info.session as number;
      break;
    }
  }
  const each = (name: keyof typeof totals): number => totals[name] / totals.steps;
  return { ...totals, perUser: totals.reward / users, each };
}

test("long items are watched for longer and shared less; known taste brings clicks and people back", () => {
  const middling = served([0, 0, 0, 0.1, 0], 40);
  const long = served([0, 1, 0, 0, 0], 40);
  const taste = served([1, 0, 0.5, 0, 0], 40);
  assert.ok(long.perUser > 1.5 * middling.perUser, `${long.perUser} ${middling.perUser}`);
  assert.ok(long.each("share") < 0.5 * middling.each("share"));
  assert.ok(taste.each("click") > middling.each("click") + 0.05);
  const back = (weights: readonly number[]): number => served(weights, 60, { churn: 0.5 }).sessions;
  assert.ok(back([1, 0, 0.5, 0, 0]) > 1.15 * back([0, 0, 0, 0.1, 0]));
  assert.ok(middling.each("hate") > 0.0005 && middling.each("hate") < 0.01 && middling.each("like") < 0.06);
});

test("novelty pleases those who seek it and not the others; accepting it makes later sessions better", () => {
  const appeal = (trait: number, wanted: 1 | -1): number => {
    const seekers = Array.from({ length: 200 }, (_, user) => user)
      .filter((user) => wanted * recommenderWorld(0).meet(user, new Float64Array(topics)) > 0.5)
      .slice(0, 12);
    const options = { trait, mood: 0, growth: 0, novelty: 3 };
    const mean = (weight: number): number =>
      seekers.reduce((sum, user) => sum + served([0, 0, 0, 0, weight], 1, { ...options, user }).each("appeal"), 0);
    return (mean(1) - mean(-1)) / seekers.length;
  };
  const [seeking, avoiding, neither] = [appeal(2, 1), appeal(2, -1), appeal(0, 1)];
  assert.ok(seeking > neither + 0.2 && avoiding < neither - 1, `${seeking} ${avoiding} ${neither}`);
  const grown = served([0, 0, 0, 0, 1], 30, { growth: 1.5, churn: 0 });
  const fixed = served([0, 0, 0, 0, 1], 30, { growth: 0, churn: 0 });
  assert.ok(grown.each("click") > fixed.each("click") + 0.02, `${grown.each("click")} ${fixed.each("click")}`);
});

test("what one watches tires of its topic; what is chosen is what is shown", () => {
  const env = recommender({ satiation: 5, fatigue: 0, mood: 0, novelty: 0, leaving: 0.001, attraction: 3 });
  let { observation } = env.reset({ seed: 5 });
  const last = new Map<number, { readonly appeal: number; readonly clicked: boolean; readonly step: number }>();
  const drops: number[] = [];
  for (let step = 0; step < 40; step++) {
    const item = step % 10;
    const about = observation.slice(
      userFeatures + item * itemFeatures + rankFeatures,
      userFeatures + (item + 1) * itemFeatures,
    );
    const next = env.step(item);
    const topic = next.info.topic as number;
    assert.deepEqual(about, Float32Array.from(recommenderWorld(0).about.subarray(topic * 4, topic * 4 + 4)));
    const { appeal } = next.info.hidden as { readonly appeal: number };
    const before = last.get(topic);
    if (before?.clicked && step - before.step < 5) drops.push(before.appeal - appeal);
    last.set(topic, { appeal, clicked: (next.info.responses as { click: number }).click === 1, step });
    observation = next.observation;
    if (next.terminated || next.info.left) break;
  }
  assert.ok(drops.length > 0 && drops.every((drop) => drop > 1.5), String(drops));

  const slates = recommender({ act: "slate", slate: 3, attraction: 5, satiation: 0 });
  slates.reset({ seed: 1 });
  let clicks = 0;
  for (let i = 0; i < 30; i++)
    clicks += Number((slates.step(Int32Array.of(0, 1, 2)).info.responses as { click: number }).click);
  assert.ok(clicks > 27);
});

test("the interface holds, and what is saved goes on as what was not", () => {
  const forms = [{}, { act: "slate", reward: "click" }, { act: "weights", sessions: 2 }, { candidates: 30 }] as const;
  for (const options of forms) {
    const env = recommender(options) as Environment;
    assert.deepEqual(checkEnvironment(env), []);
    assert.match(toSvg(env.scene!()), /user \d+, session/);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = generator(randomKey(seed));
        env.reset({ seed });
        const play = (actions: readonly Value[]) => actions.map((action) => env.step(action));
        const actions = Array.from({ length: 6 }, () => sample(env.actionSpace, random));
        if (play(actions.slice(0, 3)).some((step) => step.terminated)) return;
        const saved = JSON.stringify(env.save!());
        const ahead = play(actions.slice(3, 4));
        env.restore!(JSON.parse(saved));
        assert.deepEqual(play(actions.slice(3, 4)), ahead);
      }),
      { numRuns: 10 },
    );
  }
  assert.throws(() => recommender({ churn: 2 }), /churn.*from 0 to 1/);
  assert.throws(() => recommender({ act: "rank" as "item" }), /"item", "slate" or "weights"/);
});

test("LongTermSatisfaction: the equations; bait pays now, and costs later where exposure tells", () => {
  const env = longTermSatisfaction({ sensitivity: 0.5 });
  env.perturb!({ innovation: 0, chocolateSpread: 0, kaleSpread: 0 });
  env.reset({ seed: 1 });
  env.restore!({ ...(env.save!() as object), state: [0.6, 0, 0, 0, 0] });
  const { reward, info } = env.step(Float32Array.of(0.9));
  assert.ok(Math.abs(reward - (0.9 * 5 + 0.1 * 4) / (1 + Math.exp(-0.3))) < 1e-6);
  assert.ok(Math.abs((info.exposure as number) - (0.7 * 0.6 - 2 * (0.9 - 0.5))) < 1e-6);
  const total = (bait: number, steps: number): number => {
    env.reset({ seed: 2 });
    return Array.from({ length: steps }, () => env.step(Float32Array.of(bait)).reward).reduce((a, b) => a + b);
  };
  assert.ok(total(1, 1) > total(0, 1) && total(1, 140) < total(0, 140));
  assert.deepEqual(checkEnvironment(longTermSatisfaction({ users: 1 }) as Environment), []);
  assert.match(toSvg(env.scene!()), /satisfied/);
  assert.throws(() => longTermSatisfaction({ memory: 1 }), /memory/);
});
