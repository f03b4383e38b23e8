/**
 * Behaviour cloning with a memory: people act on what they intend, and what they intend shows in what they did before.
 *
 *   h   an LSTM over what was seen
 *   π   climbs log Σᵢ wᵢ(h) N(a; μᵢ(h), σᵢ(h)) over stretches of the demonstrations
 *
 * Mandlekar, Xu, Wong and others (2021). What Matters in Learning from Offline Human Demonstrations for Robot
 * Manipulation. arXiv:2108.03298
 */
import {
  categorical,
  type Distribution,
  type Linear,
  type LstmState,
  linear,
  lstm,
  mixture,
  multiDiscrete,
  type Net,
  net,
  overTime,
  type Recurrent,
} from "../../nn/index.ts";
import { adam, cosineDecay, type Tensor } from "../../tensor/index.ts";
import { defineAlgorithm, type Sizes } from "../define.ts";
import { count, flag, positive } from "../options.ts";

interface Params {
  readonly cell: Recurrent;
  readonly head: Linear;
}

/** An LSTM, and a distribution read from what it shows. */
interface RecurrentPolicy extends Net<Params, [observations: Tensor], (shown: Tensor) => Distribution> {
  /** [batch, time, observation] → [batch, time, size] */
  over(params: Params, observations: Tensor): Tensor;
  /** One step. */
  next(params: Params, observation: Tensor, state: LstmState): LstmState;
  readonly read: (params: Params, shown: Tensor) => Distribution;
}

function recurrentPolicy({ observation, action }: Sizes, size: number, parts: number): RecurrentPolicy {
  const cell = lstm(observation, size);
  const sequence = overTime(cell);
  const outputs = action.kind === "continuous" ? parts * (1 + 2 * action.size) : action.size;
  const head = linear(size, outputs);
  const read = (params: Params, shown: Tensor): Distribution => {
    const out = head(params.head, shown);
    if (action.kind === "discrete") return categorical(out);
    if (action.kind === "multi-discrete") return multiDiscrete(out, action.sizes);
    const leading = out.shape.slice(0, -1);
    const shaped = (from: number): Tensor =>
      out.slice(-1, from, from + parts * action.size).reshape(...leading, parts, action.size);
    return mixture({
      weights: out.slice(-1, 0, parts),
      mean: shaped(parts).tanh(),
      logSpread: shaped(parts * (1 + action.size)).clip(-5, 2),
    });
  };
  const call = net<Params, [observations: Tensor], (shown: Tensor) => Distribution>(
    (key) => ({ cell: cell.init(key.at("cell")), head: head.init(key.at("head")) }),
    (params) => (shown) => read(params, shown),
  );
  return Object.assign(call, {
    over: (params: Params, observations: Tensor) => sequence(params.cell, observations).outputs,
    next: (params: Params, x: Tensor, state: LstmState) => cell(params.cell, x, state),
    read,
  });
}

export const bcRnn = defineAlgorithm({
  name: "bc-rnn",
  title: "Behaviour cloning with a memory",
  paper: "arXiv:2108.03298",
  learnsFrom: "sequences",
  actions: "any",
  departures: [
    "One LSTM layer; the paper's has two.",
    "The means of the mixture pass through tanh; choices get a categorical each.",
    "The memory is emptied every `stretch` steps while it acts, as in the authors' code, so that it never sees more than it learned from.",
  ],

  options: {
    stretch: count(10, "steps learned from as one; and after how many the memory is emptied while it acts"),
    memory: count(400, "numbers the memory holds"),
    parts: count(5, "Gaussians in the mixture, for vectors of actions"),
    learningRate: positive(1e-4, "Adam's rate; decays to 0 along a cosine"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    batchSize: count(100, "stretches per update"),
    steps: count(100_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,
  stretch: ({ stretch }) => ({ length: stretch, stride: 1 }),
  memory: (_, { memory }) => ({ hidden: [memory], cell: [memory], steps: [1] }),

  networks: (sizes, { memory, parts }) => ({ policy: recurrentPolicy(sizes, memory, parts) }),
  optimisers: ({ learningRate, steps }) => ({ policy: adam(cosineDecay(learningRate, steps)) }),
  init: (learners) => learners,

  step({ nets, descend }, state, { observation, action, made }) {
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const each = nets.policy.read(params, nets.policy.over(params, observation)).logProb(action);
      return each.mul(made).sum().div(made.sum()).neg();
    });
    return { state: { policy }, metrics: { policyLoss } };
  },

  policy({ nets, options }, { policy: { params } }, observation, { hidden, cell, steps }) {
    const keep = steps.less(options.stretch).cast("float32");
    const next = nets.policy.next(params, observation, { hidden: hidden.mul(keep), cell: cell.mul(keep) });
    return {
      distribution: nets.policy.read(params, next.hidden),
      memory: { ...next, steps: steps.mul(keep).add(1) },
    };
  },
});
