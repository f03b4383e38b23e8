import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generator, randomKey } from "../../tensor/random.ts";
import { make } from "../registry.ts";
import { adrTeacher } from "./adr.ts";
import { alpGmmTeacher } from "./alp-gmm.ts";
import { covarGmmTeacher } from "./covar-gmm.ts";
import { aic, covariance, drawFrom, fitMixture, mixtureByAic } from "./gaussian-mixture.ts";
import { goalGanTeacher } from "./goal-gan.ts";
import { nearestMemory } from "./nearest.ts";
import { halvesProgress, riacTeacher } from "./riac.ts";
import { setterSolverTeacher } from "./setter-solver.ts";
import { simulatedStudent, teach } from "./simulated-student.ts";
import { spdlTeacher } from "./spdl.ts";
import { taughtBy } from "./taught-by.ts";
import type { Task, Teacher } from "./teacher.ts";
import { uniformTeacher } from "./uniform.ts";

const teachers: readonly ((dimensions: number) => Teacher)[] = [
  uniformTeacher,
  adrTeacher,
  (n) => alpGmmTeacher(n, { fitEvery: 30, parts: [2, 3] }),
  (n) => covarGmmTeacher(n, { fitEvery: 30, parts: [2, 3] }),
  (n) => riacTeacher(n, { regionSize: 40 }),
  (n) => spdlTeacher(n, { updateEvery: 30 }),
  (n) => goalGanTeacher(n, { learnEvery: 30, result: "score" }),
  (n) => setterSolverTeacher(n, { learnEvery: 60, result: "score" }),
];
const near = (a: number, b: number, by = 1e-9): void => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

/** Two clouds, of 40 points and of 60. */
function clouds(seed: number): number[][] {
  const random = generator(randomKey(seed));
  return Array.from({ length: 100 }, (_, i) => {
    const centre = i < 40 ? 0 : 5;
    const x = random.normal();
    return [centre + x, centre + 0.5 * x + 0.3 * random.normal()];
  });
}

test("one Gaussian is the mean and the covariance of its points, and its AIC is the textbook's", () => {
  const points = clouds(1);
  const fit = fitMixture(points, 1, generator(randomKey(1)));
  const mean = [0, 1].map((i) => points.reduce((sum, p) => sum + p[i], 0) / 100);
  const at = (i: number, j: number): number =>
    points.reduce((sum, p) => sum + (p[i] - mean[i]) * (p[j] - mean[j]), 0) / 100;
  const [a, b, c] = [at(0, 0) + 1e-6, at(0, 1), at(1, 1) + 1e-6];
  for (const i of [0, 1]) near(fit.means[0][i], mean[i]);
  near(covariance(fit, 0, 0, 0), a);
  near(covariance(fit, 0, 1, 0), b);
  near(covariance(fit, 0, 1, 1), c);
  // Σ (x − μ)ᵀ Σ⁻¹ (x − μ) = n d at the fit, but for the 1e-6.
  const wanted = -0.5 * 100 * (2 * Math.log(2 * Math.PI) + Math.log(a * c - b * b) + 2);
  near(fit.logLikelihood, wanted, 1e-3);
  near(aic(fit), 2 * 5 - 2 * fit.logLikelihood);
});

test("two clouds are found with their shares, AIC prefers two parts to one, and more rounds never fit worse", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const points = clouds(seed);
    const random = generator(randomKey(seed));
    const fit = mixtureByAic(points, [1, 2], random);
    assert.equal(fit.weights.length, 2);
    near(Math.min(...fit.weights), 0.4, 0.02);
    let before = Number.NEGATIVE_INFINITY;
    for (const rounds of [0, 1, 2, 5, 20]) {
      const { logLikelihood } = fitMixture(points, 4, generator(randomKey(seed)), { rounds, tolerance: 0 });
      assert.ok(logLikelihood >= before - 1e-6, `${logLikelihood} after ${rounds} rounds, ${before} before`);
      before = logLikelihood;
    }
  }
  const fit = fitMixture(clouds(1), 1, generator(randomKey(1)));
  const random = generator(randomKey(9));
  const draws = Array.from({ length: 4000 }, () => drawFrom(fit, 0, random));
  const product = draws.reduce((sum, d) => sum + (d[0] - fit.means[0][0]) * (d[1] - fit.means[0][1]), 0) / 4000;
  near(product / covariance(fit, 0, 0, 1), 1, 0.1);
  assert.throws(() => fitMixture([[1]], 2, random), /at least one each/);
  assert.ok(Number.isFinite(fitMixture(new Array(20).fill([0.5, 0.5]), 3, random).logLikelihood));
});

test("the nearest earlier point is the one a search through all finds, also after being saved", () => {
  const number = fc.integer({ min: 0, max: 12 }).map((x) => x / 12);
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 60 }), number, number, (points, x, y) => {
      const memory = nearestMemory(2);
      points.forEach((p, i) => void memory.add(p, i));
      const distances = points.map((p) => (p[0] - x) ** 2 + (p[1] - y) ** 2);
      const first = distances.indexOf(Math.min(...distances));
      assert.equal(memory.nearest([x, y])?.value, first);
      assert.equal(nearestMemory(2, memory.rows()).nearest([x, y])?.value, first);
    }),
    { seed: 1 },
  );
  assert.equal(nearestMemory(2).nearest([0, 0]), undefined);
});

test("every teacher stays in the space, follows from its generator, and goes on after being saved as it would have", async () => {
  for (const teacherOf of teachers) {
    // Programs are compiled for each size, which takes its time.
    for (const dimensions of teacherOf(1).learn ? [2] : [1, 2, 3]) {
      const [one, other] = [teacherOf(dimensions), teacherOf(dimensions)];
      const student = simulatedStudent({ dimensions, cells: 4, practice: 4 });
      const random = generator(randomKey(dimensions));
      for (let episode = 0; episode < 200; episode++) {
        const task = one.sampleTask(random);
        assert.ok(task.length === dimensions && task.every((x) => x >= 0 && x <= 1), `${one.name}: ${task}`);
        one.episodicUpdate({ task, score: student.play(task) }, random);
        await one.learn?.();
        const best = one.sampleTaskWithoutExploring(random);
        assert.ok(best === undefined || best.every((x) => x >= 0 && x <= 1), `${one.name}: ${best}`);
      }
      other.restore(JSON.parse(JSON.stringify(one.save())));
      const [a, b] = [1, 1].map(() => generator(randomKey(7)));
      for (let episode = 0; episode < 80; episode++) {
        const task = one.sampleTask(a);
        assert.deepEqual(other.sampleTask(b), task, one.name);
        one.episodicUpdate({ task, score: task[0] }, a);
        other.episodicUpdate({ task, score: task[0] }, b);
        await one.learn?.();
        await other.learn?.();
      }
      assert.deepEqual(other.save(), one.save());
    }
  }
});

test("ADR grows where its edge is mastered, shrinks where it fails, and stays in between", () => {
  const random = generator(randomKey(1));
  const teacher = adrTeacher(1, { initial: [0.5], stepSize: 0.2, window: 2 });
  const told = (task: Task, ...scores: number[]): { low: number[]; high: number[] } => {
    for (const score of scores) teacher.episodicUpdate({ task, score }, random);
    return teacher.save() as { low: number[]; high: number[] };
  };
  assert.deepEqual(told([0.5], 1).high, [0.5], "one score is not enough");
  // At the single task both edges are hit, the lower one first.
  const grown = told([0.5], 0.9);
  assert.deepEqual([grown.low, grown.high], [[0.3], [0.7]]);
  assert.deepEqual(told([0.6], 1, 1, 1).high, [0.7], "inside the box nothing is judged");
  assert.deepEqual(told([0.7], 0.4, 0.5).high, [0.7], "neither mastered nor failed");
  near(told([0.7], 0.1, 0.3).high[0], 0.5);
  const edges = Array.from({ length: 1000 }, () => teacher.sampleTask(random)[0]);
  const pinned = edges.filter((x) => x === 0.3 || x === grown.high[0] - 0.2 || Math.abs(x - 0.5) < 1e-12).length;
  near(pinned / 1000, 0.7, 0.05);
  assert.throws(() => adrTeacher(2, { initial: [0.5] }), /2 numbers from 0 to 1/);
  assert.throws(() => adrTeacher(0), /dimensions/);
});

test("ALP-GMM, Covar-GMM and RIAC give most tasks where something changes", () => {
  // Left: a score that rises with time. Right: always 0.
  for (const teacher of [
    alpGmmTeacher(2, { fitEvery: 100 }),
    covarGmmTeacher(2, { fitEvery: 100 }),
    riacTeacher(2, { regionSize: 100 }),
  ]) {
    const random = generator(randomKey(3));
    let left = 0;
    for (let episode = 0; episode < 900; episode++) {
      const task = teacher.sampleTask(random);
      const score = task[0] < 0.4 ? Math.min(1, episode / 900 + 0.1 * random.uniform()) : 0;
      if (episode >= 500 && task[0] < 0.4) left++;
      teacher.episodicUpdate({ task, score }, random);
    }
    assert.ok(left / 400 > 0.55, `${teacher.name}: ${left / 400} of tasks where 0.4 is chance`);
  }
});

test("learning progress by hand: against the nearest earlier task, and between halves", () => {
  const teacher = alpGmmTeacher(1, { fitEvery: 100 });
  const random = generator(randomKey(1));
  const told: readonly (readonly [number, number])[] = [
    [0, 0.2],
    [0.2, 0.5],
    [0.4, 0.1],
    [0.6, 0.9],
    [0.8, 0.3],
    [1, 0.6],
    [0.25, 0.9],
    [0.24, 0.7],
  ];
  for (const [x, score] of told) teacher.episodicUpdate({ task: [x], score }, random);
  const { rows } = teacher.save() as { rows: number[][] };
  for (const [i, progress] of [0, 0, 0, 0, 0, 0, 0.4, 0.2].entries()) near(rows[i][1], progress);
  near(halvesProgress([0, 0.2, 0.6, 1]), 0.7);
  near(halvesProgress([0, 0.5, 1]), 0.75);
  assert.equal(halvesProgress([0, 1]), 0);
});

test("RIAC splits where progress differs for many episodes, not where it differs most for a few", () => {
  const teacher = riacTeacher(1, { regionSize: 40, attempts: 500 });
  const random = generator(randomKey(1));
  for (let i = 0; i < 41; i++) {
    const x = ((i % 20) + 0.5) / 20;
    const gained = x < 0.2 ? 1 : x < 0.5 ? 0.5 : 0.2;
    teacher.episodicUpdate({ task: [x], score: i < 20 ? 0 : gained }, random);
  }
  // By hand: at 0.2 the sides differ by 0.69, with 8 × 32 episodes; at 0.5 by 0.5, with 20 × 20.
  const [, below, above] = teacher.save() as { high: number[]; low: number[]; progress: number }[];
  near(below.high[0], 0.5, 0.03);
  assert.equal(above.low[0], below.high[0]);
  near(below.progress, 0.7, 0.1);
});

test("a student learns a cell only beside a mastered one, forgets when told to, and never learns the unfeasible", () => {
  const student = simulatedStudent({ dimensions: 2, cells: 4, practice: 4, unfeasible: 0.5 });
  const [easy, next, far] = [student.easiest, [0.3, 0.3], [0.9, 0.9]];
  assert.deepEqual(easy, [0.125, 0.125]);
  assert.equal(student.play(next), 0);
  assert.deepEqual([1, 2, 3].map(() => student.play(easy)).at(-1), 0.75);
  assert.equal(student.play(next), 0.25);
  for (let i = 0; i < 9; i++) student.play(next);
  assert.equal(student.play(far), 0);
  assert.deepEqual([student.test().length, student.mastered()], [4, 0.5]);
  const forgetful = simulatedStudent({ dimensions: 1, cells: 2, practice: 2, forgetEvery: 3 });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => forgetful.play([0])),
    [0.5, 1, 1, 0.5],
  );
  const rugged = simulatedStudent({ rugged: true, seed: 4 });
  assert.equal(rugged.play(rugged.easiest), 0.05);
  assert.ok(rugged.easiest.some((x) => x !== 0.05));
  assert.throws(() => student.play([0.5]), /a task of 2 numbers/);
});

test("a teacher that knows where to begin teaches what chance does not", async () => {
  const mastered = async (teacher: Teacher): Promise<number> => {
    const student = simulatedStudent({ cells: 20, practice: 8, unfeasible: 0.6 });
    await teach(student, teacher, { episodes: 2000, seed: 1 });
    return student.mastered();
  };
  const chance = await mastered(uniformTeacher(2));
  const adr = await mastered(adrTeacher(2, { initial: [0.025, 0.025], stepSize: 0.05, growAt: 0.75 }));
  assert.ok(adr > chance + 0.3, `${adr} against ${chance}`);
});

test("taughtBy plays the teacher's tasks, tells it the score and the success, and is saved with it", () => {
  const outcomes: unknown[] = [];
  let steps = 0;
  const teacher: Teacher = {
    ...uniformTeacher(2),
    sampleTask: () => [0.125, 0.5],
    stepUpdate: () => void steps++,
    episodicUpdate: (outcome) => void outcomes.push(outcome),
  };
  const given = { tasks: { gap: [0, 8], hurdle: [1, 3] }, returns: [-200, 200] } as const;
  const env = taughtBy(make("JumpTrack-v0"), teacher, given);
  assert.deepEqual(env.reset({ seed: 1 }).info.parameters, { gap: 1, hurdle: 2 });
  const played = (): number => {
    for (let sum = 0; ; ) {
      const step = env.step(Float32Array.of(1, -1));
      sum += step.reward;
      steps--;
      if (step.terminated) return sum;
    }
  };
  const first = played();
  env.reset();
  const second = played();
  const told = [first, second].map((sum) => ({ task: [0.125, 0.5], score: (sum + 200) / 400, success: false }));
  assert.deepEqual(outcomes, told, "each episode's own return");
  assert.equal(steps, 0, "every step was told");

  const [one, other] = [1, 2].map(() => taughtBy(make("JumpTrack-v0"), alpGmmTeacher(2, { fitEvery: 10 }), given));
  one.reset({ seed: 3 });
  const episode = (it: typeof one) => {
    while (!it.step(Float32Array.of(1, -1)).terminated);
    return it.reset();
  };
  for (let i = 0; i < 25; i++) episode(one);
  other.reset({ seed: 8 });
  other.restore!(JSON.parse(JSON.stringify(one.save!())));
  for (let i = 0; i < 12; i++) assert.deepEqual(episode(other), episode(one));
  assert.throws(() => taughtBy(make("JumpTrack-v0"), uniformTeacher(1), given), /as many of each/);
  assert.throws(
    () => taughtBy(make("JumpTrack-v0"), uniformTeacher(2), { ...given, returns: [1, 1] }),
    /worst below the best/,
  );
  const beyond = { tasks: { gap: [0, 9], hurdle: [1, 3] }, returns: [0, 1] } as const;
  assert.throws(() => taughtBy(make("JumpTrack-v0"), uniformTeacher(2), beyond), /from 0 to 8/);
});
