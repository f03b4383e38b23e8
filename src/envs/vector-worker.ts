/**
 * A thread of a vector: makes its share of the environments, then sleeps until it is asked, steps them in the memory it
 * shares with the vector, and sleeps again. Only `vectoriseInWorkers` starts it.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { EnvironmentSpec } from "../data/trajectories.ts";
import { Problem } from "../problems.ts";
import { describeValue } from "../spaces/contains.ts";
import type { Space } from "../spaces/space.ts";
import type { Environment, Info } from "./environment.ts";
import { makeFrom } from "./make-from.ts";
import type { ParameterValues } from "./parameters.ts";
import { type Row, type Rows, rowOf } from "./rows.ts";
import { placeOf, type SharedRows, unnumbered } from "./shared-rows.ts";

/** What a worker is started with: the environments in places first, first + 1, … of the vector. */
export interface Share {
  readonly worker: number;
  readonly first: number;
  readonly specs: readonly EnvironmentSpec[];
  readonly infos: "every" | "last";
  /** For questions and answers: the vector reads it when an answer has come, not when its event loop does. */
  readonly port: MessagePort;
}

export interface Named {
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

/** A worker's first message. */
export type Opened =
  | Failure
  | {
      readonly environments: readonly Named[];
      readonly saves: boolean;
      readonly perturbs: boolean;
    };

/** What is asked of all its environments at once, beside a step. */
export type Question =
  | { readonly reset: readonly (number | undefined)[] }
  | { readonly perturb: readonly ParameterValues[] }
  | { readonly save: true }
  | { readonly restore: readonly unknown[] };

export interface Failure {
  readonly failed: { readonly index: number; readonly reason: string; readonly code?: string; readonly stack?: string };
}

/** What an answer says beside numbers. */
export type Answer =
  | Failure
  | { readonly saved: readonly unknown[] }
  | {
      /** Infos that stay as they are, told once: each gets the next number. */
      readonly told: readonly Info[];
      readonly infos: readonly (readonly [index: number, info: Info])[];
      readonly finalInfos: readonly (readonly [index: number, info: Info])[];
    };

const share = workerData as Share;
const { port } = share;
/** Infos beyond this many are sent anew every time, so that an environment that freezes each of its own fills no memory. */
const mostNumbers = 256;

const failure = (index: number, error: unknown): Failure => {
  if (error instanceof Problem) return { failed: { index, reason: error.message, code: error.code } };
  if (error instanceof Error) {
    return { failed: { index, reason: `${error.name}: ${error.message}`, stack: error.stack ?? "" } };
  }
  return { failed: { index, reason: describeValue(error) } };
};

async function opened(): Promise<readonly Environment[]> {
  const made: Environment[] = [];
  for (const [i, spec] of share.specs.entries()) {
    try {
      made.push(await makeFrom(spec));
    } catch (error) {
      parentPort?.postMessage(failure(share.first + i, error) satisfies Opened);
      return [];
    }
  }
  parentPort?.postMessage({
    environments: made.map(({ name, observationSpace, actionSpace }) => ({ name, observationSpace, actionSpace })),
    saves: made.every((env) => env.save !== undefined && env.restore !== undefined),
    perturbs: made.every((env) => env.perturb !== undefined),
  } satisfies Opened);
  return made;
}

const isPlain = (value: unknown): boolean =>
  value === null || (typeof value !== "object" && typeof value !== "function");
/** An info that will never change may be told once and named by its number from then on. */
const stays = (info: Info): boolean => Object.isFrozen(info) && Object.values(info).every(isPlain);

function serve(environments: readonly Environment[], memory: SharedRows): void {
  const { control } = memory;
  const rows: Rows = { ...memory, final: () => memory.finalObservation };
  const parts = environments.map((env, i) => rowOf(env, share.first + i));
  const numbers = new Map<Info, number>();
  let told: Info[] = [];
  let infos: [number, Info][] = [];
  let finalInfos: [number, Info][] = [];

  /** Writes which info was said, and keeps for the message those that have no number. */
  const say = (info: Info, row: number, into: Int32Array, list: [number, Info][]): void => {
    let number = numbers.get(info);
    if (number === undefined && numbers.size < mostNumbers && stays(info)) {
      number = numbers.size;
      numbers.set(info, number);
      told.push(info);
    }
    into[row] = number ?? unnumbered;
    if (number === undefined) list.push([row, info]);
  };
  const sayInfos = (part: Row, row: number): void => {
    if (share.infos === "every") say(part.info, row, memory.info, infos);
    else memory.info[row] = unnumbered;
    if (part.finalInfo === undefined) memory.finalInfo[row] = unnumbered;
    else say(part.finalInfo, row, memory.finalInfo, finalInfos);
  };
  /** The place of the environment whose info cannot be sent, when that is why an answer could not be. */
  const unsent = (): number | undefined =>
    [...infos, ...finalInfos].find(([, info]) => {
      try {
        return structuredClone(info) === undefined;
      } catch {
        return true;
      }
    })?.[0];
  const answerInfos = (): boolean => {
    if (told.length + infos.length + finalInfos.length === 0) return false;
    port.postMessage({ told, infos, finalInfos } satisfies Answer);
    [told, infos, finalInfos] = [[], [], []];
    return true;
  };
  const each = (act: (part: Row, i: number) => void): boolean => {
    let i = 0;
    try {
      for (; i < parts.length; i++) act(parts[i], i);
      return answerInfos();
    } catch (error) {
      const index = i < parts.length ? share.first + i : (unsent() ?? share.first);
      // Infos told in a message that never left have no number yet.
      for (const info of told) numbers.delete(info);
      [told, infos, finalInfos] = [[], [], []];
      port.postMessage(failure(index, error) satisfies Answer);
      return true;
    }
  };
  const answer = (question: Question): boolean => {
    if ("reset" in question) {
      return each((part, i) => {
        const seed = question.reset[i];
        part.reset(seed === undefined ? {} : { seed }, rows);
        part.finalInfo = undefined;
        say(part.info, share.first + i, memory.info, infos);
      });
    }
    if ("perturb" in question) return each(({ env }, i) => env.perturb!(question.perturb[i]));
    if ("restore" in question) return each(({ env }, i) => env.restore!(question.restore[i]));
    const saved: unknown[] = [];
    const failed = each(({ env }) => saved.push(env.save!()));
    if (!failed) port.postMessage({ saved } satisfies Answer);
    return true;
  };
  const step = (part: Row, i: number): void => {
    part.step(memory.actions, rows);
    sayInfos(part, share.first + i);
  };

  const [asked, isStep, answered, message] = (["asked", "step", "answered", "message"] as const).map((place) =>
    placeOf(share.worker, place),
  );
  for (let done = 0; ; ) {
    Atomics.wait(control, asked, done);
    if (Atomics.load(control, asked) === done) continue;
    done++;
    const withMessage =
      Atomics.load(control, isStep) === 1 ? each(step) : answer(receiveMessageOnPort(port)!.message as Question);
    Atomics.store(control, message, Number(withMessage));
    Atomics.store(control, answered, done);
    Atomics.notify(control, answered);
  }
}

const environments = await opened();
if (environments.length > 0) parentPort?.once("message", (memory: SharedRows) => serve(environments, memory));
