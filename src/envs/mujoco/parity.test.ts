/** Each world against Gymnasium's (Gymnasium-Robotics' for mazes) with the same MuJoCo, compiled natively. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Box } from "../../spaces/space.ts";
import type { Step } from "../environment.ts";
import { loadMujoco } from "./engine.ts";
import type { MujocoEnvironment, SavedPhysics } from "./environment.ts";
import { mujoco } from "./index.ts";

type Check = readonly [t: number, reward: number, terminated: 0 | 1, observation: number[], goal?: number[]];

interface World {
  readonly name: string;
  readonly options: { readonly [name: string]: unknown };
  readonly maxSteps: number;
  readonly observation: number | { readonly [part: string]: number };
  readonly action: readonly [low: number[], high: number[]];
  readonly cases: readonly {
    readonly qpos: number[];
    readonly qvel: number[];
    readonly memory: number[];
    readonly checks: readonly Check[];
    /** The exact state of Gymnasium's world after step t: what follows starts from it. */
    readonly restarts: readonly (readonly [t: number, state: number[], memory: number[]])[];
    /** What the last step tells. */
    readonly info: { readonly [name: string]: number | number[] };
  }[];
}

const folder = process.env.MUJOCO_GOLDEN ?? join(import.meta.dirname, "golden");
const registrations = new Map((await mujoco()).map((entry) => [entry.name, entry]));

/** Eighths of the range, as benchmarks/golden/mujoco_worlds.py computes them. */
function action({ low, high }: Box, t: number, of: number): Float64Array {
  return Float64Array.from(low, (from, j) => {
    const eighths = ((Math.floor(t / 3) * 7 + 13 * j + 5 * of + t * (j + 1)) % 17) - 8;
    return (from + high[j]) / 2 + ((high[j] - from) / 2) * (eighths / 8);
  });
}

/** The golden memory holds one goal; ours holds it twice: as it was aimed at, and as it will be. */
const memoryOf = (name: string, memory: readonly number[]): readonly number[] =>
  name.includes("Maze") ? [...memory.slice(0, 2), ...memory] : memory;

const off = (got: number, wanted: number): number => Math.abs(got - wanted) / Math.max(1, Math.abs(wanted));

/** Plays the golden cases and returns the largest relative error of observations and rewards. */
function worst({ name, options, cases }: World): { observation: number; reward: number; ends: number } {
  const env = registrations.get(name)!.create(options) as MujocoEnvironment;
  const most = { observation: 0, reward: 0, ends: 0 };
  for (const [index, { qpos, qvel, memory, checks, restarts, info }] of cases.entries()) {
    const wild = cases.length === 1 ? 2 : index;
    env.reset({ seed: 0 });
    env.restore!({ ...(env.save!() as SavedPhysics), memory: memoryOf(name, memory) });
    env.setState(qpos, qvel);
    for (let t = 1; t <= checks.at(-1)![0]; t++) {
      const step = env.step(action(env.actionSpace as Box, t, wild));
      const check = checks.find(([at]) => at === t);
      if (check !== undefined) compare(step, check, `case ${index}, step ${t}`, most);
      if (check === checks.at(-1)) tells(step, info, `case ${index}`);
      if (step.terminated) env.restore!({ ...(env.save!() as SavedPhysics), running: true });
      const restart = restarts.find(([at]) => at === t);
      if (restart !== undefined) {
        const [, state, kept] = restart;
        env.restore!({ ...(env.save!() as SavedPhysics), state, memory: memoryOf(name, kept) });
      }
    }
  }
  env.close();
  return most;
}

function compare(step: Step, check: Check, where: string, most: { observation: number; reward: number; ends: number }) {
  const [, reward, terminated, observation, goal] = check;
  const given = step.observation as Float64Array | { readonly [part: string]: Float64Array };
  const seen = given instanceof Float64Array ? given : given.observation;
  for (const [i, wanted] of observation.entries()) most.observation = Math.max(most.observation, off(seen[i], wanted));
  most.reward = Math.max(most.reward, off(step.reward, reward));
  assert.equal(step.terminated, terminated === 1, where);
  most.ends += terminated;
  if (goal !== undefined && !(given instanceof Float64Array)) {
    const [x, y, success] = goal;
    assert.ok(Math.hypot(given.achieved_goal[0] - x, given.achieved_goal[1] - y) < 1e-6, where);
    assert.equal(step.info.success, success === 1, where);
  }
}

function tells({ info }: Step, wanted: { readonly [name: string]: number | number[] }, where: string): void {
  assert.deepEqual(Object.keys(info).sort(), Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(wanted)) {
    const [got, golden] = [[info[name]].flat(), [value].flat()];
    assert.equal(got.length, golden.length);
    for (const [i, v] of golden.entries())
      assert.ok(off(Number(got[i]), v) <= 1e-6, `${where}: ${name} is ${got[i]}, not ${v}`);
  }
}

for (const file of readdirSync(folder).filter((name) => name.endsWith(".golden.json"))) {
  const golden: { mujoco: string; gymnasium: string; worlds: readonly World[] } = JSON.parse(
    readFileSync(join(folder, file), "utf8"),
  );
  for (const world of golden.worlds) {
    const { name, options } = world;
    test(`${name} ${Object.keys(options).join(", ")} agrees with Gymnasium ${golden.gymnasium} to 1e-6`, () => {
      const { observation, reward, ends } = worst(world);
      if (process.env.MUJOCO_GOLDEN) console.log(name, "observation", observation, "reward", reward, "ends", ends);
      assert.ok(observation <= 1e-6, `an observation differs by ${observation}`);
      assert.ok(reward <= 1e-6, `a reward differs by ${reward}`);
    });
    test(`${name} ${Object.keys(options).join(", ")} has Gymnasium's spaces and time limit`, () => {
      const entry = registrations.get(name)!;
      const env = entry.create(options) as MujocoEnvironment;
      const { observationSpace: space, actionSpace } = env;
      const sizes =
        space.kind === "dict"
          ? Object.fromEntries(Object.entries(space.entries).map(([part, box]) => [part, (box as Box).low.length]))
          : (space as Box).low.length;
      assert.deepEqual(sizes, world.observation);
      const bounds = [(actionSpace as Box).low, (actionSpace as Box).high].map((bound) => bound.map(Math.fround));
      assert.deepEqual(
        bounds,
        world.action.map((bound) => bound.map(Math.fround)),
      );
      assert.equal(entry.maxSteps, world.maxSteps);
      env.close();
    });
  }
}

test("the engine is the one the golden trajectories were made with", async () => {
  assert.equal((await loadMujoco()).mj_versionString(), "3.14.0");
});
