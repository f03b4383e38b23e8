/**
 * Makes the recording that `npm start` learns from:
 *
 *   node setup.mjs recordings/make.ts
 *
 * Mixed-quality behaviour in the medium maze, from anywhere to the goal: a few who know the way, some who go the long way
 * round, many who mostly wander. The same command leaves the same bytes.
 */
import { concat, writeRecording } from "repertoire/data";
import { make } from "repertoire/envs";
import { collect, mazeDemonstrator } from "repertoire/policies";

const environment = "PointMaze-medium-diverse-v0";
const people = [
  { quality: "expert", episodes: 40, skill: 1, noise: 0.1, style: "shortest" },
  { quality: "medium", episodes: 80, skill: 0.5, noise: 0.3, style: "left" },
  { quality: "poor", episodes: 120, skill: 0.2, noise: 0.5, style: "right" },
] as const;

const parts = [];
for (const [i, { quality, episodes, ...dials }] of people.entries()) {
  const demonstrator = mazeDemonstrator({ map: environment, ...dials });
  parts.push(await collect(demonstrator, () => make(environment), { episodes, seed: i, tags: { quality } }));
}
await writeRecording("recordings/maze-mixed.parquet", concat(...(parts as [(typeof parts)[number]])));
