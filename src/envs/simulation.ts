/** An environment from its equations: the state is one Float64Array, and everything else here is bookkeeping. */
import { problem } from "../problems.ts";
import { contains, describe, describeValue, inBox, inDiscrete } from "../spaces/contains.ts";
import type { Space, Value } from "../spaces/space.ts";
import { sizeOf } from "../tensor/ndarray.ts";
import type { Generator } from "../tensor/random.ts";
import type { Environment, Info } from "./environment.ts";
import { episodeRandom, type SavedChance } from "./episode-random.ts";
import { type Numbers, stepsInPlace } from "./in-place.ts";
import { changedFrom, ownValues, type Parameters, type ParameterValues, perturbed } from "./parameters.ts";
import type { Scene } from "./scene.ts";

/** What a simulated world does. `O` and `A` are the forms of observation and action; `p` holds the parameters' present values. */
export type Dynamics<O extends Value, A extends Value, P extends Parameters = Parameters> = Equations<A, P> &
  (
    | {
        /** A new array every time: it is the caller's to keep. */
        observe(state: Float64Array, p: ParameterValues<P>): O;
        observeInto?: undefined;
      }
    | {
        /** Instead, for a Box: writes the observation from `at` on, so that a vector of these steps without allocating. */
        observeInto(state: Float64Array, into: Numbers, at: number, p: ParameterValues<P>): void;
        observe?: undefined;
      }
  );

interface Equations<A extends Value, P extends Parameters> {
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Numbers in the state. */
  readonly stateSize: number;
  /** Writes the state in which an episode starts. */
  start(state: Float64Array, random: Generator, p: ParameterValues<P>): void;
  /** Advances the state in place by one step and returns the reward. The action is lent: copy what is kept of it. */
  advance(state: Float64Array, action: A, random: Generator, p: ParameterValues<P>): number;
  /** Whether the state, reached by a step, is an end of the episode. */
  ended(state: Float64Array, p: ParameterValues<P>): boolean;
  info?(state: Float64Array, p: ParameterValues<P>): Info;
  draw?(state: Float64Array, p: ParameterValues<P>): Scene;
  readonly parameters?: P;
}

/** What `save` returns for a simulated environment: plain JSON. */
export interface SavedSimulation extends SavedChance {
  readonly state: readonly number[];
  readonly running: boolean;
  /** Parameters that are not at their own value. */
  readonly changed?: { readonly [name: string]: number };
}

const noInfo: Info = Object.freeze({});

/** For `observeInto`: the observation is the state itself. */
export function wholeState(state: Float64Array, into: Numbers, at: number): void {
  for (let i = 0; i < state.length; i++) into[at + i] = state[i];
}

/**
 * Until a seed is given it is 0. Each episode draws from a stream of its own under the seed, so what happens in one
 * never changes the next.
 */
export function simulate<O extends Value, A extends Value, P extends Parameters = Parameters>(
  dynamics: Dynamics<O, A, P>,
): Environment<O, A> {
  const { name, observationSpace, actionSpace, draw, parameters } = dynamics;
  const where = `${name}.step`;
  const state = new Float64Array(dynamics.stateSize);
  const own = ownValues(parameters ?? ({} as P));
  let p = own;
  const info = dynamics.info === undefined ? () => noInfo : (s: Float64Array) => dynamics.info!(s, p);
  const chance = episodeRandom(name);
  let random = chance.now();
  let running = false;

  const isAction =
    actionSpace.kind === "discrete"
      ? (action: unknown) => inDiscrete(actionSpace, action)
      : actionSpace.kind === "box"
        ? (action: unknown) => inBox(actionSpace, action)
        : (action: unknown) => contains(actionSpace, action);

  const start = (given: number | undefined): void => {
    random = chance.begin(given);
    dynamics.start(state, random, p);
    running = true;
  };
  const advance = (action: A): number => {
    if (!running) throw problem("not-running", { where });
    if (!isAction(action)) {
      throw problem("outside-space", { where, given: describeValue(action), space: describe(actionSpace) });
    }
    const reward = dynamics.advance(state, action, random, p);
    running = !dynamics.ended(state, p);
    return reward;
  };
  const { observe, write } = seeing(dynamics);

  const environment: Environment<O, A> = {
    name,
    observationSpace,
    actionSpace,
    reset(options = {}) {
      start(options.seed);
      return { observation: observe(state, p), info: info(state) };
    },
    step(action) {
      const reward = advance(action);
      return { observation: observe(state, p), reward, terminated: !running, truncated: false, info: info(state) };
    },
    ...(draw === undefined ? {} : { scene: () => draw(state, p) }),
    ...(parameters === undefined
      ? {}
      : {
          parameters,
          perturb(values: ParameterValues) {
            p = perturbed(`${name}.perturb`, parameters, p, values);
          },
          parameterValues: () => ({ ...p }),
        }),
    save: (): SavedSimulation => {
      const changed = changedFrom(own, p);
      const numbers = { state: [...state], ...chance.save(), running };
      return Object.keys(changed).length === 0 ? numbers : { ...numbers, changed };
    },
    restore(saved) {
      const from = savedSimulation(name, dynamics.stateSize, saved);
      p = perturbed(`${name}.restore`, parameters ?? ({} as P), own, from.changed ?? {});
      state.set(from.state);
      running = from.running;
      random = chance.restore(from);
    },
  };
  if (write !== undefined) {
    stepsInPlace(environment as Environment, {
      reset(options, into, at) {
        start(options.seed);
        write(state, into, at, p);
        return info(state);
      },
      step(action, into, at, outcome) {
        outcome.reward = advance(action as A);
        outcome.terminated = !running;
        outcome.truncated = false;
        write(state, into, at, p);
        outcome.info = info(state);
      },
    });
  }
  return environment;
}

/** Both ways of observing from the one that was given; only a Box is written. */
function seeing<O extends Value, A extends Value, P extends Parameters>(dynamics: Dynamics<O, A, P>) {
  type Observe = (state: Float64Array, p: ParameterValues<P>) => O;
  type Write = (state: Float64Array, into: Numbers, at: number, p: ParameterValues<P>) => void;
  const { observationSpace: space } = dynamics;
  if (dynamics.observeInto !== undefined) {
    const write: Write = dynamics.observeInto;
    if (space.kind !== "box") {
      const wanted = "observe, as observeInto writes a Box only";
      throw problem("bad-value", { where: `simulate(${dynamics.name})`, given: describe(space), wanted });
    }
    const size = sizeOf(space.shape);
    const observe: Observe = (state, p) => {
      const seen = space.dtype === "float64" ? new Float64Array(size) : new Float32Array(size);
      write(state, seen, 0, p);
      return seen as Value as O;
    };
    return { observe, write };
  }
  const observe: Observe = (state, p) => dynamics.observe(state, p);
  if (space.kind !== "box") return { observe, write: undefined };
  const write: Write = (state, into, at, p) => {
    const seen = dynamics.observe(state, p) as Numbers;
    for (let i = 0; i < seen.length; i++) into[at + i] = seen[i];
  };
  return { observe, write };
}

function savedSimulation(name: string, size: number, saved: unknown): SavedSimulation {
  const from = saved as Partial<SavedSimulation> | null;
  const sound =
    typeof from === "object" &&
    from !== null &&
    Array.isArray(from.state) &&
    from.state.length === size &&
    from.state.every((v) => typeof v === "number") &&
    [from.seed, from.episode, from.drawn].every(Number.isSafeInteger) &&
    typeof from.running === "boolean";
  if (!sound) {
    throw problem("bad-value", {
      where: `${name}.restore`,
      given: describeValue(saved),
      wanted: `what ${name}.save returned: { state: ${size} numbers, seed, episode, drawn, running }`,
    });
  }
  return from as SavedSimulation;
}
