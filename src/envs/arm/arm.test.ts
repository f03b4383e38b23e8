import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sample } from "../../spaces/sample.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { Environment } from "../environment.ts";
import { environmentNames, make, prepare } from "../registry.ts";
import { toSvg } from "../scene.ts";
import { armExpert } from "./experts.ts";
import { arms } from "./index.ts";
import { armMixtures, armNames, armTasks } from "./names.ts";

await prepare("Arm-Reach-v0");
const registrations = await arms();

type Arm = Environment<Float32Array, Float32Array>;
const arm = (name: string, options: object = {}): Arm => make(name, { ...options }) as Arm;

/** The first observation, and what the last of `steps` actions drawn from the seed led to. */
function played(env: Arm, seed: number, steps = 20): readonly [number[], string] {
  const { observation } = env.reset({ seed });
  const random = generator(randomKey(seed));
  let last = "";
  for (let i = 0; i < steps; i++) {
    const { observation: next, reward, info } = env.step(sample(env.actionSpace, random) as Float32Array);
    last = JSON.stringify([[...next], reward, info]);
  }
  return [[...observation], last];
}

test("the names known without the engine are those it offers, and every list is made of them", () => {
  assert.deepEqual(
    registrations.map(({ name }) => name),
    armNames,
  );
  for (const name of armNames) assert.ok(environmentNames().includes(name));
  const { all, MT10, ML10 } = armTasks;
  assert.equal(new Set(all).size, 15);
  assert.equal(MT10.length, 10);
  assert.deepEqual([...ML10.train, ...ML10.test].sort(), [...all].sort());
  assert.equal(ML10.train.length, 10);
});

for (const { name } of registrations) {
  test(`${name}: nothing is found wrong, its picture is one, and perturbing it changes it`, () => {
    const env = registrations.find((entry) => entry.name === name)!.create({ reward: "dense" }) as Arm;
    assert.deepEqual(checkEnvironment(env as Environment, { steps: 40 }), []);
    env.reset({ seed: 1 });
    assert.match(toSvg(env.scene!()), /^<svg xmlns.*<polygon.*<\/svg>$/);
    const [, plain] = played(env, 5);
    for (const values of [{ stride: 0.05 }, { gear: 2 }, { damping: 2 }]) {
      env.perturb!(values);
      assert.notEqual(played(env, 5)[1], plain, JSON.stringify(values));
      env.perturb!({ stride: 0.03, gear: 1, damping: 1 });
    }
    assert.equal(played(env, 5)[1], plain);
  });
}

for (const name of armTasks.all) {
  test(`${name}: the expert succeeds and keeps it so, in both styles, whatever the start and the goal`, () => {
    for (const style of ["low", "high"]) {
      const env = arm(name, { reward: "dense" });
      const expert = armExpert(name, { style });
      for (let seed = 200; seed < 203; seed++) {
        let { observation } = env.reset({ seed });
        const memory = new Float64Array(expert.memorySize);
        let [rewards, success] = [[] as number[], false];
        for (let over = false; !over; ) {
          const step = env.step(expert.decide(observation, memory, undefined));
          observation = step.observation;
          rewards = [...rewards, step.reward];
          success = step.info.success as boolean;
          over = step.truncated;
        }
        assert.ok(success, `${name}, ${style}, seed ${seed}`);
        assert.equal(rewards.length, 150);
        assert.equal(rewards.at(-1), 1);
        assert.ok(rewards[0] < 0.5 && rewards.every((r) => r >= 0 && r <= 1), `${name}: ${rewards.join(" ")}`);
      }
    }
  });
}

test("from a saved state everything goes on as it did, in tasks and in mixtures", () => {
  for (const name of ["Arm-PegInsert-v0", "Arm-DoorOpen-v0", "Arm-MT10-v0"]) {
    const [env, other] = [arm(name, { reward: "dense" }), arm(name, { reward: "dense" })];
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 0, max: 40 }), (seed, before) => {
        played(env, seed, 3);
        env.reset(); // the second episode of the seed, so that its number matters
        for (let i = 0; i < before; i++) env.step(Float32Array.of(0.3, 0.5, -0.4, i % 9 < 5 ? 1 : -1));
        env.perturb!({ stride: 0.025 });
        const saved = JSON.parse(JSON.stringify(env.save!()));
        const random = generator(randomKey(seed + 1));
        const actions = Array.from({ length: 12 }, () => sample(env.actionSpace, random) as Float32Array);
        const go = (it: Arm): string => JSON.stringify([actions.map((a) => it.step(a)), it.reset()]);
        const first = go(env);
        other.reset({ seed: seed + 7 });
        other.restore!(saved);
        assert.equal(go(other), first);
        env.perturb!({ stride: 0.03 });
      }),
      { numRuns: 4 },
    );
  }
});

test("a variation is a start and a goal by number, the same whatever the seed; a range draws among its numbers", () => {
  const goalOf = (env: Arm, seed: number): string =>
    [...env.reset({ seed }).observation.slice(7, 20)].map((v) => v.toFixed(5)).join(" ");
  const third = arm("Arm-Push-v0", { variation: 3 });
  assert.equal(goalOf(third, 1), goalOf(third, 2));
  assert.notEqual(goalOf(third, 1), goalOf(arm("Arm-Push-v0", { variation: 4 }), 1));
  const few = arm("Arm-Push-v0", { variation: [3, 5] });
  const drawn = new Set(Array.from({ length: 40 }, (_, seed) => goalOf(few, seed)));
  assert.equal(drawn.size, 3);
  assert.ok(drawn.has(goalOf(third, 9)));
});

test("start and goal can be fixed, and what cannot be is said", () => {
  const env = arm("Arm-PickPlace-v0", { start: [0.1, 0.45], goal: [-0.1, 0.7, 0.2] });
  const { observation } = env.reset({ seed: 4 });
  const rounded = (from: number, to: number): number[] => [...observation.slice(from, to)].map((v) => +v.toFixed(4));
  assert.deepEqual(rounded(7, 9), [0.1, 0.45]);
  assert.deepEqual(rounded(17, 20), [-0.1, 0.7, 0.2]);
  const wrong = (name: string, options: object, sentence: RegExp): void =>
    assert.throws(() => arm(name, options).reset(), sentence);
  wrong("Arm-PickPlace-v0", { start: [0.1, 3] }, /"start" is .*wanted "random" or \[x, y of the object, m\] from/);
  wrong("Arm-DrawerOpen-v0", { goal: [0.5] }, /how far the drawer is to be open, m\] from \[0\.12\] to \[0\.17\]/);
  wrong("Arm-Reach-v0", { variation: [5, 3] }, /two of them \[first, last\]/);
  wrong("Arm-Reach-v0", { reward: "shaped" }, /"sparse" or "dense"/);
  wrong("Arm-Reach-v0", { endsOnSuccess: 1 }, /true or false/);
  wrong("Arm-LeverPull-v0", { taskId: "MT10" }, /a list with Arm-LeverPull-v0/);
  wrong("Arm-MT10-v0", { taskId: "MT15" }, /has no option "taskId"/);
});

test("what is changed in a mixture is changed in every task of it", () => {
  const [plain, changed] = [arm("Arm-MT10-v0"), arm("Arm-MT10-v0")];
  for (let seed = 0; seed < 8; seed++) changed.reset({ seed }); // opens several tasks
  changed.perturb!({ stride: 0.05 });
  for (let seed = 0; seed < 8; seed++) assert.notEqual(played(changed, seed, 3)[1], played(plain, seed, 3)[1]);
});

test("the id tells the task in MT10, and in ML10 nothing does: no id, no goal", () => {
  const mixed = arm("Arm-MT10-v0");
  const met = new Set<unknown>();
  for (let seed = 0; seed < 60; seed++) {
    const { observation, info } = mixed.reset({ seed });
    assert.equal(observation.length, 30);
    assert.equal(armTasks.MT10[observation.indexOf(1, 20) - 20], info.task);
    met.add(info.task);
  }
  assert.equal(met.size, 10);
  const blind = arm("Arm-ML10Test-v0").reset({ seed: 1 }).observation;
  assert.equal(blind.length, 20);
  assert.deepEqual([...blind.slice(17)], [0, 0, 0]);
});

test("an episode ends with success where that is asked for, and pays for nothing before when it is sparse", () => {
  const env = arm("Arm-ButtonPress-v0", { endsOnSuccess: true });
  const expert = armExpert("Arm-ButtonPress-v0");
  let { observation } = env.reset({ seed: 1 });
  const memory = new Float64Array(expert.memorySize);
  for (let t = 0; ; t++) {
    const step = env.step(expert.decide(observation, memory, undefined));
    observation = step.observation;
    assert.equal(step.reward, step.info.success === true ? 1 : 0);
    assert.equal(step.terminated, step.info.success);
    if (step.terminated) {
      assert.ok(t > 10);
      break;
    }
  }
});

test("the expert's dials: unskilled it fails, slowly it takes longer, a mixture's expert does what the id says", () => {
  const steps = (dials: object, name = "Arm-DrawerClose-v0"): number => {
    const env = arm(name, { endsOnSuccess: true });
    const expert = armExpert(name, dials);
    const random = generator(randomKey(3));
    let [sum, { observation }] = [0, env.reset({ seed: 9 })];
    for (let episode = 0; episode < 4; episode++) {
      const memory = new Float64Array(expert.memorySize);
      for (let over = false; !over; sum++) {
        const step = env.step(expert.decide(observation, memory, random));
        observation = step.observation;
        over = step.terminated || step.truncated;
      }
      ({ observation } = env.reset());
    }
    return sum;
  };
  assert.equal(steps({ skill: 0 }), 600);
  assert.ok(steps({ speed: 0.5 }) > 1.3 * steps({}));
  assert.ok(steps({ human: true, skill: 0.9 }) < 600);
  assert.ok(steps({}, "Arm-MT15-v0") < 600);
  assert.throws(() => armExpert("Arm-Fly-v0"), /no plan for "Arm-Fly-v0"/);
  assert.throws(() => armExpert("Arm-Reach-v0", { style: "middle" }), /"any" or one of low, high/);
  assert.throws(() => armExpert("Arm-Reach-v0", { options: { goalHidden: true } }), /a goal that it can see/);
  for (const name of armMixtures.slice(2)) assert.throws(() => armExpert(name), /no plan for/);
});
