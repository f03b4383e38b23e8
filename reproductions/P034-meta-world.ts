import { bc, train } from "repertoire/algorithms";
import { concat, type Trajectories } from "repertoire/data";
import { type ArmTaskName, armExpert, armTasks, type Environment, make, prepare } from "repertoire/envs";
import { evaluateTasks } from "repertoire/evaluation";
import { collect, demonstratorPolicy, type Policy } from "repertoire/policies";
import { type Arms, all, defineReproduction, exceeds, type Judgement } from "./reproduction.ts";

// Cloning stands where the paper has soft actor-critic from scratch, which at 12,000 to 15,000 steps (about 10 s a task and
// seed) had learned one task of six tried here, so that ten tasks would take far more than the minutes this may take. What makes
// joint reinforcement learning hard, exploration and rewards of several scales, is therefore not put to the test.
const nets = { hidden: [128, 128], learningRate: 1e-3, batchSize: 64 };
const { MT10, ML10, variations } = armTasks;

/** Demonstrations are cut off where the task is done; their starts and goals are the variations to train on. */
const world = (name: ArmTaskName, numbers: readonly [number, number], taskId: "none" | "MT10") => (): Environment =>
  make(name, { variation: numbers, taskId, endsOnSuccess: true });

const demonstrations = (
  names: readonly ArmTaskName[],
  taskId: "none" | "MT10",
  episodes: number,
  seed: number,
): Promise<Trajectories[]> =>
  Promise.all(
    names.map((name, i) => {
      const expert = armExpert(name, { skill: 0.9, noise: 0.1, style: "low", options: { taskId } });
      return collect(demonstratorPolicy(expert), world(name, variations.train, taskId), {
        episodes,
        seed: 100 * seed + i,
      });
    }),
  );

const joined = ([first, ...rest]: readonly Trajectories[]): Trajectories => concat(first, ...rest);

type Arm = "alone" | "together" | "together, goals held out" | "no id, tasks held out";

/** A task held out must cost more than half. */
const lessThanHalf = (arms: Arms<Arm>): Judgement =>
  exceeds(
    "half of together",
    "no id, tasks held out",
  )({
    "half of together": arms.together.map((share) => share / 2),
    "no id, tasks held out": arms["no id, tasks held out"],
  });

// History: settings were chosen on seed 70 alone, alike for both arms: of widths 64 and 128 at 6000 updates a task, 128 suited both
// better (alone 0.95 against 0.88, together 0.96 against 0.86). So it was seen there, before any judged run, that together is not worse; with 100
// demonstrations it was 0.99 against 0.94, and with implicit Q-learning in place of cloning 0.90 against 0.95. A first judged run,
// with 6000 updates and a fifth arm, was given up after one number (alone, seed 0: 0.965) as the machine was too busy to finish it; 2500 updates and
// seeds of its own took its place. The margins are those of the catalogue's entry, written before the family was.
// After the run the third relation's name in the notes was mended; no number changed.
export const reproduction = defineReproduction({
  id: "P034",
  name: "Meta-World's protocol on the arm's tasks",
  claim:
    "In a family of arm tasks with one observation and one action space, single tasks are learnable, learning even ten together is hard, goals held out are within reach and tasks held out are not (Yu et al. 2019, Meta-World, arXiv:1910.10897).",
  metric:
    "share of successful episodes, averaged over tasks of equal weight, of 20 episodes a task, each of at most 150 steps; higher is better",
  relation:
    "paired by seed: ten policies learned alone succeed more than 10 points more often than one learned on all ten together; goals held out cost the latter less than 15 points; and tasks held out are done less than half as often",
  arms: {
    alone: "ten clones, each of one task of MT10",
    together: "one clone of all ten, told which task it is, of the same width, with as many updates as the ten",
    "together, goals held out": "the same, with goals and starts it was not trained on",
    "no id, tasks held out": "one clone of ML10's ten training tasks, not told which, in ML10's five other tasks",
  },
  seeds: [10, 11, 12],
  budget: {
    full: { steps: 2500, recorded: 50, episodes: 20 },
    tiny: { steps: 10, recorded: 1, episodes: 1 },
  },
  async run({ arm, seed, budget: { steps, recorded, episodes }, progress }) {
    await prepare("Arm-Reach-v0");
    const score = async (
      policy: Policy | ((task: string) => Promise<Policy>),
      names: readonly ArmTaskName[],
      numbers: readonly [number, number],
      taskId: "none" | "MT10",
    ): Promise<number> => {
      const tasks = Object.fromEntries(names.map((name) => [name, world(name, numbers, taskId)]));
      return (await evaluateTasks(policy, tasks, { episodes, seed: 1000 + seed })).success.value;
    };
    const clone = async (recording: Trajectories, updates: number): Promise<Policy> =>
      (await train(bc, recording, { seed, options: { ...nets, steps: updates } })).policy;

    if (arm === "no id, tasks held out") {
      const each = await demonstrations(ML10.train, "none", recorded, seed);
      progress(0.3);
      return await score(await clone(joined(each), ML10.train.length * steps), ML10.test, variations.test, "none");
    }
    const each = await demonstrations(MT10, "MT10", recorded, seed);
    progress(0.3);
    const names: readonly string[] = MT10;
    const alone = (task: string): Promise<Policy> => clone(each[names.indexOf(task)], steps);
    const policy = arm === "alone" ? alone : await clone(joined(each), MT10.length * steps);
    return await score(policy, MT10, arm === "together, goals held out" ? variations.test : variations.train, "MT10");
  },
  verdict: all<Arm>(
    exceeds("alone", "together", 0.1),
    exceeds("together, goals held out", "together", -0.15),
    lessThanHalf,
  ),
});
