/** What is allowed in an environment and yet is often a mistake, in sentences. */
import { isBounded } from "../spaces/contains.ts";
import { sample } from "../spaces/sample.ts";
import type { Space } from "../spaces/space.ts";
import { generator, randomKey } from "../tensor/random.ts";
import { asText } from "./check-text.ts";
import type { Environment } from "./environment.ts";
import { registered } from "./registry.ts";

/** One character is about a byte. */
const largeSave = 1e6;

/**
 * Plays `steps` random steps and says what may make learning in an environment harder than it needs to be, or part of it
 * idle: rewards that are always 0, episodes that never end, bounds that hold nothing, parameters without effect, a name
 * that nobody can make again. For an environment in which `checkEnvironment` found nothing.
 * @example for (const sentence of adviceOn(myEnvironment)) console.log(sentence);
 */
export function adviceOn(env: Environment, { steps = 200, seed = 1 } = {}): readonly string[] {
  const said: string[] = [];
  const played = play(env, seed, steps);
  const rewards = new Set(played.rewards);
  if (rewards.size === 1) {
    const [only] = rewards;
    if (only === 0) {
      said.push(
        `The reward was 0 in all of ${steps} random steps: if that is the task, expect to need demonstrations or a denser reward.`,
      );
    } else if (played.ends === 0) {
      said.push(
        `The reward was ${only} in all of ${steps} random steps, and no episode ended: nothing tells one action from another.`,
      );
    }
  }
  if (played.ends === 0) {
    said.push(`No episode ended in ${steps} random steps: give the task an end, or register it with maxSteps.`);
  }
  if (!registered().some(({ name }) => name === env.name)) {
    said.push(
      `No environment is registered as "${env.name}": register it, so that recordings, workers and the command line can make it.`,
    );
  }
  said.push(...aboutSpaces(env));
  said.push(...(env.parameters === undefined ? [] : idleParameters(env, seed, Math.min(steps, 60))));
  if (env.save === undefined) said.push("It cannot be saved: tree search and exact replays need save and restore.");
  else {
    const size = JSON.stringify(env.save()).length;
    if (size > largeSave) {
      said.push(
        `What save returned is ${(size / 1e6).toFixed(1)} MB of JSON: save what changes, and make the rest again.`,
      );
    }
  }
  if (env.scene === undefined) said.push("It has no scene: without one, nobody can see what a policy does.");
  return said;
}

function play(env: Environment, seed: number, steps: number) {
  const random = generator(randomKey(seed));
  const rewards: number[] = [];
  const lines: string[] = [asText(env.reset({ seed }).observation)];
  let ends = 0;
  for (let t = 0; t < steps; t++) {
    const { observation, reward, terminated, truncated } = env.step(sample(env.actionSpace, random));
    rewards.push(reward);
    lines.push(asText([observation, reward, terminated]));
    if (!terminated && !truncated) continue;
    ends++;
    lines.push(asText(env.reset().observation));
  }
  return { rewards, ends, lines };
}

function aboutSpaces({ observationSpace, actionSpace }: Environment): readonly string[] {
  const said: string[] = [];
  const unbounded = (space: Space): boolean =>
    space.kind === "box" && [...space.low, ...space.high].every((bound) => !Number.isFinite(bound));
  if (unbounded(observationSpace)) {
    said.push("No number of the observation has a bound, so nothing can be found outside: give those that you know.");
  }
  if (actionSpace.kind === "box" && !isBounded(actionSpace)) {
    said.push("The action has no bounds: most learners need them; give the largest that makes sense.");
  } else if (actionSpace.kind === "box" && actionSpace.high.some((high, i) => high !== -actionSpace.low[i])) {
    said.push(
      "The action's bounds are not symmetric about 0: learners begin near 0; rescaleAction gives them [-1, 1].",
    );
  }
  return said;
}

/** Parameters that change nothing that was seen, neither at their lowest nor at their highest. */
function idleParameters(env: Environment, seed: number, steps: number): readonly string[] {
  const said: string[] = [];
  const before = env.parameterValues?.();
  const run = (): string => play(env, seed, steps).lines.join("\n");
  const plain = run();
  for (const [name, { low, high, value }] of Object.entries(env.parameters!)) {
    const now = before?.[name] ?? value;
    const same = [low, high]
      .filter((extreme) => Number.isFinite(extreme) && extreme !== now)
      .every((extreme) => {
        env.perturb!({ [name]: extreme });
        return run() === plain;
      });
    env.perturb!({ [name]: now });
    if (same)
      said.push(`The parameter ${name} changed nothing in ${steps} random steps, from ${low} to ${high}: is it used?`);
  }
  return said;
}
