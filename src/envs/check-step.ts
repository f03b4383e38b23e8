/** What is wrong with one answer of an environment: the rules that need nothing but that answer. */
import { describeValue, isRecord } from "../spaces/contains.ts";
import type { Fault } from "./check-faults.ts";
import { misfit } from "./check-value.ts";
import type { Environment } from "./environment.ts";

/** Whether an answer is a record at all; a promise gets a sentence of its own. */
function answered(
  given: unknown,
  call: string,
  wanted: string,
  fault: Fault,
): given is { readonly [name: string]: unknown } {
  if (given instanceof Promise) {
    fault(
      `${call} returned a promise: environments answer at once; do what takes time before, or in a vector of your own.`,
    );
    return false;
  }
  if (isRecord(given) && "observation" in given) return true;
  fault(`${call} returned ${describeValue(given)}; wanted { ${wanted} }.`);
  return false;
}

function checkInfo(info: unknown, call: string, fault: Fault): void {
  if (!isRecord(info)) {
    fault(`${call} returned no info; an empty object {} will do.`);
    return;
  }
  if ("success" in info && typeof info.success !== "boolean") {
    fault(
      `${call} returned info.success as ${describeValue(info.success)}; wanted true or false, as success is counted.`,
      "success",
    );
  }
}

/** @returns whether there is an observation to look at */
export function checkReset(env: Environment, given: unknown, fault: Fault): boolean {
  if (!answered(given, "reset", "observation, info", fault)) return false;
  const found = misfit(env.observationSpace, given.observation, "the observation");
  if (found !== undefined) fault(`reset: ${found}.`, "observation");
  checkInfo(given.info, "reset", fault);
  return true;
}

/** @returns whether there is an observation to look at */
export function checkStep(env: Environment, given: unknown, fault: Fault): boolean {
  if (!answered(given, "step", "observation, reward, terminated, truncated, info", fault)) return false;
  const found = misfit(env.observationSpace, given.observation, "the observation");
  if (found !== undefined) fault(`step: ${found}.`, "observation");
  const { reward, terminated, truncated } = given;
  if (typeof reward !== "number") {
    fault(`step returned a reward that is ${describeValue(reward)}; wanted a number, the sum of all parts.`, "reward");
  } else if (!Number.isFinite(reward)) fault(`step returned the reward ${reward}; wanted a finite number.`, "reward");
  for (const [name, flag] of Object.entries({ terminated, truncated })) {
    if (typeof flag !== "boolean")
      fault(`step returned ${name} as ${describeValue(flag)}; wanted true or false.`, name);
  }
  if (terminated === true && truncated === true) {
    fault(
      "step said terminated and truncated at once: where the world itself ended, truncated is false, as nothing was cut off.",
    );
  }
  checkInfo(given.info, "step", fault);
  return true;
}
