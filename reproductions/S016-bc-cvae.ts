import { bc, bcCvae, bcMixture, train } from "repertoire/algorithms";
import { type Environment, simulate, timeLimit } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { collect, type Policy, scripted } from "repertoire/policies";
import { box } from "repertoire/spaces";
import { fold } from "repertoire/tensor";
import { all, beats, defineReproduction } from "./reproduction.ts";

const [points, rounds] = [3, 20];
const radii = box(-1, 1);
const places = box(-1, 1, { shape: [2 * points] });
const radiusOf = (seen: number): number => 0.6 + 0.2 * seen;

// Three points are to be put on a circle, each anywhere on it. What is seen is how wide the circle is. There is a way to
// act for each three angles: no few of them stand for the rest, and what one number is says what another must be.
const circles = (): Environment =>
  timeLimit(
    simulate<Float32Array, Float32Array>({
      name: "Circles",
      observationSpace: radii,
      actionSpace: places,
      stateSize: 1,
      start(state, random) {
        state[0] = random.between(-1, 1);
      },
      advance(state, action, random) {
        const radius = radiusOf(state[0]);
        let on = 0;
        for (let p = 0; p < points; p++)
          if (Math.abs(Math.hypot(action[2 * p], action[2 * p + 1]) - radius) < 0.1) on++;
        state[0] = random.between(-1, 1);
        return on / points;
      },
      ended: () => false,
      observe: (state) => Float32Array.from(state),
    }),
    rounds,
  ) as Environment;

const demonstrator = scripted({
  name: "demonstrator",
  observationSpace: radii,
  actionSpace: places,
  decide(observation, random) {
    const radius = radiusOf((observation as Float32Array)[0]);
    const action = new Float32Array(2 * points);
    for (let p = 0; p < points; p++) {
      const angle = random?.between(-Math.PI, Math.PI) ?? 0;
      const size = radius + 0.02 * (random?.normal() ?? 0);
      action.set([size * Math.cos(angle), size * Math.sin(angle)], 2 * p);
    }
    return { action };
  },
});

/** The same policy with each number of an action taken from a draw of its own: each as likely as before, none fits another. */
const numbersApart = (policy: Policy): Policy => ({
  ...policy,
  async actBatch(observations, { keys, ...options } = {}) {
    const rows = observations.shape[0];
    const action = new Float32Array(rows * 2 * points);
    for (let number = 0; number < 2 * points; number++) {
      const own = { ...options, ...(keys && { keys: keys.map((key) => fold(key, "number", number)) }) };
      const { data } = (await policy.actBatch(observations, own)).action;
      for (let at = number; at < action.length; at += 2 * points) action[at] = Number(data[at]);
    }
    return { action: { shape: [rows, 2 * points], dtype: "float32", data: action }, info: {} };
  },
});

// History: settings were chosen on seeds 100 and 101. A rate of 1e-3 was too low for the autoencoder and as good for the mixtures;
// at that rate β = 0.003 was too small (codes drawn fall where none was learned).
export const reproduction = defineReproduction({
  id: "S016",
  name: "Cloning with a conditional autoencoder",
  claim:
    "Where the right answers to one question form a continuum in several numbers that must fit each other, a decoder of a random code gives them; one Gaussian, and numbers drawn one by one, do not (Sohn, Lee, Yan 2015, NeurIPS 28).",
  metric: "share of 6,000 points put on their circle, acting by chance, higher is better",
  relation:
    "the autoencoder's mean over seeds lies above that of the same without a code, of cloning, of mixtures of five and of twenty Gaussians, and of a mixture's numbers drawn apart, 95% intervals apart",
  arms: {
    "bc-cvae": "cloning with a conditional autoencoder, a code of 6 numbers",
    "bc-cvae, β = 1000": "the same with the mechanism switched off: the code says nothing",
    bc: "cloning with one Gaussian",
    "bc-mixture": "cloning with five Gaussians",
    "bc-mixture, 20 parts": "cloning with twenty Gaussians",
    "bc-mixture, numbers apart": "that of five, each number of an action from a draw of its own",
    demonstrator: "the demonstrator itself",
  },
  seeds: [10, 11, 12, 13, 14],
  budget: { full: { steps: 4000, recorded: 200, episodes: 100 }, tiny: { steps: 40, recorded: 4, episodes: 4 } },
  async run({ arm, seed, budget, progress }) {
    const { steps, recorded, episodes } = budget;
    const score = async (policy: Policy): Promise<number> =>
      (await evaluate(policy, circles, { episodes, seed: 1000 + seed, deterministic: false })).return.value / rounds;
    if (arm === "demonstrator") return await score(demonstrator);
    const recording = await collect(demonstrator, circles, { episodes: recorded, seed });
    progress(0.1);
    const options = { steps, hidden: [64, 64], learningRate: 3e-3, batchSize: 128 };
    const coded = { ...options, latent: 6, divergenceWeight: arm === "bc-cvae" ? 0.02 : 1000 };
    const { policy } = arm.startsWith("bc-cvae")
      ? await train(bcCvae, recording, { seed, options: coded })
      : arm === "bc"
        ? await train(bc, recording, { seed, options })
        : await train(bcMixture, recording, {
            seed,
            options: { ...options, parts: arm === "bc-mixture, 20 parts" ? 20 : 5 },
          });
    await using learned = policy;
    return await score(arm === "bc-mixture, numbers apart" ? numbersApart(learned) : learned);
  },
  verdict: all(
    beats("bc-cvae", "bc-cvae, β = 1000"),
    beats("bc-cvae", "bc"),
    beats("bc-cvae", "bc-mixture"),
    beats("bc-cvae", "bc-mixture, 20 parts"),
    beats("bc-cvae", "bc-mixture, numbers apart"),
  ),
});
