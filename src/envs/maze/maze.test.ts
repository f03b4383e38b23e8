import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generator, randomKey } from "../../tensor/random.ts";
import { make } from "../registry.ts";
import { toSvg } from "../scene.ts";
import type { SavedSimulation } from "../simulation.ts";
import { gridMaze } from "./grid-maze.ts";
import { cellAt, centreOf, isWall, maps, mazeMap } from "./map.ts";
import { renderPath } from "./picture.ts";
import { distanceMap, planner } from "./planner.ts";
import { pointMaze } from "./point-maze.ts";
import { sees, slide } from "./walls.ts";

const near = (a: number, b: number, tolerance: number, why = ""): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b} ± ${tolerance} ${why}`);

test("no motion, however long, enters a wall or jumps one", () => {
  const map = mazeMap("large");
  const leap = fc.double({ min: -15, max: 15, noNaN: true });
  fc.assert(
    fc.property(
      fc.nat(map.free.length - 1),
      fc.array(fc.tuple(leap, leap), { minLength: 1, maxLength: 20 }),
      (from, leaps) => {
        const [x, y] = centreOf(map, map.free[from]);
        const state = Float64Array.of(x, y, 1, 1);
        const plan = planner(map);
        for (const [dx, dy] of leaps) {
          const [x0, y0] = state;
          slide(map, state, dx, dy, 0.1);
          for (const sx of [-0.1, 0.1]) {
            for (const sy of [-0.1, 0.1]) assert.equal(isWall(map, state[0] + sx, state[1] + sy), false);
          }
          // Each axis moves at most as far as asked, so a way at most that long joins the two places.
          assert.ok(plan.distance(x0, y0, state[0], state[1]) <= Math.abs(dx) + Math.abs(dy) + 1e-3);
        }
      },
    ),
    { seed: 4, numRuns: 60 },
  );
});

test("a wall stops what runs into it and leaves what runs along it", () => {
  const map = mazeMap(["#####", "#...#", "#...#", "#...#", "#####"]);
  const state = Float64Array.of(3.5, 2.5, 2, 1);
  slide(map, state, 0.6, 0.3, 0.1);
  near(state[0], 3.9, 1e-6);
  near(state[1], 2.8, 1e-12);
  assert.deepEqual([state[2], state[3]], [0, 1]);
  slide(map, state, 0.2, -0.4, 0.1);
  near(state[1], 2.4, 1e-12, "sliding back along the wall");
});

test("force settles at force / damping, and the equations are those stated", () => {
  const env = pointMaze({ map: ["####################", "#S................G#", "####################"] });
  env.reset({ seed: 1 });
  let velocity = 0;
  let step = env.step(Float32Array.of(1, 0));
  let x = 0;
  for (let t = 0; t < 30; t++) {
    velocity += 0.1 * (5 - 2.5 * velocity);
    near(step.observation[2], velocity, 1e-6);
    if (t > 0) near(step.observation[0] - x, 0.1 * velocity, 1e-5);
    x = step.observation[0];
    step = env.step(Float32Array.of(1, 0));
  }
  near(step.observation[2], 2, 1e-3);
});

test("the goal ends the episode with reward 1, and only the goal", () => {
  const env = pointMaze({ map: ["######", "#S..G#", "######"], start: [1.5, 1.5] });
  env.reset({ seed: 1 });
  for (let t = 0; t < 100; t++) {
    const { observation, reward, terminated, info } = env.step(Float32Array.of(1, 0));
    const inside = Math.hypot(observation[0] - 4.5, observation[1] - 1.5) <= 0.45;
    assert.deepEqual([reward, terminated, info.success], inside ? [1, true, true] : [0, false, false]);
    if (terminated) return;
  }
  assert.fail("never arrived");
});

test("dense reward is minus the way that remains", () => {
  const env = pointMaze({ map: "umaze", start: [1.5, 1.5], reward: "dense" });
  env.reset({ seed: 1 });
  near(env.step(Float32Array.of(0, 0)).reward, -(2 * Math.hypot(1.6, 0.4) + 1.2), 1e-4);
  const grid = gridMaze({ map: "umaze", reward: "dense" });
  grid.reset({ seed: 1 });
  assert.equal(grid.step(1).reward, -5, "steps, not lengths, where moves are steps");
});

test("distances are exact: Pythagoras in the open, around the corner behind a wall", () => {
  const open = planner(mazeMap(["######", "#....#", "#....#", "#....#", "######"]), 0.1);
  near(open.distance(1.5, 1.5, 4.5, 3.5), Math.hypot(3, 2), 1e-9);
  const umaze = planner(mazeMap("umaze"), 0.1);
  // Round the end of the inner wall (x = 3, y = 2 … 3), clear of it by 0.1.
  const round = 2 * Math.hypot(3.1 - 1.5, 1.9 - 1.5) + 1.2;
  near(umaze.distance(1.5, 1.5, 1.5, 3.5), round, 1e-4);
  assert.equal(umaze.way(1.5, 1.5, 1.5, 3.5).length, 3);
  assert.equal(umaze.distance(0.5, 0.5, 1.5, 3.5), Infinity);
  assert.equal(planner(mazeMap(["#####", "#S#G#", "#####"])).distance(1.5, 1.5, 3.5, 1.5), Infinity);
});

test("ways are made of straight parts that keep clear, and are as long as the distance says", () => {
  for (const name of Object.keys(maps)) {
    const map = mazeMap(name);
    const plan = planner(map, 0.1);
    const random = generator(randomKey(5));
    for (let i = 0; i < 40; i++) {
      const draw = (): readonly [number, number] => {
        const [x, y] = centreOf(map, map.free[random.integer(map.free.length)]);
        return [x + random.between(-0.35, 0.35), y + random.between(-0.35, 0.35)];
      };
      const [from, to] = [draw(), draw()];
      let length = 0;
      let at = from;
      for (const bend of plan.way(...from, ...to)) {
        assert.ok(sees(map, at[0], at[1], bend[0], bend[1], 0.1));
        length += Math.hypot(bend[0] - at[0], bend[1] - at[1]);
        at = bend;
      }
      near(length, plan.distance(...from, ...to), 1e-9);
      near(plan.distance(...to, ...from), length, 1e-9, "both ways");
    }
  }
});

test("any-angle distance is at most that of walking cell by cell", () => {
  const map = mazeMap("medium");
  const [gx, gy] = centreOf(map, map.goals[0]);
  const exact = distanceMap(planner(map), gx, gy);
  const walked = new Map([[map.goals[0], 0]]);
  for (const [cell, steps] of walked) {
    for (const next of [cell - 1, cell + 1, cell - map.columns, cell + map.columns]) {
      if (map.wall[next] === 0 && !walked.has(next)) walked.set(next, steps + 1);
    }
  }
  for (const cell of map.free) {
    const steps = walked.get(cell)!;
    assert.ok(exact[cell] <= steps + 1e-9 && exact[cell] >= steps / Math.SQRT2 - 0.5, `cell ${cell}`);
  }
});

test("grid moves go one cell, and walls hold", () => {
  const env = gridMaze({ map: ["#####", "#S.G#", "#####"], stay: true });
  const first = env.reset({ seed: 1 });
  assert.deepEqual([...first.observation], [1.5, 1.5, 3.5, 1.5]);
  assert.deepEqual([...env.step(0).observation], [1.5, 1.5, 3.5, 1.5]);
  assert.deepEqual([...env.step(4).observation], [1.5, 1.5, 3.5, 1.5]);
  assert.deepEqual([...env.step(1).observation], [2.5, 1.5, 3.5, 1.5]);
  const last = env.step(1);
  assert.deepEqual([last.reward, last.terminated], [1, true]);
  assert.throws(() => env.step(1), /Call reset first/);
});

test("grid noise turns the stated share of moves into random ones", () => {
  const env = gridMaze({
    map: ["#########", "#.......#", "#.......#", "#.......#", "#########"],
    noise: 0.4,
    start: [4.5, 2.5],
    goal: [1.5, 1.5],
  });
  let kept = 0;
  for (let i = 0; i < 4000; i++) {
    env.reset(i === 0 ? { seed: 2 } : {});
    const [x, y] = env.step(1).observation;
    if (x === 5.5 && y === 2.5) kept++;
  }
  near(kept / 4000, 0.6 + 0.4 / 4, 0.03);
});

test("starts and goals: marked, random, fixed", () => {
  const map = mazeMap("medium");
  const cells = (options: { [name: string]: unknown }): [Set<number>, Set<number>] => {
    const env = make("PointMaze-medium-v0", options);
    const [starts, goals] = [new Set<number>(), new Set<number>()];
    for (let i = 0; i < 400; i++) {
      const [x, y, , , gx, gy] = env.reset(i === 0 ? { seed: 9 } : {}).observation as Float32Array;
      starts.add(cellAt(map, x, y));
      goals.add(cellAt(map, gx, gy));
      assert.notEqual(cellAt(map, x, y), cellAt(map, gx, gy));
    }
    return [starts, goals];
  };
  assert.deepEqual(cells({}), [new Set(map.starts), new Set(map.goals)]);
  const [starts, goals] = cells({ start: "random", goal: "random" });
  assert.equal(starts.size, map.free.length);
  assert.equal(goals.size, map.free.length);
  assert.deepEqual(cells({ goal: [1.5, 1.5] })[1], new Set([cellAt(map, 1.5, 1.5)]));
});

test("save and restore in the middle of a noisy episode change nothing", () => {
  const env = make("PointMaze-large-v0", { noise: 0.5 });
  env.reset({ seed: 3 });
  const push = Float32Array.of(0.3, 0.7);
  for (let t = 0; t < 20; t++) env.step(push);
  const saved = JSON.parse(JSON.stringify(env.save!())) as { inner: SavedSimulation };
  const ahead = Array.from({ length: 20 }, () => env.step(push).observation);
  const other = make("PointMaze-large-v0", { noise: 0.5 });
  other.restore!(saved);
  assert.deepEqual(
    Array.from({ length: 20 }, () => other.step(push).observation),
    ahead,
  );
  assert.deepEqual(other.reset().observation, env.reset().observation);
});

test("broken maps and options are one clear sentence", () => {
  assert.throws(() => mazeMap(["####", "#..#", "#.x#", "####"]), /row 3, column 3: "x" is none of # \. S G/);
  assert.throws(() => mazeMap(["####", "#..#", "#...", "####"]), /row 3, column 4: the border must be wall/);
  assert.throws(() => mazeMap(["####", "#.#", "####"]), /row 2, column 1: the row has 3 characters/);
  assert.throws(() => mazeMap("medum"), /Known: medium/);
  assert.throws(() => make("PointMaze-umaze-v0", { noise: -1 }), /option "noise" is -1/);
  assert.throws(() => make("PointMaze-umaze-v0", { goal: [0, 0] }), /free cell/);
  assert.throws(() => make("GridMaze-umaze-v0", { noise: 2 }), /chance in \[0, 1\]/);
  assert.throws(() => make("PointMaze-umaze-v0", { stay: true }), /has no option "stay"/);
});

test("paths are drawn over the map", () => {
  const svg = renderPath("PointMaze-umaze-v0", [
    {
      positions: [
        [1.5, 1.5],
        [3.5, 1.5],
      ],
      colour: 'red"/><script>',
    },
  ]);
  assert.match(svg, /<polyline points="60,60 140,60"/);
  assert.doesNotMatch(svg, /<script/);
  const env = make("PointMaze-umaze-v0");
  env.reset({ seed: 1 });
  assert.match(toSvg(env.scene!()), /^<svg.*<\/svg>$/);
});
