import type { Registration } from "../registration.ts";
import { ant } from "./ant.ts";
import { antMazes } from "./ant-maze.ts";
import { type Engine, loadMujoco } from "./engine.ts";
import { halfCheetah } from "./half-cheetah.ts";
import { hopper } from "./hopper.ts";
import { humanoid, humanoidStandup } from "./humanoids.ts";
import { invertedDoublePendulum, invertedPendulum } from "./pendulums.ts";
import { pointMazes } from "./point-maze.ts";
import { pusher } from "./pusher.ts";
import { reacher } from "./reacher.ts";
import { swimmer } from "./swimmer.ts";
import { walker2d } from "./walker2d.ts";

export { type Engine, loadMujoco, serveMujocoFrom } from "./engine.ts";
export {
  type MujocoDynamics,
  type MujocoEnvironment,
  mujocoEnvironment,
  type Outcome,
  type SavedPhysics,
  type World,
} from "./environment.ts";
export { type Cell, type CellMap, cellMaps, type GoalObservation } from "./goal-maze.ts";
export { type Named, Physics, type Views } from "./physics.ts";
export { picture, type View } from "./picture.ts";

const gymnasium: readonly ((engine: Engine) => Registration)[] = [
  hopper,
  walker2d,
  halfCheetah,
  ant,
  swimmer,
  invertedPendulum,
  invertedDoublePendulum,
  reacher,
  pusher,
  humanoid,
  humanoidStandup,
];

const all: readonly ((engine: Engine) => Registration)[] = [...gymnasium, ...pointMazes, ...antMazes];

/** Gymnasium's MuJoCo worlds and Gymnasium-Robotics' mazes, with their time limits, once the engine is there. */
export async function mujoco(): Promise<readonly Registration[]> {
  const engine = await loadMujoco();
  return all.map((offered) => offered(engine));
}
