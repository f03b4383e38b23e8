import assert from "node:assert/strict";
import { test } from "node:test";
import { generator, randomKey } from "../../tensor/random.ts";
import { make, prepare } from "../registry.ts";
import { cellMaps, type GoalObservation } from "./goal-maze.ts";
import { waypointDemonstrator } from "./waypoints.ts";

await prepare("PointMaze_UMaze-v3");

/** Of `count` episodes, how many arrive within the time limit; `skill` and chance as given. */
function arrivals(map: keyof typeof cellMaps, dials: { skill?: number; noise?: number }, count: number): number {
  const env = make(`PointMaze_${map}-v3`, { continuing_task: false });
  const guide = waypointDemonstrator({ map, ...dials });
  const random = generator(randomKey(4));
  let arrived = 0;
  for (let seed = 0; seed < count; seed++) {
    let observation = env.reset({ seed }).observation as GoalObservation;
    for (let over = false; !over; ) {
      const action = guide.decide(observation, new Float64Array(0), dials.skill === undefined ? undefined : random);
      const step = env.step(action);
      observation = step.observation as GoalObservation;
      over = step.terminated || step.truncated;
      if (step.terminated) arrived++;
    }
  }
  return arrived;
}

test("from anywhere to anywhere, in every map, within the time limit", () => {
  for (const map of Object.keys(cellMaps) as (keyof typeof cellMaps)[]) assert.equal(arrivals(map, {}, 10), 10, map);
});

test("skill and noise are dials", () => {
  const [full, shaky, none] = [1, 0.3, 0].map((skill) => arrivals("Medium", { skill, noise: 0.2 }, 10));
  assert.equal(full, 10);
  assert.ok(none < shaky && none <= 5, `${full}, ${shaky}, ${none}`);
  assert.throws(() => waypointDemonstrator({ map: "UMaze", skill: 2 }), /"skill" is 2; wanted a number in \[0, 1\]/);
  assert.throws(() => waypointDemonstrator({ map: "UMaze", noise: -1 }), /wanted a number of at least 0/);
  assert.throws(() => waypointDemonstrator({ map: "Umaze" as "UMaze" }), /no map "Umaze"\. Known: UMaze/);
});
