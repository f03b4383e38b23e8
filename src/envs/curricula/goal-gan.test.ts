import assert from "node:assert/strict";
import { test } from "node:test";
import { generator, randomKey } from "../../tensor/random.ts";
import { goalGanTeacher } from "./goal-gan.ts";
import type { Example } from "./task-generator.ts";
import { newNetworks, trainedGenerator } from "./task-generator.ts";
import type { Task, Teacher } from "./teacher.ts";

interface Saved {
  readonly labelled: readonly Example[];
  readonly old: readonly Task[];
  readonly pending: readonly unknown[];
}
const saved = (teacher: Teacher): Saved => teacher.save() as Saved;
const share = (tasks: readonly Task[], within: (task: Task) => boolean): number =>
  tasks.filter(within).length / tasks.length;

test("the generator learns to draw what is labelled 1, in two places at once, and the same from the same key", async () => {
  const good = ([x, y]: Task): boolean => Math.abs(y - 0.5) < 0.15 && (x < 0.25 || x > 0.75);
  const learned = async (): Promise<readonly Task[]> => {
    const random = generator(randomKey(1));
    const example = (): Example => {
      const task = [random.uniform(), random.uniform()];
      return { task, label: Number(good(task)) };
    };
    let networks = await newNetworks(2, randomKey(2));
    let tasks: readonly Task[] = [];
    for (let lesson = 0; lesson < 4; lesson++) {
      ({ networks, tasks } = await trainedGenerator(networks, 2, example, randomKey(lesson)));
    }
    return tasks;
  };
  const tasks = await learned();
  assert.equal(tasks.length, 1024);
  assert.ok(tasks.flat().every((x) => x >= 0 && x <= 1));
  assert.ok(share(tasks, good) > 0.6, `${share(tasks, good)} where 0.15 is chance`);
  for (const side of [(x: number) => x < 0.5, (x: number) => x >= 0.5]) {
    assert.ok(share(tasks, ([x]) => side(x)) > 0.1, "it left out one of the two places");
  }
  assert.deepEqual(await learned(), tasks);
});

test("tasks are played twice, labelled by the mean of both, and kept apart once mastered", () => {
  const teacher = goalGanTeacher(2, { review: 0, apart: 0.2 });
  const random = generator(randomKey(1));
  const play = (...successes: readonly boolean[]): Task => {
    let task: Task = [];
    for (const success of successes) {
      const next = teacher.sampleTask(random);
      assert.ok(task.length === 0 || task === next);
      task = next;
      teacher.episodicUpdate({ task, score: 0, success }, random);
    }
    return task;
  };
  const tasks = [play(true, true), play(false, true), play(false, false)];
  const labels = [0, 1, 0];
  assert.deepEqual(
    saved(teacher).labelled,
    tasks.map((task, i) => ({ task, label: labels[i] })),
  );
  assert.deepEqual(saved(teacher).old, [tasks[0]]);
  assert.equal(saved(teacher).pending.length, 0);
  for (let i = 0; i < 60; i++) play(true, true);
  const { old } = saved(teacher);
  for (const [i, a] of old.entries()) {
    for (const b of old.slice(0, i)) assert.ok(Math.hypot(a[0] - b[0], a[1] - b[1]) > 0.2 * Math.SQRT2);
  }
  assert.ok(old.length > 4);
  teacher.episodicUpdate({ task: [0.123, 0.456], score: 1, success: true }, random);
  assert.equal(saved(teacher).labelled.length, 63, "a task it did not set is not its own");
});

test("a share of tasks are old ones, and without a success to count it asks for scores", () => {
  const teacher = goalGanTeacher(1, { noise: 0, initial: { task: [0.5], spread: 0.2 }, episodesEach: 1 });
  const random = generator(randomKey(3));
  const seen = new Set<number>();
  let again = 0;
  for (let i = 0; i < 2000; i++) {
    const task = teacher.sampleTask(random);
    if (seen.has(task[0])) again++;
    seen.add(task[0]);
    teacher.episodicUpdate({ task, score: 0, success: true }, random);
  }
  assert.ok(Math.abs(again / 2000 - 0.2) < 0.04, `${again / 2000}`);
  const task = teacher.sampleTask(random);
  assert.throws(() => {
    for (let i = 0; i < 50; i++) teacher.episodicUpdate({ task: teacher.sampleTask(random), score: 1 }, random);
  }, /info has "success".*result: "score"/s);
  assert.ok(task.length === 1);
  assert.throws(() => goalGanTeacher(2, { intermediate: [0.8, 0.2] }), /intermediate/);
  assert.throws(() => goalGanTeacher(2, { initial: { task: [0.5], spread: 1 } }), /2 numbers/);
});

test("its lessons are due when enough tasks are labelled, and it follows a learner who gets better", async () => {
  const teacher = goalGanTeacher(2, { result: "score", episodesEach: 1, learnEvery: 50 });
  const random = generator(randomKey(5));
  /** Results fall with x, from 1 to 0 about `ability`. @returns the share of intermediate ones */
  const play = async (abilityAt: (episode: number) => number, episodes: number): Promise<number> => {
    let hits = 0;
    for (let i = 0; i < episodes; i++) {
      const task = teacher.sampleTask(random);
      const score = Math.max(0, Math.min(1, 0.5 + 3 * (abilityAt(i) - task[0])));
      if (score >= 0.25 && score <= 0.75) hits++;
      teacher.episodicUpdate({ task, score }, random);
      await teacher.learn?.();
    }
    return hits / episodes;
  };
  await play(() => 0.3, 49);
  assert.equal(teacher.sampleTaskWithoutExploring(random), undefined);
  await play(() => 0.3, 200);
  assert.notEqual(teacher.sampleTaskWithoutExploring(random), undefined);
  const networks = (): string => JSON.stringify((teacher.save() as { networks: unknown }).networks);
  const before = networks();
  const followed = await play((i) => 0.3 + 0.2 * (i / 600), 600);
  assert.notEqual(networks(), before, "a lesson goes on from the one before");
  assert.ok(followed > 0.45, `${followed} where a sixth is chance`);
});
