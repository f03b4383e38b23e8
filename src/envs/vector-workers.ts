/** A vector whose environments are stepped by threads of their own, in memory that all share. Node only. */
import type { MessagePort, Worker } from "node:worker_threads";
import type { EnvironmentSpec } from "../data/trajectories.ts";
import { builtin } from "../files.ts";
import { problem } from "../problems.ts";
import { allocateRows } from "../spaces/stored.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";
import type { Info } from "./environment.ts";
import { placeOf, sharedRows } from "./shared-rows.ts";
import {
  type AsyncVectorEnvironment,
  checkActions,
  sameSpaces,
  savedEach,
  seedOf,
  type VectorOptions,
  type VectorStep,
  valuesEach,
} from "./vector.ts";
import type { Answer, Failure, Opened, Question, Share } from "./vector-worker.ts";

export interface WorkerOptions extends VectorOptions {
  /** How many environments; with one spec for each, as many as there are. */
  readonly size?: number;
  /** Threads. Default: as many as the machine has processors, at most one an environment. It changes speed only. */
  readonly workers?: number;
  /** "last": infos of steps that end no episode are left out ({}), and need not travel. Default "every". */
  readonly infos?: Share["infos"];
}

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly first: number;
  readonly count: number;
  /** Infos that it told of, by their numbers. */
  readonly told: Info[];
  stopped?: string;
}

const noInfo: Info = Object.freeze({});

/**
 * `vectorise` over worker threads: the same numbers from the same seed, however many threads there are. Each thread
 * makes its environments from their spec (see makeFrom: a registered name, or what a module registers or exports), so
 * nothing but data crosses. A step is asked for with one write to shared memory, and answered with another.
 * @example await using vector = await vectoriseInWorkers({ name: "Hopper-v5" }, { size: 16 });
 * @example vectoriseInWorkers({ name: "Mine-v0", module: import.meta.resolve("./mine.ts"), export: "mine" }, { size: 8 })
 * @throws Problem "bad-option"; "in-vector" where an environment cannot be made; "bad-value" where spaces differ;
 *   "needs-node" in a page, where `vectorise` does the work in place; from its calls also "vector-busy", "vector-closed",
 *   "worker-stopped"
 */
export async function vectoriseInWorkers(
  spec: EnvironmentSpec | readonly EnvironmentSpec[],
  options: WorkerOptions = {},
): Promise<AsyncVectorEnvironment> {
  const { specs, workers, infos, reuse } = settled(spec, options);
  const size = specs.length;
  const threads = Array.from({ length: workers }, (_, w): Thread => {
    const first = Math.floor((size * w) / workers);
    const share = { worker: w, first, specs: specs.slice(first, Math.floor((size * (w + 1)) / workers)), infos };
    return start(share);
  });
  const close = async (): Promise<void> => {
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  };
  try {
    return serving(threads, await opened(threads), { size, reuse, close });
  } catch (error) {
    await close();
    throw error;
  }
}

function settled(given: EnvironmentSpec | readonly EnvironmentSpec[], options: WorkerOptions) {
  const { infos = "every", reuse = false } = options;
  const refuse = (name: string, given: unknown, wanted: string) =>
    problem("bad-option", { where: "vectoriseInWorkers", name, given, wanted });
  const several = Array.isArray(given) ? (given as readonly EnvironmentSpec[]) : undefined;
  const { size = several?.length ?? 0 } = options;
  if (!Number.isSafeInteger(size) || size < 1) throw refuse("size", size, "a whole number of at least 1");
  if (several !== undefined && several.length !== size) throw refuse("size", size, `${several.length}, one a spec`);
  const { workers = Math.min(size, globalThis.navigator.hardwareConcurrency) } = options;
  if (!Number.isSafeInteger(workers) || workers < 1 || workers > size) {
    throw refuse("workers", workers, `a whole number from 1 to the number of environments (${size})`);
  }
  if (infos !== "every" && infos !== "last") throw refuse("infos", infos, '"every" or "last"');
  const specs = several ?? new Array<EnvironmentSpec>(size).fill(given as EnvironmentSpec);
  return { specs, workers, infos, reuse };
}

function start(share: Omit<Share, "port">): Thread {
  const { MessageChannel, Worker } = builtin.workerThreads("In a page, vectorise steps environments in place.");
  const { port1, port2 } = new MessageChannel();
  // What is built from this folder lies beside this file under the same name.
  const program = new URL(`./vector-worker${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`, import.meta.url);
  const options = { workerData: { ...share, port: port2 }, transferList: [port2] };
  // How a program on the command line is to be read says nothing of this one, and would stop it.
  const unfit = /^--input-type/;
  const inherited = process.execArgv.some((flag) => unfit.test(flag))
    ? { execArgv: process.execArgv.filter((flag, i, all) => !unfit.test(flag) && all[i - 1] !== "--input-type") }
    : {};
  const worker = new Worker(program, { ...options, ...inherited });
  return { worker, port: port1, first: share.first, count: share.specs.length, told: [] };
}

type Ready = Exclude<Opened, Failure>;

/** Waits until every thread has made its environments, and checks that they go together. */
async function opened(threads: readonly Thread[]): Promise<Ready> {
  const answers = await Promise.all(
    threads.map(
      ({ worker }) =>
        new Promise<Opened>((resolve, reject) => {
          const stopped = (reason: string) => reject(problem("worker-stopped", { name: "vectoriseInWorkers", reason }));
          worker.once("message", resolve);
          worker.once("error", (error) => stopped(String(error)));
          worker.once("exit", (code) => stopped(`it ended with ${code} before it had begun`));
        }),
    ),
  );
  const ready = answers.map((answer) => {
    if ("failed" in answer) throw broken("vectoriseInWorkers", answer);
    return answer;
  });
  const environments = ready.flatMap((it) => it.environments);
  environments.forEach((env, i) => {
    sameSpaces(i, env, environments[0]);
  });
  const all = (has: "saves" | "perturbs") => ready.every((it) => it[has]);
  return { environments, saves: all("saves"), perturbs: all("perturbs") };
}

/** What an environment threw, with its place; the stack it had in its own thread is the cause. */
function broken(name: string, { failed: { index, reason, stack } }: Failure) {
  return Object.assign(problem("in-vector", { name, index, reason }), stack === undefined ? {} : { cause: stack });
}

function serving(
  threads: readonly Thread[],
  ready: Ready,
  { size, reuse, close }: { readonly size: number; readonly reuse: boolean; close(): Promise<void> },
): AsyncVectorEnvironment {
  const [{ name, observationSpace, actionSpace }] = ready.environments;
  const vector = { name, size, observationSpace, actionSpace };
  const memory = sharedRows(size, threads.length, vector);
  const { control } = memory;
  threads.forEach((thread, w) => {
    const { worker } = thread;
    worker.removeAllListeners("error");
    worker.removeAllListeners("exit");
    worker.once("error", (error) => {
      thread.stopped = String(error);
    });
    worker.once("exit", (code) => {
      thread.stopped ??= closed ? "the vector was closed meanwhile" : `it ended with ${code}`;
      Atomics.notify(control, placeOf(w, "answered"));
    });
    worker.postMessage(memory);
    worker.unref();
  });
  let asked = 0;
  let busy: string | undefined;
  let closed = false;

  async function answered(thread: Thread, w: number): Promise<Answer | undefined> {
    const place = placeOf(w, "answered");
    while (Atomics.load(control, place) !== asked) {
      if (thread.stopped !== undefined) throw problem("worker-stopped", { name, reason: thread.stopped });
      const { async, value } = Atomics.waitAsync(control, place, asked - 1);
      if (async) await value;
    }
    if (Atomics.load(control, placeOf(w, "message")) === 0) return undefined;
    return builtin.workerThreads("").receiveMessageOnPort(thread.port)?.message as Answer;
  }

  /** Asks every thread for a step, or for what it is sent; one call at a time. */
  async function ask(now: string, questions?: (from: number, to: number) => Question): Promise<readonly Answer[]> {
    if (closed) throw problem("vector-closed", { name, now });
    if (busy !== undefined) throw problem("vector-busy", { name, doing: busy, now });
    for (const { stopped } of threads)
      if (stopped !== undefined) throw problem("worker-stopped", { name, reason: stopped });
    busy = now;
    // A wait for shared memory does not keep the process alive; a worker does.
    threads[0].worker.ref();
    try {
      asked++;
      threads.forEach(({ port, first, count }, w) => {
        if (questions !== undefined) port.postMessage(questions(first, first + count));
        Atomics.store(control, placeOf(w, "step"), Number(questions === undefined));
        Atomics.store(control, placeOf(w, "asked"), asked);
        Atomics.notify(control, placeOf(w, "asked"));
      });
      const answers: Answer[] = [];
      for (const [w, thread] of threads.entries()) {
        const answer = await answered(thread, w);
        if (answer !== undefined) answers.push(answer);
        if (answer !== undefined && "told" in answer) thread.told.push(...answer.told);
      }
      for (const answer of answers) if ("failed" in answer) throw broken(name, answer);
      return answers;
    } finally {
      busy = undefined;
      threads[0].worker.unref();
    }
  }

  function infosOf(numbers: Int32Array, sent: ReadonlyMap<number, Info>): Info[] {
    const infos = new Array<Info>(size);
    for (const { first, count, told } of threads) {
      for (let i = first; i < first + count; i++) {
        infos[i] = numbers[i] >= 0 ? told[numbers[i]] : (sent.get(i) ?? noInfo);
      }
    }
    return infos;
  }
  const sentIn = (answers: readonly Answer[], list: "infos" | "finalInfos"): ReadonlyMap<number, Info> =>
    new Map(answers.flatMap((answer) => ("told" in answer ? answer[list] : [])));

  const fresh = () => ({
    observation: allocateRows(observationSpace, size),
    finalObservation: allocateRows(observationSpace, size),
    reward: new Float64Array(size),
    terminated: new Uint8Array(size),
    truncated: new Uint8Array(size),
  });
  const kept = fresh();
  const copied = (from: NdArray, into: NdArray): NdArray => {
    (into.data as Float32Array).set(from.data as Float32Array);
    return into;
  };
  const width = sizeOf(memory.observation.shape.slice(1));

  /** What the workers wrote, in arrays that no one shares. */
  function results(answers: readonly Answer[]): VectorStep {
    const into = reuse ? kept : fresh();
    into.reward.set(memory.reward);
    into.terminated.set(memory.terminated);
    into.truncated.set(memory.truncated);
    const { reward, terminated, truncated } = into;
    const observation = copied(memory.observation, into.observation);
    const info = infosOf(memory.info, sentIn(answers, "infos"));
    const step = { observation, reward, terminated, truncated, info };
    if (!terminated.includes(1) && !truncated.includes(1)) return step;
    const { finalObservation } = into;
    const finals = finalObservation.data as Float32Array;
    const lasts = infosOf(memory.finalInfo, sentIn(answers, "finalInfos"));
    finals.set(memory.finalObservation.data as Float32Array);
    const ended = lasts.map((_, i) => terminated[i] === 1 || truncated[i] === 1);
    for (let i = 0; i < size; i++) if (!ended[i]) finals.fill(0, i * width, (i + 1) * width);
    return { ...step, finalObservation, finalInfo: lasts.map((info, i) => (ended[i] ? info : undefined)) };
  }

  return {
    ...vector,
    async reset({ seed } = {}) {
      const seeds = Array.from({ length: size }, (_, i) => (seed === undefined ? undefined : seedOf(seed, i)));
      const answers = await ask("reset", (from, to) => ({ reset: seeds.slice(from, to) }));
      const observation = copied(memory.observation, reuse ? kept.observation : allocateRows(observationSpace, size));
      return { observation, info: infosOf(memory.info, sentIn(answers, "infos")) };
    },
    async step(actions) {
      checkActions(vector, actions);
      if (busy === undefined) {
        const { data } = actions;
        const into = memory.actions.data as Float32Array;
        if (data instanceof BigInt64Array) for (let i = 0; i < data.length; i++) into[i] = Number(data[i]);
        else into.set(data as Float32Array);
      }
      return results(await ask("step"));
    },
    ...(ready.perturbs
      ? {
          async perturb(values) {
            const own = valuesEach(vector, values);
            await ask("perturb", (from, to) => ({ perturb: own.slice(from, to) }));
          },
        }
      : {}),
    ...(ready.saves
      ? {
          async save() {
            const answers = await ask("save", () => ({ save: true }));
            return answers.flatMap((answer) => ("saved" in answer ? answer.saved : []));
          },
          async restore(state) {
            const own = savedEach(vector, state);
            await ask("restore", (from, to) => ({ restore: own.slice(from, to) }));
          },
        }
      : {}),
    async [Symbol.asyncDispose]() {
      closed = true;
      await close();
    },
  };
}
