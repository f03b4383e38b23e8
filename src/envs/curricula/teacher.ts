/** What chooses the tasks of a learner: TeachMyAgent's teacher interface, in plain numbers. */
import { problem } from "../../problems.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Info } from "../environment.ts";

/** A point of [0, 1]ⁿ: each number says how far a parameter is from its low end to its high one. */
export type Task = readonly number[];

/** A Gaussian about a task, its standard deviation the same in every dimension. */
export interface TaskGaussian {
  readonly task: Task;
  readonly spread: number;
}

export interface TaskOutcome {
  readonly task: Task;
  /** The return on the scale [0, 1] (see `taughtBy`): thresholds of teachers and progress are in parts of it. */
  readonly score: number;
  readonly success?: boolean;
}

/** A step of the episode; what it was taken from is the initial state or the `nextObservation` before. */
export interface TaskStep {
  readonly action: unknown;
  readonly reward: number;
  readonly nextObservation: unknown;
  readonly terminated: boolean;
  readonly info: Info;
}

/**
 * A teacher is a function of what it was told and of the generators it is given: it has no chance of its own. Interface of
 * TeachMyAgent (arXiv 2103.09815).
 */
export interface Teacher {
  readonly name: string;
  /** n of the tasks. */
  readonly dimensions: number;
  /** The next task to learn from; may explore. */
  sampleTask(random: Generator): Task;
  /** What it holds to be the best task now, without exploring; undefined while it has no opinion. */
  sampleTaskWithoutExploring(random: Generator): Task | undefined;
  recordInitialState?(task: Task, observation: unknown): void;
  stepUpdate?(step: TaskStep): void;
  /** An episode has ended. The generator is for fits that begin by chance. */
  episodicUpdate(outcome: TaskOutcome, random: Generator): void;
  /**
   * Lessons of what learns by gradients, where one is due: to be awaited between episodes, or between rollouts. Until then tasks
   * are drawn as before; what is learned depends on when it is called, not on how long it takes.
   */
  learn?(): Promise<void>;
  /** All it has learned, as plain JSON. */
  save(): unknown;
  restore(saved: unknown): void;
}

/** @throws Problem "bad-option" unless a whole number of at least 1 */
export function checkDimensions(where: string, dimensions: number): void {
  if (Number.isInteger(dimensions) && dimensions >= 1) return;
  throw problem("bad-option", { where, name: "dimensions", given: dimensions, wanted: "a whole number of at least 1" });
}

/** @throws Problem "bad-option" unless it lies in [low, high] */
export function checkRange(where: string, name: string, given: number, low: number, high: number): void {
  if (given >= low && given <= high) return;
  throw problem("bad-option", { where, name, given, wanted: `a number from ${low} to ${high}` });
}

/** @throws Problem "bad-option" unless a point of [0, 1]ⁿ */
export function checkTask(where: string, name: string, task: Task, dimensions: number): void {
  if (task.length === dimensions && task.every((x) => x >= 0 && x <= 1)) return;
  throw problem("bad-option", { where, name, given: task, wanted: `${dimensions} numbers from 0 to 1` });
}

export const evenTask = (dimensions: number, random: Generator): number[] =>
  Array.from({ length: dimensions }, () => random.uniform());

export const clipTask = (task: readonly number[]): number[] => task.map((x) => Math.max(0, Math.min(1, x)));

/** An index in proportion to the weights; any of them when all are 0. */
export const proportional = (weights: readonly number[], random: Generator): number =>
  weights.some((w) => w > 0) ? random.choice(weights) : random.integer(weights.length);

/** What counts in an episode: whether it was a success, 1 or 0, or its score. */
export type TaskResult = "success" | "score";

/** @throws Problem "bad-value" when successes count and the environment does not tell of any */
export function resultOf(where: string, { score, success }: TaskOutcome, result: TaskResult): number {
  if (result === "score") return score;
  if (success !== undefined) return Number(success);
  throw problem("bad-value", {
    where,
    given: "an episode that does not say whether it was a success",
    wanted: 'an environment whose info has "success"',
    next: 'Or let scores count: { result: "score" }.',
  });
}
