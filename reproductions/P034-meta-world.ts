import { ppoRecurrent, sac, sacMultiTask, trainOnline } from "repertoire/algorithms";
import {
  type Environment,
  inTrials,
  inTurn,
  type MiniMetaTask,
  make,
  miniMetaTaskNames,
  pushingDemonstrator,
  type TaskFamily,
  taskMixture,
  timeLimit,
  transformObservation,
  withTaskId,
} from "repertoire/envs";
import { evaluateTasks, meanEstimate, type TasksEvaluation } from "repertoire/evaluation";
import { demonstratorPolicy, type Policy } from "repertoire/policies";
import { box } from "repertoire/spaces";
import { heldOut, known } from "./meta-tasks.ts";
import { type Arms, all, defineReproduction, exceeds, type Judgement } from "./reproduction.ts";

interface World {
  readonly turned?: boolean;
  readonly hideGoal?: boolean;
  readonly variation?: readonly [number, number];
}

const scaled = box(-Infinity, Infinity, { shape: [14] });
/** Places lie in [0, 1], which is little for a network: [−2, 2]. Velocities are as much; what is 0 or 1 stays. */
const scale = (number: number, i: number): number =>
  i === 4 || i === 5 ? number : 4 * (i === 2 || i === 3 ? number : number - 0.5);

function world(task: MiniMetaTask, steps: number, options: World): Environment {
  const env = timeLimit(make(`MiniMeta-${task}-v0`, { ...options }), steps);
  env.perturb?.({ tolerance: 0.08 });
  return transformObservation(env, scaled, (seen) => (seen as Float32Array).map(scale));
}
const family = (tasks: readonly MiniMetaTask[], steps: number, options: World): TaskFamily =>
  Object.fromEntries(tasks.map((task) => [task, () => world(task, steps, options)]));

const learner = {
  hidden: [64, 64],
  learningRate: 2e-3,
  batchSize: 128,
  startTemperature: 0.1,
  discount: 0.9,
  targetRate: 0.01,
};
const remembering = {
  memory: 64,
  worlds: 32,
  batchSize: 640,
  epochs: 4,
  learningRate: 3e-3,
  discount: 0.9,
};
const trial = { episodes: 2, steps: 40 };
const inTrialsOf = (tasks: TaskFamily): TaskFamily =>
  Object.fromEntries(Object.entries(tasks).map(([task, open]) => [task, () => inTrials(open(), trial)]));

const goals = {
  known: { hideGoal: true, variation: [0, 49] },
  heldOut: { hideGoal: true, variation: [50, 99] },
} as const;

type Arm =
  | "scripted"
  | `sac, alone in ${MiniMetaTask}`
  | "sac, alone"
  | "sac-multi-task"
  | "sac-multi-task, one head"
  | "ppo-recurrent, goals known"
  | "ppo-recurrent, goals held out"
  | "ppo-recurrent, tasks known"
  | "ppo-recurrent, tasks held out";

/** A scripted hand that always succeeds, and tasks that are each learned alone: what comes after says nothing otherwise. */
const solvable = (arms: Arms<Arm>): Judgement => {
  const rates = miniMetaTaskNames.map((task) => ({ task, rate: meanEstimate(arms[`sac, alone in ${task}`]) }));
  const { task, rate } = rates.reduce((least, it) => (it.rate.value < least.rate.value ? it : least));
  const scripted = Math.min(...arms.scripted);
  const verdict = scripted === 1 && rate.value >= 0.9 ? "holds" : "inconclusive";
  const notes = `Scripted ${scripted}; the weakest task learned alone is ${task}, ${rate.value.toFixed(3)}, wanted 0.9.`;
  return { interval: rate.interval, verdict, notes };
};

/** A task held out must cost more than half. */
const lessThanHalf = (arms: Arms<Arm>): Judgement =>
  exceeds(
    "half of tasks known",
    "tasks held out",
  )({
    "half of tasks known": arms["ppo-recurrent, tasks known"].map((share) => share / 2),
    "tasks held out": arms["ppo-recurrent, tasks held out"],
  });

// History. The first experiment under this id (results/P034.json up to commit a10df78ca1be) cloned the tasks of the arm on MuJoCo, as
// soft actor-critic there was too dear: over three seeds ten clones alone did 0.92, one of all ten 0.95, to goals held out 0.93, in tasks
// held out 0. So cloning ten tasks together was no harder than alone, and the claim, which is about exploration and rewards of
// ten scales, did not hold there. This is the entry's own experiment in its own family.
// All settings were chosen on seed 70, with 20 starts a task. The world was mended first: with the first dense reward (no progress
// along the way counted, a block to be reached from any side) push alone stayed at 0 to 30% and pull at 40% after 20,000 steps; the
// reward was made as it is, and `tolerance` 0.08 in place of 0.05 (push alone 25%, with the block reached from behind 80%,
// peg-insert 90%). Of SAC's settings: observations scaled (doors and windows in half the steps), γ 0.9 for 0.95 and 0.97, rate 2e-3
// for 1e-3, batches of 128 for 64 (peg-insert 100% for 60%, push 80% for 60%, before the block was reached from behind).
// Hardened, as the entry demands: the family as it was is too easy. One head for all ten did 0.895 after 200,000 steps, all of
// its failures in push, where ten alone did 0.915; all tasks were one skill, to the thing and with it to the goal. So the hand
// is mounted another way in each task (`turned`), which costs nothing alone: one head then stood at 0.74 after half the steps. The trials of RL² are
// not turned. Of its settings: 300,000 and 600,000 steps of reach, epochs 4 and 6, γ 0.9 and 0.95 (60% all); eight tasks did 0.53 after
// 400,000 steps, those held out 0. They are the tasks that P163 held out, chosen before this was thought of.
// The judged run says that the family is still too easy: one network with one head reached what ten networks do (0.96 and 0.94), so
// the entry is falsified here as it says it may be, and a head a task (0.90) was no help: at 128 rows an update each head learns from 13.
// Alone, two runs of thirty failed (seed 12: drawer-open 0, push 0.4). Three seeds in place of five for want of time. The script missed
// 2 of 600 episodes, where a peg met the wall beside its slot; it was mended after the run, and no other number rests on it.
export const reproduction = defineReproduction({
  id: "P034",
  name: "Meta-World's protocol on ten tasks of one hand",
  claim:
    "In a family of tasks with one observation and one action space, single tasks are learnable, learning even ten together is hard, goals held out are within reach and tasks held out are not (Yu et al. 2019, Meta-World, arXiv:1910.10897).",
  metric:
    "share of successful episodes of the final policy's best actions, averaged over tasks of equal weight, from 20 starts a task, each of at most 50 steps (in trials: from 50 starts, the second of two episodes of 40); higher is better",
  relation:
    "a script solves every task and so does soft actor-critic alone (90% of episodes in each); paired by seed, ten policies learned alone succeed more than 10 points more often than one with a head a task, and that one more than 10 points more often than one with a head for all; in trials with the goal hidden, goals held out cost less than 15 points, and tasks held out are done less than half as often",
  arms: {
    scripted: "the skilled hand",
    ...(Object.fromEntries(
      miniMetaTaskNames.map((task) => [`sac, alone in ${task}`, `soft actor-critic of ${task}, 20,000 steps`]),
    ) as { [task in MiniMetaTask as `sac, alone in ${task}`]: string }),
    "sac, alone": "the mean of these ten",
    "sac-multi-task":
      "one soft actor-critic of all ten, told which task it is, with a last layer and a temperature for each; 200,000 steps",
    "sac-multi-task, one head": "the same with one last layer for all",
    "ppo-recurrent, goals known": "RL² in trials of reach, to goals it was trained on (ML1)",
    "ppo-recurrent, goals held out": "the same, to other goals",
    "ppo-recurrent, tasks known": "RL² in trials of eight tasks, not told which, in these (ML10)",
    "ppo-recurrent, tasks held out": "the same, in the two others",
  },
  seeds: [10, 11, 12],
  budget: {
    full: {
      tasks: 10,
      steps: 20_000,
      updates: 8,
      oneTask: 500_000,
      manyTasks: 500_000,
      stretch: 20,
      episodes: 20,
      trials: 50,
    },
    tiny: { tasks: 1, steps: 200, updates: 1, oneTask: 80, manyTasks: 80, stretch: 1, episodes: 1, trials: 1 },
  },
  async together({ seed, budget: { tasks, steps, updates, oneTask, manyTasks, stretch, episodes, trials }, progress }) {
    type Who = Policy | ((task: string) => Policy | Promise<Policy>);
    const score = (policy: Who, of: TaskFamily, starts = episodes): Promise<TasksEvaluation> =>
      evaluateTasks(policy, of, { episodes: starts, seed: 1000 + seed });
    const success = async (...of: Parameters<typeof score>): Promise<number> => (await score(...of)).success.value;

    const ten = family(miniMetaTaskNames.slice(0, tasks), 50, { turned: true });
    const script = (task: string): Policy =>
      demonstratorPolicy(pushingDemonstrator(`MiniMeta-${task}-v0`, { options: { turned: true } }));
    const plain = Object.fromEntries(
      Object.keys(ten).map((task) => [task, () => timeLimit(make(`MiniMeta-${task}-v0`, { turned: true }), 50)]),
    );
    const scripted = await success(script, plain);

    const scheduleOf = (count: number, worlds: number) => ({
      steps: count * steps,
      worlds,
      warmup: (count * steps) / 20,
      every: 20,
      updates,
    });
    const alone = await score(async (task) => {
      const schedule = scheduleOf(1, 10);
      return (await trainOnline(sac, ten[task], { seed, options: learner, schedule })).policy;
    }, ten);
    progress(0.25);

    const told = withTaskId(ten);
    const together = async (separateHeads: boolean): Promise<number> => {
      const options = { ...learner, tasks, separateHeads };
      const schedule = scheduleOf(tasks, 20);
      return await success((await trainOnline(sacMultiTask, inTurn(told), { seed, options, schedule })).policy, told);
    };
    const heads = await together(true);
    progress(0.45);
    const shared = await together(false);
    progress(0.65);

    const adapting = async (open: () => Environment, all: number): Promise<Policy> => {
      const horizon = trial.episodes * trial.steps;
      const options = { ...remembering, horizon, stretch, steps: all };
      return (await trainOnline(ppoRecurrent, open, { seed, options, unroll: updates })).policy;
    };
    const seen = family(known, trial.steps, goals.known);
    const toGoals = family(["reach"], trial.steps, goals.known);
    const one = await adapting(inTrialsOf(toGoals).reach, oneTask);
    progress(0.75);
    const many = await adapting(() => inTrials(taskMixture("ML", seen), trial), manyTasks);
    progress(0.95);
    const adapted = (policy: Policy, tasks: TaskFamily) => success(policy, inTrialsOf(tasks), trials);
    const each = miniMetaTaskNames.map(
      (task) => [`sac, alone in ${task}`, alone.tasks[task]?.success?.value ?? 0] as const,
    );
    return {
      scripted,
      ...(Object.fromEntries(each) as { [task in MiniMetaTask as `sac, alone in ${task}`]: number }),
      "sac, alone": alone.success.value,
      "sac-multi-task": heads,
      "sac-multi-task, one head": shared,
      "ppo-recurrent, goals known": await adapted(one, toGoals),
      "ppo-recurrent, goals held out": await adapted(one, family(["reach"], trial.steps, goals.heldOut)),
      "ppo-recurrent, tasks known": await adapted(many, seen),
      "ppo-recurrent, tasks held out": await adapted(many, family(heldOut, trial.steps, goals.heldOut)),
    };
  },
  verdict: all<Arm>(
    solvable,
    exceeds("sac, alone", "sac-multi-task", 0.1),
    exceeds("sac-multi-task", "sac-multi-task, one head", 0.1),
    exceeds("ppo-recurrent, goals held out", "ppo-recurrent, goals known", -0.15),
    lessThanHalf,
  ),
});
