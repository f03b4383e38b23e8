/**
 * Setter–solver: a normalising flow sets tasks for which a judge expects success as often as it is asked, from hopeless to
 * sure, as varied as they can be.
 *
 * Racanière, Lampinen, Santoro, Reichert, Firoiu, Lillicrap (2020). Automated curricula through setter-solver
 * interactions. arXiv:1909.12892; constants as TeachMyAgent's (arXiv 2103.09815). Departures: a lesson is 100 updates of
 * both networks on the last episodes, where TeachMyAgent makes one; coupling networks are plain, of 64 units; feasibilities
 * lie in [0.02, 0.98]; what is set after a lesson is drawn from 1,024 tasks; until the first lesson any task is set.
 */
import { fold, type Generator, generator, type RandomKey } from "../../tensor/random.ts";
import { type Networks, plainNetworks, restoredNetworks } from "./plain-networks.ts";
import type { Judged, SetTask } from "./setter.ts";
import { checkDimensions, checkRange, evenTask, resultOf, type TaskResult, type Teacher } from "./teacher.ts";

export interface SetterSolverOptions {
  /** What counts in an episode. Default "success". */
  readonly result?: TaskResult;
  /** Episodes from one lesson to the next. Default 100. */
  readonly learnEvery?: number;
  /** The last episodes of which it learns. Default 300. */
  readonly memory?: number;
  /** Most that is added to a task that succeeded before it is learned from. Default 0.05. */
  readonly noise?: number;
}

interface State {
  /** What was set after the last lesson, to be drawn from. */
  pool: readonly SetTask[] | null;
  /** Tasks of which nothing was heard yet. */
  pending: SetTask[];
  episodes: Judged[];
  /** Since the last lesson. */
  heard: number;
  /** Of the lesson that is due. */
  lesson: RandomKey | null;
}

/**
 * Its lessons are `learn`'s, which `teach` calls: until the first of them any task is set.
 * @throws Problem "bad-option"; from episodicUpdate "bad-value" when successes count and the environment tells of none
 */
export function setterSolverTeacher(dimensions: number, options: SetterSolverOptions = {}): Teacher {
  const where = "setterSolverTeacher";
  const { result = "success", learnEvery = 100, memory = 300, noise = 0.05 } = options;
  checkDimensions(where, dimensions);
  checkRange(where, "learnEvery", learnEvery, 1, 1e6);
  checkRange(where, "memory", memory, learnEvery, 1e6);
  checkRange(where, "noise", noise, 0, 1);
  let state: State = { pool: null, pending: [], episodes: [], heard: 0, lesson: null };
  let networks: Networks | null = null;

  const draw = (random: Generator): SetTask =>
    state.pool === null
      ? { task: evenTask(dimensions, random), feasibility: random.between(0.02, 0.98) }
      : state.pool[random.integer(state.pool.length)];
  return {
    name: "setter-solver",
    dimensions,
    sampleTask(random) {
      const set = draw(random);
      state.pending.push(set);
      return set.task;
    },
    sampleTaskWithoutExploring: (random) => (state.pool === null ? undefined : draw(random).task),
    episodicUpdate(outcome, random) {
      const at = state.pending.findIndex(({ task }) => task.every((x, i) => x === outcome.task[i]));
      if (at < 0) return;
      const [set] = state.pending.splice(at, 1);
      state.episodes.push({ ...set, result: resultOf(where, outcome, result) });
      if (state.episodes.length > memory) state.episodes.shift();
      state.heard++;
      if (state.heard >= learnEvery) {
        state.lesson ??= { hi: random.integer(2 ** 32), lo: random.integer(2 ** 32) };
      }
    },
    async learn() {
      const { lesson, episodes } = state;
      if (lesson === null) return;
      state.lesson = null;
      state.heard = 0;
      // Networks run on the tensor runtime, which only those who use them load.
      const { newSetter, trainedSetter } = await import("./setter.ts");
      networks ??= await newSetter(dimensions, noise, lesson);
      const random = generator(fold(lesson, "episodes"));
      const episode = () => episodes[random.integer(episodes.length)];
      const learned = await trainedSetter(networks, dimensions, noise, episode, fold(lesson, "lesson"));
      networks = learned.networks;
      state.pool = learned.tasks;
    },
    save: () => ({ ...structuredClone(state), networks: networks && plainNetworks(networks) }),
    restore(saved) {
      const { networks: own, ...rest } = structuredClone(saved) as State & { networks: unknown };
      state = rest;
      networks = own && restoredNetworks(own);
    },
  };
}
