/** Runs a reproduction arm by arm and seed by seed, each in a process of its own, and keeps every number at once. */
import { type ChildProcess, fork } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { problem } from "repertoire/problems";
import type { ReproductionResult } from "../results/schema.ts";
import { commitHere, machineHere, writeReproduction } from "../results/store.ts";
import type { Answer, Numbers } from "./job.ts";
import type { Budget, Reproduction } from "./reproduction.ts";

/** A finished (arm, seed), as a line of `runs/reproductions/<id>.jsonl`. */
interface Finished {
  readonly arm: string;
  readonly seed: number;
  readonly value: number;
  readonly seconds: number;
  readonly budget: Budget;
  readonly commit: string;
}

export interface ReproduceOptions {
  readonly tiny?: boolean;
  /** Default: the seeds the reproduction states. */
  readonly seeds?: readonly number[];
  /** Processes at once. Default 1. */
  readonly parallel?: number;
  readonly signal?: AbortSignal;
  readonly say?: (line: string) => void;
  /** Where finished numbers are kept. Default `runs/reproductions`. */
  readonly runs?: string;
  /** Where the result goes. Default `results`; a tiny or partial run is no evidence and stays in `runs`. */
  readonly results?: string;
}

/** The files of the reproductions by id, e.g. P007 → reproductions/P007-a2pr.ts. */
export function reproductionFiles(folder = import.meta.dirname): ReadonlyMap<string, string> {
  const names = readdirSync(folder).filter((name) => /^[PS]\d{3}-.*(?<!\.test)\.ts$/.test(name));
  return new Map(names.sort().map((name) => [name.slice(0, 4), join(folder, name)]));
}

export const loadReproduction = async (file: string): Promise<Reproduction> =>
  ((await import(pathToFileURL(file).href)) as { reproduction: Reproduction }).reproduction;

/**
 * Runs what is not yet in the log, judges, writes the result and returns it with its path.
 * @throws Problem "bad-value" when a run gives no finite number; the signal's reason when it was stopped
 */
export async function reproduce(
  file: string,
  options: ReproduceOptions = {},
): Promise<{ result: ReproductionResult; path: string }> {
  const reproduction = await loadReproduction(file);
  const { id, arms } = reproduction;
  const { tiny = false, seeds = reproduction.seeds, parallel = 1, say = console.error } = options;
  const { runs = join(import.meta.dirname, "../runs/reproductions"), results } = options;
  const size = tiny ? "tiny" : "full";
  const budget = reproduction.budget[size];
  const log = join(runs, tiny ? `${id}.tiny.jsonl` : `${id}.jsonl`);
  const commit = commitHere();

  const done = readLog(log).filter((it) => JSON.stringify(it.budget) === JSON.stringify(budget));
  const find = (arm: string, seed: number): Finished | undefined =>
    done.find((it) => it.arm === arm && it.seed === seed);
  const wanted = seeds.flatMap((seed) => Object.keys(arms).map((arm) => ({ arm, seed })));
  const jobs = reproduction.together ? seeds.map((seed) => ({ arm: undefined, seed })) : wanted;
  const isDone = ({ arm, seed }: (typeof jobs)[number]): boolean =>
    (arm === undefined ? Object.keys(arms) : [arm]).every((one) => find(one, seed) !== undefined);
  const open = jobs.filter((job) => !isDone(job));
  if (open.length < jobs.length)
    say(`${id}: ${jobs.length - open.length} of ${jobs.length} runs are in ${log}; running the rest.`);

  const stopped = new AbortController();
  const signal = AbortSignal.any(options.signal ? [options.signal, stopped.signal] : [stopped.signal]);
  const clock = remaining(open.length);
  const next = async (): Promise<void> => {
    for (let job = open.shift(); job !== undefined; job = open.shift()) {
      const { arm, seed } = job;
      const { values, seconds } = await runJob(
        [file, `${seed}`, size, ...(arm === undefined ? [] : [arm])],
        signal,
        (fraction) => {
          const line = clock.update(`${arm} ${seed}`, fraction);
          if (line !== undefined) say(`${id}: ${line}`);
        },
      );
      const numbers = Object.entries(values);
      for (const [name, value] of numbers) {
        if (!Number.isFinite(value))
          throw problem("bad-value", {
            where: `${id}, ${name}, seed ${seed}`,
            given: value,
            wanted: "a finite number",
          });
      }
      for (const [name, value] of numbers) {
        const finished = { arm: name, seed, value, seconds: seconds / numbers.length, budget, commit };
        keep(log, finished);
        done.push(finished);
      }
      const shown = numbers.map(([name, value]) => `${name}: ${value.toPrecision(5)}`).join(", ");
      say(`${id}: seed ${seed}: ${shown} in ${seconds.toFixed(1)} s; ${clock.finish(`${arm} ${seed}`)}`);
    }
  };
  const workers = Array.from({ length: Math.max(1, parallel) }, async () => {
    try {
      await next();
    } catch (error) {
      stopped.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(workers);
  await Promise.all(workers);

  const finished = wanted.map(({ arm, seed }) => find(arm, seed)).filter((it) => it !== undefined);
  const numbers = Object.fromEntries(
    Object.keys(arms).map((arm) => [arm, finished.filter((it) => it.arm === arm).map((it) => it.value)]),
  );
  const { interval, verdict, notes } = reproduction.verdict(numbers);
  const [low, high] = interval.map((end) => (Number.isFinite(end) ? end : null));
  const { name, claim, metric, relation } = reproduction;
  const result: ReproductionResult = {
    ...{ id, name, claim, metric, relation, arms: numbers, interval: [low, high], verdict, seeds: [...seeds], budget },
    commit: [...new Set(finished.map((it) => it.commit))].sort().join(", "),
    machine: machineHere(),
    wallSeconds: Math.round(finished.reduce((sum, it) => sum + it.seconds, 0)),
    notes,
  };
  const evidence = !tiny && JSON.stringify(seeds) === JSON.stringify(reproduction.seeds);
  return { result, path: await writeReproduction(result, evidence ? results : runs) };
}

function runJob(args: string[], signal: AbortSignal, progress: (fraction: number) => void): Promise<Numbers> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const execArgv = ["--conditions=repertoire-source"];
    const child: ChildProcess = fork(join(import.meta.dirname, "job.ts"), args, {
      execArgv,
      stdio: ["ignore", 2, 2, "ipc"],
      serialization: "advanced",
    });
    const stop = (): unknown => child.kill();
    signal.addEventListener("abort", stop, { once: true });
    let answer: Numbers | undefined;
    child.on("message", (it: Answer) => {
      if ("fraction" in it) progress(it.fraction);
      else answer = it;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      signal.removeEventListener("abort", stop);
      if (answer !== undefined) resolve(answer);
      else if (signal.aborted) reject(signal.reason);
      else
        reject(
          problem("bad-value", {
            where: args.slice(0, 3).join(" "),
            given: `exit code ${code}`,
            wanted: "a number",
            next: "Its error is above.",
          }),
        );
    });
  });
}

/** Lines already written; one that a killed process left half-written is dropped, and ended so that the next is whole. */
function readLog(log: string): Finished[] {
  if (!existsSync(log)) return [];
  const text = readFileSync(log, "utf8");
  if (!text.endsWith("\n")) appendFileSync(log, "\n");
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Finished];
    } catch {
      return [];
    }
  });
}

function keep(log: string, finished: Finished): void {
  mkdirSync(dirname(log), { recursive: true });
  appendFileSync(log, `${JSON.stringify(finished)}\n`);
}

/** Says how much time is left, at most every ten seconds while runs are under way. */
function remaining(total: number): {
  update(job: string, fraction: number): string | undefined;
  finish(job: string): string;
} {
  const started = performance.now();
  const fractions = new Map<string, number>();
  let said = started;
  const left = (): string => {
    const done = [...fractions.values()].reduce((sum, it) => sum + it, 0) / total;
    const seconds = ((performance.now() - started) / 1000) * (1 / done - 1);
    return `${Math.round(100 * done)}% done, about ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`} left`;
  };
  return {
    update(job, fraction) {
      fractions.set(job, fraction);
      if (performance.now() - said < 10_000) return undefined;
      said = performance.now();
      return left();
    },
    finish(job) {
      fractions.set(job, 1);
      return left();
    },
  };
}
