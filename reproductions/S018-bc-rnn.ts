import { bc, bcMixture, bcRnn, train } from "repertoire/algorithms";
import { type Demonstrator, type Environment, simulate, timeLimit } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, demonstratorPolicy, type Policy } from "repertoire/policies";
import { box } from "repertoire/spaces";
import { all, beats, defineReproduction } from "./reproduction.ts";

const [fork, end, longest] = [4, 6, 16];
const seen = box(-1.5, 1.5, { shape: [3] });
const motion = box(-1, 1, { shape: [2] });

/** Where in the state each number is: how far along, how far to the side, which side is asked for, steps made. */
const [along, aside, asked, made] = [0, 1, 2, 3];

// A corridor that forks. At its entrance, and never again, it is shown on which side to leave it.
const errand = (): Environment =>
  timeLimit(
    simulate<Float32Array, Float32Array>({
      name: "Errand",
      observationSpace: seen,
      actionSpace: motion,
      stateSize: 4,
      start(state, random) {
        state.fill(0);
        state[aside] = random.between(-0.15, 0.15);
        state[asked] = random.uniform() < 0.5 ? -1 : 1;
      },
      advance(state, [forward, sideways]) {
        state[along] = Math.max(0, state[along] + 0.4 * forward + 0.3);
        const width = state[along] < fork ? 0.2 : 1;
        state[aside] = Math.max(-width, Math.min(width, state[aside] + 0.4 * sideways));
        state[made]++;
        return state[along] >= end && state[aside] * state[asked] > 0.5 ? 1 : 0;
      },
      ended: (state) => state[along] >= end,
      observe: (state) => Float32Array.of(state[along] / 3 - 1, state[aside], state[made] === 0 ? state[asked] : 0),
    }),
    longest,
  ) as Environment;

/** Keeps to the middle of the corridor at a pace of its own, and goes where it was asked to go once the fork is reached. */
const demonstrator: Demonstrator<Float32Array, Float32Array> = {
  name: "demonstrator",
  observationSpace: seen,
  actionSpace: motion,
  memorySize: 2,
  decide([far, across, shown], memory, random) {
    if (shown !== 0) {
      memory[0] = shown;
      memory[1] = random?.between(0.3, 0.9) ?? 0.6;
    }
    const aim = 3 * (far + 1) < fork - 0.3 ? 0 : 0.8 * memory[0];
    const shaky = (): number => 0.05 * (random?.normal() ?? 0);
    const bounded = (x: number): number => Math.max(-1, Math.min(1, x));
    return Float32Array.of(bounded(memory[1] + shaky()), bounded(2 * (aim - across) + shaky()));
  },
};

// History: settings were chosen on seeds 100 and 101. In the first setting some walked so slowly that their errands were longer
// than the memory, and a memory that is emptied on the way brought every fourth errand to its end; with 1,000 updates one seed
// of two had not learned to remember. A mixture's heaviest part came to an end hardly ever: it acts by chance.
export const reproduction = defineReproduction({
  id: "S018",
  name: "Cloning with a memory",
  claim:
    "Where what a demonstrator does depends on what it saw before, a policy with a memory of it imitates it and one that sees the present alone does not (Mandlekar and others 2021, arXiv:2108.03298).",
  metric: "share of 200 errands that end on the side that was asked for at the entrance, higher is better",
  relation:
    "the mean over seeds lies above that of the same network with its memory emptied at every step, above cloning's and above a mixture's, 95% intervals apart",
  arms: {
    "bc-rnn": "cloning with an LSTM over 16 steps",
    "bc-rnn, emptied": "the same over one step: the mechanism switched off",
    bc: "cloning with one Gaussian",
    "bc-mixture": "cloning with five Gaussians, acting by chance",
    demonstrator: "the demonstrator itself",
  },
  seeds: [10, 11, 12, 13, 14],
  budget: { full: { steps: 2000, recorded: 200, episodes: 200 }, tiny: { steps: 20, recorded: 2, episodes: 1 } },
  async run({ arm, seed, budget, progress }) {
    const { steps, recorded, episodes } = budget;
    const deterministic = arm !== "bc-mixture";
    const score = async (policy: Policy): Promise<number> =>
      (await evaluate(policy, errand, { episodes, seed: 1000 + seed, deterministic })).return.value;
    const person = demonstratorPolicy(demonstrator as Demonstrator);
    if (arm === "demonstrator") return await score(person);
    const recording = await collect(person, errand, { episodes: recorded, seed });
    progress(0.1);
    const options = { steps, learningRate: 3e-3 };
    const hidden = [64, 64];
    const learned =
      arm === "bc"
        ? await train(bc, recording, { seed, options: { ...options, hidden } })
        : arm === "bc-mixture"
          ? await train(bcMixture, recording, { seed, options: { ...options, hidden } })
          : await train(bcRnn, recording, {
              seed,
              unroll: 1,
              options: { ...options, memory: 32, parts: 5, stretch: arm === "bc-rnn" ? longest : 1, batchSize: 64 },
            });
    await using policy = learned.policy;
    return await score(policy);
  },
  verdict: all(beats("bc-rnn", "bc-rnn, emptied"), beats("bc-rnn", "bc"), beats("bc-rnn", "bc-mixture")),
});
