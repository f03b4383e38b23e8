/** Several tasks as one environment, one of them drawn in each episode: for learners of many tasks. */
import { problem } from "../problems.ts";
import { describe, describeValue, sameSpace } from "../spaces/contains.ts";
import { fold, generator, type RandomKey, randomKey } from "../tensor/random.ts";
import type { Environment } from "./environment.ts";
import { type ParameterValues, perturbed } from "./parameters.ts";
import { seedFrom } from "./seeds.ts";
import type { TaskFamily } from "./task-family.ts";

/** What `save` returns: plain JSON. */
interface SavedMixture {
  readonly task: number;
  readonly inner: unknown;
  readonly seed: number;
  /** Episodes since the seed, the present one included. */
  readonly episode: number;
}

/**
 * Observation, action and reward are those of the tasks, each as likely. `info.task` is the name of the present one, also
 * where the observation does not tell. Each task's environment is made when it is first drawn; what is changed in one by
 * `perturb` is changed in all.
 * @param family at least one task, all with the first one's spaces
 * @throws Problem "bad-value" for no task, and from `reset` for one with other spaces
 */
export function taskMixture(name: string, family: TaskFamily): Environment {
  const names = Object.keys(family);
  if (names.length === 0) throw problem("bad-value", { where: name, given: "no task", wanted: "at least one" });
  const first = family[names[0]]();
  const opened = new Map([[0, first]]);
  let [seed, episode, task] = [0, 0, 0];
  const open = (number: number): Environment => {
    const made = opened.get(number) ?? alike(`${name}: ${names[number]}`, family[names[number]](), first);
    opened.set(number, made);
    return made;
  };
  const present = (): Environment => open(task);
  const told = (info: object) => ({ ...info, task: names[task] });
  const { parameters } = first;
  let p: ParameterValues | undefined = parameters && first.parameterValues?.();

  return {
    name,
    observationSpace: first.observationSpace,
    actionSpace: first.actionSpace,
    reset(given = {}) {
      if (given.seed !== undefined) {
        if (!Number.isSafeInteger(given.seed)) {
          throw problem("bad-value", { where: `${name}.reset seed`, given: given.seed, wanted: "a whole number" });
        }
        seed = given.seed;
        episode = 0;
      }
      const key: RandomKey = fold(randomKey(seed), "mixture", episode++);
      task = generator(fold(key, "task")).integer(names.length);
      const env = present();
      if (p) env.perturb!(p);
      const { observation, info } = env.reset({ seed: seedFrom(fold(key, "start")) });
      return { observation, info: told(info) };
    },
    step(action) {
      const step = present().step(action);
      return { ...step, info: told(step.info) };
    },
    close() {
      for (const env of opened.values()) env.close?.();
    },
    ...(first.scene === undefined ? {} : { scene: () => present().scene!() }),
    ...(parameters === undefined || p === undefined
      ? {}
      : {
          parameters,
          parameterValues: () => ({ ...p }),
          perturb(values: ParameterValues) {
            p = perturbed(`${name}.perturb`, parameters, p!, values);
            present().perturb!(p);
          },
        }),
    ...(first.save === undefined || first.restore === undefined
      ? {}
      : {
          save: (): SavedMixture => ({ task, inner: present().save!(), seed, episode }),
          restore(saved: unknown) {
            const from = savedMixture(name, names.length, saved);
            const env = open(from.task);
            env.restore!(from.inner);
            p = p && env.parameterValues!();
            ({ task, seed, episode } = from);
          },
        }),
  };
}

/** @throws Problem "bad-value" unless its spaces are the first one's */
function alike(where: string, env: Environment, first: Environment): Environment {
  for (const part of ["observationSpace", "actionSpace"] as const) {
    if (sameSpace(env[part], first[part])) continue;
    const wanted = `the first task's ${describe(first[part])}`;
    throw problem("bad-value", { where, given: describe(env[part]), wanted });
  }
  return env;
}

function savedMixture(name: string, tasks: number, saved: unknown): SavedMixture {
  const from = saved as Partial<SavedMixture> | null;
  const sound =
    typeof from === "object" &&
    from !== null &&
    [from.task, from.seed, from.episode].every(Number.isSafeInteger) &&
    0 <= from.task! &&
    from.task! < tasks;
  if (!sound) {
    throw problem("bad-value", {
      where: `${name}.restore`,
      given: describeValue(saved),
      wanted: `what ${name}.save returned: { task, inner, seed, episode }`,
    });
  }
  return from as SavedMixture;
}
