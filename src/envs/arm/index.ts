import { type Engine, loadMujoco } from "../mujoco/engine.ts";
import type { EnvironmentOptions, Registration } from "../registration.ts";
import { taskMixture } from "../task-mixture.ts";
import { armTask } from "./arm.ts";
import { armTasks } from "./names.ts";
import { type ArmOptions, armOptionNames } from "./options.ts";
import type { ArmTask } from "./task.ts";
import { taskNamed, tasks } from "./tasks.ts";

const maxSteps = 150;
/** Names have been checked by the registry, values are by the tasks. */
const asked = (options: EnvironmentOptions): ArmOptions => options as ArmOptions;

const single = (engine: Engine, task: ArmTask): Registration => ({
  name: task.name,
  about: task.about,
  maxSteps,
  options: armOptionNames,
  create: (options) => armTask(engine, task, asked(options)),
});

const mixture = (
  engine: Engine,
  name: string,
  about: string,
  names: readonly string[],
  own: ArmOptions,
): Registration => ({
  name,
  about,
  maxSteps,
  options: ["variation", "reward", "endsOnSuccess", "goalHidden"],
  create: (options) => {
    const told = { ...own, ...asked(options) };
    const family = names.map((task) => [task, () => armTask(engine, taskNamed(task), told)] as const);
    return taskMixture(name, Object.fromEntries(family));
  },
});

/** The arm's tasks and their mixtures, with their time limits, once the engine is there. */
export async function arms(): Promise<readonly Registration[]> {
  const engine = await loadMujoco();
  const { MT10, MT15, ML10 } = armTasks;
  return [
    ...tasks.map((task) => single(engine, task)),
    mixture(engine, "Arm-MT10-v0", "Ten tasks of the arm, one in each episode, told by an id.", MT10, {
      taskId: "MT10",
    }),
    mixture(engine, "Arm-MT15-v0", "All tasks of the arm, one in each episode, told by an id.", MT15, {
      taskId: "MT15",
    }),
    mixture(engine, "Arm-ML10Train-v0", "Ten tasks of the arm, not told apart, their goals hidden.", ML10.train, {
      goalHidden: true,
    }),
    mixture(engine, "Arm-ML10Test-v0", "Five other tasks of the arm, not told apart, their goals hidden.", ML10.test, {
      goalHidden: true,
    }),
  ];
}
