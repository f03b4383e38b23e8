/** Which provider to send each payment to, when the outcome is known later (P035, arXiv 2412.00569). */
import * as z from "zod";
import { decisionLog } from "../../data/decision-log.ts";
import type { DecisionLog } from "../../data/trajectories.ts";
import { problem } from "../../problems.ts";
import { box, dict, discrete } from "../../spaces/make.ts";
import { ndarray } from "../../tensor/ndarray.ts";
import { fold, generator, randomKey } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import { ownValues, type ParameterValues, parameter, withValues } from "../parameters.ts";
import { block, label } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { contextNames, contextSize, type PaymentRequest, paymentWorld } from "./payment-world.ts";

/** As options of `make` they set the world's own values. */
const paymentParameters = {
  delay: parameter(20, 0, 100, "mean requests until an outcome is known; it is cut off at three times that"),
  drift: parameter(0.5, 0, 3, "swing of each provider's log-odds over time"),
  curvature: parameter(
    1,
    0,
    3,
    "interactions of what is seen, as a multiple of the world's own; 0: log-odds are linear",
  ),
  availability: parameter(0.7, 0, 1, "chance that a provider can take a request; two always can"),
};

export interface PaymentOptions extends Partial<ParameterValues<typeof paymentParameters>> {
  /** Which world: its providers and requests are a function of it. Default 0. */
  readonly world?: number;
  readonly providers?: number;
  /** The request with which episodes begin; "random" draws it from the first million. Default "random". */
  readonly first?: number | "random";
  /** "known": a request is rewarded when its outcome arrives; "chosen": at once, by its own outcome. Default "known". */
  readonly reward?: "known" | "chosen";
  readonly name?: string;
}

export const paymentOptionNames = [
  "world", "providers", "first", "reward",
  ...(Object.keys(paymentParameters) as (keyof typeof paymentParameters)[]),
] as const; // biome-ignore format: one line a kind

const checks = {
  world: [z.number().int().min(0), "a whole number of at least 0"],
  providers: [z.number().int().min(2).max(64), "a whole number from 2 to 64"],
  first: [z.union([z.number().int().min(0), z.literal("random")]), 'a whole number of at least 0, or "random"'],
  reward: [z.enum(["known", "chosen"]), '"known" or "chosen"'],
} as const;

function checked(where: string, options: PaymentOptions) {
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where, name: option, given, wanted });
    }
  }
  const { world = 0, providers = 8, first = "random", reward = "known" } = options;
  return { world: paymentWorld(world, providers), providers, first, reward, number: world } as const;
}

/** Outcomes under way: more than can be at the longest delay. */
const capacity = 512;
const entry = 4;

/** An outcome that has arrived. */
export interface KnownOutcome {
  readonly request: number;
  readonly provider: number;
  readonly approved: boolean;
}

/**
 * One request a step. Observation: { context [14], available [providers] }; action: a provider; one that is not available
 * declines. Reward: approvals (1 each) that became known in this step. Info: outcomes, those that arrived, to learn
 * from; and to judge by, expected (the chance of the provider chosen) and best (that of the best available one).
 * Episodes never end by themselves.
 * @throws Problem "bad-option"
 */
export function payments(options: PaymentOptions = {}): Environment<{ readonly [part: string]: Float32Array }, number> {
  const name = options.name ?? "Payments";
  const { world, providers, first, reward } = checked(name, options);
  const parameters = withValues(name, paymentParameters, { ...options });
  // state: request, expected, best, how many arrived and are under way, arrived (3 numbers each), under way (4 each)
  const head = 5;
  const underwayAt = head + capacity * 3;
  let seen: PaymentRequest | undefined;
  let seenBy = -1;
  const requestOf = (state: Float64Array, p: ParameterValues): PaymentRequest => {
    if (seen?.index !== state[0] || seenBy !== p.availability) {
      seen = world.request(state[0], p.availability);
      seenBy = p.availability;
    }
    return seen;
  };
  return simulate<{ readonly [part: string]: Float32Array }, number, typeof paymentParameters>({
    name,
    observationSpace: dict({
      context: box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [contextSize] }),
      available: box(0, 1, { shape: [providers] }),
    }),
    actionSpace: discrete(providers),
    stateSize: underwayAt + capacity * entry,
    parameters,
    start(state, random) {
      state.fill(0);
      state[0] = first === "random" ? random.integer(1_000_000) : first;
    },
    advance(state, action, random, p) {
      const request = requestOf(state, p);
      const chances = world.chances(request, p.drift, p.curvature);
      state[1] = request.available[action] === 1 ? chances[action] : 0;
      state[2] = bestOf(request, chances);
      const approved = random.uniform() < state[1] ? 1 : 0;
      const wait = p.delay === 0 ? 0 : Math.min(3 * p.delay, -p.delay * Math.log(1 - random.uniform()));
      state.set([state[0] + Math.floor(wait), state[0], action, approved], underwayAt + entry * state[4]++);
      const arrived = arrivals(state, head, underwayAt);
      state[0]++;
      return reward === "chosen" ? approved : arrived;
    },
    ended: () => false,
    observe(state, p) {
      const { context, available } = requestOf(state, p);
      return { context: Float32Array.from(context), available: Float32Array.from(available) };
    },
    info: (state): Info => ({
      request: state[0],
      expected: state[1],
      best: state[2],
      outcomes: Array.from({ length: state[3] }, (_, i): KnownOutcome => {
        const [request, provider, approved] = state.subarray(head + 3 * i, head + 3 * i + 3);
        return { request, provider, approved: approved === 1 };
      }),
    }),
    draw(state, p) {
      const request = requestOf(state, p);
      const chances = world.chances(request, p.drift, p.curvature);
      const bars = [...chances].flatMap((chance, i) => [
        block(i + 0.5, chance / 2, 0.7, chance, request.available[i] === 1 ? "#2b6cb0" : "#d5d9e0"),
        label(i + 0.5, -0.08, 0.1, String(i), "#222"),
      ]);
      return { x: 0, y: -0.2, width: providers, height: 1.3, shapes: bars };
    },
  });
}

function bestOf({ available }: PaymentRequest, chances: Float64Array): number {
  let best = 0;
  for (let i = 0; i < chances.length; i++) if (available[i] === 1) best = Math.max(best, chances[i]);
  return best;
}

/** Moves what is due from under way to arrived, and counts its approvals. */
function arrivals(state: Float64Array, arrivedAt: number, underwayAt: number): number {
  let approvals = 0;
  let kept = 0;
  state[3] = 0;
  for (let i = 0; i < state[4]; i++) {
    const from = underwayAt + entry * i;
    if (state[from] <= state[0]) {
      approvals += state[from + 3];
      state.copyWithin(arrivedAt + 3 * state[3]++, from + 1, from + entry);
    } else state.copyWithin(underwayAt + entry * kept++, from, from + entry);
  }
  state[4] = kept;
  return approvals;
}

/**
 * The chances with which a request is sent to each provider: [providers], 0 where not available, summing to 1.
 * @param truth [providers] the true chances of approval, for oracles; a fair policy does not look
 */
export type Routing = (request: PaymentRequest, truth: Float64Array) => Float64Array;

/** Uniform over the available providers. */
export const uniformRouting: Routing = ({ available }) => {
  const total = available.reduce((sum, one) => sum + one, 0);
  return Float64Array.from(available, (one) => one / total);
};

/** The best available provider with chance `skill`, else uniform over the available ones: the oracle, with a dial. */
export const oracleRouting =
  (skill = 1): Routing =>
  (request, truth) => {
    const chances = uniformRouting(request, truth).map((chance) => (1 - skill) * chance);
    let best = -1;
    for (let i = 0; i < truth.length; i++) {
      if (request.available[i] === 1 && (best < 0 || truth[i] > truth[best])) best = i;
    }
    chances[best] += skill;
    return chances;
  };

/**
 * A log of requests first … first + count − 1 as a routing sends them, with propensities, what was available, the whole
 * logging policy, and the chance of each decision's approval under "expected" and of the best under "best", as truth.
 * Outcomes are all known in it: what a batch holds once its delays are over.
 * @throws Problem "bad-option", and what `decisionLog` throws for a routing that is no distribution
 */
export function logPayments(
  routing: Routing,
  options: Omit<PaymentOptions, "first" | "reward"> & {
    readonly first?: number;
    readonly count: number;
    readonly seed?: number;
  },
): DecisionLog {
  const { count, seed = 0, first = 0 } = options;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw problem("bad-option", { where: "logPayments", name: "count", given: count, wanted: "a whole number from 1" });
  }
  const { world, providers, number } = checked("logPayments", options);
  const p = ownValues(withValues("logPayments", paymentParameters, { ...options }));
  const context = new Float32Array(count * contextSize);
  const available = new Float32Array(count * providers);
  const loggingPolicy = new Float64Array(count * providers);
  const action = new Int32Array(count);
  const [propensity, reward, expected, best] = [0, 1, 2, 3].map(() => new Float64Array(count));
  for (let row = 0; row < count; row++) {
    const request = world.request(first + row, p.availability);
    const truth = world.chances(request, p.drift, p.curvature);
    const chances = routing(request, truth);
    const random = generator(fold(randomKey(seed), "payment", first + row));
    const chosen = random.choice(chances);
    context.set(request.context, row * contextSize);
    available.set(request.available, row * providers);
    loggingPolicy.set(chances, row * providers);
    action[row] = chosen;
    propensity[row] = chances[chosen];
    expected[row] = truth[chosen];
    best[row] = bestOf(request, truth);
    reward[row] = random.uniform() < truth[chosen] ? 1 : 0;
  }
  return decisionLog({
    context: ndarray(context, { shape: [count, contextSize] }),
    contextNames,
    actions: providers,
    action,
    propensity,
    reward,
    available: ndarray(available, { shape: [count, providers] }),
    loggingPolicy: ndarray(loggingPolicy, { shape: [count, providers] }),
    extras: { expected, best },
    environment: `Payments, world ${number}`,
  });
}
