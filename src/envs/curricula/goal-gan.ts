/**
 * GoalGAN: a generator learns to draw tasks of intermediate difficulty, those that succeed sometimes but not always.
 *
 * Florensa, Held, Geng, Abbeel (2018). Automatic Goal Generation for Reinforcement Learning Agents. arXiv:1705.06366;
 * constants as TeachMyAgent's (arXiv 2103.09815), but for networks of 64 units where it has 256 and 128.
 */
import { fold, type Generator, generator, type RandomKey } from "../../tensor/random.ts";
import { nearestMemory } from "./nearest.ts";
import { type Networks, plainNetworks, restoredNetworks } from "./plain-networks.ts";
import type { Example } from "./task-generator.ts";
import {
  checkDimensions,
  checkRange,
  checkTask,
  clipTask,
  evenTask,
  resultOf,
  type Task,
  type TaskGaussian,
  type TaskResult,
  type Teacher,
} from "./teacher.ts";

export interface GoalGanOptions {
  /** Where tasks are drawn before the first lesson, and what the generator begins as: what an expert knows. Default: everywhere. */
  readonly initial?: TaskGaussian;
  /** Mean results of a task's episodes at which it is intermediate, both ends among them. Default [0.25, 0.75]. */
  readonly intermediate?: readonly [low: number, high: number];
  /** What counts in an episode. Default "success". */
  readonly result?: TaskResult;
  /** Episodes of each task. Default 2. */
  readonly episodesEach?: number;
  /** Tasks from one lesson of the generator to the next. Default 100. */
  readonly learnEvery?: number;
  /** Share of tasks that are old ones, mastered before. Default 0.2. */
  readonly review?: number;
  /** Standard deviation of the noise on what is generated, and on old tasks. Default 0.01. */
  readonly noise?: number;
  /** Least distance between old tasks, in parts of the space's diagonal. Default 0.01. */
  readonly apart?: number;
}

interface State {
  /** What the generator drew after its last lesson. */
  pool: readonly Task[] | null;
  /** The task that is being given out, and how many of its episodes are left. */
  current: { readonly task: Task; readonly left: number } | null;
  /** Tasks whose results are not all in. */
  pending: { readonly task: Task; readonly results: number[] }[];
  labelled: Example[];
  /** Mastered tasks. */
  old: Task[];
  /** Of the lesson that is due. */
  lesson: RandomKey | null;
}

/**
 * Its lessons are `learn`'s, which `teach` calls: until the first of them tasks are drawn as they were in the beginning.
 * @throws Problem "bad-option"; from episodicUpdate "bad-value" when results are successes and the environment tells none
 */
export function goalGanTeacher(dimensions: number, options: GoalGanOptions = {}): Teacher {
  const where = "goalGanTeacher";
  const { initial, intermediate = [0.25, 0.75], result = "success", episodesEach = 2, learnEvery = 100 } = options;
  const { review = 0.2, noise = 0.01, apart = 0.01 } = options;
  const [low, high] = intermediate;
  checkDimensions(where, dimensions);
  if (initial !== undefined) checkTask(where, "initial", initial.task, dimensions);
  checkRange(where, "intermediate", high, 0, 1);
  checkRange(where, "intermediate", low, 0, high);
  checkRange(where, "episodesEach", episodesEach, 1, 1e6);
  checkRange(where, "learnEvery", learnEvery, 1, 1e6);
  checkRange(where, "review", review, 0, 1);
  checkRange(where, "noise", noise, 0, 1);
  checkRange(where, "apart", apart, 0, 1);
  let state: State = { pool: null, current: null, pending: [], labelled: [], old: [], lesson: null };
  let kept = nearestMemory(dimensions);
  let networks: Networks | null = null;

  const blurred = (task: Task, spread: number, random: Generator): Task =>
    clipTask(task.map((x) => x + spread * random.normal()));
  const first = (random: Generator): Task =>
    initial === undefined ? evenTask(dimensions, random) : blurred(initial.task, initial.spread, random);
  const oneOf = (tasks: readonly Task[], random: Generator): Task => tasks[random.integer(tasks.length)];

  return {
    name: "goal-gan",
    dimensions,
    sampleTask(random) {
      const { current, pool, old } = state;
      if (current !== null) {
        state.current = current.left > 1 ? { ...current, left: current.left - 1 } : null;
        return current.task;
      }
      if (old.length > 0 && random.uniform() < review) return blurred(oneOf(old, random), noise, random);
      const task = pool === null ? first(random) : blurred(oneOf(pool, random), noise, random);
      state.pending.push({ task, results: [] });
      if (episodesEach > 1) state.current = { task, left: episodesEach - 1 };
      return task;
    },
    sampleTaskWithoutExploring: (random) => (state.pool === null ? undefined : oneOf(state.pool, random)),
    episodicUpdate(outcome, random) {
      const at = state.pending.findIndex(({ task }) => task.every((x, i) => x === outcome.task[i]));
      if (at < 0) return;
      const { task, results } = state.pending[at];
      results.push(resultOf(where, outcome, result));
      if (results.length < episodesEach) return;
      state.pending.splice(at, 1);
      const mean = results.reduce((sum, x) => sum + x, 0) / results.length;
      state.labelled.push({ task, label: mean >= low && mean <= high ? 1 : 0 });
      if (mean > high && (kept.nearest(task)?.distance ?? Number.POSITIVE_INFINITY) > apart * Math.sqrt(dimensions)) {
        state.old.push(task);
        kept.add(task, mean);
      }
      if (state.labelled.length >= learnEvery) {
        state.lesson ??= { hi: random.integer(2 ** 32), lo: random.integer(2 ** 32) };
      }
    },
    async learn() {
      const { lesson, labelled } = state;
      if (lesson === null) return;
      state.lesson = null;
      state.labelled = [];
      // Without a task to draw more of there is nothing to learn.
      if (labelled.every(({ label }) => label === 0)) return;
      // Networks run on the tensor runtime, which only those who use them load.
      const { newNetworks, trainedGenerator } = await import("./task-generator.ts");
      const train = async (example: () => Example, key: RandomKey): Promise<readonly Task[]> => {
        const { tasks, networks: after } = await trainedGenerator(networks, dimensions, example, key);
        networks = after;
        return tasks;
      };
      if (networks === null) {
        networks = await newNetworks(dimensions, lesson);
        for (const name of ["first", "second"]) {
          const random = generator(fold(lesson, name));
          await train(() => ({ task: first(random), label: 1 }), fold(lesson, name));
        }
      }
      const random = generator(fold(lesson, "examples"));
      state.pool = await train(() => labelled[random.integer(labelled.length)], fold(lesson, "lesson"));
    },
    save: () => ({ ...structuredClone(state), networks: networks && plainNetworks(networks) }),
    restore(saved) {
      const { networks: own, ...rest } = structuredClone(saved) as State & { networks: Networks | null };
      state = rest;
      networks = own && restoredNetworks(own);
      kept = nearestMemory(
        dimensions,
        state.old.map((task) => [...task, 0]),
      );
    },
  };
}
