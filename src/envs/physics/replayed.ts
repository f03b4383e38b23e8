/**
 * An environment whose simulator keeps state that cannot be written down (contacts, warm starting): it is saved as the
 * seed of its episode and the actions since, and restored by playing them again. That is exact, and costs the time of
 * those steps.
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { contains, describe, describeValue } from "../../spaces/contains.ts";
import type { Space } from "../../spaces/space.ts";
import { type Generator, generator, randomKey } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import { episodeRandom } from "../episode-random.ts";
import { ownValues, type Parameters, type ParameterValues, perturbed } from "../parameters.ts";
import type { Scene } from "../scene.ts";

/** What an action is here: an index, or a vector. */
export type PhysicsAction = number | Float32Array | Float64Array;

export interface Outcome {
  readonly observation: Float32Array;
  readonly reward: number;
  readonly terminated: boolean;
  readonly info: Info;
}

/** One episode in the simulator. */
export interface Play<A extends PhysicsAction, P extends Parameters> {
  readonly observation: Float32Array;
  advance(action: A, p: ParameterValues<P>): Outcome;
  draw(): Scene;
}

export interface Physics<A extends PhysicsAction, P extends Parameters> {
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly parameters: P;
  readonly info: Info;
  /** Builds the bodies of an episode; `random` is the episode's, from here to its end. */
  begin(random: Generator, p: ParameterValues<P>): Play<A, P>;
}

/** What `save` returns: plain JSON. */
export interface SavedPlay {
  readonly seed: number;
  /** Episodes since the seed, the present one included. */
  readonly episode: number;
  readonly running: boolean;
  /** Parameters as the episode began. */
  readonly begun: ParameterValues;
  /** Since its beginning. */
  readonly actions: readonly (number | readonly number[])[];
  /** Parameters from the step numbered `at` on. */
  readonly changes: readonly { readonly at: number; readonly values: ParameterValues }[];
}

/** Until a seed is given it is 0; each episode draws from a stream of its own under the seed. */
export function replayed<A extends PhysicsAction, P extends Parameters>(
  physics: Physics<A, P>,
): Environment<Float32Array, A> {
  const { name, observationSpace, actionSpace, parameters } = physics;
  const where = `${name}.step`;
  const own = ownValues(parameters);
  let p = own;
  let begun = own;
  const chance = episodeRandom(name);
  let running = false;
  let play: Play<A, P> | undefined;
  let actions: A[] = [];
  let changes: { readonly at: number; readonly values: ParameterValues<P> }[] = [];

  const begin = (random: Generator): Play<A, P> => {
    [begun, actions, changes] = [p, [], []];
    return physics.begin(random, p);
  };

  return {
    name,
    observationSpace,
    actionSpace,
    parameters,
    reset(options = {}) {
      play = begin(chance.begin(options.seed));
      running = true;
      return { observation: play.observation, info: physics.info };
    },
    step(action) {
      if (!running || play === undefined) throw problem("not-running", { where });
      if (!contains(actionSpace, action)) {
        throw problem("outside-space", { where, given: describeValue(action), space: describe(actionSpace) });
      }
      actions.push((typeof action === "number" ? action : action.slice()) as A);
      const outcome = play.advance(action, p);
      running = !outcome.terminated;
      return { ...outcome, truncated: false };
    },
    scene: () => (play ?? physics.begin(generator(randomKey(chance.save().seed)), p)).draw(),
    perturb(values) {
      p = perturbed(`${name}.perturb`, parameters, p, values);
      changes.push({ at: actions.length, values: p });
    },
    parameterValues: () => p,
    save(): SavedPlay {
      const { seed, episode } = chance.save();
      return {
        seed,
        episode,
        running,
        begun: { ...begun },
        actions: actions.map((action) => (typeof action === "number" ? action : Array.from(action))),
        changes: changes.map(({ at, values }) => ({ at, values: { ...values } })),
      };
    },
    restore(saved) {
      const from = savedPlay(name, actionSpace, saved);
      running = from.running;
      const random = chance.restore({ ...from, drawn: 0 });
      p = perturbed(`${name}.restore`, parameters, own, from.begun);
      play = from.episode > 0 ? begin(random) : undefined;
      [begun, actions, changes] = [p, [], []];
      const due = [...from.changes];
      for (let at = 0; at <= from.actions.length; at++) {
        while (due.length > 0 && due[0].at <= at) {
          p = perturbed(`${name}.restore`, parameters, p, due.shift()!.values);
          changes.push({ at, values: p });
        }
        if (at === from.actions.length) break;
        const given = from.actions[at];
        const action = (typeof given === "number" ? given : Float64Array.from(given)) as A;
        actions.push(action);
        play?.advance(action, p);
      }
    },
  };
}

const values = z.record(z.string(), z.number());
const savedShape = z.object({
  seed: z.number().int(),
  episode: z.number().int().min(0),
  running: z.boolean(),
  begun: values,
  actions: z.array(z.union([z.number(), z.array(z.number())])),
  changes: z.array(z.object({ at: z.number().int().min(0), values })),
});

function savedPlay(name: string, actionSpace: Space, saved: unknown): SavedPlay {
  const parsed = savedShape.safeParse(saved);
  const sound = (action: number | readonly number[]): boolean =>
    contains(actionSpace, typeof action === "number" ? action : Float64Array.from(action));
  if (!parsed.success || !parsed.data.actions.every(sound)) {
    throw problem("bad-value", {
      where: `${name}.restore`,
      given: describeValue(saved),
      wanted: `what ${name}.save returned: { seed, episode, running, begun, actions, changes }`,
    });
  }
  return parsed.data;
}
