/** Every task of the family, by name. */
import { unreachable } from "../../problems.ts";
import { fixtureTasks } from "./fixture-tasks.ts";
import { looseTasks } from "./loose-tasks.ts";
import { armTasks } from "./names.ts";
import type { ArmTask } from "./task.ts";

const byName = new Map([...looseTasks, ...fixtureTasks].map((task) => [task.name, task]));

export const taskNamed = (name: string): ArmTask => byName.get(name) ?? unreachable(`a task of the arm named ${name}`);

/** In the order of the names. */
export const tasks: readonly ArmTask[] = armTasks.all.map(taskNamed);
