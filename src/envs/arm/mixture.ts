/** Several tasks as one environment, one of them drawn in each episode: for learners of many tasks. */
import { problem } from "../../problems.ts";
import { describeValue } from "../../spaces/contains.ts";
import { fold, generator, type RandomKey, randomKey } from "../../tensor/random.ts";
import type { Environment } from "../environment.ts";
import type { Engine } from "../mujoco/engine.ts";
import { perturbed } from "../parameters.ts";
import { seedFrom } from "../seeds.ts";
import { armTask } from "./arm.ts";
import type { ArmOptions } from "./options.ts";
import type { ArmTask } from "./task.ts";

type ArmEnvironment = Environment<Float32Array, Float32Array>;

/** What `save` returns: plain JSON. */
interface SavedMixture {
  readonly task: number;
  readonly inner: unknown;
  readonly seed: number;
  /** Episodes since the seed, the present one included. */
  readonly episode: number;
}

/**
 * Observation, action and reward are those of the tasks (see armTask). `info.task` is the name of the present one, also
 * where the observation does not tell. Each task's simulator is opened when it is first drawn.
 * @param tasks at least one
 * @throws Problem "bad-option"
 */
export function armMixture(
  engine: Engine,
  name: string,
  tasks: readonly ArmTask[],
  options: ArmOptions = {},
): ArmEnvironment {
  const opened = new Map<number, ArmEnvironment>();
  let seed = 0;
  let episode = 0;
  let task = 0;
  const open = (number: number): ArmEnvironment => {
    let env = opened.get(number);
    if (env === undefined) {
      env = armTask(engine, tasks[number], options);
      opened.set(number, env);
    }
    return env;
  };
  const first = open(0);
  const parameters = first.parameters!;
  let p = first.parameterValues!();
  const present = (): ArmEnvironment => open(task);
  const told = (info: object) => ({ ...info, task: tasks[task].name });

  return {
    name,
    observationSpace: first.observationSpace,
    actionSpace: first.actionSpace,
    parameters,
    reset(given = {}) {
      if (given.seed !== undefined) {
        if (!Number.isSafeInteger(given.seed)) {
          throw problem("bad-value", { where: `${name}.reset seed`, given: given.seed, wanted: "a whole number" });
        }
        seed = given.seed;
        episode = 0;
      }
      const key: RandomKey = fold(randomKey(seed), "mixture", episode++);
      task = generator(fold(key, "task")).integer(tasks.length);
      const env = present();
      env.perturb!(p);
      const { observation, info } = env.reset({ seed: seedFrom(fold(key, "start")) });
      return { observation, info: told(info) };
    },
    step(action) {
      const step = present().step(action);
      return { ...step, info: told(step.info) };
    },
    scene: () => present().scene!(),
    parameterValues: () => ({ ...p }),
    perturb(values) {
      p = perturbed(`${name}.perturb`, parameters, p, values);
      present().perturb!(p);
    },
    save: (): SavedMixture => ({ task, inner: present().save!(), seed, episode }),
    restore(saved) {
      const from = saved as Partial<SavedMixture> | null;
      const sound =
        typeof from === "object" &&
        from !== null &&
        [from.task, from.seed, from.episode].every(Number.isSafeInteger) &&
        tasks[from.task!] !== undefined;
      if (!sound) {
        throw problem("bad-value", {
          where: `${name}.restore`,
          given: describeValue(saved),
          wanted: `what ${name}.save returned: { task, inner, seed, episode }`,
        });
      }
      const env = open(from.task!);
      env.restore!(from.inner);
      p = env.parameterValues!();
      task = from.task!;
      seed = from.seed!;
      episode = from.episode!;
    },
  };
}
