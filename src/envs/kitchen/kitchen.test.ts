import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32, gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import { timeLimitParallel } from "../parallel-wrappers.ts";
import { toSvg } from "../scene.ts";
import { decodeLossless, kitchenCook } from "./cook.ts";
import { featureEncoding, losslessEncoding } from "./encodings.ts";
import { greedyAction } from "./greedy.ts";
import { kitchenGames, kitchenTasks } from "./index.ts";
import { kitchen, kitchenWithPartner } from "./kitchen.ts";
import { type KitchenLayout, kitchenLayout } from "./layout.ts";
import { fromOvercooked, type OvercookedState, toOvercooked } from "./overcooked-json.ts";
import { actions as actionNames, advanceKitchen, interact, type KitchenRules } from "./rules.ts";
import { startState } from "./state.ts";

interface Case {
  readonly layout: string;
  /** Two digits a step, one a cook. */
  readonly actions: string;
  /** CRC-32 of the state after each step. */
  readonly states: readonly number[];
  readonly sparse: readonly (readonly number[])[];
  readonly shaped: readonly (readonly number[])[];
  /** step, lossless of both cooks, features of both, as CRC-32 */
  readonly encodings: readonly (readonly number[])[];
  readonly last: readonly number[];
  readonly lastFeatures: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL("kitchen.golden.json", import.meta.url), "utf8")) as readonly Case[];
const sum = (numbers: ArrayLike<number>): number => crc32(Array.from(numbers).join(","));
const rulesOf = (layout: KitchenLayout): KitchenRules => ({
  layout,
  autoCook: false,
  pace: 1,
  shaped: { pot: 3, dish: 3, soup: 5 },
});

for (const { layout: name, actions, states, sparse, shaped, encodings, last, lastFeatures } of golden) {
  test(`${name}: 400 joint actions lead where Overcooked-AI leads, seen as it shows them`, () => {
    const layout = kitchenLayout(name);
    const rules = rulesOf(layout);
    const state = startState(layout);
    const paid: { sparse: number[][]; shaped: number[][] } = { sparse: [], shaped: [] };
    for (let t = 0; t < states.length; t++) {
      const outcome = advanceKitchen(rules, state, [Number(actions[2 * t]), Number(actions[2 * t + 1])]);
      assert.equal(sum(state), states[t], `step ${t}: ${state}`);
      if (outcome.delivered.some((v) => v !== 0)) paid.sparse.push([t, ...outcome.delivered]);
      if (outcome.shaped.some((v) => v !== 0)) paid.shaped.push([t, ...outcome.shaped]);
      const seen = encodings.find(([at]) => at === t);
      if (seen === undefined) continue;
      const masks = [0, 1].map((cook) => sum(losslessEncoding(rules, state, cook, 400)));
      const features = [0, 1].map((cook) => sum(featureEncoding(rules, state, cook)));
      assert.deepEqual([t, ...masks, ...features], seen, `step ${t}`);
    }
    assert.deepEqual(paid, { sparse, shaped });
    assert.deepEqual([...state], last);
    assert.deepEqual([...featureEncoding(rules, state, 0)], lastFeatures);
  });
}

const log = new URL("../../../../shared/data/overcooked/human-human-2020-sample.csv.gz", import.meta.url);

test("two people's recorded games replay to the recorded states and rewards", {
  skip: existsSync(log) ? false : "needs ../shared/data/overcooked",
}, () => {
  const rows = gunzipSync(readFileSync(log)).toString("utf8").trim().split("\n").slice(1).map(fieldsOf);
  let followed = 0;
  let pairs = 0;
  let paid = 0;
  for (let i = 0; i + 1 < rows.length; i++) {
    const [text, joint, reward, , , , , , name, trial] = rows[i];
    if (rows[i + 1][9] !== trial) continue;
    const layout = kitchenLayout(name);
    const before = JSON.parse(text) as OvercookedState;
    const state = fromOvercooked(layout, before);
    assert.deepEqual(fromOvercooked(layout, toOvercooked(layout, state)), state);
    const wanted = fromOvercooked(layout, JSON.parse(rows[i + 1][0]) as OvercookedState);
    const moves = (JSON.parse(joint) as readonly ("interact" | readonly [number, number])[]).map(actionOf);
    const { delivered } = advanceKitchen(rulesOf(layout), state, [moves[0], moves[1]]);
    pairs++;
    if (String(state) === String(wanted)) followed++;
    if (delivered[0] + delivered[1] === Number(reward)) paid++;
  }
  assert.deepEqual({ pairs, followed, paid }, { pairs: 1186, followed: 1186, paid: 1186 });
});

/** One line of CSV with doubled quotes. */
const fieldsOf = (line: string): string[] =>
  [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field]) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );

function actionOf(recorded: "interact" | readonly [number, number]): number {
  if (recorded === "interact") return interact;
  const [dx, dy] = recorded;
  return actionNames.indexOf(dx > 0 ? "east" : dx < 0 ? "west" : dy > 0 ? "south" : dy < 0 ? "north" : "stay");
}

/** Mean return of two greedy cooks over three games. */
function together(rules: KitchenRules): number {
  let total = 0;
  for (const seed of [1, 2, 3]) {
    const random = generator(randomKey(seed));
    const state = startState(rules.layout);
    for (let t = 0; t < 400; t++) {
      const joint = [0, 1].map((cook) => greedyAction(rules, state, cook, random));
      const { delivered } = advanceKitchen(rules, state, [joint[0], joint[1]]);
      total += delivered[0] + delivered[1];
    }
  }
  return total / 3;
}

test("two greedy cooks serve soups in every kitchen, whoever starts the cooking", () => {
  const least = { cramped_room: 140, asymmetric_advantages: 240, coordination_ring: 180, forced_coordination: 220 };
  for (const autoCook of [false, true]) {
    for (const [name, enough] of Object.entries(least)) {
      const got = together({ ...rulesOf(kitchenLayout(name)), autoCook });
      assert.ok(got >= enough, `${name}: ${got}`);
    }
    assert.ok(together({ ...rulesOf(kitchenLayout("counter_circuit")), autoCook }) >= 330);
  }
});

test("the environments keep the interface", () => {
  for (const { create, name } of kitchenTasks) {
    const env = create({ skill: 0.8, observe: name.includes("ring") ? "lossless" : "features" });
    assert.deepEqual(checkEnvironment(env, { steps: 60 }), [], name);
    assert.match(toSvg(env.scene!()), /^<svg.*<\/svg>$/);
  }
});

test("both cooks are paid what is served and what they did towards it, until the time limit", () => {
  const layout = kitchenLayout("forced_coordination");
  const { create } = kitchenGames.find(({ name }) => name === "Overcooked-forced_coordination-v0")!;
  const env = timeLimitParallel(create({ shaped: 0.5 }), 200);
  assert.equal(env.parameterValues!().pace, 1);
  assert.deepEqual(env.agents, []);
  assert.throws(() => env.step({ cook_1: 0, cook_2: 0 }), /reset/);
  env.reset({ seed: 4 });
  const random = generator(randomKey(9));
  const state = startState(layout);
  let paid = 0;
  for (let t = 0; t < 200; t++) {
    const joint = [0, 1].map((cook) => greedyAction(rulesOf(layout), state, cook, random));
    const { delivered, shaped } = advanceKitchen(rulesOf(layout), state, [joint[0], joint[1]]);
    const step = env.step({ cook_1: joint[0], cook_2: joint[1] });
    const common = delivered[0] + delivered[1];
    assert.deepEqual(step.rewards, { cook_1: common + 0.5 * shaped[0], cook_2: common + 0.5 * shaped[1] });
    assert.deepEqual(step.terminated, { cook_1: false, cook_2: false });
    assert.equal(step.truncated.cook_1, t === 199);
    assert.deepEqual(step.observations.cook_2, featureEncoding(rulesOf(layout), state, 1));
    paid += common;
  }
  assert.ok(paid > 0);
  assert.deepEqual(env.agents, []);
  assert.throws(() => env.step({ cook_1: 0, cook_2: 0 }), /reset/);
  env.reset();
  assert.throws(() => env.step({ cook_1: 0 }), /cook_2/);
  assert.throws(() => env.step({ cook_1: 0, cook_2: 6 }), /cook_2.*got 6/);
});

test("what is saved goes on as what was not", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.array(fc.nat(5), { minLength: 10, maxLength: 60 }),
      (seed, moves) => {
        const env = kitchen({ layout: "cramped_room" });
        env.perturb!({ slip: 0.3, pace: 0.4 });
        env.reset({ seed });
        const half = moves.length >> 1;
        const play = (from: number, to: number) =>
          moves.slice(from, to).map((cook_1, i) => env.step({ cook_1, cook_2: moves[i] }));
        play(0, half);
        const saved = JSON.stringify(env.save!());
        const ahead = play(half, moves.length);
        env.restore!(JSON.parse(saved));
        assert.deepEqual(play(half, moves.length), ahead);
      },
    ),
    { numRuns: 20 },
  );
  assert.throws(() => kitchen().restore!({}), /kitchen, playing/);
});

test("partners: the greedy one helps, skill is a dial, and parameters change the world", () => {
  const alone = (options: object, values: { readonly [name: string]: number } = {}): number => {
    const env = kitchenWithPartner({ layout: "asymmetric_advantages", ...options });
    env.perturb!(values);
    env.reset({ seed: 5 });
    return Array.from({ length: 400 }, () => env.step(4).reward).reduce((a, b) => a + b);
  };
  const [greedy, half, idle] = [alone({}), alone({ skill: 0.4 }), alone({ partner: "stay" })];
  assert.ok(greedy > half && half > idle && idle === 0, `${greedy} ${half} ${idle}`);
  assert.ok(alone({ cook: 2 }) > 0);
  assert.ok(alone({}, { pace: 0.1 }) > greedy);
  assert.ok(alone({}, { slip: 0.5 }) < greedy);
});

test("what cannot be cooked in is refused in one sentence", () => {
  assert.throws(() => kitchen({ layout: "cramped" }), /no kitchen "cramped".*cramped_room/);
  assert.throws(() => kitchen({ horizon: 0 }), /horizon.*at least 1/);
  assert.throws(() => kitchenWithPartner({ skill: 2 }), /skill.*\[0, 1\]/);
  const drawn =
    (...grid: string[]) =>
    () =>
      kitchenLayout({ grid });
  assert.throws(drawn("XPX", "1 2", "XDS"), /row 1, column 0: the border/);
  assert.throws(drawn("XPXX", "X1 X", "XDSX"), /both cooks/);
  assert.throws(drawn("XPXX", "X12X", "XDSX"), /onions O or tomatoes T/);
  assert.throws(drawn("XPXX", "X12X", "OOSX"), /dishes D/);
  assert.throws(drawn("XPXX", "X12", "ODSX"), /row 1.*3 letters/);
  assert.throws(drawn("XPXX", "X1?X", "ODSX"), /"\?" stands for nothing/);
  const layout = kitchenLayout("cramped_room");
  const state = toOvercooked(layout, startState(layout));
  assert.throws(() => fromOvercooked(layout, { ...state, players: [state.players[0]] }), /two players/);
  assert.throws(() => fromOvercooked(layout, { ...state, objects: [{ name: "egg", position: [0, 0] }] }), /egg/);
  assert.throws(() => fromOvercooked(layout, { ...state, objects: [{ name: "dish", position: [9, 0] }] }), /\[9,0\]/);
});

test("the lossless encoding holds all but the step, and a cook who looks at it serves soups", () => {
  for (const { layout: name, actions } of golden) {
    const rules = rulesOf(kitchenLayout(name));
    const state = startState(rules.layout);
    for (let t = 0; 2 * t < actions.length; t++) {
      advanceKitchen(rules, state, [Number(actions[2 * t]), Number(actions[2 * t + 1])]);
      const [own, other] = [0, 1].map((cook) => decodeLossless(rules, losslessEncoding(rules, state, cook, 1e9)));
      assert.deepEqual([...own.slice(1)], [...state.slice(1)], `${name}, step ${t}`);
      assert.deepEqual([...other.slice(1, 7)], [...state.slice(4, 7), ...state.slice(1, 4)]);
    }
  }
  const served = (skill: number): number => {
    const env = kitchenWithPartner({ layout: "coordination_ring", observe: "lossless", partner: "greedy" });
    const cook = kitchenCook(env, { layout: "coordination_ring", skill });
    const random = generator(randomKey(2));
    let { observation } = env.reset({ seed: 2 });
    let paid = 0;
    for (let t = 0; t < 400; t++) {
      const step = env.step(cook.decide(observation, new Float64Array(0), random));
      observation = step.observation;
      paid += step.reward;
    }
    return paid;
  };
  const [good, poor] = [served(1), served(0.2)];
  assert.ok(good >= 160 && poor < good, `${good} ${poor}`);
  assert.throws(() => kitchenCook(kitchenWithPartner()), /lossless/);
});
