import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { sample } from "../../spaces/sample.ts";
import type { Value } from "../../spaces/space.ts";
import { type Generator, generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { Demonstrator } from "../demonstrator.ts";
import type { Environment } from "../environment.ts";
import { ownValues, type ParameterValues } from "../parameters.ts";
import { make, prepare } from "../registry.ts";
import { toSvg } from "../scene.ts";
import { landerHeuristic, walkerHeuristic } from "./heuristics.ts";
import { physics } from "./index.ts";
import { begin, lunarLander } from "./lunar-lander.ts";
import { gymnasiumTerrain, parametricTerrain, startHeight } from "./terrain.ts";
import { beginWalk, bipedalWalker, parametricWalker } from "./walker.ts";

interface Measured {
  readonly mean: number;
  readonly sd: number;
  readonly n: number;
}
const golden = JSON.parse(readFileSync(new URL("box2d.golden.json", import.meta.url), "utf8")) as {
  readonly trajectories: readonly {
    readonly env: string;
    readonly options: { readonly gravity?: number; readonly enable_wind?: boolean };
    readonly actions: readonly (number | readonly number[])[];
    readonly observations: readonly (readonly number[])[];
    readonly rewards: readonly number[];
  }[];
  readonly terrain: { readonly [name: string]: readonly number[] };
  readonly returns: { readonly [name: string]: { readonly return: Measured; readonly length: Measured } };
};

await prepare("LunarLander-v3");

/** The draws of benchmarks/golden/box2d.py: multiples of the golden ratio. */
function sequence(): Generator {
  let drawn = 0;
  const uniform = (): number => (++drawn * 0.6180339887498949) % 1;
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  const integer = (below: number): number => Math.floor(uniform() * below);
  return { uniform, between, integer, normal: () => 0, choice: () => 0, position: () => drawn };
}

const valuesOf = (env: Environment): ParameterValues => ownValues(env.parameters!);

for (const { env: name, options, actions, observations, rewards } of golden.trajectories) {
  const isLander = name.startsWith("Lunar");
  test(`${name} ${JSON.stringify(options)} moves as Gymnasium's`, () => {
    const continuous = name.includes("Continuous");
    const { gravity, enable_wind: wind = false } = options;
    const random = sequence();
    const p = valuesOf(isLander ? (lunarLander({ gravity, wind }) as Environment) : (bipedalWalker() as Environment));
    const hardcore = name.includes("Hardcore");
    const play = isLander
      ? begin(random, p as Parameters<typeof begin>[1], continuous)
      : beginWalk(random, p as Parameters<typeof beginWalk>[1], gymnasiumTerrain(random, hardcore));
    const near = (seen: Float32Array, wanted: readonly number[], tolerance: number, t: number): void => {
      for (const [i, value] of wanted.entries()) {
        assert.ok(Math.abs(seen[i] - value) <= tolerance, `step ${t}, element ${i}: ${seen[i]} for ${value}`);
      }
    };
    near(play.observation, observations[0], 1e-5, 0);
    // Both solvers of joint limits stop on the last bit of a number that one of them keeps in single precision.
    const [tolerance, rewardTolerance] = isLander ? [2e-5, 1e-3] : [0.05, 0.02];
    for (const [t, action] of actions.entries()) {
      const given = (typeof action === "number" ? action : Float64Array.from(action)) as number & Float32Array;
      const step = play.advance(given, p as never);
      near(step.observation, observations[t + 1], tolerance, t + 1);
      assert.ok(Math.abs(step.reward - rewards[t]) <= rewardTolerance, `step ${t}: ${step.reward} for ${rewards[t]}`);
    }
  });
}

test("terrains are Gymnasium's", () => {
  for (const [name, heights] of Object.entries(golden.terrain)) {
    const { surface } = gymnasiumTerrain(sequence(), name === "hardcore");
    assert.equal(surface.length, heights.length);
    for (const [i, [, y]] of surface.entries()) assert.ok(Math.abs(y - heights[i]) < 1e-5, `${name} ${i}`);
  }
});

type Act = (observation: Value, random: Generator) => Value;
const by = (demonstrator: Demonstrator<Float32Array, number | Float32Array>) => (): Act => {
  const memory = new Float64Array(demonstrator.memorySize);
  return (observation) => demonstrator.decide(observation as Float32Array, memory, undefined);
};
const atRandom = (env: Environment) => (): Act => (_, random) => sample(env.actionSpace, random);

function playAll(env: Environment, episodes: number, actor: () => Act): readonly number[] {
  const random = generator(randomKey(7));
  return Array.from({ length: episodes }, (_, episode) => {
    let { observation } = env.reset({ seed: episode });
    const act = actor();
    for (let total = 0; ; ) {
      const step = env.step(act(observation, random));
      total += step.reward;
      observation = step.observation;
      if (step.terminated || step.truncated) return total;
    }
  });
}

const lander = make("LunarLander-v3");
const throttled = make("LunarLanderContinuous-v3");
const windy = make("LunarLander-v3", { wind: true });
const walker = make("BipedalWalker-v3");
for (const [name, env, episodes, actor] of [
  ["LunarLander-v3 random", lander, 100, atRandom(lander)],
  ["LunarLander-v3 heuristic", lander, 40, by(landerHeuristic())],
  ["LunarLander-v3 heuristic in wind", windy, 20, by(landerHeuristic())],
  ["LunarLanderContinuous-v3 heuristic", throttled, 20, by(landerHeuristic({ continuous: true }))],
  ["BipedalWalker-v3 random", walker, 3, atRandom(walker)],
  ["BipedalWalker-v3 heuristic", walker, 6, by(walkerHeuristic())],
] as const) {
  test(`${name}: the mean return is Gymnasium's, within four standard errors`, () => {
    const wanted = golden.returns[name].return;
    const totals = playAll(env, episodes, actor);
    const mean = totals.reduce((a, b) => a + b, 0) / totals.length;
    const allowed = 4 * wanted.sd * Math.sqrt(1 / totals.length + 1 / wanted.n);
    assert.ok(Math.abs(mean - wanted.mean) <= allowed, `${mean} for ${wanted.mean} ± ${allowed}`);
    if (name === "LunarLander-v3 heuristic") assert.ok(mean > 200, `the known controller lands with ${mean}`);
  });
}

for (const { name, maxSteps } of physics) {
  test(`${name} keeps the interface, and shows itself`, () => {
    const env = make(name);
    assert.deepEqual(checkEnvironment(env, { steps: 120 }), []);
    assert.match(toSvg(env.scene!()), /^<svg.*polygon.*<\/svg>$/);
    assert.ok(maxSteps !== undefined);
  });
}

test("saved at any step, through JSON, restored elsewhere, an episode goes on as it would have", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(90), fc.constantFrom(...physics.map(({ name }) => name)), (seed, steps, name) => {
      const [env, other] = [make(name), make(name)];
      const random = generator(randomKey(seed));
      env.reset({ seed });
      env.reset();
      let over = false;
      const act = (): void => {
        const step = env.step(sample(env.actionSpace, random));
        over = step.terminated;
      };
      for (let t = 0; t < steps && !over; t++) {
        if (t === 10) env.perturb!({ gravity: -8 });
        act();
      }
      if (over) return;
      other.reset({ seed: seed + 1 });
      other.restore!(JSON.parse(JSON.stringify(env.save!())));
      for (let t = 0; t < 5 && !over; t++) {
        const action = sample(env.actionSpace, random);
        const step = env.step(action);
        assert.deepEqual(other.step(action), step);
        over = step.terminated;
      }
      if (!over) return;
      assert.deepEqual(other.reset(), env.reset());
    }),
    { seed: 3, numRuns: 15 },
  );
});

test("restored twice from one save is the same as once, changed parameters included", () => {
  const env = lunarLander();
  env.reset({ seed: 4 });
  env.step(2);
  env.perturb!({ mainPower: 20 });
  env.step(2);
  const saved = JSON.stringify(env.save!());
  const ahead = env.step(2);
  env.restore!(JSON.parse(saved));
  assert.equal(JSON.stringify(env.save!()), saved);
  assert.deepEqual(env.step(2), ahead);
  const broken = { ...JSON.parse(saved), actions: [7] };
  for (const given of [{ seed: 1 }, null, broken]) assert.throws(() => env.restore!(given), /LunarLander-v3\.restore/);
});

test("parameters change what happens", () => {
  const fall = (options: Parameters<typeof lunarLander>[0], changes: { readonly [name: string]: number } = {}) => {
    const env = lunarLander(options);
    env.reset({ seed: 2 });
    env.perturb!(changes);
    for (let t = 0; t < 20; t++) env.step(0);
    return env.step(0).observation;
  };
  assert.ok(fall({})[3] < fall({ gravity: -4 })[3]);
  assert.ok(fall({})[3] < fall({}, { gravity: -4 })[3]);
  assert.notEqual(fall({})[2], fall({ wind: true })[2]);
  assert.throws(() => lunarLander({ gravity: 3 }), /gravity, m\/s², from -12 to 0/);
  assert.throws(() => make("LunarLander-v3", { gravitas: 1 }), /gravity/);
});

test("a terrain of parameters has what was asked for", () => {
  const task = { roughness: 0, stumpHeight: 0, stumpWidth: 0.5, gapWidth: 0, spacing: 4 };
  const flat = parametricTerrain(sequence(), task);
  assert.deepEqual([...new Set(flat.surface.map(([, y]) => y))], [startHeight]);
  assert.equal(flat.blocks.length, 0);
  const stumps = parametricTerrain(sequence(), { ...task, stumpHeight: 1.5 });
  assert.ok(stumps.blocks.length > 10);
  for (const points of stumps.blocks) assert.ok(Math.abs(points[2][1] - startHeight - 1.5) < 1e-9);
  const gaps = stumps.blocks.slice(1).map((points, i) => points[0][0] - stumps.blocks[i][1][0]);
  for (const gap of gaps) assert.ok(gap >= 4 - 1e-9 && gap < 4.5, `${gap}`);
  const pits = parametricTerrain(sequence(), { ...task, gapWidth: 2 });
  assert.ok(pits.surface.some(([, y]) => y < startHeight - 1));
  const rough = parametricTerrain(generator(randomKey(1)), { ...task, roughness: 3 });
  assert.ok(new Set(rough.surface.map(([, y]) => y)).size > 100);
  for (const points of [...stumps.surface, ...pits.surface]) assert.ok(points.every(Number.isFinite));
});

test("a task given to perturb holds from the next episode on, and one given as an option from the first", () => {
  const env = parametricWalker();
  const blocks = (): number => env.scene!().shapes.length;
  env.reset({ seed: 1 });
  const plain = blocks();
  env.perturb!({ stumpHeight: 1, spacing: 1 });
  assert.equal(blocks(), plain);
  env.reset({ seed: 1 });
  assert.ok(blocks() > plain);
  const other = parametricWalker({ stumpHeight: 1, spacing: 1 });
  other.reset({ seed: 1 });
  assert.deepEqual(other.scene!(), env.scene!());
  assert.throws(() => parametricWalker({ gapWidth: 30 }), /width of the gaps/);
});

test("the pad is where Gymnasium smooths it to, and the walker's reward is its way, its leaning and its effort", () => {
  const p = valuesOf(lunarLander() as Environment) as Parameters<typeof begin>[1];
  const [surface] = begin(sequence(), p, false).draw().shapes;
  assert.ok(surface.kind === "polygon");
  assert.deepEqual(
    new Set(surface.points.slice(5, 8).map(([, y]) => y.toFixed(9))),
    new Set([(0.99 * (400 / 30 / 4)).toFixed(9)]),
  );
  const env = bipedalWalker();
  let { observation } = env.reset({ seed: 1 });
  const random = generator(randomKey(1));
  for (let t = 0; t < 30; t++) {
    const [x, lean] = [env.scene!().x, Math.abs(observation[0])];
    const action = sample(env.actionSpace, random) as Float32Array;
    const step = env.step(action);
    if (step.terminated) return;
    const effort = action.reduce((sum, torque) => sum + Math.abs(torque), 0);
    const wanted = (130 / 30) * (env.scene!().x - x) - 5 * (Math.abs(step.observation[0]) - lean) - 0.028 * effort;
    assert.ok(Math.abs(step.reward - wanted) < 1e-5, `${step.reward} for ${wanted}`);
    observation = step.observation;
  }
});

test("the lander's heuristic decides as Gymnasium's on states worked out by hand", () => {
  const { decide } = landerHeuristic();
  const chosen = (...state: number[]) => decide(Float32Array.from(state), new Float64Array(0), undefined);
  assert.equal(chosen(0.8, 0.5, 0, -0.2, 0.35, 0, 0, 0), 2); // hover 0.07, turn 0.025
  assert.equal(chosen(0.8, 0.5, 0, -0.2, 0.1, 0, 0, 0), 1); // turn 0.15
  assert.equal(chosen(-0.8, 0.5, 0, -0.2, -0.1, 0, 0, 0), 3);
  assert.equal(chosen(0, 1, 0, 0, 0, 0, 0, 0), 0);
  assert.equal(chosen(0.8, 0.5, 0, -0.2, 0.1, 0, 1, 0), 2); // a leg touches: brake only
});
