export { type Engine, loadMujoco, serveMujocoFrom } from "./engine.ts";
export { type MujocoDynamics, mujocoEnvironment, type Outcome, type SavedPhysics, type World } from "./environment.ts";
export { type Named, Physics, type Views } from "./physics.ts";
export { picture, type View } from "./picture.ts";
