/** CartPole learned from nothing, in a page or in Node: proximal policy optimisation (arXiv:1707.06347) as two programs. */
import { make, vectorise } from "repertoire/envs";
import { batchMean, clippedSurrogate, generalisedAdvantages } from "repertoire/formulas";
import { categoricalPolicy, type ParamsOf, valueFunction } from "repertoire/nn";
import {
  adam,
  concatRows,
  descendWith,
  type Learner,
  learner,
  mapTree,
  type NdArray,
  ndarray,
  open,
  randomKey,
  runOnce,
  type Spec,
  Store,
  type Tensor,
  trace,
} from "repertoire/tensor";

const copies = 16;
const time = 64;
const epochs = 12;
const policy = categoricalPolicy(4, 2, { hidden: [64, 64], activation: "tanh" });
const value = valueFunction(4, { hidden: [64, 64], activation: "tanh" });
const optimiser = adam(3e-3);
type State = Learner<{ readonly policy: ParamsOf<typeof policy>; readonly value: ParamsOf<typeof value> }>;

const start = trace("start", { state: {}, inputs: {} }, (state, _inputs, key) => ({
  state,
  outputs: learner({ policy: policy.init(key.at("policy")), value: value.init(key.at("value")) }, optimiser),
}));

const float = (...shape: number[]): Spec => ({ shape, dtype: "float32" });
const played = {
  observation: float(time * copies, 4),
  nextObservation: float(time * copies, 4),
  action: { shape: [time * copies], dtype: "int32" } as Spec,
  logProb: float(time * copies),
  reward: float(time * copies),
  continues: float(time * copies),
  truncated: float(time * copies),
};

/** Both share one state, which stays where it is: one acts on it, the other moves it. */
const programs = (state: State) => ({
  act: trace("act", { state, inputs: { observation: float(copies, 4) } }, (now, { observation }, key) => {
    const choice = policy(now.params.policy as never, observation);
    const action = choice.sample(key);
    return { state: now, outputs: { action, logProb: choice.logProb(action), best: choice.mode() } };
  }),
  improve: trace("improve", { state, inputs: played }, (now, { observation, action, logProb, ...rest }) => {
    const worth = (seen: Tensor): Tensor => value(now.params.value as never, seen);
    const inTime = (x: Tensor): Tensor => x.reshape(time, copies);
    const values = worth(observation);
    const segment = {
      reward: inTime(rest.reward),
      continues: inTime(rest.continues),
      truncated: inTime(rest.truncated),
      value: inTime(values),
      nextValue: inTime(worth(rest.nextObservation)),
    };
    const advantage = generalisedAdvantages(segment, { discount: 0.99, lambda: 0.95 }).reshape(time * copies);
    const scaled = advantage.sub(advantage.mean()).div(advantage.variance().sqrt().add(1e-8));
    const [next] = descendWith(optimiser, now as unknown as State, (params) => {
      const choice = policy(params.policy, observation);
      const gain = clippedSurrogate(choice.logProb(action).sub(logProb).exp(), scaled, 0.2);
      const miss = value(params.value, observation).sub(values.add(advantage)).square();
      return batchMean(miss.mul(0.5).sub(gain).sub(choice.entropy().mul(0.01)));
    });
    return { state: next as never, outputs: {} };
  }),
});

export interface Round {
  readonly steps: number;
  /** Mean return of the last 40 episodes. */
  readonly score: number;
  /** The most likely action. */
  readonly best: (observation: Float32Array) => Promise<number>;
}

/** Plays and learns, a round of 1,024 steps at a time, for ever: stop asking when the score is good enough. */
export async function* learn(seed = 0): AsyncGenerator<Round> {
  const key = randomKey(seed);
  const first = (await runOnce(start, {}, { key })) as never;
  const store = new Store<State>(first);
  const traced = programs(mapTree(first, ({ shape, dtype }: Spec) => ({ shape, dtype })) as State);
  await using act = await open(traced.act);
  await using improve = await open(traced.improve);
  const best = async (seen: Float32Array): Promise<number> => {
    const observation = concatRows(new Array(copies).fill(ndarray(seen, { shape: [1, 4] })));
    return Number((await act.run({ observation }, store, { key })).best.data[0]);
  };

  const world = vectorise(Array.from({ length: copies }, () => () => make("CartPole-v1")));
  const returns = new Float64Array(copies);
  let scores: number[] = [];
  let { observation } = world.reset({ seed });
  for (let round = 0; ; round++) {
    const steps: { readonly [name: string]: NdArray }[] = [];
    for (let t = 0; t < time; t++) {
      const { action, logProb } = await act.run({ observation }, store, { key, update: round * time + t });
      const step = world.step(action);
      const data = Float32Array.from(step.observation.data as Float32Array);
      for (let i = 0; i < copies; i++) {
        returns[i] += step.reward[i];
        if (!step.terminated[i] && !step.truncated[i]) continue;
        scores.push(returns[i]);
        returns[i] = 0;
        data.set(step.finalObservation!.data.subarray(4 * i, 4 * i + 4) as Float32Array, 4 * i);
      }
      const float32 = (values: ArrayLike<number>): NdArray => ndarray(Float32Array.from(values));
      const [reward, truncated] = [float32(step.reward), float32(step.truncated)];
      const continues = float32(step.terminated.map((ended) => 1 - ended));
      const nextObservation = { ...step.observation, data };
      steps.push({ observation, nextObservation, action, logProb, reward, continues, truncated });
      observation = step.observation;
    }
    const all = Object.fromEntries(Object.keys(played).map((name) => [name, concatRows(steps.map((it) => it[name]))]));
    for (let epoch = 0; epoch < epochs; epoch++) await improve.run(all as never, store);
    scores = scores.slice(-40);
    yield { steps: (round + 1) * time * copies, score: scores.reduce((a, b) => a + b, 0) / scores.length, best };
  }
}
