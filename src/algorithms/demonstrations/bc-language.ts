/**
 * Behaviour cloning that is told what to do, where what is told holds amounts: "open the drawer by 75%".
 *
 *   c   a transformer's code of the sentence, a numeral being what it is worth
 *   ĝ   the state that is wanted, read from c, towards the label `goal`
 *   x̂   the state that is, read from what is seen, towards the label `state` (where asked for)
 *   π   climbs log π(a | s, c, ĝ, x̂) over the demonstrations
 *
 * Gong, Huang, Zhao and others (2023). ARNOLD: A Benchmark for Language-Grounded Task Learning With Continuous States in
 * Realistic 3D Scenes. arXiv:2304.04321
 */
import { type Distribution, type Mlp, mlp, type Net, net, type TextEncoder, textEncoder } from "../../nn/index.ts";
import { numeralTokens, tokenCount } from "../../spaces/index.ts";
import { adam, concat, cosineDecay, type Tensor } from "../../tensor/index.ts";
import { type PolicyParams, stochasticPolicy } from "../actions.ts";
import { defineAlgorithm, type Sizes } from "../define.ts";
import { atLeastZero, choice, count, flag, positive, type ValuesOf, widths } from "../options.ts";
import { cloning } from "./bc.ts";

const options = {
  goal: choice(
    "amount",
    ["amount", "code"],
    "what the policy is told: the sentence's code and the amount that a head reads from it (c and ĝ), or the code alone",
  ),
  state: flag(false, "read the present state from what is seen too, and tell the policy (x̂)"),
  numbers: flag(true, "read what a numeral is worth; else its digits are signs as others are"),
  numberScale: count(100, "what a numeral's worth is divided by, to be about 1"),
  headWeight: atLeastZero(1, "weight of the squared errors of ĝ and x̂"),
  code: count(32, "width of the encoder and of the code"),
  heads: count(2, "heads of the encoder's attention; they divide the width"),
  learningRate: positive(3e-4, "Adam's rate; decays to 0 along a cosine"),
  normaliseObservations: flag(true, "centre and scale what is seen, but not what is read, by the recording's moments"),
  hidden: widths([256, 256], "widths of the policy's hidden layers, and of x̂'s"),
  batchSize: count(256, "steps of the recording per update"),
  steps: count(100_000, "updates in a full run"),
};

interface Params {
  /** One for each text in an observation. */
  readonly encoders: readonly TextEncoder[];
  readonly goal?: Mlp;
  readonly state?: Mlp;
  readonly policy: PolicyParams;
}

interface Told {
  readonly policy: Distribution;
  /** [batch] each, where a head says it */
  readonly goal?: Tensor;
  readonly state?: Tensor;
}

function languagePolicy(
  { observation, action, texts = [] }: Sizes,
  { code, heads, hidden, goal, state, numbers, numberScale }: ValuesOf<typeof options>,
): Net<Params, [observation: Tensor], Told> {
  const encoders = texts.map(({ vocabulary }) =>
    textEncoder({
      vocabulary: tokenCount(vocabulary),
      length: vocabulary.length,
      ...{ size: code, heads, layers: 1 },
      ...(numbers ? { numerals: numeralTokens } : {}),
    }),
  );
  const inputs = observation - texts.reduce((sum, { vocabulary }) => sum + 2 * vocabulary.length, 0);
  const codes = code * texts.length;
  const goalHead = goal === "amount" ? mlp({ inputs: codes, outputs: 1, hidden: [] }) : undefined;
  const stateHead = state ? mlp({ inputs, outputs: 1, hidden }) : undefined;
  const width = inputs + codes + Number(goal === "amount") + Number(state);
  const policy = stochasticPolicy({ observation: width, action }, { hidden });
  return net(
    (key): Params => ({
      encoders: encoders.map((encoder, i) => encoder.init(key.at(`encoder${i}`))),
      ...(goalHead ? { goal: goalHead.init(key.at("goal")) } : {}),
      ...(stateHead ? { state: stateHead.init(key.at("state")) } : {}),
      policy: policy.init(key.at("policy")),
    }),
    (params, x) => {
      const { seen, sentences } = apart(x, texts);
      const read = sentences.map(({ tokens, worths }, i) =>
        encoders[i](params.encoders[i], tokens, worths.div(numberScale)),
      );
      const [wanted, now] = [
        goalHead && params.goal && goalHead(params.goal, concat(read)),
        stateHead && params.state && stateHead(params.state, concat(seen)),
      ];
      const known = [...seen, ...read, ...(wanted ? [wanted] : []), ...(now ? [now] : [])];
      return {
        policy: policy(params.policy, concat(known)),
        ...(wanted ? { goal: wanted.squeeze(-1) } : {}),
        ...(now ? { state: now.squeeze(-1) } : {}),
      };
    },
  );
}

/** What is seen, in pieces [batch, …], and what is read: int32 tokens and their worths, [batch, length] each. */
function apart(x: Tensor, texts: NonNullable<Sizes["texts"]>) {
  const ends = texts.map(({ at, vocabulary }) => at + 2 * vocabulary.length);
  const between = [0, ...ends].map((from, i) => [from, texts[i]?.at ?? x.shape[x.rank - 1]] as const);
  const seen = between.filter(([from, to]) => from < to).map(([from, to]) => x.slice(-1, from, to));
  const sentences = texts.map(({ at, vocabulary: { length } }) => ({
    tokens: x.slice(-1, at, at + length).cast("int32"),
    worths: x.slice(-1, at + length, at + 2 * length),
  }));
  return { seen, sentences };
}

const squaredErrors = (told: Told, labels: { readonly [name: string]: Tensor }): readonly Tensor[] =>
  (["goal", "state"] as const).flatMap((name) => told[name]?.sub(labels[name]).square().mean() ?? []);

export const bcLanguage = defineAlgorithm({
  name: "bc-language",
  title: "Language-conditioned behaviour cloning",
  paper: "arXiv:2304.04321",
  id: "P040",
  learnsFrom: "demonstrations",
  actions: "any",
  observations: "with text",
  departures: [
    "The encoder is a small transformer that learns with the rest; the paper's policies read with pretrained language models.",
    "It acts at every step from a vector; the paper's policies predict two poses, of the grasp and of what follows, from voxels or images.",
    "A goal given as one of a few phrases is this method over a vocabulary whose words are whole phrases.",
  ],

  options,
  normalise: ({ normaliseObservations }) => normaliseObservations,
  labels: ({ goal, state }) => [...(goal === "amount" ? ["goal"] : []), ...(state ? ["state"] : [])],

  networks: (sizes, given) => ({ policy: languagePolicy(sizes, given) }),
  optimisers: ({ learningRate, steps }) => ({ policy: adam(cosineDecay(learningRate, steps)) }),
  init: (learners) => learners,

  step({ options: { headWeight }, nets, descend }, state, { observation, action, labels = {} }) {
    const [policy, policyLoss] = descend(state.policy, (params) => {
      const told = nets.policy(params, observation);
      const errors = squaredErrors(told, labels).map((error) => error.mul(headWeight));
      return errors.reduce((loss, error) => loss.add(error), cloning(told.policy, action));
    });
    return { state: { policy }, metrics: { policyLoss } };
  },

  policy: ({ nets }, state, observation) => nets.policy(state.policy.params, observation).policy,
});
