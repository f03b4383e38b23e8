/** What is wrong with an environment of one's own, in sentences. */
import { problem } from "../problems.ts";
import { sample } from "../spaces/sample.ts";
import { parseSpace } from "../spaces/schema.ts";
import type { Value } from "../spaces/space.ts";
import { type Generator, generator, randomKey } from "../tensor/random.ts";
import { checkRepeats, type Fault, faults, type Transcript, throws } from "./check-faults.ts";
import { checkApart, checkParts, checkSave } from "./check-parts.ts";
import { checkReset, checkStep } from "./check-step.ts";
import { asText } from "./check-text.ts";
import type { Environment, WrappedEnvironment } from "./environment.ts";
import { wrap } from "./wrap.ts";

/**
 * Plays `steps` random steps a few times over and returns one sentence for each thing that breaks the interface; an empty
 * list means none was found. Never throws: what the environment throws becomes a sentence. What is allowed and yet often
 * a mistake is `adviceOn`'s to say.
 * @example for (const sentence of checkEnvironment(myEnvironment)) console.log(sentence);
 */
export function checkEnvironment(env: Environment, { steps = 200, seed = 1 } = {}): readonly string[] {
  const found = faults();
  const { fault, attempt, sentences } = found;
  if (typeof env.name !== "string" || env.name === "") {
    fault('name is missing: give the environment a registered name, such as "MyTask-v0".');
  }
  for (const part of ["observationSpace", "actionSpace"] as const) {
    try {
      parseSpace(env[part], part);
    } catch (error) {
      fault(`${(error as Error).message} Make it with box, discrete, multiDiscrete, dict, tuple or text.`);
    }
  }
  if (sentences().length > 0) return sentences();

  const playing = "being played as the interface allows";
  const run = () => attempt(() => play(env, generator(randomKey(seed)), seed, steps, fault), playing);
  checkRepeats(run(), run(), fault);
  const [saves, restores] = [env.save !== undefined, env.restore !== undefined];
  if (saves !== restores) fault("save and restore come together: give both or neither.");
  // The rest compares runs with each other, which says nothing of an environment that cannot be played twice alike.
  if (sentences().length > 0) return sentences();
  attempt(() => checkEpisodesDiffer(env, seed, fault), playing);
  attempt(() => checkApart(env, seed, Math.min(steps, 40), fault), playing);
  if (saves) attempt(() => checkSave(env, seed, fault), "saving and restoring");
  checkParts(env, seed, found);
  return sentences();
}

function play(env: Environment, random: Generator, seed: number, steps: number, fault: Fault): Transcript {
  const transcript: string[] = [];
  let held: { value: Value; as: string } | undefined;
  const look = (observation: Value, where: string): void => {
    if (held !== undefined && held.value === observation && typeof observation === "object") {
      fault(
        `${where} returned the same object as the call before: return a new one each time, it is the caller's to keep.`,
        "same object",
      );
    } else if (held !== undefined && asText(held.value) !== held.as) {
      fault(
        `${where} changed an observation it had already returned: return a new array each time (for example state.slice()).`,
        "changed",
      );
    }
    held = { value: observation, as: asText(observation) };
  };
  const start = (options: { seed?: number }): boolean => {
    const first = env.reset(options);
    if (!checkReset(env, first, fault)) return false;
    look(first.observation, "reset");
    transcript.push(`reset: ${asText(first)}`);
    return true;
  };
  if (!start({ seed })) return transcript;
  let refused = false;
  for (let t = 0; t < steps; t++) {
    const action = sample(env.actionSpace, random);
    const before = asText(action);
    const step = env.step(action);
    if (!checkStep(env, step, fault)) return transcript;
    if (asText(action) !== before) fault("step changed the action it was given: copy it first.");
    look(step.observation, "step");
    transcript.push(`step ${t + 1}: ${asText(step)}`);
    if (!step.terminated && !step.truncated) continue;
    // An environment that starts the next episode by itself (autoreset) has no end to step beyond.
    if (!refused && !("finalObservation" in (step.info ?? {}))) {
      refused = true;
      if (!throws(() => env.step(action))) {
        fault(
          'step went on after the end of an episode: throw until reset is called (problem("not-running", { where })).',
        );
      }
    }
    if (!start({})) return transcript;
  }
  return transcript;
}

/** Where seeds lead to different starts, so must the episodes of one seed. */
function checkEpisodesDiffer(env: Environment, seed: number, fault: Fault): void {
  const tries = 12;
  const from = (options: { seed?: number }) => asText(env.reset(options).observation);
  const seeded = new Set(Array.from({ length: tries }, (_, i) => from({ seed: seed + i })));
  if (seeded.size < 2) return;
  const own = new Set([from({ seed }), ...Array.from({ length: tries }, () => from({}))]);
  if (own.size === 1) {
    fault(
      "reset without a seed began the same episode again and again: go on in the seed's stream, so that its episodes differ.",
    );
  }
}

/**
 * Checks every answer while the environment is used, and changes none.
 * @throws Problem "bad-environment" with the sentence of what is wrong, from the reset or step that it is wrong with
 */
export function checkEachStep(env: Environment): WrappedEnvironment {
  const fault: Fault = (sentence) => {
    throw problem("bad-environment", { name: env.name, sentence });
  };
  return wrap(env, {
    reset(options) {
      const first = env.reset(options);
      checkReset(env, first, fault);
      return first;
    },
    step(action) {
      const step = env.step(action);
      checkStep(env, step, fault);
      return step;
    },
  });
}
