import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Space } from "../../spaces/space.ts";
import type { Environment } from "../environment.ts";
import { toSvg } from "../scene.ts";
import type { SavedSimulation } from "../simulation.ts";
import { cartPole } from "./cartpole.ts";
import { control } from "./index.ts";

interface Case {
  readonly env: string;
  readonly start: readonly number[];
  readonly actions: readonly number[];
  readonly observations: readonly (readonly number[])[];
  readonly rewards: readonly number[];
  readonly terminated: boolean;
}

type GoldenSpace = { n: number } | { shape: number[]; low: (number | null)[]; high: (number | null)[] };

const golden = JSON.parse(readFileSync(new URL("control.golden.json", import.meta.url), "utf8")) as {
  readonly tasks: { readonly [name: string]: { maxSteps: number; observation: GoldenSpace; action: GoldenSpace } };
  readonly cases: readonly Case[];
};

const made = (name: string): Environment => control.find((entry) => entry.name === name)!.create({});

for (const [index, { env: name, start, actions, observations, rewards, terminated }] of golden.cases.entries()) {
  test(`${name} from [${start}] agrees with Gymnasium 1.4 to 1e-6 (case ${index})`, () => {
    const env = made(name);
    env.reset({ seed: 0 });
    env.restore!({ ...(env.save!() as SavedSimulation), state: start });
    for (const [t, action] of actions.entries()) {
      const step = env.step(env.actionSpace.kind === "box" ? Float32Array.of(action) : action);
      const seen = step.observation as Float32Array;
      for (const [i, wanted] of observations[t].entries()) {
        assert.ok(
          Math.abs(seen[i] - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted)),
          `step ${t}, element ${i}: ${seen[i]} for ${wanted}`,
        );
      }
      assert.ok(Math.abs(step.reward - rewards[t]) <= 1e-6, `step ${t}: reward ${step.reward} for ${rewards[t]}`);
      assert.equal(step.terminated, terminated && t === actions.length - 1, `step ${t}`);
    }
  });
}

test("spaces and time limits are Gymnasium's", () => {
  const plain = (bounds: readonly number[]) => bounds.map((v) => (Number.isFinite(v) ? Math.fround(v) : null));
  const described = (space: Space) => {
    if (space.kind === "discrete") return { n: space.n };
    assert.ok(space.kind === "box");
    return { shape: [...space.shape], low: plain(space.low), high: plain(space.high) };
  };
  assert.deepEqual(
    Object.fromEntries(
      control.map(({ name, maxSteps, create }) => {
        const { observationSpace, actionSpace } = create({});
        return [name, { maxSteps, observation: described(observationSpace), action: described(actionSpace) }];
      }),
    ),
    golden.tasks,
  );
});

test("the golden trajectories meet ends, walls and speed limits", () => {
  for (const name of ["CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Acrobot-v1"]) {
    const ends = golden.cases.filter((c) => c.env === name).map((c) => c.terminated);
    assert.ok(ends.includes(true), `${name} never ends in the golden file`);
  }
  const touches = (name: string, element: number, value: number): boolean =>
    golden.cases.some((c) => c.env === name && c.observations.some((o) => Math.abs(o[element] - value) < 1e-6));
  assert.ok(touches("Pendulum-v1", 2, 8) || touches("Pendulum-v1", 2, -8));
  assert.ok(touches("MountainCar-v0", 0, -1.2));
  assert.ok(touches("MountainCarContinuous-v0", 0, -1.2));
});

test("start states are spread as Gymnasium's are", () => {
  const ranges: { readonly [name: string]: readonly (readonly [number, number])[] } = {
    "CartPole-v1": [0, 1, 2, 3].map(() => [-0.05, 0.05]),
    "Pendulum-v1": [
      [-Math.PI, Math.PI],
      [-1, 1],
    ],
    "MountainCar-v0": [[-0.6, -0.4]],
    "MountainCarContinuous-v0": [[-0.6, -0.4]],
    "Acrobot-v1": [0, 1, 2, 3].map(() => [-0.1, 0.1]),
  };
  for (const [name, wanted] of Object.entries(ranges)) {
    const env = made(name);
    const states = Array.from({ length: 400 }, (_, i) => {
      env.reset(i === 0 ? { seed: 3 } : {});
      return (env.save!() as SavedSimulation).state;
    });
    for (const [i, [low, high]] of wanted.entries()) {
      const values = states.map((state) => state[i]);
      assert.ok(Math.min(...values) >= low && Math.max(...values) <= high, `${name} element ${i}`);
      assert.ok(Math.max(...values) - Math.min(...values) > 0.95 * (high - low), `${name} element ${i} is not spread`);
    }
  }
});

test("pictures are SVG documents", () => {
  for (const { create: make } of control) {
    const env = make({});
    env.reset({ seed: 1 });
    assert.match(toSvg(env.scene!()), /^<svg xmlns.*<\/svg>$/);
  }
});

test("parameters change the world from the next step on, and are saved", () => {
  const fall = (values: { readonly [name: string]: number }): number => {
    const env = cartPole();
    env.reset({ seed: 3 });
    env.perturb!(values);
    return Array.from({ length: 5 }, () => env.step(1).observation[3]).at(-1)!;
  };
  assert.ok(Math.abs(fall({ force: 20 })) > Math.abs(fall({})));
  const env = cartPole();
  env.reset({ seed: 3 });
  env.perturb!({ gravity: 2 });
  const other = cartPole();
  other.restore!(JSON.parse(JSON.stringify(env.save!())));
  assert.deepEqual(other.step(0), env.step(0));
  assert.throws(() => env.perturb!({ gravity: 100 }), /gravity, m\/s², from 1 to 30/);
  assert.throws(() => env.perturb!({ gravty: 9 }), /gravity/);
});
