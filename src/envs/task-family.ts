/** Tasks with one observation and one action, for learners of many at once and of new ones (Meta-World, arXiv 1910.10897). */
import { box, boxValue } from "../spaces/make.ts";
import type { Environment } from "./environment.ts";
import { transformObservation } from "./observation-wrappers.ts";
import { boxOf } from "./observations.ts";

/** What makes each task's environment, by the task's name. */
export type TaskFamily = { readonly [task: string]: () => Environment };

/**
 * The same tasks, with a one-hot behind the observation that says which it is, in the order of their names. Without it a
 * learner has to find out.
 * @throws Problem "bad-value" from what makes an environment, where its observation is no Box
 * @example withTaskId({ push: () => make("MiniMeta-push-v0"), pull: () => make("MiniMeta-pull-v0") })
 */
export function withTaskId(family: TaskFamily): TaskFamily {
  const names = Object.keys(family);
  const id = (task: string): readonly number[] => names.map((name) => Number(name === task));
  return Object.fromEntries(names.map((task) => [task, () => seenWith(family[task](), id(task))]));
}

function seenWith(env: Environment, id: readonly number[]): Environment {
  const { low, high, dtype } = boxOf(env, "withTaskId");
  const space = box([...low, ...id.map(() => 0)], [...high, ...id.map(() => 1)], { dtype });
  return transformObservation(env, space, (seen) => boxValue(space, [...(seen as Float32Array), ...id]));
}

/**
 * Makes the tasks' environments one after another and then begins anew, so that worlds played side by side hold each task
 * equally often: `trainOnline(method, inTurn(tasks), { schedule: { worlds: 10 } })`.
 */
export function inTurn(family: TaskFamily): () => Environment {
  const makers = Object.values(family);
  let next = 0;
  return () => makers[next++ % makers.length]();
}
