/**
 * BeT: actions as one of a few bins and an offset from it, so that a policy can mean one thing or another and still be exact.
 *
 *   bins   the means of a clustering of the recorded actions
 *   π      climbs (1 − p)^γ log p of the bin an action is nearest to, p = π(bin | s), and
 *          descends |a − bin − offset(s, bin)|²; acts by drawing a bin and adding its offset
 *
 * Shafiullah, Cui, Altanzaya, Pinto (2022). Behavior Transformers: Cloning k Modes with One Stone. arXiv:2206.11251
 */
import { atoms, type Codebook, mlp, movedCodes, quantise } from "../../nn/index.ts";
import { adam, blend, cosineDecay, type Key, type Tensor, zerosOf } from "../../tensor/index.ts";
import { defineAlgorithm } from "../define.ts";
import { atLeastZero, count, flag, positive, widths } from "../options.ts";

/** One step of mini-batch k-means; a bin that hardly anything is nearest to begins anew at some action of the batch. */
function clustered(bins: Codebook, action: Tensor, key: Key): Codebook {
  const [batch] = action.shape;
  const [size] = bins.counts.shape;
  const share = batch / size;
  const deserted = bins.counts.less(share / 10);
  const counts = deserted.where(share, bins.counts);
  const elsewhere = action.gather(key.integers(batch, size));
  const codes = deserted.unsqueeze(-1).where(elsewhere, bins.codes);
  const sums = deserted.unsqueeze(-1).where(elsewhere.mul(share), bins.sums);
  const begun = { codes, counts, sums };
  return movedCodes(begun, action, quantise(begun, action).indices, { decay: 0.95 });
}

export const bet = defineAlgorithm({
  name: "bet",
  title: "BeT: bins and offsets",
  paper: "arXiv:2206.11251",
  learnsFrom: "demonstrations",
  actions: "continuous",
  departures: [
    "A perceptron that sees the present, where the paper has a transformer over the last observations.",
    "Bins are found by mini-batch k-means during the first updates and then stay; the paper runs k-means over the whole recording before.",
  ],

  options: {
    bins: count(24, "k, bins that actions are sorted into"),
    fitting: count(1000, "updates during which bins still move"),
    focus: atLeastZero(2, "γ of the focal loss: 0 is plain cross-entropy"),
    offsetWeight: positive(100, "how much an offset's squared error counts against the bin's loss"),
    learningRate: positive(3e-4, "Adam's rate; decays to 0 along a cosine"),
    normaliseObservations: flag(true, "centre and scale observations by the recording's moments"),
    hidden: widths([256, 256], "widths of the policy's hidden layers"),
    batchSize: count(256, "steps of the recording per update"),
    steps: count(100_000, "updates in a full run"),
  },
  normalise: ({ normaliseObservations }) => normaliseObservations,

  networks: ({ observation, action }, { bins, hidden }) => ({
    policy: mlp({ inputs: observation, outputs: bins * (1 + action.size), hidden }),
  }),
  optimisers: ({ learningRate, steps }) => ({ policy: adam(cosineDecay(learningRate, steps)) }),

  init: (learners, { action }, { bins }) => ({
    ...learners,
    bins: { codes: zerosOf([bins, action.size]), counts: zerosOf([bins]), sums: zerosOf([bins, action.size]) },
    age: zerosOf([]),
  }),

  step({ options, nets, descend }, state, { observation, action }, key) {
    const moving = state.age.less(options.fitting).where(1, 0);
    const bins = blend(state.bins, clustered(state.bins, action, key), moving);
    const { indices } = quantise(bins, action);
    const wanted = action.sub(bins.codes.gather(indices));

    const [policy, policyLoss] = descend(state.policy, (params) => {
      const { weights, offsets } = read(nets.policy(params, observation), bins.codes);
      const logProb = weights.logSoftmax().choose(indices);
      // Held above 0, where a power below 1 has no slope.
      const unlikely = logProb.exp().from(1).maximum(1e-6).pow(options.focus);
      const binLoss = unlikely.mul(logProb).neg();
      const nearest = indices.oneHot(options.bins).unsqueeze(-1);
      const offsetLoss = offsets.mul(nearest).sum(-2).sub(wanted).square().sum(-1);
      return binLoss.add(offsetLoss.mul(options.offsetWeight)).mean();
    });

    return { state: { policy, bins, age: state.age.add(1) }, metrics: { policyLoss } };
  },

  policy({ nets }, { policy, bins }, observation) {
    const { weights, offsets } = read(nets.policy(policy.params, observation), bins.codes);
    return atoms(weights, offsets.add(bins.codes));
  },
});

/** [batch, bins · (1 + size)] → a weight and an offset for every bin. */
const read = (out: Tensor, { shape: [bins, size] }: Tensor) => ({
  weights: out.slice(-1, 0, bins),
  offsets: out.slice(-1, bins).reshape(out.shape[0], bins, size),
});
