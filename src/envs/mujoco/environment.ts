/** An environment from a MuJoCo model and what is asked of it: `simulate` for worlds whose state the engine holds. */
import { problem } from "../../problems.ts";
import { contains, describe, describeValue, inBox } from "../../spaces/contains.ts";
import { box } from "../../spaces/make.ts";
import type { Box, Space, Value } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import { episodeRandom, type SavedChance } from "../episode-random.ts";
import { changedFrom, ownValues, type Parameters, type ParameterValues, perturbed } from "../parameters.ts";
import type { Scene } from "../scene.ts";
import type { Engine } from "./engine.ts";
import { mechanics } from "./mechanics.ts";
import { Physics } from "./physics.ts";
import { picture, type View } from "./picture.ts";

/** What a world's functions see. */
export interface World<P extends Parameters = Parameters> {
  readonly physics: Physics;
  /** Numbers kept beside the physics, such as a goal; saved with it. */
  readonly memory: Float64Array;
  /** The parameters' present values. */
  readonly p: ParameterValues<P>;
}

export interface Outcome {
  readonly reward: number;
  readonly terminated: boolean;
  readonly info: Info;
}

/** What a MuJoCo world does. `O` and `A` are the forms of observation and action. */
export interface MujocoDynamics<O extends Value, A extends Value, P extends Parameters = Parameters> {
  readonly name: string;
  /** The model as MJCF. */
  readonly model: string;
  readonly observationSpace: Space;
  /** Default: the actuators' control ranges, float32. */
  readonly actionSpace?: Space;
  /** Numbers in the memory. Default 0. */
  readonly memorySize?: number;
  /** Writes the positions, velocities and memory in which an episode starts; what follows from them is computed after. */
  start(world: World<P>, random: Generator): void;
  /** After what follows from the start has been computed: for a memory that depends on it. */
  begun?(world: World<P>): void;
  /** Advances by one step of the environment. */
  advance(world: World<P>, action: A, random: Generator): Outcome;
  /** A new array every time: it is the caller's to keep. */
  observe(world: World<P>): O;
  /** What `reset` tells beside the observation. */
  info?(world: World<P>): Info;
  /** How the default picture looks at the world. Default: from the side. */
  readonly view?: View;
  draw?(world: World<P>): Scene;
  /** The body that the parameters pushX, pushY and pushZ act on. Default: body 1, the first that is not the world. */
  readonly pushed?: number;
  /** Parameters of its own, beside those of every MuJoCo world (see mechanics.ts). */
  readonly parameters?: P;
}

/** What `save` returns: plain JSON. */
export interface SavedPhysics extends SavedChance {
  /** Everything the next step depends on (MuJoCo's mjSTATE_INTEGRATION). */
  readonly state: readonly number[];
  readonly memory: readonly number[];
  readonly running: boolean;
  /** Parameters that are not at their own value. */
  readonly changed?: { readonly [name: string]: number };
}

export interface MujocoEnvironment<O extends Value = Value, A extends Value = Value>
  extends Environment<O, A>,
    Disposable {
  readonly physics: Physics;
  /**
   * Starts from these positions and velocities, with no forces and at time 0, as Gymnasium's `reset` and then `set_state`;
   * the memory (a maze's goal) stays.
   * @throws Problem "bad-value" when there are not as many as the model has
   */
  setState(qpos: ArrayLike<number>, qvel: ArrayLike<number>): void;
  close(): void;
}

/**
 * Until a seed is given it is 0. Each episode draws from a stream of its own under the seed, as in `simulate`.
 * @throws Problem "bad-model" when the MJCF does not compile
 */
export function mujocoEnvironment<O extends Value, A extends Value, P extends Parameters = Parameters>(
  engine: Engine,
  dynamics: MujocoDynamics<O, A, P>,
): MujocoEnvironment<O, A> {
  const { name, observationSpace, draw, view = {} } = dynamics;
  const where = `${name}.step`;
  const physics = Physics.open(engine, dynamics.model, name);
  const actionSpace = dynamics.actionSpace ?? controls(physics);
  const { parameters: mechanical, apply } = mechanics(physics, dynamics.pushed ?? 1);
  const parameters = { ...mechanical, ...dynamics.parameters };
  const own: ParameterValues = ownValues(parameters);
  const memory = new Float64Array(dynamics.memorySize ?? 0);
  let p = own;
  let world = { physics, memory, p } as World<P>;
  const chance = episodeRandom(name);
  let random = chance.now();
  let running = false;

  const isAction =
    actionSpace.kind === "box"
      ? (action: unknown) => inBox(actionSpace, action)
      : (action: unknown) => contains(actionSpace, action);
  const set = (values: ParameterValues): void => {
    p = values;
    world = { physics, memory, p } as World<P>;
    apply(p);
  };

  const close = (): void => physics[Symbol.dispose]();
  const begin = (): void => {
    physics.forward();
    dynamics.begun?.(world);
    running = true;
  };

  return {
    name,
    observationSpace,
    actionSpace,
    physics,
    parameters,
    reset(options = {}) {
      random = chance.begin(options.seed);
      physics.reset();
      memory.fill(0);
      apply(p);
      dynamics.start(world, random);
      begin();
      return { observation: dynamics.observe(world), info: dynamics.info?.(world) ?? {} };
    },
    step(action) {
      if (!running) throw problem("not-running", { where });
      if (!isAction(action)) {
        throw problem("outside-space", { where, given: describeValue(action), space: describe(actionSpace) });
      }
      const { reward, terminated, info } = dynamics.advance(world, action, random);
      running = !terminated;
      return { observation: dynamics.observe(world), reward, terminated, truncated: false, info };
    },
    setState(qpos, qvel) {
      const { nq, nv } = physics;
      if (qpos.length !== nq || qvel.length !== nv) {
        const given = `${qpos.length} and ${qvel.length} numbers`;
        throw problem("bad-value", {
          where: `${name}.setState`,
          given,
          wanted: `${nq} positions and ${nv} velocities`,
        });
      }
      physics.reset();
      apply(p);
      physics.views.qpos.set(qpos);
      physics.views.qvel.set(qvel);
      begin();
    },
    parameterValues: () => ({ ...p }),
    scene: () => (draw === undefined ? picture(physics, view) : draw(world)),
    perturb: (values) => set(perturbed(`${name}.perturb`, parameters, p, values)),
    save: (): SavedPhysics => {
      const changed = changedFrom(own, p);
      const numbers = { state: [...physics.state()], memory: [...memory], ...chance.save(), running };
      return Object.keys(changed).length === 0 ? numbers : { ...numbers, changed };
    },
    restore(saved) {
      const from = savedPhysics(name, physics.stateSize, memory.length, saved);
      set(perturbed(`${name}.restore`, parameters, own, from.changed ?? {}));
      physics.restore(from.state);
      memory.set(from.memory);
      running = from.running;
      random = chance.restore(from);
    },
    close,
    [Symbol.dispose]: close,
  };
}

/** The actuators' ranges as an action space. */
function controls({ nu, views }: Physics): Box {
  const range = views.actuator_ctrlrange;
  const bound = (side: number): number[] => Array.from({ length: nu }, (_, i) => range[2 * i + side]);
  return box(bound(0), bound(1));
}

const numbers = (given: unknown, count: number): boolean =>
  Array.isArray(given) && given.length === count && given.every((v) => typeof v === "number");

function savedPhysics(name: string, size: number, memory: number, saved: unknown): SavedPhysics {
  const from = saved as Partial<SavedPhysics> | null;
  const sound =
    typeof from === "object" &&
    from !== null &&
    numbers(from.state, size) &&
    numbers(from.memory, memory) &&
    [from.seed, from.episode, from.drawn].every(Number.isSafeInteger) &&
    typeof from.running === "boolean";
  if (!sound) {
    throw problem("bad-value", {
      where: `${name}.restore`,
      given: describeValue(saved),
      wanted: `what ${name}.save returned: { state: ${size} numbers, memory: ${memory}, seed, episode, drawn, running }`,
    });
  }
  return from as SavedPhysics;
}
