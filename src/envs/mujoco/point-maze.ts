/** PointMaze_…-v3, as Gymnasium-Robotics': a ball that is pushed through a maze to a goal. */
import { mujocoEnvironment } from "./environment.ts";
import { type CellMap, cellMaps, type GoalObservation, goalMaze, goalSpace, mazeOptions } from "./goal-maze.ts";
import { clip, drive, motion } from "./locomotion.ts";
import { point as model } from "./models/point.ts";
import { offer } from "./options.ts";

const limits = { UMaze: 300, Open: 300, Medium: 600, Large: 800 } as const;

/**
 * Observation { observation: [x, y (m), velocities (m/s)], achieved_goal: [x, y], desired_goal: [x, y] }, float64; actions
 * (2): force along x and y in ±1, of 100 N. Cells are 1 m wide. Reward 1 within 0.45 m of the goal, else 0; "Dense":
 * exp(−distance). With continuing_task, the default, an episode ends at its time limit only.
 */
const pointMaze = (name: string, map: CellMap, dense: boolean, maxSteps: number) =>
  offer({
    name,
    about: `Push a ball through a maze to a goal${dense ? ", rewarded by nearness" : ""} (MuJoCo).`,
    maxSteps,
    options: mazeOptions(map, dense),
    create(engine, o) {
      const maze = goalMaze(name, o, 1, 0.4);
      return mujocoEnvironment<GoalObservation, Float32Array>(engine, {
        name,
        model: model(maze.walls),
        observationSpace: goalSpace(4),
        // The goal that was aimed at, and the one that will be.
        memorySize: 4,
        start({ physics, memory }, random) {
          const [goal, start] = maze.place(random);
          memory.set([...goal, ...goal]);
          physics.views.qpos.set(start);
        },
        advance({ physics, memory }, action, random) {
          memory.copyWithin(0, 2, 4);
          const { qpos, qvel } = physics.views;
          for (let i = 0; i < qvel.length; i++) qvel[i] = clip(qvel[i], -5, 5);
          physics.forward();
          drive(physics, action, 1);
          const { reward, terminated, success } = maze.judge(qpos[0], qpos[1], memory);
          maze.retarget(qpos[0], qpos[1], memory.subarray(2), random);
          return { reward, terminated, info: { success } };
        },
        observe: ({ physics, memory }) => ({
          observation: motion(physics, 0),
          achieved_goal: physics.views.qpos.slice(0, 2),
          desired_goal: memory.slice(0, 2),
        }),
        info: ({ physics: { views }, memory }) => ({
          success: maze.judge(views.qpos[0], views.qpos[1], memory).success,
        }),
        draw: ({ physics, memory }) => maze.draw(physics, memory),
      });
    },
  });

/** Every map, sparse and dense. */
export const pointMazes = Object.entries(cellMaps).flatMap(([map, cells]) =>
  [false, true].map((dense) => {
    const maxSteps = limits[map.split("_")[0] as keyof typeof limits];
    return pointMaze(`PointMaze_${map}${dense ? "Dense" : ""}-v3`, cells, dense, maxSteps);
  }),
);
