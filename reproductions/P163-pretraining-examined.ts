import { concat } from "repertoire/data";
import {
  blindComparison,
  holm,
  letters,
  meanEstimate,
  pairedDifference,
  probabilityBetter,
  rollouts,
  sequentialTest,
  successPosterior,
} from "repertoire/evaluation";
import type { Policy } from "repertoire/policies";
import { coins } from "./coins.ts";
import { demonstrations, heldOut, known, learn, shift, type Task, world } from "./meta-tasks.ts";
import { type Arms, all, defineReproduction, type Judgement } from "./reproduction.ts";

interface Effort {
  readonly pretraining: number;
  readonly updates: number;
  readonly demonstrations: number;
  readonly rollouts: number;
  readonly repetitions: number;
}

/** Whether each start, the same for all policies, ended in success. */
async function successes(policy: Policy, task: Task, effort: Effort, seed: number, shifted: boolean) {
  const { episodes } = await rollouts(policy, () => world(task, shifted ? shift : {}), {
    starts: startsOf(effort, seed),
    seed,
    parallel: effort.rollouts,
  });
  return new Map(episodes.map(({ start, success }) => [start, success === true]));
}
const startsOf = ({ rollouts: count }: Effort, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => 1_000_000 + 10_000 * seed + i);

const rate = (of: ReadonlyMap<number, boolean>): number => [...of.values()].filter(Boolean).length / of.size;

/** Blind trials from the same starts, every pair by a sequential test, Holm over the pairs: who shares a letter with whom. */
function lettersOf(
  outcomes: { readonly [policy: string]: ReadonlyMap<number, boolean> },
  effort: Effort,
  seed: number,
): { readonly [policy: string]: string } {
  const names = Object.keys(outcomes);
  const blind = blindComparison(names, startsOf(effort, seed), { seed });
  for (const trial of blind.trials)
    blind.score(trial.code, { success: outcomes[blind.policyOf(trial)].get(trial.start) === true });
  const scored = blind.unblind();
  const pairs = names.flatMap((_, i) => names.slice(i + 1).map((__, j) => [i, i + 1 + j] as const));
  const p = pairs.map(([i, j]) => {
    const test = sequentialTest();
    for (const [n, { success }] of scored[i].outcomes.entries())
      test.add(Number(success), Number(scored[j].outcomes[n].success));
    return Math.min(1, 2 * Math.min(test.p.first, test.p.second));
  });
  const apart = holm(p);
  const of = letters(names.length, (i, j) => apart[pairs.findIndex(([a, b]) => a === i && b === j)]);
  return Object.fromEntries(names.map((name, i) => [name, of[i]]));
}

const sizes = [10, 50] as const;
const arms = {
  "coins 0.5: sequential":
    "share of repetitions in which equal coins are told apart, α = 0.05, looking after each of 200 pairs",
  "coins 0.8: sequential": "the same",
  "coins 0.5: repeated z": "the same by a z-test at 5% after every pair",
  "coins 0.8: repeated z": "the same",
  "coins 0.5 and 0.8: trials": "pairs until the sequential test stops",
  ...(Object.fromEntries(
    heldOut.flatMap((task) =>
      sizes.flatMap((size) => [
        [`${task}: scratch, ${size}`, `success after learning from ${size} demonstrations alone`],
        [`${task}: fine-tuned, ${size}`, `the same network, pretrained on eight other tasks, fine-tuned on ${size}`],
      ]),
    ),
  ) as { [arm in `${(typeof heldOut)[number]}: ${"scratch" | "fine-tuned"}, ${(typeof sizes)[number]}`]: string }),
  "shifted: scratch, 10": "success with another table and hand, mean of both tasks",
  "shifted: fine-tuned, 10": "the same",
  "pretrained on 2: fine-tuned, 10": "success, mean of both tasks",
  "pretrained on 4: fine-tuned, 10": "the same",
  "window: letters": "1 where fine-tuned on 10 and scratch on 10 share no letter, 0 where they do",
  "pick-place: letters": "the same",
};
type Arm = keyof typeof arms;

async function examined(effort: Effort, seed: number, progress: (fraction: number) => void) {
  const numbers: { [arm: string]: number } = {};
  const put = (arm: Arm, value: number): void => {
    numbers[arm] = value;
  };
  for (const chance of [0.5, 0.8] as const) {
    const { sequential, repeated } = coins(chance, chance, effort.repetitions, seed);
    put(`coins ${chance}: sequential`, sequential);
    put(`coins ${chance}: repeated z`, repeated);
  }
  put("coins 0.5 and 0.8: trials", coins(0.5, 0.8, effort.repetitions / 4, seed).trials);
  progress(0.1);

  const before = await Promise.all(known.map((task) => demonstrations(task, effort.demonstrations, seed)));
  const pretrained = async (tasks: number): Promise<unknown> => {
    const [first, ...rest] = before.slice(0, tasks);
    const { policy, state } = await learn(concat(first, ...rest), effort.pretraining, seed);
    await policy[Symbol.asyncDispose]();
    return state;
  };
  const from = { 2: await pretrained(2), 4: await pretrained(4), 8: await pretrained(8) };
  progress(0.4);

  const shifted = { scratch: 0, tuned: 0 };
  const few = { 2: 0, 4: 0 };
  for (const task of heldOut) {
    const outcomes: { [policy: string]: ReadonlyMap<number, boolean> } = {};
    for (const size of sizes) {
      const recording = await demonstrations(task, Math.min(size, effort.demonstrations), seed);
      // As many updates as pretraining and fine-tuning have together.
      const scratch = await learn(recording, effort.pretraining + effort.updates, seed);
      const tuned = await learn(recording, effort.updates, seed, { from: from[8] });
      for (const [name, { policy }] of [["scratch", scratch] as const, ["fine-tuned", tuned] as const]) {
        const seen = await successes(policy, task, effort, seed, false);
        put(`${task}: ${name}, ${size}`, rate(seen));
        if (size === 10 || size === 50) outcomes[`${name}, ${size}`] = seen;
      }
      if (size === 10) {
        shifted.scratch += rate(await successes(scratch.policy, task, effort, seed, true)) / heldOut.length;
        shifted.tuned += rate(await successes(tuned.policy, task, effort, seed, true)) / heldOut.length;
        for (const tasks of [2, 4] as const) {
          const { policy } = await learn(recording, effort.updates, seed, { from: from[tasks] });
          few[tasks] += rate(await successes(policy, task, effort, seed, false)) / heldOut.length;
          await policy[Symbol.asyncDispose]();
        }
      }
      for (const { policy } of [scratch, tuned]) await policy[Symbol.asyncDispose]();
    }
    const of = lettersOf(outcomes, effort, seed);
    const shared = [...of["fine-tuned, 10"]].some((letter) => of["scratch, 10"].includes(letter));
    put(`${task}: letters`, shared ? 0 : 1);
    progress(task === heldOut[0] ? 0.7 : 1);
  }
  put("shifted: scratch, 10", shifted.scratch);
  put("shifted: fine-tuned, 10", shifted.tuned);
  put("pretrained on 2: fine-tuned, 10", few[2]);
  put("pretrained on 4: fine-tuned, 10", few[4]);
  return numbers as { readonly [arm in Arm]: number };
}

type Relation = (arms: Arms<Arm>) => Judgement;

/** One arm's mean over seeds on one side of a bound, its 95% interval with it. */
const lies =
  (arm: Arm, side: "at most" | "above", bound: number): Relation =>
  (numbers) => {
    const { value, interval } = meanEstimate(numbers[arm]);
    const [low, high] = interval;
    const [inside, outside] = side === "at most" ? [high <= bound, low > bound] : [low > bound, high <= bound];
    const verdict = inside ? "holds" : outside ? "does not hold" : "inconclusive";
    const notes = `${arm}: ${value.toPrecision(3)} [${low.toPrecision(3)}, ${high.toPrecision(3)}], wanted ${side} ${bound}.`;
    return { interval, verdict, notes };
  };

const full = { pretraining: 3000, updates: 1000, demonstrations: 50, rollouts: 200, repetitions: 1000 };

/** Fine-tuned on 10 is better than scratch on 50, on one held-out task at least: posteriors of all seeds' rollouts. */
const fewerNeeded: Relation = (numbers) => {
  const posteriorOf = (arm: Arm) => {
    const rates = numbers[arm];
    const total = full.rollouts * rates.length;
    return successPosterior(Math.round(rates.reduce((sum, it) => sum + it, 0) * full.rollouts), total);
  };
  const chances = heldOut.map((task) =>
    probabilityBetter(posteriorOf(`${task}: fine-tuned, 10`), posteriorOf(`${task}: scratch, 50`)),
  );
  const best = Math.max(...chances);
  const verdict = best >= 0.95 ? "holds" : best <= 0.05 ? "does not hold" : "inconclusive";
  const said = heldOut.map((task, i) => `${task} ${chances[i].toPrecision(3)}`).join(", ");
  return {
    interval: [best, best],
    verdict,
    notes: `P(fine-tuned on 10 beats scratch on 50): ${said}; wanted 0.95 on one.`,
  };
};

const meanOf =
  (arm: (task: (typeof heldOut)[number]) => Arm) =>
  (numbers: Arms<Arm>): number[] =>
    numbers[arm(heldOut[0])].map(
      (_, i) => heldOut.reduce((sum, task) => sum + numbers[arm(task)][i], 0) / heldOut.length,
    );
const tunedOn10 = meanOf((task) => `${task}: fine-tuned, 10`);
const scratchOn10 = meanOf((task) => `${task}: scratch, 10`);

/** What fine-tuning adds at 10 demonstrations grows under the shift: paired by seed. */
const largerUnderShift: Relation = (numbers) => {
  const gap = (tuned: readonly number[], scratch: readonly number[]) => tuned.map((it, i) => it - scratch[i]);
  const shifted = gap(numbers["shifted: fine-tuned, 10"], numbers["shifted: scratch, 10"]);
  const { value, interval } = pairedDifference(shifted, gap(tunedOn10(numbers), scratchOn10(numbers)));
  const [low, high] = interval;
  const verdict = low > 0 ? "holds" : high <= 0 ? "does not hold" : "inconclusive";
  const notes = `What fine-tuning adds under the shift less what it adds without: ${value.toPrecision(3)} [${low.toPrecision(3)}, ${high.toPrecision(3)}].`;
  return { interval, verdict, notes };
};

/** The mean over seeds does not fall from 2 to 4 to 8 pretraining tasks. */
const moreTasksHelp: Relation = (numbers) => {
  const eight = tunedOn10(numbers);
  const two = numbers["pretrained on 2: fine-tuned, 10"];
  const means = [two, numbers["pretrained on 4: fine-tuned, 10"], eight].map((of) => meanEstimate(of).value);
  const verdict = means[0] <= means[1] && means[1] <= means[2] ? "holds" : "does not hold";
  const notes = `Means with 2, 4 and 8 pretraining tasks: ${means.map((it) => it.toPrecision(3)).join(", ")}.`;
  return { interval: pairedDifference(eight, two).interval, verdict, notes };
};

/** The entry's falsifier: with one letter for both, scratch equals fine-tuned. */
const toldApart: Relation = (numbers) => {
  const shares = heldOut.map((task) => meanEstimate(numbers[`${task}: letters`]).value);
  const said = heldOut.map((task, i) => `${task} ${shares[i]}`).join(", ");
  const notes = `Share of seeds in which fine-tuned and scratch on 10 share no letter: ${said}; wanted more than half on one.`;
  return {
    interval: [Math.min(...shares), Math.max(...shares)],
    verdict: Math.max(...shares) > 0.5 ? "holds" : "does not hold",
    notes,
  };
};

// Departures: a mixture of Gaussians heads the policy where the paper has a diffusion transformer, states where it has images,
// one step where it has chunks; 10 tasks stand for some 500; 10 and 50 demonstrations of the entry's 5, 10, 25 and 50, for
// time. History: on seed 100, with 4,000 updates of pretraining and 1,500 of fine-tuning, scratch had the latter alone and was
// under-trained with 50 demonstrations (0.15 of windows, fine-tuned on 10 0.99); it now has pretraining's as well. A run with
// 2,500 and 1,000 updates on batches of 64 was stopped for time after its first seed (0): fine-tuned and scratch on 10 shared a
// letter on both tasks there (window 0.30 and 0.33, scratch on 50 0.85). Batches have 128 again, and seeds are fresh.
// Found: the statistics hold; pretraining does not pay here once scratch has as many updates in all. Telling two apart does not
// say which is better: on the window scratch was, in one seed of the two.
export const reproduction = defineReproduction({
  id: "P163",
  name: "Pretraining, examined with statistics that hold",
  claim:
    "Compared blindly, with tests that may stop at any time, policies pretrained on many tasks and fine-tuned need a third of the demonstrations or less on a new one, hold up better under a shift, and gain from more pretraining tasks (TRI LBM team 2025, arXiv:2507.05331; thresholds are our targets).",
  metric:
    "share of successes in 200 rollouts, the same starts for all policies, higher is better; arms on coins and letters say what they give",
  relation:
    "sequential false alarms at most 0.05 and a repeated z-test's above 0.15 (means over seeds with their intervals); on one held-out task at least P(fine-tuned on 10 beats scratch on 50) is 0.95; fine-tuning adds more under the shift (paired by seed, 95%); means rise with 2, 4 and 8 pretraining tasks; fine-tuned and scratch on 10 share no letter in more than half of the seeds on one task at least",
  arms,
  seeds: [10, 11, 12, 13, 14],
  budget: {
    full,
    tiny: { pretraining: 8, updates: 8, demonstrations: 2, rollouts: 3, repetitions: 8 },
  },
  together: ({ seed, budget, progress }) => examined(budget, seed, progress),
  verdict: all(
    lies("coins 0.5: sequential", "at most", 0.05),
    lies("coins 0.8: sequential", "at most", 0.05),
    lies("coins 0.5: repeated z", "above", 0.15),
    lies("coins 0.8: repeated z", "above", 0.15),
    fewerNeeded,
    largerUnderShift,
    moreTasksHelp,
    toldApart,
  ),
});
