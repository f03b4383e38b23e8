import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sample } from "../../spaces/sample.ts";
import { fold, generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { Info } from "../environment.ts";
import type { EnvironmentOptions } from "../registration.ts";
import { make } from "../registry.ts";
import { toSvg } from "../scene.ts";
import type { SavedSimulation } from "../simulation.ts";
import { align } from "./align.ts";
import { boxShape, discShape, pushBlock, touch } from "./contact.ts";
import { type PushingDials, pushingDemonstrator } from "./demonstrators.ts";
import { environmentFactors, objectFactors } from "./factors.ts";
import { pushing } from "./index.ts";

interface Played {
  readonly info: Info;
  readonly steps: number;
  readonly actions: readonly (readonly number[])[];
}

function play(
  name: string,
  dials: PushingDials,
  seed: number,
  changes: { readonly [name: string]: number } = {},
): Played {
  const env = make(name, { ...dials.options });
  const demonstrator = pushingDemonstrator(name, dials);
  let { observation } = env.reset({ seed });
  env.perturb!(changes);
  const memory = new Float64Array(demonstrator.memorySize);
  const random = generator(fold(randomKey(9), seed));
  const actions: number[][] = [];
  for (;;) {
    const action = demonstrator.decide(observation as Float32Array, memory, random);
    actions.push([...action]);
    const step = env.step(action);
    observation = step.observation;
    if (step.terminated || step.truncated) return { info: step.info, steps: actions.length, actions };
  }
}

const many = (name: string, dials: PushingDials, episodes: number, changes = {}): readonly Played[] =>
  Array.from({ length: episodes }, (_, seed) => play(name, dials, seed, changes));
const successes = (played: readonly Played[]): number => played.filter(({ info }) => info.success === true).length;

for (const { name } of pushing) {
  test(`${name} keeps the interface, saves itself, and its skilled hand does it`, () => {
    const env = make(name);
    assert.deepEqual(checkEnvironment(env), []);
    assert.match(toSvg(env.scene!()), /^<svg.*<\/svg>$/);
    assert.equal(successes(many(name, {}, 30)), 30);
    assert.ok(successes(many(name, { skill: 0 }, 10)) <= 3, "a hand that moves at random does it too");
  });
}

test("saved at any step and restored elsewhere, an episode goes on as it would have", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(60), fc.constantFrom(...pushing.map(({ name }) => name)), (seed, steps, name) => {
      const [env, other] = [make(name), make(name)];
      const demonstrator = pushingDemonstrator(name, { human: true });
      let { observation } = env.reset({ seed });
      env.perturb!({ systemNoise: 0.3 });
      const memory = new Float64Array(demonstrator.memorySize);
      const random = generator(randomKey(seed));
      for (let t = 0; t < steps; t++) {
        const step = env.step(demonstrator.decide(observation as Float32Array, memory, random));
        observation = step.observation;
        if (step.terminated || step.truncated) return;
      }
      other.restore!(JSON.parse(JSON.stringify(env.save!())));
      const action = sample(env.actionSpace, random);
      assert.deepEqual(other.step(action), env.step(action));
    }),
    { seed: 3, numRuns: 60 },
  );
});

for (const [name, options, styles] of [
  ["Push-v0", {}, ["left", "right"]],
  ["Align-v0", {}, ["inside", "outside"]],
  ["Avoid-v0", {}, ["0-0-0", "1-2-3", "0-2-1", "1-0-3"]],
  ["Avoid-v0", { rows: [1, 1, 1] }, ["0-1-0", "1-1-1"]],
  ["PushTwo-v0", {}, ["0a1b", "0b1a", "1a0b", "1b0a"]],
  ["Sort-v0", { blocks: 4 }, ["0011", "1010"]],
  ["Stack-v0", {}, ["012", "201"]],
  ["PickPlace-v0", { environment: 3, object: 4 }, ["left", "right"]],
] as [string, EnvironmentOptions, string[]][]) {
  test(`${name} ${JSON.stringify(options)}: what it did is the style it was asked for`, () => {
    for (const style of styles) {
      for (const { info } of many(name, { options, style }, 6)) {
        assert.deepEqual([info.success, info.behaviour], [true, style]);
      }
    }
  });
}

test("each of the 24 ways past three rows can be taken, and all are drawn", () => {
  const ways = new Set(many("Avoid-v0", {}, 200).map(({ info }) => info.behaviour));
  assert.equal(ways.size, 24);
  assert.equal(play("Avoid-v0", {}, 1).info.behaviours, 24);
});

test("the dials: slower is longer, noise and lower skill fail more, a person takes longer and remembers", () => {
  const mean = (played: readonly Played[]): number => played.reduce((sum, { steps }) => sum + steps, 0) / played.length;
  const own = many("Stack-v0", {}, 8);
  assert.ok(mean(many("Stack-v0", { speed: 0.5 }, 8)) > 1.3 * mean(own));
  assert.ok(mean(many("Stack-v0", { human: true }, 8)) > 1.2 * mean(own));
  const tries = 40;
  assert.ok(successes(many("Avoid-v0", { skill: 0.3 }, tries)) < 0.7 * tries);
  assert.ok(successes(many("Avoid-v0", { noise: 0.6 }, tries)) < 0.7 * tries);
  assert.throws(() => pushingDemonstrator("Avoid-v0", { style: "9" }), /"any" or one of 0-0-0/);
  assert.throws(() => pushingDemonstrator("Push-v0", { skill: 2 }), /skill/);
  assert.throws(() => pushingDemonstrator("Pull-v0"), /no plan for "Pull-v0"/);
});

test("a person's residual from the plan at one step tells of the next: intentions last; a shaky hand's does not", () => {
  const correlation = (dials: PushingDials): number => {
    const env = make("Push-v0");
    const [plan, demonstrator] = [
      pushingDemonstrator("Push-v0", { style: "left" }),
      pushingDemonstrator("Push-v0", dials),
    ];
    const pairs: [number, number][] = [];
    for (let seed = 0; seed < 60; seed++) {
      let { observation } = env.reset({ seed });
      const memory = new Float64Array(demonstrator.memorySize);
      const random = generator(fold(randomKey(2), seed));
      let before = Number.NaN;
      for (let t = 0; t < 25; t++) {
        const best = plan.decide(observation as Float32Array, new Float64Array(plan.memorySize), undefined);
        const action = demonstrator.decide(observation as Float32Array, memory, random);
        const residual = action[0] - best[0];
        if (t > 0) pairs.push([before, residual]);
        before = residual;
        const step = env.step(action);
        observation = step.observation;
        if (step.terminated) break;
      }
    }
    const centre = (i: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[i], 0) / pairs.length;
    const [a, b] = [centre(0), centre(1)];
    const sum = (f: (x: number, y: number) => number): number => pairs.reduce((s, [x, y]) => s + f(x - a, y - b), 0);
    return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
  };
  assert.ok(correlation({ style: "left", human: true }) > 0.6);
  assert.ok(Math.abs(correlation({ style: "left", noise: 0.3 })) < 0.3);
});

test("good and bad tosses begin alike, to the last bit, and end apart", () => {
  for (let seed = 0; seed < 10; seed++) {
    const good = play("PickPlacePaired-v0", { toss: "good", style: "left" }, seed);
    const bad = play("PickPlacePaired-v0", { toss: "bad", style: "left" }, seed);
    assert.deepEqual([good.info.success, bad.info.success, bad.info.failed], [true, false, true]);
    let alike = 0;
    while (String(good.actions[alike]) === String(bad.actions[alike])) alike++;
    assert.ok(alike > 0.5 * good.steps, `${alike} of ${good.steps}`);
  }
  const noisy = [
    play("PickPlacePaired-v0", { toss: "good", human: true }, 3),
    play("PickPlacePaired-v0", { toss: "bad", human: true }, 3),
  ];
  assert.deepEqual(noisy[0].actions.slice(0, 10), noisy[1].actions.slice(0, 10));
});

test("environments and objects are factors of their own, that demonstrators cope with", () => {
  assert.deepEqual(environmentFactors(5), environmentFactors(5));
  assert.notDeepEqual(environmentFactors(5), environmentFactors(6));
  assert.equal(environmentFactors(7).length, 12);
  assert.equal(objectFactors(7).length, 5);
  const tried = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((n) =>
    many("PickPlace-v0", { options: { environment: n, object: 9 - n } }, 5),
  );
  assert.equal(successes(tried), tried.length);
  const seen = (options: EnvironmentOptions): Float32Array =>
    make("PickPlace-v0", options).reset({ seed: 1 }).observation as Float32Array;
  assert.deepEqual([...seen({ object: 2 }).subarray(0, 24)], [...seen({}).subarray(0, 24)]);
  assert.notDeepEqual([...seen({ environment: 2 }).subarray(0, 2)], [...seen({}).subarray(0, 2)]);
  const { info } = play("PickPlace-v0", {}, 1);
  assert.deepEqual([info.stage, info.score], [3, 1]);
});

test("a push moves a disc by as much as the hand enters it, and turns a box that is met off its middle", () => {
  const state = Float64Array.of(0.44, 0.5, 0.2, 0, 0.5, 0.5, 0);
  assert.ok(pushBlock(state, 4, discShape(0.05), 0.02, 0));
  assert.ok(Math.abs(state[4] - 0.51) < 1e-9 && Math.abs(state[5] - 0.5) < 1e-9);
  const off = Float64Array.of(0.43, 0.53, 0.2, 0, 0.5, 0.5, 0);
  assert.ok(pushBlock(off, 4, boxShape(0.06, 0.04), 0.02, 0.3));
  assert.ok(off[6] < 0, "pushed right above its middle, it turns clockwise");
  for (const slipping of [0.2, -0.2]) {
    const dragged = Float64Array.of(0.43, 0.5, 0.2, slipping, 0.5, 0.5, 0);
    assert.ok(pushBlock(dragged, 4, boxShape(0.06, 0.04), 0.02, 0.3));
    assert.ok(dragged[6] * slipping < 0, "dragged along its left side, it turns against that");
  }
  assert.equal(pushBlock(Float64Array.of(0.2, 0.2, 0, 0, 0.5, 0.5, 0), 4, discShape(0.05), 0.02, 0), false);
});

test("after a push the hand is never inside the block, whatever the shapes and places", () => {
  const unit = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(unit, unit, unit, unit, unit, (x, y, vx, vy, angle) => {
      const shape = boxShape(0.06, 0.04);
      const state = Float64Array.of(0.5 + 0.08 * x, 0.5 + 0.08 * y, vx, vy, 0.5, 0.5, 3 * angle);
      pushBlock(state, 4, shape, 0.02, 0.3);
      assert.ok(state.every(Number.isFinite));
      assert.ok(!touch(state, 4, shape, state[0], state[1], 0.02 - 2e-3));
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("parameters change what happens, and options out of range are said so", () => {
  const env = make("Push-v0", { block: [0.5, 0.5], target: [0.8, 0.5] });
  const far = (changes: { readonly [name: string]: number }): number => {
    env.reset({ seed: 1 });
    env.perturb!(changes);
    const before = (env.save!() as { inner: SavedSimulation }).inner.state[0];
    env.step(Float32Array.of(1, 0));
    const after = (env.save!() as { inner: SavedSimulation }).inner.state[0];
    env.perturb!({ speed: 0.5, response: 0.6, systemNoise: 0 });
    return after - before;
  };
  assert.ok(Math.abs(far({ speed: 1 }) - 2 * far({ speed: 0.5 })) < 1e-9);
  assert.notEqual(far({ systemNoise: 1 }), far({}));
  const noisy = many("Avoid-v0", {}, 30, { systemNoise: 1 });
  assert.ok(successes(noisy) < 30);
  assert.throws(() => make("Avoid-v0", { rows: [9] }), /one to four numbers from 1 to 5/);
  assert.throws(() => make("Push-v0", { target: [2, 0] }), /"random" or \[x, y\]/);
  assert.throws(() => make("Stack-v0", { blocks: 9 }), /1 to 4/);
  assert.throws(() => align({ turn: -1 }), /from 0 to π/);
  assert.throws(() => make("Sort-v0", { blocks: 3 }), /2, 4 or 6/);
});

test("an object slips from a weak grip that is jerked, and stays in a firm one", () => {
  const kept = (grip: number): number => {
    const env = make("PickPlace-v0");
    const hand = pushingDemonstrator("PickPlace-v0");
    let observation = env.reset({ seed: 1 }).observation as Float32Array;
    const memory = new Float64Array(hand.memorySize);
    while (observation[5] === 0)
      observation = env.step(hand.decide(observation, memory, undefined)).observation as Float32Array;
    env.perturb!({ grip });
    return (env.step(Float32Array.of(1, 1, 1)).observation as Float32Array)[5];
  };
  assert.deepEqual([kept(0.1), kept(1)], [0, 1]);
});
