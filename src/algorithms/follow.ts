/** A run followed to its end or its interruption: logs, evaluations, checkpoints, progress; the same for every kind of run. */
import type { OnnxPolicy } from "../policies/index.ts";
import { openProgress } from "./logging/index.ts";
import type { RunFolder } from "./run-folder.ts";

export type Metrics = { readonly [metric: string]: number };

/** What is moved along. */
export interface Course {
  readonly label: string;
  /** What it counts. */
  readonly unit: "updates" | "steps";
  readonly total: number;
  at(): number;
  /** To `until` at least. @returns means over the way */
  advance(until: number): Promise<Metrics>;
  checkpoint(): Promise<void>;
  /** The policy as it would be shipped now. */
  shipped(): Promise<OnnxPolicy>;
}

export interface Following {
  readonly logEvery: number;
  readonly checkpointEvery: number;
  readonly evaluateEvery: number;
  readonly evaluate?: (policy: OnnxPolicy, at: number) => Promise<Metrics>;
  readonly each?: (at: number, metrics: Metrics) => void | Promise<void>;
  readonly progress?: boolean;
  readonly signal?: AbortSignal;
}

/** @returns the last logged metrics */
export async function follow(course: Course, following: Following, kept: RunFolder | undefined): Promise<Metrics> {
  const { logEvery, checkpointEvery, evaluateEvery, evaluate, each, signal } = following;
  const { label, unit, total } = course;
  using logs = kept?.logs(course.at());
  using bar = following.progress ? openProgress({ label, total, from: course.at(), unit }) : undefined;
  let metrics: Metrics = {};
  while (course.at() < total && !signal?.aborted) {
    const before = course.at();
    const passed = (every: number): boolean => Math.floor(before / every) < Math.floor(course.at() / every);
    metrics = await course.advance(Math.min((Math.floor(before / logEvery) + 1) * logEvery, total));
    const done = course.at() >= total;
    if (evaluate && (done || passed(evaluateEvery))) {
      await using policy = await course.shipped();
      const measures = Object.entries(await evaluate(policy, course.at()));
      metrics = { ...metrics, ...Object.fromEntries(measures.map(([name, value]) => [`evaluation/${name}`, value])) };
    }
    logs?.write(course.at(), metrics);
    await each?.(course.at(), metrics);
    if (done || signal?.aborted || passed(checkpointEvery)) {
      logs?.sync();
      await course.checkpoint();
    }
    const shown = Object.entries(metrics).slice(0, 3);
    bar?.update(
      Math.min(course.at(), total),
      shown.map(([name, value]) => `${name} ${value.toPrecision(3)}`).join("  "),
    );
  }
  return metrics;
}
