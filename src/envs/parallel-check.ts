/** What is wrong with an environment of many agents, in sentences. */
import { describeValue, isRecord } from "../spaces/contains.ts";
import { sample } from "../spaces/sample.ts";
import { parseSpace } from "../spaces/schema.ts";
import type { Value } from "../spaces/space.ts";
import { generator, randomKey } from "../tensor/random.ts";
import { checkRepeats, type Fault, faults, type Transcript, throws } from "./check-faults.ts";
import { checkParts, forgets } from "./check-parts.ts";
import { asText } from "./check-text.ts";
import { misfit } from "./check-value.ts";
import type { ParallelEnvironment, PerAgent } from "./parallel.ts";

/**
 * `checkEnvironment` for many agents: plays `steps` random steps twice and says in a sentence each what breaks the
 * interface. Never throws.
 */
export function checkParallelEnvironment(env: ParallelEnvironment, { steps = 100, seed = 1 } = {}): readonly string[] {
  const found = faults();
  const { fault, attempt, sentences } = found;
  const agents = env.possibleAgents;
  if (agents.length === 0 || new Set(agents).size !== agents.length) {
    fault(`possibleAgents is [${agents.join(", ")}]; wanted at least one name, each once.`);
  }
  for (const part of ["observationSpaces", "actionSpaces"] as const) {
    for (const agent of agents) {
      if (env[part][agent] === undefined) {
        fault(`${part} has nothing for ${agent}; wanted a space for each of possibleAgents.`);
        continue;
      }
      attempt(() => parseSpace(env[part][agent], `${part}.${agent}`), "its spaces were read");
    }
  }
  if (sentences().length > 0) return sentences();

  const playing = "being played as the interface allows";
  const run = () => attempt(() => play(env, seed, steps, fault), playing);
  checkRepeats(run(), run(), fault);
  if (sentences().length > 0) return sentences();
  attempt(() => checkRefusals(env, seed, fault), playing);
  if ((env.save === undefined) !== (env.restore === undefined))
    fault("save and restore come together: give both or neither.");
  else if (env.save !== undefined) attempt(() => checkSave(env, seed, fault), "saving and restoring");
  checkParts(env, seed, found);
  return sentences();
}

/** Whether a record has one entry for each of the agents, and no other. */
function checkAgents(
  record: unknown,
  what: string,
  agents: readonly string[],
  fault: Fault,
): record is PerAgent<unknown> {
  const names = isRecord(record) ? Object.keys(record).sort().join(", ") : describeValue(record);
  if (isRecord(record) && names === [...agents].sort().join(", ")) return true;
  fault(`${what} are of ${names || "nobody"}; wanted one for each of ${agents.join(", ")}.`, what);
  return false;
}

function play(env: ParallelEnvironment, seed: number, steps: number, fault: Fault): Transcript {
  const random = generator(randomKey(seed));
  const transcript: string[] = [];
  let held: { readonly value: unknown; readonly as: string }[] = [];
  const look = (observations: unknown, call: string, agents: readonly string[]): boolean => {
    for (const { value, as } of held) {
      if (asText(value) !== as)
        fault(`${call} changed an observation it had already returned: return new arrays each time.`, "changed");
    }
    if (!checkAgents(observations, `${call}: observations`, agents, fault)) return false;
    held = agents.map((agent) => ({ value: observations[agent], as: asText(observations[agent]) }));
    for (const agent of agents) {
      const wrong = misfit(env.observationSpaces[agent], observations[agent], `the observation of ${agent}`);
      if (wrong !== undefined) fault(`${call}: ${wrong}.`, "observation");
    }
    return true;
  };
  const start = (options: { seed?: number }): boolean => {
    const first = env.reset(options);
    const stranger = env.agents.find((agent) => !env.possibleAgents.includes(agent));
    if (env.agents.length === 0) fault("agents is empty after reset; wanted those who are in the game.");
    if (stranger !== undefined) fault(`agents has ${stranger} after reset, which is none of possibleAgents.`);
    if (env.agents.length === 0 || stranger !== undefined) return false;
    transcript.push(`reset: ${asText(first)}`);
    return look(first.observations, "reset", env.agents) && checkAgents(first.infos, "reset: infos", env.agents, fault);
  };
  if (!start({ seed })) return transcript;
  for (let t = 0; t < steps; t++) {
    const agents = [...env.agents];
    const actions = Object.fromEntries(agents.map((agent) => [agent, sample(env.actionSpaces[agent], random)]));
    const step = env.step(actions);
    transcript.push(`step ${t + 1}: ${asText(step)}`);
    if (!look(step.observations, "step", agents)) return transcript;
    const { rewards, terminated, truncated, infos } = step;
    for (const [what, record] of Object.entries({ rewards, terminated, truncated, infos })) {
      if (!checkAgents(record, `step: ${what}`, agents, fault)) return transcript;
    }
    for (const agent of agents) {
      if (!Number.isFinite(rewards[agent])) {
        fault(
          `step returned ${describeValue(rewards[agent])} as the reward of ${agent}; wanted a finite number.`,
          "reward",
        );
      }
      for (const [what, flag] of Object.entries({ terminated: terminated[agent], truncated: truncated[agent] })) {
        if (typeof flag !== "boolean") {
          fault(`step returned ${what} of ${agent} as ${describeValue(flag)}; wanted true or false.`, "flag");
        }
      }
      if (terminated[agent] === true && truncated[agent] === true) {
        fault(
          `step said terminated and truncated of ${agent} at once: where its game itself ended, nothing was cut off.`,
          "both",
        );
      }
      const over = terminated[agent] || truncated[agent];
      if (over && env.agents.includes(agent))
        fault(`${agent} is still in agents after its game has ended: leave it out.`, "still");
      if (!over && !env.agents.includes(agent)) {
        fault(`${agent} left agents with neither terminated nor truncated: say which of them.`, "left");
      }
    }
    if (env.agents.length > 0) continue;
    if (!throws(() => env.step(actions as PerAgent<Value>))) {
      fault('step went on with no agent left: throw until reset is called (problem("not-running", { where })).');
    }
    if (!start({})) return transcript;
  }
  return transcript;
}

function checkRefusals(env: ParallelEnvironment, seed: number, fault: Fault): void {
  env.reset({ seed });
  if (!throws(() => env.step({}))) fault("step took no action at all: throw where an agent's action is missing.");
}

function checkSave(env: ParallelEnvironment, seed: number, fault: Fault): void {
  const random = generator(randomKey(seed + 2));
  const draw = () => Object.fromEntries(env.agents.map((agent) => [agent, sample(env.actionSpaces[agent], random)]));
  env.reset({ seed });
  env.step(draw());
  if (env.agents.length === 0) env.reset();
  const saved = JSON.stringify(env.save!());
  const actions = draw();
  const ahead = asText(env.step(actions));
  env.restore!(JSON.parse(saved));
  if (asText(env.step(actions)) !== ahead) {
    fault(forgets);
  }
}
