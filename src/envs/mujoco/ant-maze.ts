/** AntMaze_…-v5, as Gymnasium-Robotics': Gymnasium's ant in a maze. */
import { antBody, antOptions } from "./ant.ts";
import { mujocoEnvironment } from "./environment.ts";
import { type CellMap, cellMaps, type GoalObservation, goalMaze, goalSpace, mazeOptions } from "./goal-maze.ts";
import { place } from "./locomotion.ts";
import { ant as model } from "./models/ant.ts";
import { offer } from "./options.ts";

const limits = { UMaze: 700, Open: 700, Medium: 1000, Large: 1000 } as const;

/**
 * Observation { observation: Ant-v5's (105), achieved_goal: the torso's [x, y] (m), desired_goal: [x, y] }, float64;
 * actions (8) as Ant-v5's. Cells are 4 m wide. Reward 1 within 0.45 m of the goal, else 0; "Dense": exp(−distance).
 * With continuing_task, the default, an episode ends at its time limit only, even when the ant has fallen.
 */
const antMaze = (name: string, map: CellMap, dense: boolean, maxSteps: number) =>
  offer({
    name,
    about: `Walk an ant through a maze to a goal${dense ? ", rewarded by nearness" : ""} (MuJoCo).`,
    maxSteps,
    options: { ...antOptions, ...mazeOptions(map, dense) },
    create(engine, o) {
      const maze = goalMaze(name, o, 4, 0.5);
      const ant = antBody(name, o);
      return mujocoEnvironment<GoalObservation, Float32Array>(engine, {
        name,
        model: model(maze.walls),
        observationSpace: goalSpace(ant.size(2)),
        // The goal that was aimed at, the one that will be, and where the ant was.
        memorySize: 6,
        start({ physics, memory }, random) {
          const [goal, start] = maze.place(random);
          memory.set([...goal, ...goal]);
          physics.views.qpos.set(start);
        },
        begun: ({ physics, memory }) => ant.remember(physics, memory.subarray(4)),
        advance({ physics, memory }, action, random) {
          memory.copyWithin(0, 2, 4);
          const { info } = ant.advance(physics, action, memory.subarray(4));
          const { qpos } = physics.views;
          const { reward, terminated, success } = maze.judge(qpos[0], qpos[1], memory);
          maze.retarget(qpos[0], qpos[1], memory.subarray(2, 4), random);
          return { reward, terminated, info: { ...info, success } };
        },
        observe: ({ physics, memory }) => ({
          observation: ant.observe(physics, 2),
          achieved_goal: physics.views.qpos.slice(0, 2),
          desired_goal: memory.slice(0, 2),
        }),
        info: ({ physics, memory }) => {
          const { qpos } = physics.views;
          return { ...place(physics), success: maze.judge(qpos[0], qpos[1], memory).success };
        },
        draw: ({ physics, memory }) => maze.draw(physics, memory),
      });
    },
  });

/** Every map, sparse and dense. */
export const antMazes = Object.entries(cellMaps).flatMap(([map, cells]) =>
  [false, true].map((dense) => {
    const maxSteps = limits[map.split("_")[0] as keyof typeof limits];
    return antMaze(`AntMaze_${map}${dense ? "Dense" : ""}-v5`, cells, dense, maxSteps);
  }),
);
