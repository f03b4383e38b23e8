import assert from "node:assert/strict";
import { test } from "node:test";
import { contains } from "../../spaces/contains.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { Environment, Info } from "../environment.ts";
import { make } from "../registry.ts";
import { type TabletopDials, tabletopExpert } from "./expert.ts";
import { goalOf, instructionFor, novelGoals, tabletopTasks, trainedGoals } from "./instructions.ts";
import { at } from "./places.ts";
import { tabletopSplits } from "./splits.ts";
import { type Seen, tabletop } from "./tabletop.ts";
import { placeAt } from "./tasks.ts";
import { things, trainedThings } from "./variety.ts";

const names = tabletopTasks.map((task) => `Tabletop-${task}-v0`);
const stateOf = (env: Environment): readonly number[] => (env.save!() as { state: number[] }).state;

interface Played {
  readonly infos: readonly Info[];
  readonly reward: number;
}

function play(name: string, seed: number, dials: TabletopDials = {}, parameters = {}): Played {
  const env = tabletop({ task: tabletopTasks[names.indexOf(name)], ...dials.options });
  env.perturb?.(parameters);
  const expert = tabletopExpert(name, dials);
  const random = generator(randomKey(seed));
  let { observation } = env.reset({ seed });
  const infos: Info[] = [];
  let reward = 0;
  for (let ended = false; !ended; ) {
    const step = env.step(expert.decide(observation, new Float64Array(0), random));
    observation = step.observation;
    infos.push(step.info);
    reward += step.reward;
    ended = step.terminated;
  }
  return { infos, reward };
}

test("the expert succeeds in each task and split, at each seed, and at the last step only is it said", () => {
  for (const name of names) {
    for (const split of tabletopSplits) {
      for (let seed = 0; seed < 8; seed++) {
        const { infos, reward } = play(name, seed, { options: { split } });
        assert.equal(infos.length, 80);
        assert.deepEqual(
          [infos.map(({ success }) => success).indexOf(true), reward],
          [79, 1],
          `${name}, ${split}, seed ${seed}: ${JSON.stringify(infos[79])}`,
        );
      }
    }
  }
});

test("a hand that never stops reaches what was asked for nearly always, and is there at the end only where all was asked for", () => {
  let [reached, held, all] = [0, 0, 0];
  for (const name of names) {
    for (let seed = 0; seed < 10; seed++) {
      const { infos } = play(name, seed, { stops: false });
      const last = infos[79];
      reached += Number(last.reached);
      held += Number(last.success);
      all += Number(last.goal === 1);
      if (last.goal !== 1) assert.ok(!last.success && Number(last.error) > 0.04, name);
    }
  }
  assert.ok(reached > 70 && held === all && all < 25, `${reached} reached, ${held} held, ${all} to the end`);
});

test("to have been near enough for long is not enough: it counts from the last time on that it was not", () => {
  const env = tabletop({ task: "open-drawer" });
  const expert = tabletopExpert("Tabletop-open-drawer-v0");
  for (const leaving of [80, 64]) {
    let { observation, info }: { observation: Seen; info: Info } = env.reset({ seed: 4 });
    for (let t = 0; t < 80; t++) {
      const left = t >= leaving && t < leaving + 4;
      const action = expert.decide(observation, new Float64Array(0), undefined);
      ({ observation, info } = env.step(left ? Float32Array.of(0, 1, 0, 1) : action));
    }
    assert.ok(Math.abs(Number(info.error)) < 0.04);
    assert.equal(info.success, leaving === 80);
  }
});

test("in each scene what is seen to move is seen to go where it goes, and up is up", () => {
  const scenes = new Set<number>();
  for (let seed = 0; seed < 12; seed++) {
    const env = tabletop({ task: "pour", split: seed % 2 === 0 ? "train" : "novel-scene" });
    const before = env.reset({ seed }).observation.seen;
    const after = env.step(Float32Array.of(0.3, 1, 0, -1)).observation.seen;
    scenes.add(stateOf(env)[at.scene]);
    for (const axis of [0, 1]) assert.ok(Math.abs((after[axis] - before[axis]) / 0.1 - after[2 + axis]) < 1e-5);
    const [vx, vy, upX, upY] = [after[2], after[3], after[21], after[22]];
    assert.ok(Math.abs(vx * upX + vy * upY - stateOf(env)[3]) < 1e-6, "how fast it goes up");
  }
  assert.equal(scenes.size, 3);
});

test("counting does not do: the same actions bring other objects elsewhere", () => {
  const ends = new Set<number>();
  for (let seed = 0; seed < 12; seed++) {
    const env = tabletop({ task: "open-drawer" });
    const expert = tabletopExpert("Tabletop-open-drawer-v0");
    let { observation } = env.reset({ seed });
    while (observation.seen[7] === 0)
      observation = env.step(expert.decide(observation, new Float64Array(0), undefined)).observation;
    for (let t = 0; t < 4; t++) observation = env.step(Float32Array.of(0, -1, 0, 1)).observation;
    ends.add(Math.round(50 * stateOf(env)[at.x]));
  }
  assert.ok(ends.size >= 5, [...ends].join());
});

test("what has flowed out stays out and goes on for a while; what is spilled is lost", () => {
  const env = tabletop({ task: "pour" });
  const expert = tabletopExpert("Tabletop-pour-v0", { stops: false });
  let { observation } = env.reset({ seed: 3 });
  while (stateOf(env)[at.x] < 0.4)
    observation = env.step(expert.decide(observation, new Float64Array(0), undefined)).observation;
  const poured = stateOf(env)[at.x];
  const states = Array.from({ length: 12 }, () => Number(env.step(Float32Array.of(0, 0, -1, 1)).info.state));
  assert.ok(states.every((state, i) => state >= (i === 0 ? poured : states[i - 1])));
  assert.ok(states[11] > poured + 0.03, "it goes on flowing");
  const next = Number(env.step(Float32Array.of(0, 0, -1, 1)).info.state);
  assert.ok(next - states[11] < 0.001, "and less and less");

  const spilling = tabletop({ task: "transfer" });
  let seen = spilling.reset({ seed: 3 }).observation;
  const carrier = tabletopExpert("Tabletop-transfer-v0");
  while (seen.seen[7] === 0) seen = spilling.step(carrier.decide(seen, new Float64Array(0), undefined)).observation;
  let info: Info = {};
  for (let t = 0; t < 40; t++)
    info = spilling.step(Float32Array.of(0, 0, stateOf(spilling)[at.tilt] < 1.5 ? 1 : 0, 1)).info;
  assert.deepEqual([info.state, info.failed], [0, true]);
  assert.ok(stateOf(spilling)[at.spent] > 0.5);
});

test("what was let go of falls only where it hangs, and handles keep to their ways", () => {
  for (const [task, falls] of [
    ["pick-up", true],
    ["open-cabinet", false],
  ] as const) {
    const env = tabletop({ task });
    const expert = tabletopExpert(`Tabletop-${task}-v0`, { stops: false });
    let { observation } = env.reset({ seed: 5 });
    while (stateOf(env)[at.x] < 0.6)
      observation = env.step(expert.decide(observation, new Float64Array(0), undefined)).observation;
    const [x, y] = [stateOf(env)[at.handle], stateOf(env)[at.handle + 1]];
    const thing = things[stateOf(env)[at.thing]];
    const { offset } = placeAt(
      {
        kind: falls ? "slide" : "swing",
        angle: falls ? Math.PI / 2 : -Math.PI / 2,
        falls,
        caught: false,
        x: [0, 1],
        y: [0, 1],
      },
      thing,
      stateOf(env)[at.x],
    );
    assert.ok(
      Math.abs(x - stateOf(env)[at.origin] - offset[0]) + Math.abs(y - stateOf(env)[at.origin + 1] - offset[1]) < 1e-9,
    );
    for (let t = 0; t < 15; t++) env.step(Float32Array.of(0, 0, 0, -1));
    assert.equal(stateOf(env)[at.x] === 0, falls, task);
  }
});

test("a quarter circle is as long as it says and turns by a right angle", () => {
  const swing = { kind: "swing", angle: -Math.PI / 2, falls: false, caught: false, x: [0, 1], y: [0, 1] } as const;
  let length = 0;
  for (let i = 0; i < 100; i++) {
    const [a, b] = [i / 100, (i + 1) / 100].map((state) => placeAt(swing, things[0], state));
    const [dx, dy] = [b.offset[0] - a.offset[0], b.offset[1] - a.offset[1]];
    length += Math.hypot(dx, dy);
    assert.ok((dx * a.way[0] + dy * a.way[1]) / Math.hypot(dx, dy) > 0.9999);
  }
  assert.ok(Math.abs(length - things[0].travel) < 1e-4);
  const { way } = placeAt(swing, things[0], 1);
  assert.ok(Math.abs(way[0] - 1) < 1e-9 && Math.abs(way[1]) < 1e-9, "down, then to the right");
});

test("a split changes what is new in it and nothing else", () => {
  const drawn = (split: string, seed: number) => {
    const env = tabletop({ task: "pour", split: split as "train" });
    const { observation, info } = env.reset({ seed });
    const state = stateOf(env);
    return {
      thing: state[at.thing],
      scene: state[at.scene],
      goal: Math.round(100 * Number(info.goal)),
      said: observation.instruction,
    };
  };
  for (let seed = 0; seed < 20; seed++) {
    const train = drawn("train", seed);
    assert.ok(train.thing < trainedThings && train.scene < 2 && trainedGoals.some((goal) => goal === train.goal));
    assert.equal(Math.round(100 * goalOf(train.said)), train.goal);
    const [object, scene, state, any] = ["novel-object", "novel-scene", "novel-state", "any-state"].map((split) =>
      drawn(split, seed),
    );
    assert.deepEqual({ ...object, thing: train.thing }, train);
    assert.ok(object.thing >= trainedThings);
    assert.deepEqual({ ...scene, scene: train.scene }, train);
    assert.equal(scene.scene, 2);
    assert.deepEqual(
      [state.thing, state.scene, any.thing, any.scene],
      [train.thing, train.scene, train.thing, train.scene],
    );
    assert.ok(novelGoals.some((goal) => goal === state.goal) && /^\d+%$/.test(any.said.split(" ")[2]));
  }
});

test("instructions say what they mean, and phrases know only the amounts there are to learn with", () => {
  assert.equal(instructionFor("open-drawer", 50, true), "open the drawer half of the way");
  assert.equal(instructionFor("transfer", 32, true), "transfer 32% of the water");
  assert.equal(goalOf("pour out a quarter of the water"), 0.25);
  assert.ok(Number.isNaN(goalOf("pour out the water")));
  for (const reads of ["words", "phrases"] as const) {
    const { observationSpace } = tabletop({ task: "pour", reads });
    assert.ok(observationSpace.kind === "dict");
    for (const task of tabletopTasks) {
      for (const percent of [15, 32, 99, ...trainedGoals]) {
        for (const inWords of [true, false]) {
          const said = instructionFor(task, percent, inWords);
          assert.ok(contains(observationSpace.entries.instruction, said), said);
        }
      }
    }
  }
});

test("each world passes the check, saved in mid-episode too, and refuses what it has not", () => {
  for (const name of names)
    assert.deepEqual(checkEnvironment(make(name, { split: "any-state" }), { steps: 80 }), [], name);
  assert.throws(() => make(names[0], { split: "test" }), /one of train, novel-object/);
  assert.throws(() => tabletop({ task: "juggle" as "pour" }), /no task "juggle"/);
  assert.throws(() => tabletopExpert("Push-v0"), /no expert for "Push-v0"/);
  assert.throws(() => tabletopExpert(names[0], { noise: -1 }), /at least 0/);
  const { scene } = make(names[6]);
  assert.equal(typeof scene, "function");
});
