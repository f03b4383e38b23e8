import assert from "node:assert/strict";
import { test } from "node:test";
import { generator, randomKey } from "../../tensor/random.ts";
import type { SetTask } from "./setter.ts";
import { setterSolverTeacher } from "./setter-solver.ts";
import type { Task } from "./teacher.ts";

test("it sets tasks that succeed as often as it is asked, all over the space", async () => {
  const teacher = setterSolverTeacher(2);
  const random = generator(randomKey(1));
  /** Chance of success: only the first number makes a task hard. */
  const chance = ([x]: Task): number => 1 / (1 + Math.exp(10 * (x - 0.5)));
  for (let i = 0; i < 1000; i++) {
    const task = teacher.sampleTask(random);
    teacher.episodicUpdate({ task, score: 0, success: random.uniform() < chance(task) }, random);
    await teacher.learn?.();
  }
  const { pool } = teacher.save() as { readonly pool: readonly SetTask[] };
  assert.equal(pool.length, 1024);
  const error = pool.reduce((sum, it) => sum + Math.abs(chance(it.task) - it.feasibility), 0) / pool.length;
  assert.ok(error < 0.15, `off by ${error} where 0.33 is chance`);
  const second = pool.map(({ task }) => task[1]);
  for (let part = 0; part < 4; part++) {
    const inside = second.filter((y) => y >= part / 4 && y < (part + 1) / 4).length / second.length;
    assert.ok(inside > 0.1, `${inside} of the tasks in a quarter of what makes no difference`);
  }
});

test("lessons are due at every hundredth episode of its own, and scores may count in place of successes", async () => {
  const random = generator(randomKey(2));
  const teacher = setterSolverTeacher(1, { result: "score", memory: 150 });
  const due = (): boolean => (teacher.save() as { lesson: unknown }).lesson !== null;
  for (let i = 0; i < 99; i++) teacher.episodicUpdate({ task: teacher.sampleTask(random), score: 0.5 }, random);
  teacher.episodicUpdate({ task: [0.123], score: 0.5 }, random);
  assert.equal(due(), false);
  teacher.episodicUpdate({ task: teacher.sampleTask(random), score: 0.5 }, random);
  assert.equal(due(), true);
  assert.equal(teacher.sampleTaskWithoutExploring(random), undefined);
  await teacher.learn?.();
  assert.equal(due(), false);
  assert.equal(teacher.sampleTaskWithoutExploring(random)?.length, 1);
  for (let i = 0; i < 100; i++) teacher.episodicUpdate({ task: teacher.sampleTask(random), score: 0.5 }, random);
  assert.equal((teacher.save() as { episodes: unknown[] }).episodes.length, 150);
  assert.throws(() => {
    const strict = setterSolverTeacher(1);
    strict.episodicUpdate({ task: strict.sampleTask(random), score: 1 }, random);
  }, /info has "success"/);
  assert.throws(() => setterSolverTeacher(1, { memory: 50 }), /memory/);
});
