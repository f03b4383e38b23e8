import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import { toSvg } from "../scene.ts";
import { crowd } from "./crowd.ts";
import { flows, walkers } from "./flows.ts";
import { crowds } from "./index.ts";
import type { CrowdOptions } from "./options.ts";
import { parseTracks, readTracks, steps } from "./tracks.ts";
import { type WalkerOptions, walker } from "./walker.ts";

const scenes = ["biwi_eth", "biwi_hotel"].map((name) => ({
  name,
  path: fileURLToPath(new URL(`../../../../shared/data/pedestrians/${name}.txt.gz`, import.meta.url)),
}));
const present = { skip: existsSync(scenes[0].path) ? false : "needs ../shared/data/pedestrians" };

/** A walker's episodes: share of success and of collisions, mean least distance and perturbation at the end. */
function walked(options: CrowdOptions, how: WalkerOptions = {}, episodes = 30) {
  const env = crowd(options);
  const { decide } = walker(env, how);
  const random = generator(randomKey(3));
  const result = { success: 0, collision: 0, distance: 0, perturbation: 0 };
  for (let episode = 0; episode < episodes; episode++) {
    let { observation } = env.reset(episode === 0 ? { seed: 1 } : {});
    let least = 5;
    for (let t = 0; t < 150; t++) {
      const step = env.step(decide(observation, new Float64Array(0), random));
      observation = step.observation;
      least = Math.min(least, (step.info.minDistance as number | null) ?? 5);
      if (!step.terminated && t < 149) continue;
      result.success += Number(step.info.success) / episodes;
      result.collision += Number(step.info.collision) / episodes;
      result.distance += least / episodes;
      result.perturbation += ((step.info.perturbation as number | undefined) ?? 0) / episodes;
      break;
    }
  }
  return result;
}

for (const { name, path } of scenes) {
  test(`${name}: the others are where they were recorded, and the replaced person could have passed`, present, () => {
    const tracks = readTracks(path);
    const able = walkers(tracks);
    assert.ok(able.length > 200, String(able.length));
    let reached = 0;
    for (const i of able.slice(0, 60)) {
      const track = tracks.people[i];
      const env = crowd({ tracks, person: track.person, collisions: "count" });
      env.perturb!({ acceleration: 20, topSpeed: 4 });
      let { info } = env.reset({ seed: 1 });
      for (let t = 0; t < 150; t++) {
        const there = tracks.people.filter(
          (other) => other !== track && other.first <= track.first + t && track.first + t < other.first + steps(other),
        );
        const places = there.map(({ first, places }) =>
          Array.from(places.subarray(2 * (track.first + t - first)).slice(0, 2)),
        );
        assert.deepEqual(new Set((info.people as number[][]).map(String)), new Set(places.map(String)), `step ${t}`);
        const next = 2 * Math.min(t + 1, steps(track) - 1);
        const now = (env.save!() as { state: number[] }).state;
        const wanted = [0, 1].map((axis) => (track.places[next + axis] - now[1 + axis]) / tracks.seconds / 4);
        const step = env.step(Float32Array.from(wanted, (v) => Math.max(-1, Math.min(1, v))));
        info = step.info;
        if (step.terminated) reached++;
        if (step.terminated || t + 1 >= steps(track)) break;
      }
    }
    assert.ok(reached >= 57, `${reached} of 60`);
    const through = walked({ tracks }, { caution: 0 });
    const careful = walked({ tracks }, {});
    assert.ok(
      careful.success >= 0.8 && careful.collision < 0.6 * through.collision,
      JSON.stringify({ through, careful }),
    );
  });
}

test("tracks are read with their gaps filled, and broken lines are named", () => {
  const text = "10 1 0 0\n20 1 1 2\n40 1 3 2\n20 2 5 5 9 9\n30 2 5 4\n# note\n\n50 7 1 1\n";
  const { people } = parseTracks(text);
  assert.deepEqual(people.map(({ person, first }) => [person, first]), [[1, 0], [2, 1]]); // biome-ignore format: pairs
  assert.deepEqual([...people[0].places], [0, 0, 1, 2, 2, 2, 3, 2]);
  assert.deepEqual(parseTracks("0,1,0,0\n4,1,4,0", { every: 2 }).people[0].places, Float64Array.of(0, 0, 2, 0, 4, 0));
  assert.throws(() => parseTracks("1 1 a 2"), /line 1, field "x"/);
  assert.throws(() => parseTracks("1 1 0 2\n1 1 0 3"), /line 2, field "frame".*one place/);
  assert.throws(() => parseTracks("1 1 0 2"), /nobody is seen twice/);
  assert.throws(() => readTracks("/nowhere.txt"), /no such file/);
  assert.throws(() => crowds[crowds.length - 1].create({ tracks: parseTracks(text), person: 2 }), /person.*3 m/);
});

/** One who walks along y = 0, and one who crosses it quickly between two steps, near x. */
const crossingAt = (x: number): string =>
  [
    ...Array.from({ length: 12 }, (_, i) => `${i} 1 ${i * 0.5} 0`),
    ...[-1.5, 1.5].map((y, i) => `${4 + i} 2 ${x} ${y}`),
  ].join("\n");

test("who crosses one's way between two steps is met; away from it not", () => {
  const meets = (x: number): boolean => {
    const env = crowd({ tracks: parseTracks(crossingAt(x)), person: 1 });
    env.perturb!({ topSpeed: 1.25 });
    env.reset({ seed: 1 });
    for (let t = 0; t < 12; t++) {
      const { info, terminated, reward } = env.step(Float32Array.of(1, 0));
      if (info.collision) assert.ok(terminated && reward < -9);
      if (terminated) return info.collision as boolean;
    }
    return false;
  };
  assert.deepEqual([meets(2.25), meets(4.5)], [true, false]);
  const env = crowd({ tracks: parseTracks(crossingAt(9)), person: 1 });
  env.reset({ seed: 1 });
  const seen = Array.from({ length: 5 }, () => env.step(Float32Array.of(0.5, 0)).observation);
  for (const observation of seen.slice(3)) {
    const [vx, vy, ofX, ofY, there] = [observation[2], observation[3], ...observation.slice(8, 11)];
    assert.ok(Math.abs(ofX + vx) < 1e-5 && Math.abs(ofY + vy - 7.5) < 1e-4 && there === 1, String(observation));
  }
  assert.deepEqual(seen[2].slice(6), new Float32Array(25));
});

test("with social others the walker arrives; perturbation is what its presence changes, and caution lowers it", () => {
  for (const flow of flows) assert.ok(walked({ flow }).success >= 0.95, flow);
  const blunt = walked({ flow: "circle" }, { caution: 0 });
  const careful = walked({ flow: "circle" }, { caution: 12 });
  assert.ok(careful.perturbation < 0.6 * blunt.perturbation && careful.distance > blunt.distance);
  assert.ok(walked({ flow: "circle" }, { skill: 0 }, 10).success < 0.3);
  const env = crowd({ flow: "circle", collisions: "count" });
  env.perturb!({ strength: 0 });
  env.reset({ seed: 1 });
  for (let t = 0; t < 20; t++) assert.equal(env.step(Float32Array.of(-0.5, 0)).info.perturbation, 0);
  env.perturb!({ strength: 5 });
  let turned = 0;
  for (let t = 0; t < 5; t++) turned = env.step(Float32Array.of(0, 0)).info.perturbation as number;
  assert.ok(turned > 0);
});

test("the agent's own motion: limits of speed, acceleration and turning", () => {
  const env = crowd({ people: 0 });
  env.perturb!({ acceleration: 1, topSpeed: 2 });
  env.reset({ seed: 1 });
  env.restore!({
    ...(env.save!() as object),
    state: (env.save!() as { state: number[] }).state.map((v, i) => (i === 3 || i === 4 ? 0 : v)),
  });
  const speeds = Array.from({ length: 7 }, () => {
    const [, , vx, vy] = env.step(Float32Array.of(1, 1)).observation;
    return Math.hypot(vx, vy);
  });
  for (const [i, speed] of speeds.entries())
    assert.ok(Math.abs(speed - Math.min(2, 0.4 * (i + 1))) < 1e-5, String(speeds));
  const cycle = crowd({ people: 0, act: "unicycle" });
  const before = cycle.reset({ seed: 1 }).observation;
  const { observation: after, info } = cycle.step(Float32Array.of(-1, 1));
  const turn = Math.atan2(after[5], after[4]) - Math.atan2(before[5], before[4]);
  assert.ok(Math.abs(turn - 0.6) < 1e-5, String(turn));
  assert.equal(info.minDistance, null);
});

test("the interface holds, and what is saved goes on as what was not", () => {
  const forms: readonly CrowdOptions[] = [
    ...flows.map((flow) => ({ flow })),
    { flow: "corridor", others: "recorded", act: "unicycle" },
    { tracks: parseTracks(crossingAt(3)), neighbours: 2 },
    { tracks: parseTracks(crossingAt(3)), others: "social", collisions: "count" },
  ];
  for (const options of forms) {
    const env = crowd(options);
    assert.deepEqual(checkEnvironment(env), [], JSON.stringify(options));
    assert.match(toSvg(env.scene!()), /^<svg.*<\/svg>$/);
  }
  const env = crowd({ flow: "corridor", collisions: "count", people: 5 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 30 }), (seed, steps) => {
      const random = generator(randomKey(seed));
      const act = () => Float32Array.of(random.between(-0.3, 0.3), random.between(-0.3, 0.3));
      env.reset({ seed });
      for (let t = 0; t < steps; t++) if (env.step(act()).terminated) return;
      const saved = JSON.stringify(env.save!());
      const action = act();
      const ahead = env.step(action);
      env.restore!(JSON.parse(saved));
      assert.deepEqual(env.step(action), ahead);
    }),
    { numRuns: 15 },
  );
  assert.throws(() => crowd({ people: -1 }), /people.*0 to 200/);
  assert.throws(() => walker(env, { skill: 3 }), /skill/);
});
