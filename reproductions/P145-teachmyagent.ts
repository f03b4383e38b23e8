import {
  adrTeacher,
  alpGmmTeacher,
  riacTeacher,
  type SimulatedStudent,
  type StudentOptions,
  simulatedStudent,
  type Teacher,
  teach,
  uniformTeacher,
} from "repertoire/envs";
import { meanEstimate } from "repertoire/evaluation";
import { type Arms, all, defineReproduction, exceeds, type Judgement } from "./reproduction.ts";

// Students made of cells, of which 4 share a seed's number, 20 in all, and 10,000 episodes each. Unfeasible: a
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
async function simulated(
  challenge: keyof typeof challenges,
  name: string,
  seed: number,
  episodes: number,
): Promise<number> {
  const half = Math.floor(episodes / 2);
  const forgetting = challenge === "forgetting";
  const student = simulatedStudent({
    ...challenges[challenge],
    seed,
    ...(forgetting ? { forgetEvery: half } : {}),
    ...(challenge === "students" ? { practice: seed % 2 === 0 ? 4 : 12 } : {}),
  });
  let recovered = half;
  await teach(student, teachers[name](student), {
    episodes,
    seed,
    each(episode) {
      if (forgetting && recovered === half && episode >= half && student.mastered() >= 0.5) recovered = episode - half;
    },
  });
  return forgetting ? (100 * recovered) / half : 100 * student.mastered();
}

const compared = ["random", "ADR knowing", "ALP-GMM", "RIAC"] as const;
const arms = Object.fromEntries([
  ...Object.keys(challenges).flatMap((challenge) =>
    compared.map((name) => [`${challenge}: ${name}`, `a simulated student taught by ${name}`]),
  ),
  ["unfeasible: ADR unknowing", "ADR from a task drawn evenly"],
  ["unfeasible: ALP-GMM knowing", "ALP-GMM whose first tasks lie about the easiest one"],
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

const relation = all(
  exceeds("unfeasible: ALP-GMM", "unfeasible: random", 30),
  exceeds("unfeasible: ADR knowing", "unfeasible: ADR unknowing", 30),
  atMost("rugged: ADR knowing", "rugged: random"),
  atMost("forgetting: ALP-GMM", "forgetting: ADR knowing", { share: 0.5 }),
  ...compared.slice(1).map((name) => atMost(`mostly feasible: ${name}`, "mostly feasible: random", { margin: 5 })),
  nobodyDominates,
);

// History: sizes, practice and episodes were chosen on students 100 to 103 so that chance alone finishes the mostly feasible
// space and does not finish the unfeasible one; ADR's step (0.05, 0.1) and ALP-GMM's window (75, 150) and exploration (0.05,
// 0.2) for the best mean over all challenges.The
// catalogue's 30 students became 20 for want of processor; Covar-GMM is tested but not judged. The catalogue's level (ii), PPO
// on JumpTrack-v0, was run for one seed (10) with 60,000 of its 400,000 steps and mastered 0% with chance, 17% with ADR and 0% with
// ALP-GMM of 36 fixed tasks: too little to judge, so it is no arm. Its steps and side are left in the budget that was run.
export const reproduction = defineReproduction({
  id: "P145",
  name: "Teachers of tasks (TeachMyAgent)",
  claim:
    "No teacher is best at every challenge of a curriculum: without knowledge learning progress (ALP-GMM) copes with unfeasible spaces and with forgetting, ADR needs to know where to begin and fails in rugged spaces, and where most tasks are feasible chance is as good (Romac, Portelas, Hofmann, Oudeyer 2021, arXiv:2103.09815).",
  metric:
    "tasks mastered at the end of those that can be learned, %, higher is better; in forgetting, episodes until half of them are mastered again, % of those left, lower is better",
  relation:
    "unfeasible: ALP-GMM more than 30 points above chance, ADR more than 30 points better with knowledge than without; rugged: ADR at most chance; forgetting: ALP-GMM recovers in at most half of ADR's time; mostly feasible: nobody more than 5 points above chance; nobody is best on every axis",
  arms,
  seeds: [10, 11, 12, 13, 14],
  budget: {
    full: { episodes: 10_000, students: 4, steps: 60_000, side: 6 },
    tiny: { episodes: 320, students: 1, steps: 2048, side: 1 },
  },
  async run({ arm, seed, budget, progress }) {
    const { episodes, students } = budget;
    const [challenge, name] = arm.split(": ");
    let sum = 0;
    for (let k = 0; k < students; k++) {
      sum += await simulated(challenge as keyof typeof challenges, name, 1000 * seed + k, episodes);
      progress((k + 1) / students);
    }
    return sum / students;
  },
  verdict: relation,
});
