/** What is wrong with an environment of one's own, in sentences. */
import { contains, describe, describeValue } from "../spaces/contains.ts";
import { sample } from "../spaces/sample.ts";
import { parseSpace } from "../spaces/schema.ts";
import type { Value } from "../spaces/space.ts";
import { type Generator, generator, randomKey } from "../tensor/random.ts";
import type { Environment } from "./environment.ts";

const copy = (value: unknown): string =>
  JSON.stringify(value, (_, v) =>
    ArrayBuffer.isView(v) ? [...(v as Float64Array)].map(String) : typeof v === "number" ? String(v) : v,
  ) ?? "undefined";

/** One played stretch, as text that two runs can be compared by. */
type Transcript = string[];

/**
 * Plays `steps` random steps, twice, and returns one sentence for each thing that breaks the interface; an empty list
 * means none was found. Never throws: what the environment throws becomes a sentence.
 * @example for (const sentence of checkEnvironment(myEnvironment)) console.log(sentence);
 */
export function checkEnvironment(env: Environment, { steps = 200, seed = 1 } = {}): readonly string[] {
  const found = new Set<string>();
  const name = typeof env.name === "string" && env.name !== "" ? env.name : "the environment";
  if (name !== env.name) found.add('name is missing: give the environment a registered name, such as "MyTask-v0".');
  for (const part of ["observationSpace", "actionSpace"] as const) {
    try {
      parseSpace(env[part], part);
    } catch (error) {
      found.add(`${(error as Error).message} Make it with box, discrete, multiDiscrete, dict, tuple or text.`);
    }
  }
  if (found.size > 0) return [...found];

  const first = attempt(() => play(env, generator(randomKey(seed)), seed, steps, found), found);
  const second = attempt(() => play(env, generator(randomKey(seed)), seed, steps, found), found);
  if (first !== undefined && second !== undefined) {
    const at = first.findIndex((line, i) => line !== second[i]);
    if (at >= 0) {
      found.add(
        `The same seed and actions gave different results from ${first[at].split(":")[0]} on: draw all chance from a generator that reset({ seed }) starts anew.`,
      );
    }
  }
  const [saves, restores] = [env.save !== undefined, env.restore !== undefined];
  if (saves !== restores) found.add("save and restore come together: give both or neither.");
  if (saves && restores && found.size === 0) attempt(() => checkSave(env, seed, found), found);
  return [...found];
}

function attempt<T>(run: () => T, found: Set<string>): T | undefined {
  try {
    return run();
  } catch (error) {
    found.add(
      `It threw while being played as the interface allows: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

function play(env: Environment, random: Generator, seed: number, steps: number, found: Set<string>): Transcript {
  const transcript: Transcript = [];
  let held: { value: Value; as: string } | undefined;
  const look = (observation: Value, where: string): void => {
    if (!contains(env.observationSpace, observation)) {
      found.add(
        `${where} returned an observation outside observationSpace: got ${describeValue(observation)}; wanted ${describe(env.observationSpace)}.`,
      );
    }
    if (held !== undefined && held.value === observation && typeof observation === "object") {
      found.add(
        `${where} returned the same object as the call before: return a new one each time, it is the caller's to keep.`,
      );
    } else if (held !== undefined && copy(held.value) !== held.as) {
      found.add(
        `${where} changed an observation it had already returned: return a new array each time (for example state.slice()).`,
      );
    }
    held = { value: observation, as: copy(observation) };
  };
  const start = (options: { seed?: number }): void => {
    const first = env.reset(options);
    if (typeof first !== "object" || first === null || !("observation" in first)) {
      found.add(`reset returned ${describeValue(first)}; wanted { observation, info }.`);
      return;
    }
    if (typeof first.info !== "object" || first.info === null)
      found.add("reset returned no info; an empty object {} will do.");
    look(first.observation, "reset");
    transcript.push(`reset: ${copy(first)}`);
  };
  start({ seed });
  for (let t = 0; t < steps; t++) {
    const action = sample(env.actionSpace, random);
    const before = copy(action);
    const step = env.step(action);
    if (copy(action) !== before) found.add("step changed the action it was given: copy it first.");
    look(step.observation, "step");
    if (typeof step.reward !== "number")
      found.add(`step returned a reward that is ${typeof step.reward}; wanted a number.`);
    else if (!Number.isFinite(step.reward))
      found.add(`step returned the reward ${step.reward}; wanted a finite number.`);
    for (const flag of ["terminated", "truncated"] as const) {
      if (typeof step[flag] !== "boolean")
        found.add(`step returned ${flag} as ${describeValue(step[flag])}; wanted true or false.`);
    }
    if (typeof step.info !== "object" || step.info === null)
      found.add("step returned no info; an empty object {} will do.");
    transcript.push(`step ${t + 1}: ${copy(step)}`);
    if (step.terminated || step.truncated) start({});
  }
  return transcript;
}

function checkSave(env: Environment, seed: number, found: Set<string>): void {
  const random = generator(randomKey(seed + 2));
  env.reset({ seed });
  const { terminated, truncated } = env.step(sample(env.actionSpace, random));
  if (terminated || truncated) env.reset({});
  const saved = env.save!();
  const json = JSON.stringify(saved);
  const actions = [0, 1, 2].map(() => sample(env.actionSpace, random));
  const run = (): string[] => {
    const lines: string[] = [];
    for (const action of actions) {
      const step = env.step(action);
      lines.push(copy(step));
      if (step.terminated || step.truncated) break;
    }
    return lines;
  };
  const ahead = run();
  if (JSON.stringify(saved) !== json) found.add("What save returned changed with later steps: return a copy.");
  env.restore!(JSON.parse(json));
  if (run().join() !== ahead.join()) {
    found.add(
      "After restore of what save returned (through JSON), the same actions gave other results: save everything that matters, the generator's position included.",
    );
  }
}
