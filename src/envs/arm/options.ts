/** What the tasks of the family are asked for, checked. */
import { problem } from "../../problems.ts";
import { box } from "../../spaces/make.ts";
import type { Box } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import { seen } from "./hand.ts";
import { armTasks } from "./names.ts";
import type { Area, ArmTask } from "./task.ts";

export interface ArmOptions {
  /** Where the thing, or its fixture, starts: anew in each episode, or there. Default "random". */
  readonly start?: "random" | readonly number[];
  /** What is wanted: anew in each episode, or that. Default "random". */
  readonly goal?: "random" | readonly number[];
  /**
   * One fixed pair of start and goal by its number, or in each episode one of the numbers [first, last]: for fixed sets of
   * goals. Default "random": a new one in each episode.
   */
  readonly variation?: "random" | number | readonly [first: number, last: number];
  /** Default "sparse". */
  readonly reward?: "sparse" | "dense";
  /** The episode ends when the task is done. Default false: it has to be kept. */
  readonly endsOnSuccess?: boolean;
  /** Zeros for the goal's place, which is then to be found out. Default false. */
  readonly goalHidden?: boolean;
  /** Appends which task this is, as a one-hot over that list. Default "none". */
  readonly taskId?: "none" | "MT10" | "MT15";
}

export const armOptionNames: readonly (keyof ArmOptions)[] = [
  "start",
  "goal",
  "variation",
  "reward",
  "endsOnSuccess",
  "goalHidden",
  "taskId",
];

/** The same, ready for use. */
export interface ChosenArm {
  start(random: Generator): readonly number[];
  goal(random: Generator): readonly number[];
  /** Its number, or undefined for a pair of the episode's own. */
  variation(random: Generator): number | undefined;
  readonly dense: boolean;
  readonly endsOnSuccess: boolean;
  readonly goalHidden: boolean;
  /** One-hot, or nothing. */
  readonly id: readonly number[];
}

/** @throws Problem "bad-option" */
export function chosenArm(task: ArmTask, options: ArmOptions): ChosenArm {
  const where = task.name;
  const { taskId = "none" } = options;
  const dense = word(where, "reward", options.reward, ["sparse", "dense"]) === "dense";
  word(where, "taskId", options.taskId, ["none", "MT10", "MT15"]);
  const listed = taskIds(taskId);
  if (taskId !== "none" && !listed.includes(where)) {
    throw problem("bad-option", { where, name: "taskId", given: taskId, wanted: `"none" or a list with ${where}` });
  }
  return {
    start: drawn(where, "start", options.start, task.starts),
    goal: drawn(where, "goal", options.goal, task.goals),
    variation: varied(where, options.variation),
    dense,
    endsOnSuccess: flag(where, "endsOnSuccess", options.endsOnSuccess),
    goalHidden: flag(where, "goalHidden", options.goalHidden),
    id: listed.map((name) => (name === where ? 1 : 0)),
  };
}

/** @throws Problem "bad-option" unless it is one of the words; without one, the first */
export function word<T extends string>(where: string, name: string, given: unknown, words: readonly T[]): T {
  if (given === undefined) return words[0];
  const found = words.find((it) => it === given);
  if (found !== undefined) return found;
  const wanted = words.map((it) => JSON.stringify(it)).join(" or ");
  throw problem("bad-option", { where, name, given, wanted });
}

/** @throws Problem "bad-option" */
export function flag(where: string, name: string, given: unknown): boolean {
  if (given === undefined || typeof given === "boolean") return given ?? false;
  throw problem("bad-option", { where, name, given, wanted: "true or false" });
}

/** What draws within the area, or always gives what was asked for. */
function drawn(where: string, name: string, given: unknown, area: Area): (random: Generator) => readonly number[] {
  const { low, high, about } = area;
  if (given === undefined || given === "random")
    return (random) => low.map((least, i) => random.between(least, high[i]));
  const sound =
    Array.isArray(given) &&
    given.length === low.length &&
    given.every((it, i) => typeof it === "number" && it >= low[i] && it <= high[i]);
  if (!sound) {
    const wanted = `"random" or [${about}] from [${low.join(", ")}] to [${high.join(", ")}]`;
    throw problem("bad-option", { where, name, given, wanted });
  }
  const fixed = given as readonly number[];
  return () => fixed;
}

/** @throws Problem "bad-option" */
function varied(where: string, given: unknown): (random: Generator) => number | undefined {
  if (given === undefined || given === "random") return () => undefined;
  const [first, last] = Array.isArray(given) && given.length === 2 ? given : [given, given];
  const sound = Number.isSafeInteger(first) && Number.isSafeInteger(last) && 0 <= first && first <= last;
  if (!sound) {
    const wanted = '"random", a whole number of at least 0, or two of them [first, last]';
    throw problem("bad-option", { where, name: "variation", given, wanted });
  }
  return (random) => first + random.integer(last - first + 1);
}

/** The names that a one-hot id is over. */
export const taskIds = (taskId: NonNullable<ArmOptions["taskId"]>): readonly string[] =>
  taskId === "none" ? [] : armTasks[taskId];

/** See armTask for what the numbers are. @param ids numbers of the task's one-hot id */
export const armObservationSpace = (ids: number): Box =>
  box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [seen.size + ids] });

export const armActionSpace: Box = box(-1, 1, { shape: [4] });
