import assert from "node:assert/strict";
import { test } from "node:test";
import { make } from "../registry.ts";
import type { SavedSimulation } from "../simulation.ts";
import { gridExpert } from "./expert.ts";
import type { Family } from "./family.ts";
import { gridWorld } from "./grid-world.ts";
import { familyOf, grids } from "./index.ts";
import { blank, enclose, put, whole } from "./level.ts";
import { planGrid } from "./planner.ts";
import { CELLS, OUTCOME, SLIPPED, STEPS } from "./state.ts";
import { advance } from "./step.ts";
import { thing, wall } from "./things.ts";

const made = (name: string) => grids.find((entry) => entry.name === name)!.create({});
const stateIn = (env: ReturnType<typeof made>): Float64Array =>
  Float64Array.from((env.save!() as SavedSimulation).state);

/** Levels are made so that they can be solved; how many are tried depends on how long a plan takes. */
const triesFor = (name: string): number => (/Full|2Q/.test(name) ? 2 : /ObstructedMaze-(1Q|2D)/.test(name) ? 4 : 25);

for (const { name, maxSteps } of grids.filter((entry) => !/Dynamic|Playground/.test(entry.name))) {
  test(`${name}: every level has a plan, which wins within the time limit with the reward it should`, () => {
    const env = made(name);
    for (let seed = 0; seed < triesFor(name); seed++) {
      env.reset({ seed });
      const plan = planGrid(stateIn(env), familyOf(name)!);
      assert.ok(plan !== undefined, `no plan for seed ${seed}`);
      assert.ok(plan.length <= maxSteps!, `${plan.length} steps for seed ${seed}`);
      plan.forEach((action, t) => {
        const { reward, terminated, info } = env.step(action);
        const last = t === plan.length - 1;
        assert.deepEqual([terminated, info.success], [last, last], `seed ${seed}, step ${t}`);
        assert.ok(Math.abs(reward - (last ? 1 - (0.9 * plan.length) / maxSteps! : 0)) < 1e-12);
      });
    }
  });
}

/** The length of the shortest plan, by trying everything that the world itself allows, breadth first. */
function shortest(start: Float64Array, name: string): number {
  const family = familyOf(name)!;
  const named = (state: Float64Array): string =>
    String.fromCharCode(...state.map((v, i) => (i === STEPS || i === SLIPPED ? 0 : v)));
  const seen = new Set([named(start)]);
  let layer = [start];
  for (let depth = 1; layer.length > 0; depth++) {
    const next: Float64Array[] = [];
    for (const state of layer) {
      for (let action = 0; action < 7; action++) {
        const after = state.slice();
        advance(after, family, action, undefined);
        if (after[OUTCOME] === 1) return depth;
        if (after[OUTCOME] !== 0 || seen.has(named(after))) continue;
        seen.add(named(after));
        next.push(after);
      }
    }
    layer = next;
  }
  return Number.POSITIVE_INFINITY;
}

test("no plan is shorter, by trying everything", () => {
  const names = ["DoorKey-6x6", "KeyCorridorS3R1", "KeyCorridorS3R2", "Unlock", "UnlockPickup", "GoToDoor-5x5"];
  names.push("LavaGapS5", "ObstructedMaze-1Dl", "ObstructedMaze-1Dlh", "MemoryS7", "RedBlueDoors-6x6");
  names.push("Fetch-5x5-N2", "GoToObject-6x6-N2", "PutNear-6x6-N2");
  for (const which of names) {
    const name = `MiniGrid-${which}-v0`;
    const env = made(name);
    for (let seed = 100; seed < 103; seed++) {
      env.reset({ seed });
      const start = stateIn(env);
      assert.equal(planGrid(start, familyOf(name)!)!.length, shortest(start, name), `${name}, seed ${seed}`);
    }
  }
});

test("a key behind another lock is fetched, and locks that lead nowhere are left alone", () => {
  // The blue ball is behind the red door; the red key behind the green one; the grey door hides nothing.
  const level = blank(13, 5);
  enclose(level, whole(level));
  for (const x of [4, 8]) for (let y = 1; y < 4; y++) put(level, x, y, wall);
  put(level, 4, 2, thing("door", "red", "locked"));
  put(level, 8, 2, thing("door", "green", "locked"));
  put(level, 6, 4, thing("door", "grey", "locked"));
  put(level, 1, 1, thing("ball", "blue"));
  put(level, 11, 3, thing("box", "grey", "open", thing("key", "red")));
  put(level, 5, 1, thing("key", "green"));
  put(level, 7, 3, thing("key", "grey"));
  [level.x, level.y, level.target] = [6, 2, thing("ball", "blue")];
  const family: Family = {
    ...{ width: 13, height: 5, task: "pick", maxSteps: 100, seesThroughWalls: false, obstacles: 0 },
    ...{ mission: "pick up the {colour} ball", lay: () => level },
  };
  const env = gridWorld("Test-v0", family);
  env.reset({ seed: 1 });
  const plan = planGrid(stateIn(env), family);
  assert.ok(plan !== undefined);
  const steps = plan.map((action) => env.step(action));
  assert.equal(steps.at(-1)?.info.success, true);
  const { state } = env.save!() as SavedSimulation;
  assert.equal(state[CELLS + 3 * 13 + 7], thing("key", "grey"), "the grey key was not touched");
});

test("the expert wins through wrappers, and from wherever its random actions lead", () => {
  for (const [which, skill] of [
    ["DoorKey-8x8", 1],
    ["DoorKey-6x6", 0.6],
    ["UnlockPickup", 0.8],
    ["KeyCorridorS4R3", 0.7],
    ["MultiRoom-N4-S5", 0.9],
  ] as const) {
    const env = make(`MiniGrid-${which}-v0`);
    let won = 0;
    for (let seed = 0; seed < 10; seed++) {
      env.reset({ seed });
      const expert = gridExpert(env, { skill, seed });
      for (let over = false; !over; ) {
        const step = env.step(expert.act().action);
        over = step.terminated || step.truncated;
        won += Number(step.info.success);
      }
    }
    // A random action can destroy the box that is wanted; nothing else is beyond mending.
    assert.ok(won >= (which === "UnlockPickup" ? 6 : 10), `${which} at skill ${skill}: ${won} of 10`);
  }
});

test("among moving balls it touches none, and mostly arrives", () => {
  let won = 0;
  for (const which of ["6x6", "Random-5x5", "8x8", "16x16"]) {
    const env = make(`MiniGrid-Dynamic-Obstacles-${which}-v0`);
    for (let seed = 0; seed < 10; seed++) {
      env.reset({ seed });
      const expert = gridExpert(env);
      for (let over = false; !over; ) {
        const step = env.step(expert.act().action);
        assert.ok(step.reward >= 0, "touched a ball");
        over = step.terminated || step.truncated;
        won += Number(step.info.success);
      }
    }
  }
  assert.ok(won >= 38, `${won} of 40`);
});

test("its probability is how often it takes the action", () => {
  const env = made("MiniGrid-LavaGapS6-v0");
  env.reset({ seed: 4 });
  for (const careful of [false, true]) {
    const expert = gridExpert(env, { skill: 0.4, careful, seed: 1 });
    const counts = new Map<number, { times: number; probability: number }>();
    for (let i = 0; i < 2500; i++) {
      const { action, probability } = expert.act();
      counts.set(action, { times: (counts.get(action)?.times ?? 0) + 1, probability });
    }
    let sum = 0;
    for (const { times, probability } of counts.values()) {
      assert.ok(Math.abs(times / 2500 - probability) < 0.03, `${times / 2500} of ${probability}`);
      sum += probability;
    }
    assert.ok(Math.abs(sum - 1) < 1e-12);
  }
});

test("a careful one never ends in failure, a careless one does", () => {
  const falls = (careful: boolean): number => {
    const env = make("MiniGrid-LavaCrossingS9N2-v0");
    let fell = 0;
    for (let seed = 0; seed < 20; seed++) {
      env.reset({ seed });
      const expert = gridExpert(env, { skill: 0.3, careful, seed });
      for (let over = false; !over; ) {
        const step = env.step(expert.act().action);
        over = step.terminated || step.truncated;
        fell += Number(step.terminated && !step.info.success);
      }
    }
    return fell;
  };
  assert.equal(falls(true), 0);
  assert.ok(falls(false) > 3);
});

test("where nothing is asked there is no plan, and it turns on the spot", () => {
  const env = make("MiniGrid-Playground-v0");
  env.reset({ seed: 1 });
  const expert = gridExpert(env);
  assert.equal(expert.plan(), undefined);
  assert.equal(expert.act().action, 0);
});

test("what it cannot act in is refused in a sentence", () => {
  assert.throws(() => gridExpert(make("CartPole-v1")), /there is no grid world "CartPole-v1"/);
  assert.throws(() => gridExpert(make("MiniGrid-Unlock-v0"), { skill: 2 }), /a number in \[0, 1\]/);
});
