/** One policy, or one a task, over a family of tasks: each task's successes, and their mean. */
import type { Environment } from "../envs/environment.ts";
import type { Policy } from "../policies/policy.ts";
import { problem } from "../problems.ts";
import { fold, randomKey } from "../tensor/random.ts";
import { meanScore, stratifiedBootstrap } from "./aggregate.ts";
import type { Estimate } from "./estimate.ts";
import { type Evaluation, evaluate, type RolloutOptions } from "./rollouts.ts";

export interface TasksEvaluation {
  /** The mean of the tasks' shares of successful episodes, each task with the same weight; bootstrap of starts within tasks. */
  readonly success: Estimate;
  readonly tasks: { readonly [task: string]: Evaluation };
}

/**
 * Meta-World's score (arXiv 1910.10897): the share of episodes that succeed at any step, averaged over tasks; never the mean
 * return, which tasks with larger rewards would own. The same starts for every policy.
 * @param policy one for all tasks, or what gives a task's own
 * @param tasks what makes each task's environment, by name
 * @throws Problem "bad-value" without a task, or where one never speaks of success; and as `rollouts`
 * @example await evaluateTasks(policy, Object.fromEntries(armTasks.MT10.map((name) => [name, () => make(name, { taskId: "MT10" })])))
 */
export async function evaluateTasks(
  policy: Policy | ((task: string) => Policy | Promise<Policy>),
  tasks: { readonly [task: string]: () => Environment | Promise<Environment> },
  options: RolloutOptions = {},
): Promise<TasksEvaluation> {
  const where = "evaluateTasks";
  const names = Object.keys(tasks);
  if (names.length === 0) throw problem("bad-value", { where, given: "no task", wanted: "at least one" });
  const evaluations: { [task: string]: Evaluation } = {};
  const scores: number[][] = [];
  for (const name of names) {
    const evaluation = await evaluate(typeof policy === "function" ? await policy(name) : policy, tasks[name], options);
    if (evaluation.success === undefined) {
      const wanted = "info.success, true or false, at some step";
      throw problem("bad-value", { where: `${where}: ${name}`, given: "steps without success", wanted });
    }
    evaluations[name] = evaluation;
    scores.push(evaluation.rollouts.episodes.map(({ success }) => (success === true ? 1 : 0)));
  }
  const key = fold(randomKey(options.seed ?? 0), where);
  const [success] = stratifiedBootstrap([scores], ([s]) => [meanScore(s)], { key });
  return { success, tasks: evaluations };
}
