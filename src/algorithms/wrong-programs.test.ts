/**
 * Programs that must not compile: each wrong line says that an error is expected, and why, so that the type check fails
 * as soon as one of them is let through. What types cannot refuse is refused when it runs, below.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trajectories } from "../data/index.ts";
import { categoricalPolicy, valueFunction } from "../nn/index.ts";
import { adam, type Tensor } from "../tensor/index.ts";
import { defineAlgorithm } from "./define.ts";
import { positive } from "./options.ts";
import { run, worldOf } from "./testing.ts";
import { train } from "./train.ts";
import { iql } from "./transitions/iql.ts";

const sketch = {
  name: "sketch",
  title: "A sketch",
  paper: "none",
  learnsFrom: "transitions",
  actions: "discrete",
  departures: [],
  options: { rate: positive(1e-3, "Adam's rate") },
} as const;
const networks = () => ({
  policy: categoricalPolicy(2, 3, { hidden: [4] }),
  value: valueFunction(2, { hidden: [4] }),
});
const optimisers = ({ rate }: { readonly rate: Tensor }) => ({ policy: adam(rate), value: adam(rate) });

export const right = defineAlgorithm({
  ...sketch,
  networks,
  optimisers,
  init: (learners) => ({ ...learners, target: learners.value.params }),
  step: (_context, state, { reward }) => ({ state, metrics: { reward: reward.mean() } }),
  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});

export const readsAnOptionThatDoesNotExist = defineAlgorithm({
  ...sketch,
  networks,
  // @ts-expect-error the option is called rate
  optimisers: ({ tau }) => ({ policy: adam(tau), value: adam(tau) }),
  init: (learners) => learners,
  // @ts-expect-error the option is called rate
  step: ({ options }, state) => ({ state, metrics: { tau: options.tau } }),
  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});

export const computesWithAnOptionAsIfItWereANumber = defineAlgorithm({
  ...sketch,
  networks,
  // @ts-expect-error a rate is an input of the program, a tensor: `rate.from(1)`
  optimisers: ({ rate }) => ({ policy: adam(1 - rate), value: adam(rate) }),
  init: (learners) => learners,
  step: (_context, state) => ({ state, metrics: {} }),
  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});

export const givesAnOptionThatDoesNotExist = (recording: Trajectories) =>
  // @ts-expect-error IQL has no option tau: it is called expectile
  train(iql, recording, { options: { tau: 0.7 } });

export const givesAnOptionOfAnotherKind = (recording: Trajectories) =>
  // @ts-expect-error widths are a list
  train(iql, recording, { options: { hidden: 256 } });

export const readsAPartOfTheStateThatDoesNotExist = defineAlgorithm({
  ...sketch,
  networks,
  optimisers,
  init: (learners) => learners,
  // @ts-expect-error the state is what init returns: policy and value
  step: (_context, state) => ({ state: { ...state, value: state.critic }, metrics: {} }),
  // @ts-expect-error the state is what init returns: policy and value
  policy: ({ nets }, state, observation) => nets.policy(state.actor.params, observation),
});

export const forgetsAPartOfTheState = defineAlgorithm({
  ...sketch,
  networks,
  optimisers,
  init: (learners) => ({ ...learners, target: learners.value.params }),
  // @ts-expect-error the target is missing
  step: (_context, { policy, value }) => ({ state: { policy, value }, metrics: {} }),
  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});

export const hasAnOptimiserForANetworkThatDoesNotExist = defineAlgorithm({
  ...sketch,
  networks,
  // @ts-expect-error there is no critic
  optimisers: ({ rate }) => ({ policy: adam(rate), value: adam(rate), critic: adam(rate) }),
  init: (learners) => learners,
  step: (_context, state) => ({ state, metrics: {} }),
  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});

export const hasNoOptimiserForANetwork = defineAlgorithm({
  ...sketch,
  networks,
  // @ts-expect-error the value function has none
  optimisers: ({ rate }) => ({ policy: adam(rate) }),
  init: (learners) => learners,
  step: (_context, state) => ({ state, metrics: {} }),
  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});

export const readsWhatItsExperienceDoesNotHold = defineAlgorithm({
  ...sketch,
  networks,
  optimisers,
  init: (learners) => learners,
  // @ts-expect-error transitions carry no propensity; decisions do
  step: (_context, state, { propensity }) => ({ state, metrics: { propensity: propensity.mean() } }),
  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});

export const givesALearnerForItsParameters = defineAlgorithm({
  ...sketch,
  networks,
  optimisers,
  init: (learners) => learners,
  step: (_context, state) => ({ state, metrics: {} }),
  // @ts-expect-error a network takes parameters, not a learner
  policy: ({ nets }, state, observation) => nets.policy(state.policy, observation),
});

export const actsWithoutADistribution = defineAlgorithm({
  ...sketch,
  networks,
  optimisers,
  init: (learners) => learners,
  step: (_context, state) => ({ state, metrics: {} }),
  // @ts-expect-error a policy is a distribution, not a tensor
  policy: ({ nets }, state, observation) => nets.value(state.value.params, observation),
});

export const descendsSomethingOtherThanALoss = defineAlgorithm({
  ...sketch,
  networks,
  optimisers,
  init: (learners) => learners,
  step({ descend, nets }, state, { observation }) {
    // @ts-expect-error a loss is a tensor, not a distribution
    const [policy] = descend(state.policy, (params) => nets.policy(params, observation));
    return { state: { ...state, policy }, metrics: {} };
  },
  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
});

const rooms = worldOf([{ observation: [1, 0], action: 2, reward: 1, next: [0, 1], terminated: true }], { choices: 3 });

test("an option that does not exist is refused when it comes from outside the types, with the names that do", async () => {
  const given: Record<string, unknown> = { tau: 0.7 };
  await assert.rejects(train(iql, rooms, { options: given }), /iql has no option "tau".*expectile/);
});

test("a step that adds to the state, which types let pass, is refused when it is traced", async () => {
  const adds = defineAlgorithm({
    ...sketch,
    networks,
    optimisers,
    init: (learners) => learners,
    step: (_context, state, { reward }) => ({ state: { ...state, loss: reward.mean() }, metrics: {} }),
    policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation),
  });
  await assert.rejects(run(adds, rooms, { updates: 1 }), /unexpected loss/);
});
