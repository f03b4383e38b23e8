import assert from "node:assert/strict";
import { test } from "node:test";
import type { MujocoEnvironment } from "./environment.ts";
import { cellMaps, type GoalObservation } from "./goal-maze.ts";
import { mujoco } from "./index.ts";

const registrations = await mujoco();
const created = (name: string, options = {}) =>
  registrations.find((entry) => entry.name === name)!.create(options) as MujocoEnvironment<
    GoalObservation,
    Float32Array
  >;

/** The cell of [x, y] in a map whose cells are `scale` wide. */
const cellOf = (map: readonly (readonly unknown[])[], scale: number, [x, y]: ArrayLike<number> & Iterable<number>) => {
  const row = Math.floor(map.length / 2 - y / scale);
  const column = Math.floor(x / scale + map[0].length / 2);
  return { row, column, kind: map[row][column] };
};

test("episodes start and aim where the map says, and never in one cell", () => {
  const starts = { UMaze: [0], Open_Diverse_G: ["r"], Medium_Diverse_G: ["r"], Large_Diverse_GR: ["c"] };
  const goals = { UMaze: [0], Open_Diverse_G: ["g"], Medium_Diverse_G: ["g"], Large_Diverse_GR: ["c"] };
  for (const map of ["UMaze", "Open_Diverse_G", "Medium_Diverse_G", "Large_Diverse_GR"] as const) {
    for (const [name, scale] of [
      [`PointMaze_${map}-v3`, 1],
      [`AntMaze_${map}-v5`, 4],
    ] as const) {
      const env = created(name);
      const seen = new Set<string>();
      for (let seed = 0; seed < 60; seed++) {
        const { achieved_goal, desired_goal } = env.reset({ seed }).observation;
        const [start, goal] = [cellOf(cellMaps[map], scale, achieved_goal), cellOf(cellMaps[map], scale, desired_goal)];
        assert.ok((starts[map] as unknown[]).includes(start.kind) && (goals[map] as unknown[]).includes(goal.kind));
        assert.ok(start.row !== goal.row || start.column !== goal.column);
        seen.add(`${goal.row},${goal.column}`);
      }
      const possible = cellMaps[map].flat().filter((kind) => (goals[map] as unknown[]).includes(kind)).length;
      assert.equal(seen.size, possible, `${name}: every goal is drawn`);
      env.close();
    }
  }
});

test("given cells are kept to, and noise stays within a quarter of a cell", () => {
  const env = created("PointMaze_Large-v3", { goal_cell: [7, 10], reset_cell: [1, 1] });
  let [far, near] = [0, 1];
  for (let seed = 0; seed < 200; seed++) {
    const { achieved_goal: at, desired_goal: goal } = env.reset({ seed }).observation;
    const off = [at[0] - -4.5, at[1] - 3, goal[0] - 4.5, goal[1] - -3].map(Math.abs);
    far = Math.max(far, ...off);
    near = Math.min(near, ...off);
  }
  assert.ok(far <= 0.25 && far > 0.245 && near < 0.01, `${near} to ${far}`);
  env.close();
});

test("arriving is worth 1, or ends the episode, or brings another goal, as asked", () => {
  const arrive = (options: object) => {
    const env = created("PointMaze_UMaze-v3", options);
    const { desired_goal } = env.reset({ seed: 5 }).observation;
    env.setState(desired_goal, [0, 0]);
    const still = new Float32Array(2);
    const first = env.step(still);
    const second = first.terminated ? undefined : env.step(still);
    env.close();
    return { desired_goal, first, second };
  };
  const usual = arrive({});
  assert.deepEqual([usual.first.reward, usual.first.terminated, usual.first.info.success], [1, false, true]);
  assert.deepEqual(usual.second!.observation.desired_goal, usual.desired_goal);
  const ending = arrive({ continuing_task: false });
  assert.deepEqual([ending.first.reward, ending.first.terminated], [1, true]);
  const moving = arrive({ reset_target: true });
  assert.deepEqual(moving.first.observation.desired_goal, moving.desired_goal, "what was judged is what is seen");
  assert.equal(moving.first.reward, 1);
  assert.notDeepEqual(moving.second!.observation.desired_goal, moving.desired_goal);
  assert.deepEqual([moving.second!.reward, moving.second!.info.success], [0, false]);
});

test("0.45 m from the goal is there, and more is not", () => {
  const env = created("PointMaze_UMaze-v3");
  const { desired_goal } = env.reset({ seed: 5 }).observation;
  const success = (away: number): unknown => {
    env.setState([desired_goal[0] + away, desired_goal[1]], [0, 0]);
    return env.step(new Float32Array(2)).info.success;
  };
  assert.deepEqual([0.449, 0.451].map(success), [true, false]);
  env.close();
});

test("the ball is slowed to 5 m/s at the beginning of a step", () => {
  const env = created("PointMaze_Open-v3");
  env.reset({ seed: 5 });
  const moved = (speed: number): number => {
    env.setState([0, 0], [speed, 0]);
    return env.step(new Float32Array(2)).observation.achieved_goal[0];
  };
  assert.equal(moved(8), moved(5));
  assert.ok(moved(5) > moved(4.9) && moved(5) < 0.05);
  env.close();
});

test("the goal that follows is a function of what was saved", () => {
  const env = created("PointMaze_Large-v3", { reset_target: true });
  env.reset({ seed: 1 });
  const saved = env.save!();
  const following = (): unknown => {
    env.restore!(saved);
    const goals: unknown[] = [];
    for (let i = 0; i < 5; i++) {
      const { desired_goal } = env.step(new Float32Array(2)).observation;
      goals.push([...desired_goal]);
      env.setState(desired_goal, [0, 0]);
    }
    return goals;
  };
  const first = following() as number[][];
  assert.deepEqual(following(), first);
  assert.equal(new Set(first.map(String)).size, 3);
  env.close();
});

test("walls stop the ball", () => {
  const env = created("PointMaze_UMaze-v3", { reset_cell: [1, 1], goal_cell: [3, 1] });
  env.reset({ seed: 1 });
  for (let t = 0; t < 150; t++) {
    const { achieved_goal } = env.step(Float32Array.of(-1, -1)).observation;
    assert.equal(cellOf(cellMaps.UMaze, 1, achieved_goal).row, 1);
    assert.ok(achieved_goal[0] > -1.5 && achieved_goal[1] > 0.5, "no way through");
  }
  env.close();
});

test("a map of one's own, and maps that cannot be", () => {
  const corridor = [
    [1, 1, 1, 1, 1],
    [1, "r", 0, "g", 1],
    [1, 1, 1, 1, 1],
  ];
  const env = created("AntMaze_UMaze-v5", { maze_map: corridor, reward_type: "dense" });
  const { achieved_goal, desired_goal } = env.reset({ seed: 2 }).observation;
  assert.ok(achieved_goal[0] < -2.9 && desired_goal[0] > 2.9);
  const { reward, observation } = env.step(new Float32Array(8));
  const [x, y] = observation.achieved_goal;
  assert.ok(Math.abs(reward - Math.exp(-Math.hypot(x - desired_goal[0], y - desired_goal[1]))) < 1e-12);
  env.close();
  const refused = (options: object, why: RegExp) => assert.throws(() => created("PointMaze_UMaze-v3", options), why);
  refused({ maze_map: [[1, 2]] }, /rows of as many cells each, of 0, 1, "r", "g" and "c"/);
  refused({ maze_map: [[1, 0], [1]] }, /rows of as many cells each/);
  refused({ maze_map: [[1, 0, 1]] }, /a cell to start from beside each that may be aimed at/);
  refused({ maze_map: [["c", 0, 1]] }, /a cell to start from beside each/);
  refused({ goal_cell: [0, 0] }, /"goal_cell" is \[0,0\]; wanted \[row, column\] of a free cell/);
  refused({ reset_cell: [9, 9] }, /"reset_cell" is \[9,9\]/);
  refused({ reward_type: "both" }, /wanted "sparse" or "dense"/);
});
