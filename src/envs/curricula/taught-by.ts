/** An environment whose tasks are chosen by a teacher, which hears how they went. */
import { problem } from "../../problems.ts";
import type { Environment } from "../environment.ts";
import { ownValues, perturbed } from "../parameters.ts";
import { wrap } from "../wrap.ts";
import { wrapperRandom } from "../wrapper-random.ts";
import type { Task, Teacher } from "./teacher.ts";

export interface TaughtByOptions {
  /** The parameters that make a task, each with its ends; a teacher's dimensions in this order. */
  readonly tasks: { readonly [parameter: string]: readonly [low: number, high: number] };
  /** The returns that count as a score of 0 and of 1; those outside are clipped. */
  readonly returns: readonly [worst: number, best: number];
}

/**
 * Each episode plays a task that the teacher draws; when it ends, the teacher is told. The first info has the values, as
 * `parameters`. Several environments may share one teacher. An episode follows from the seed and from what the teacher
 * has learned by then; one that is left before its end is not reported. Test on tasks of your own choosing, never on these.
 * @example taughtBy(make("JumpTrack-v0"), alpGmmTeacher(2), { tasks: { gap: [0, 8], hurdle: [0, 3] }, returns: [-100, 300] })
 * @throws Problem "bad-value" when the environment has no parameters, a range is empty, or the teacher's dimensions are not
 *   as many as the parameters; "unknown-option" and "bad-option" as `perturb`
 */
export function taughtBy(env: Environment, teacher: Teacher, { tasks, returns }: TaughtByOptions): Environment {
  const where = `taughtBy(${env.name})`;
  const ranges = Object.entries(tasks);
  if (env.parameters === undefined || env.perturb === undefined) {
    throw problem("bad-value", { where, given: "an environment without parameters", wanted: "one that has some" });
  }
  if (ranges.length !== teacher.dimensions) {
    const given = `${ranges.length} parameters for a teacher of ${teacher.dimensions} dimensions`;
    throw problem("bad-value", { where, given, wanted: "as many of each" });
  }
  const own = ownValues(env.parameters);
  for (const [name, [low, high]] of ranges) {
    perturbed(where, env.parameters, own, { [name]: low });
    perturbed(where, env.parameters, own, { [name]: high });
    if (!(low < high)) {
      throw problem("bad-value", { where, given: `${name} from ${low} to ${high}`, wanted: "low below high" });
    }
  }
  const [worst, best] = returns;
  if (!(worst < best)) {
    throw problem("bad-value", {
      where,
      given: `returns from ${worst} to ${best}`,
      wanted: "the worst below the best",
    });
  }
  const random = wrapperRandom("teacher");
  let task: Task = [];
  let sum = 0;
  return wrap(env, {
    reset(options) {
      task = teacher.sampleTask(random.begin(options));
      sum = 0;
      const values = Object.fromEntries(ranges.map(([name, [low, high]], i) => [name, low + (high - low) * task[i]]));
      env.perturb!(values);
      const { observation, info } = env.reset(options);
      teacher.recordInitialState?.(task, observation);
      return { observation, info: { ...info, parameters: values } };
    },
    step(action) {
      const step = env.step(action);
      const { reward, terminated, truncated, info } = step;
      sum += reward;
      teacher.stepUpdate?.({ action, reward, nextObservation: step.observation, terminated, info });
      if (terminated || truncated) {
        const score = Math.max(0, Math.min(1, (sum - worst) / (best - worst)));
        const { success } = info;
        teacher.episodicUpdate({ task, score, ...(typeof success === "boolean" ? { success } : {}) }, random.now());
      }
      return step;
    },
    state: {
      save: () => ({ random: random.save(), task, sum, teacher: teacher.save() }),
      restore(saved) {
        const from = saved as { random: unknown; task: Task; sum: number; teacher: unknown };
        random.restore(from.random);
        [task, sum] = [from.task, from.sum];
        teacher.restore(from.teacher);
      },
    },
  });
}
