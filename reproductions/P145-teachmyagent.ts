import {
  adrTeacher,
  alpGmmTeacher,
  make,
  riacTeacher,
  type SimulatedStudent,
  type StudentOptions,
  simulatedStudent,
  type Teacher,
  taughtBy,
  teach,
  uniformTeacher,
} from "repertoire/envs";
import { evaluate, meanEstimate } from "repertoire/evaluation";
import { type Arms, all, defineReproduction, exceeds, type Judgement } from "./reproduction.ts";

// Level (i): students made of cells, of which 4 share a seed's number, 20 in all, and 10,000 episodes each. Unfeasible: a
// learnable corner of 5 × 5 in 20 × 20 cells; mostly feasible: 9 × 9 in 10 × 10; rugged: 10 × 10 in an order of its own along
// each dimension; forgetting: 8 × 8, all forgotten after half the episodes; students: a fast learner and a slow one by turns.
const challenges = {
  unfeasible: { cells: 20, practice: 8, unfeasible: 0.75 },
  "mostly feasible": { cells: 10, practice: 8, unfeasible: 0.1 },
  rugged: { cells: 10, practice: 8, rugged: true },
  forgetting: { cells: 8, practice: 8 },
  students: { cells: 10 },
} satisfies { readonly [name: string]: StudentOptions };

// ADR must begin somewhere: "knowing" is the easiest task, else any. Steps and exploration were tuned (see History).
const teachers: { readonly [name: string]: (student: SimulatedStudent) => Teacher } = {
  random: () => uniformTeacher(2),
  "ADR knowing": ({ easiest }) => adrTeacher(2, { initial: easiest, stepSize: 0.05, growAt: 0.75 }),
  "ADR unknowing": () => adrTeacher(2, { stepSize: 0.05, growAt: 0.75 }),
  "ALP-GMM": () => alpGmmTeacher(2, { explore: 0.2 }),
  "ALP-GMM knowing": ({ easiest }) => alpGmmTeacher(2, { explore: 0.2, initial: { task: easiest, spread: 0.1 } }),
  RIAC: () => riacTeacher(2),
};

/** Mastered tasks of all that can be learned, %, one a cell; in forgetting, episodes until half are mastered again, % of those left. */
function simulated(challenge: keyof typeof challenges, name: string, seed: number, episodes: number): number {
  const half = Math.floor(episodes / 2);
  const forgetting = challenge === "forgetting";
  const student = simulatedStudent({
    ...challenges[challenge],
    seed,
    ...(forgetting ? { forgetEvery: half } : {}),
    ...(challenge === "students" ? { practice: seed % 2 === 0 ? 4 : 12 } : {}),
  });
  let recovered = half;
  teach(student, teachers[name](student), {
    episodes,
    seed,
    each(episode) {
      if (forgetting && recovered === half && episode >= half && student.mastered() >= 0.5) recovered = episode - half;
    },
  });
  return forgetting ? (100 * recovered) / half : 100 * student.mastered();
}

// Level (ii): PPO on a track of gaps and hurdles, of which about a quarter can be cleared. 6 × 6 fixed tasks test it.
async function track(name: string, seed: number, steps: number, side: number): Promise<number> {
  const teacher = {
    "track: random": () => uniformTeacher(2),
    "track: ADR knowing": () => adrTeacher(2, { initial: [0.03, 0.03], stepSize: 0.05 }),
    "track: ALP-GMM": () => alpGmmTeacher(2, { explore: 0.2 }),
  }[name]!();
  // Only these arms learn with networks; the others start sooner without.
  const { ppo, trainOnline } = await import("repertoire/algorithms");
  const plain = (task: { readonly gap?: number; readonly hurdle?: number } = {}) =>
    make("JumpTrack-v0", { actions: "discrete", ...task });
  const tasks = { gap: [0, 8], hurdle: [0, 3] } as const;
  const { policy } = await trainOnline(ppo, () => taughtBy(plain(), teacher, { tasks, returns: [-100, 300] }), {
    seed,
    options: {
      ...{ steps, worlds: 8, horizon: 256, batchSize: 256, epochs: 6, learningRate: 1e-3 },
      ...{ discount: 0.95, lambda: 0.9, entropyBonus: 0.02, normaliseRewards: true },
    },
  });
  await using learned = policy;
  let mastered = 0;
  for (let i = 0; i < side * side; i++) {
    const task = { gap: ((i % side) + 0.5) * (8 / side), hurdle: (Math.floor(i / side) + 0.5) * (3 / side) };
    const given = { episodes: 2, seed: 5000 + seed, deterministic: true };
    const { return: mean } = await evaluate(learned, () => plain(task), given);
    if (mean.value > 230) mastered++;
  }
  return (100 * mastered) / side ** 2;
}

const compared = ["random", "ADR knowing", "ALP-GMM", "RIAC"] as const;
const arms = Object.fromEntries([
  ...Object.keys(challenges).flatMap((challenge) =>
    compared.map((name) => [`${challenge}: ${name}`, `a simulated student taught by ${name}`]),
  ),
  ["unfeasible: ADR unknowing", "ADR from a task drawn evenly"],
  ["unfeasible: ALP-GMM knowing", "ALP-GMM whose first tasks lie about the easiest one"],
  ["track: random", "PPO on the track, every task alike"],
  ["track: ADR knowing", "PPO on the track, ADR from the easiest task"],
  ["track: ALP-GMM", "PPO on the track, ALP-GMM without knowledge"],
]);

const mean = (numbers: Arms, arm: string): number => meanEstimate(numbers[arm]).value;

/** No teacher may be best, or as good, on all axes. */
function nobodyDominates(numbers: Arms): Judgement {
  const best = Object.keys(challenges).map((challenge) => {
    const scores = compared.map((name) => mean(numbers, `${challenge}: ${name}`));
    const top = challenge === "forgetting" ? Math.min(...scores) : Math.max(...scores);
    return compared.filter((_, i) => Math.abs(scores[i] - top) < 1e-9);
  });
  const everywhere = compared.filter((name) => best.every((names) => names.includes(name)));
  const notes = `Best on each axis: ${Object.keys(challenges)
    .map((challenge, i) => `${challenge} ${best[i].join(" and ")}`)
    .join(", ")}.`;
  return {
    interval: [everywhere.length, everywhere.length],
    verdict: everywhere.length > 0 ? "does not hold" : "holds",
    notes,
  };
}

/** `first` is at most `second`, or at most `share` of it: the difference, paired by seed, is not above 0. */
const atMost =
  (first: string, second: string, { share = 1, margin = 0 } = {}) =>
  (numbers: Arms): Judgement => {
    const scaled = {
      first: numbers[first].map((x) => -x - 1e-9),
      second: numbers[second].map((x) => -share * x - margin - 2e-9),
    };
    const judged = exceeds("first", "second")(scaled);
    return { ...judged, notes: `${first} at most ${share} × ${second} + ${margin}: ${judged.notes}` };
  };

const levelOne = all(
  exceeds("unfeasible: ALP-GMM", "unfeasible: random", 30),
  exceeds("unfeasible: ADR knowing", "unfeasible: ADR unknowing", 30),
  atMost("rugged: ADR knowing", "rugged: random"),
  atMost("forgetting: ALP-GMM", "forgetting: ADR knowing", { share: 0.5 }),
  ...compared.slice(1).map((name) => atMost(`mostly feasible: ${name}`, "mostly feasible: random", { margin: 5 })),
  nobodyDominates,
);

// History: sizes, practice and episodes were chosen on students 100 to 103 so that chance alone finishes the mostly feasible
// space and does not finish the unfeasible one; ADR's step (0.05, 0.1) and ALP-GMM's window (75, 150) and exploration (0.05,
// 0.2) for the best mean over all challenges. PPO's discount and entropy bonus were chosen on one seed (100) with chance as
// the teacher in an easier space (gaps to 3 m, hurdles to 1.2 m), where at γ 0.99 it learned to wait before the first gap. The catalogue's
// 30 students became 20, and its 400,000 steps 60,000, for want of processor; Covar-GMM is tested but not judged.
export const reproduction = defineReproduction({
  id: "P145",
  name: "Teachers of tasks (TeachMyAgent)",
  claim:
    "No teacher is best at every challenge of a curriculum: without knowledge learning progress (ALP-GMM) copes with unfeasible spaces and with forgetting, ADR needs to know where to begin and fails in rugged spaces, and where most tasks are feasible chance is as good (Romac, Portelas, Hofmann, Oudeyer 2021, arXiv:2103.09815).",
  metric:
    "tasks mastered at the end of those that can be learned (track: of all 36), %, higher is better; in forgetting, episodes until half of them are mastered again, % of those left, lower is better",
  relation:
    "unfeasible: ALP-GMM more than 30 points above chance, ADR more than 30 points better with knowledge than without; rugged: ADR at most chance; forgetting: ALP-GMM recovers in at most half of ADR's time; mostly feasible: nobody more than 5 points above chance; nobody is best on every axis; track: ALP-GMM above chance",
  arms,
  seeds: [10, 11, 12, 13, 14],
  budget: {
    full: { episodes: 10_000, students: 4, steps: 60_000, side: 6 },
    tiny: { episodes: 320, students: 1, steps: 2048, side: 1 },
  },
  async run({ arm, seed, budget, progress }) {
    const { episodes, students, steps, side } = budget;
    const [challenge, name] = arm.split(": ");
    if (challenge === "track") return await track(arm, seed, steps, side);
    let sum = 0;
    for (let k = 0; k < students; k++) {
      sum += simulated(challenge as keyof typeof challenges, name, 1000 * seed + k, episodes);
      progress((k + 1) / students);
    }
    return sum / students;
  },
  verdict: all(levelOne, exceeds("track: ALP-GMM", "track: random")),
});
