/** Behaviour of a person, or of anything else that is asked for each action, recorded. */
import type { Labels, Trajectories } from "../data/trajectories.ts";
import type { Environment, Info } from "../envs/environment.ts";
import type { Episode } from "../envs/record.ts";
import type { Scene } from "../envs/scene.ts";
import { seedFrom } from "../envs/seeds.ts";
import { specOf } from "../envs/spec.ts";
import { problem } from "../problems.ts";
import { contains, describe, describeValue } from "../spaces/contains.ts";
import type { Value } from "../spaces/space.ts";
import { fold, randomKey } from "../tensor/random.ts";
import { recordingOf } from "./recording.ts";

/** What the one who acts is shown. */
export interface Question {
  /** From 0. */
  readonly episode: number;
  readonly step: number;
  readonly observation: Value;
  readonly info: Info;
  /** Reward of the step before; 0 at the start. */
  readonly reward: number;
  /** A picture, where the environment has one. */
  readonly scene?: Scene;
}

export interface PlayedByOptions {
  /** Most episodes. Default: until an answer is undefined. */
  readonly episodes?: number;
  /** Of the environment's starts. Default 0. */
  readonly seed?: number;
  /** Labels for every episode, beside "policy" (the name) and how it came out. */
  readonly tags?: Labels;
  /** Called with each episode as soon as it is over, so that nothing is lost if what follows fails. */
  readonly onEpisode?: (episode: Episode, number: number) => void | Promise<void>;
}

/**
 * Plays an environment by asking. An answer that is undefined ends the play: the episode under way is kept, cut off where
 * it is; episodes without a step are not.
 * @param name who acts: an operator's name or code
 * @param ask the next action, as soon as there is one; it may take its time
 * @example await playedBy("ana", make("Push-v0"), async ({ scene }) => await handOn(canvas, scene), { episodes: 10 })
 * @throws Problem "outside-space" for an action outside the space, "bad-value" when not one step was played; and whatever
 * `ask` throws, after `onEpisode` had every episode that was over
 */
export async function playedBy(
  name: string,
  env: Environment,
  ask: (question: Question) => Promise<Value | undefined>,
  { episodes = Number.POSITIVE_INFINITY, seed = 0, tags, onEpisode }: PlayedByOptions = {},
): Promise<Trajectories> {
  const key = randomKey(seed);
  const played: Episode[] = [];
  let going = true;
  for (let number = 0; number < episodes && going; number++) {
    const first = env.reset({ seed: seedFrom(fold(key, "episode", number)) });
    let { observation, info } = first;
    let [reward, over, terminated] = [0, false, false];
    const rows = { observations: [] as Value[], actions: [] as Value[], rewards: [] as number[] };
    while (!over) {
      const scene = env.scene?.();
      const question = { episode: number, step: rows.actions.length, observation, info, reward };
      const action = await ask(scene ? { ...question, scene } : question);
      going = action !== undefined;
      if (action === undefined) break;
      if (!contains(env.actionSpace, action)) {
        const given = describeValue(action);
        throw problem("outside-space", { where: `playedBy ${name}`, given, space: describe(env.actionSpace) });
      }
      const step = env.step(action);
      rows.observations.push(observation);
      rows.actions.push(action);
      rows.rewards.push(step.reward);
      ({ observation, info, reward, terminated } = step);
      over = step.terminated || step.truncated;
    }
    if (rows.actions.length === 0) continue;
    const episode = { ...rows, terminated, finalObservation: observation, finalInfo: info };
    played.push(episode);
    await onEpisode?.(episode, number);
  }
  return recordingOf(env, played, { policy: name, labels: tags, made: specOf(env), lineage: `played by ${name}` });
}
