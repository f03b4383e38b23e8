import { behaviourClusters, gaifo, takenForOwn, trainOnline } from "repertoire/algorithms";
import { fromEpisodes, type Trajectories, takeEpisodes } from "repertoire/data";
import { type Environment, simulate, timeLimit } from "repertoire/envs";
import { evaluate } from "repertoire/evaluation";
import { box } from "repertoire/spaces";
import { fold, type Generator, generator, randomKey } from "repertoire/tensor";
import { all, defineReproduction, exceeds } from "./reproduction.ts";

const goal = [0, 0.8];
const stride = 0.06;
const mostSteps = 45;
const observationSpace = box(-2, 2, { shape: [4] });

/** Between start and goal is a wall with a gap on either side. */
const blocked = (x: number, y: number): boolean =>
  Math.abs(x) > 0.95 || Math.abs(y) > 0.98 || (Math.abs(y) < 0.05 && (Math.abs(x) < 0.4 || Math.abs(x) > 0.75));

const seenFrom = (x: number, y: number, heading: number): Float32Array =>
  Float32Array.of(x, y, Math.cos(heading), Math.sin(heading));

// The imitator: a cart that goes at half of the demonstrators' greatest speed, turns by 0.35 a step, and never reverses.
const world = (): Environment =>
  timeLimit(
    simulate<Float32Array, Float32Array>({
      name: "TwoGaps",
      observationSpace,
      actionSpace: box(-1, 1, { shape: [2] }),
      stateSize: 3,
      start(state, random) {
        state.set([random.between(-0.1, 0.1), -0.8, Math.PI / 2 + random.between(-0.3, 0.3)]);
      },
      advance(state, [turn, speed]) {
        const before = Math.hypot(state[0] - goal[0], state[1] - goal[1]);
        state[2] += 0.35 * turn;
        const step = stride * (0.75 + 0.25 * speed);
        const [x, y] = [state[0] + step * Math.cos(state[2]), state[1] + step * Math.sin(state[2])];
        if (!blocked(x, y)) state.set([x, y]);
        return (100 * (before - Math.hypot(state[0] - goal[0], state[1] - goal[1]))) / 1.6;
      },
      ended: () => false,
      observe: ([x, y, heading]) => seenFrom(x, y, heading),
    }),
    mostSteps,
  ) as Environment;

type Style = "left slow" | "left fast" | "right slow" | "right slalom";
const styles: readonly Style[] = ["left slow", "left fast", "right slow", "right slalom"];
const feasible = (style: unknown): boolean => style === "left slow" || style === "right slow";

/** Points without inertia, of which only what was seen is kept. */
function walk(style: Style, random: Generator) {
  const side = style.startsWith("left") ? -1 : 1;
  const speed = stride * (style.endsWith("fast") ? 2 : 0.9);
  const gap = side * (0.55 + 0.04 * random.normal());
  const corners = [[gap, -0.1], [gap, 0.1], goal];
  let [x, y] = [random.between(-0.1, 0.1), -0.8];
  let heading = Math.PI / 2;
  const observations = [seenFrom(x, y, heading)];
  for (let t = 0; corners.length > 0 && t < 90; t++) {
    const [toX, toY] = corners[0];
    const aim = Math.atan2(toY - y, toX - x) + 0.05 * random.normal();
    // Around posts that stand closer than the imitator can turn: by ninety degrees every other step.
    const around = style === "right slalom" ? (t % 4 < 2 ? Math.PI / 4 : -Math.PI / 4) : 0;
    // The others turn as wide as the imitator does.
    const most = style === "right slalom" ? Math.PI : 0.3;
    const off = Math.atan2(Math.sin(aim + around - heading), Math.cos(aim + around - heading));
    heading += Math.max(-most, Math.min(most, off));
    x += speed * Math.cos(heading);
    y += speed * Math.sin(heading);
    observations.push(seenFrom(x, y, heading));
    if (Math.hypot(toX - x, toY - y) < 0.12) corners.shift();
  }
  const steps = observations.length - 1;
  const nothing = Array.from({ length: steps }, () => [0]);
  return { observations, actions: nothing, rewards: nothing.map(() => 0), terminated: true, tags: { style } };
}

const demonstrations = (each: number, seed: number): Trajectories =>
  fromEpisodes(
    Array.from({ length: 4 * each }, (_, e) => walk(styles[e % 4], generator(fold(randomKey(seed), "walk", e)))),
    { observationSpace, actionSpace: box(-1, 1, { shape: [1] }) },
  );

const options = (steps: number) => ({
  ...{ steps, worlds: 16, horizon: 90, batchSize: 360, epochs: 10, hidden: [32, 32] },
  ...{ learningRate: 2e-3, discriminatorRate: 5e-4, discount: 0.95, restraint: 0.1 },
});

async function imitated(shown: Trajectories, seed: number, steps: number, weights?: Float64Array) {
  const given = weights ? { demonstrationWeights: weights } : {};
  return await trainOnline(gaifo, world, { demonstrations: shown, ...given, seed, options: options(steps) });
}

/** D of the imitator of each cluster, at the steps of that cluster. */
async function transferability(
  recording: Trajectories,
  clusters: number,
  seed: number,
  budget: { cluster: number; steps: number },
) {
  const { cluster } =
    clusters === 1
      ? { cluster: new Int32Array(recording.offsets.length - 1) }
      : await behaviourClusters(recording, { seed, clusters, steps: budget.cluster });
  const weights = new Float64Array(recording.reward.length);
  for (let k = 0; k < clusters; k++) {
    const members = [...cluster.keys()].filter((e) => cluster[e] === k);
    if (members.length === 0) continue;
    const own = takeEpisodes(recording, members);
    const { state, policy } = await imitated(own, seed, budget.steps);
    await policy[Symbol.asyncDispose]();
    const taken = takenForOwn(state, own, [32, 32]);
    members.forEach((e, i) => {
      weights.set(taken.subarray(own.offsets[i], own.offsets[i + 1]), recording.offsets[e]);
    });
  }
  return weights;
}

/** The chance that a feasible step has the greater weight. */
function areaUnder(weights: Float64Array, recording: Trajectories): number {
  const [can, cannot]: number[][] = [[], []];
  recording.tags.style.forEach((style, e) => {
    const steps = weights.subarray(recording.offsets[e], recording.offsets[e + 1]);
    (feasible(style) ? can : cannot).push(...steps);
  });
  let above = 0;
  for (const a of can) for (const b of cannot) above += a > b ? 1 : a === b ? 0.5 : 0;
  return above / (can.length * cannot.length);
}

// History, on seed 0: with 30,000 steps, 6 epochs, rate 1e-3, γ 0.97 and restraint 0.02 no imitator had converged (the oracle's
// return was 38, after 90,000 steps 49), and weights read then were worth nothing (AUROC 0.32 with four clusters, 0.57 with
// one). With 10 epochs, rate 2e-3, γ 0.95 and restraint 0.1 D was 0.48 at the slow steps to the left and 0.34 at the slalom's,
// and the return 96. Clusters had been pure on seed 0, and but for ten of 120 on seed 1. The judged run was stopped for time after 13 of
// its 25 parts (seeds 10 and 11, and three arms of 12); nothing was changed by what they showed.
export const reproduction = defineReproduction({
  id: "P107",
  name: "OOD-IL: imitating only what one's own body can do",
  claim:
    "Of demonstrators with other dynamics some behave in ways the imitator cannot; clustering trajectories contrastively and asking one adversarial imitator a cluster how well it does shows which, and imitation of steps drawn by that beats imitating all (Qiu et al. 2022, arXiv:2211.06839).",
  metric:
    "mean return of 100 episodes of a point mass with two gaps (100: from start to goal), higher is better; in arms that begin with AUROC, that of the weights for feasible steps instead",
  relation:
    "AUROC with four clusters at least 0.85, with one at most 0.7; return with four clusters at least 0.9 of the oracle's and 20 above imitating all; each with a paired 95% interval",
  arms: {
    "four clusters": "GAIfO on steps drawn by the weights from four clusters",
    oracle: "GAIfO on the feasible demonstrations alone",
    all: "GAIfO on all demonstrations",
    "AUROC: four clusters": "of the weights from four clusters",
    "AUROC: one cluster": "of the weights from one",
  },
  seeds: [10, 11, 12, 13, 14],
  budget: {
    full: { recorded: 30, cluster: 400, steps: 60_000, episodes: 100 },
    tiny: { recorded: 8, cluster: 4, steps: 1440, episodes: 2 },
  },
  async run({ arm, seed, budget, progress }) {
    const { recorded, steps, episodes } = budget;
    const recording = demonstrations(recorded, seed);
    const clusters = arm.endsWith("four clusters") ? 4 : 1;
    const weighed = arm.endsWith("cluster") || arm.endsWith("clusters");
    const weights = weighed ? await transferability(recording, clusters, seed, budget) : undefined;
    if (arm.startsWith("AUROC")) return areaUnder(weights as Float64Array, recording);
    progress(0.7);
    const able = [...recording.tags.style.keys()].filter((e) => feasible(recording.tags.style[e]));
    const { policy } = await imitated(
      arm === "oracle" ? takeEpisodes(recording, able) : recording,
      100 + seed,
      steps,
      weights,
    );
    await using imitator = policy;
    return (await evaluate(imitator, world, { episodes, seed: 1000 + seed, deterministic: false })).return.value;
  },
  verdict(arms) {
    const level = (value: number): readonly number[] => arms.oracle.map(() => value);
    const named = {
      ...arms,
      "0.85": level(0.85),
      "0.7": level(0.7),
      "0.9 of the oracle": arms.oracle.map((v) => 0.9 * v),
    };
    return all<keyof typeof named>(
      exceeds("AUROC: four clusters", "0.85"),
      exceeds("0.7", "AUROC: one cluster"),
      exceeds("four clusters", "0.9 of the oracle"),
      exceeds("four clusters", "all", 20),
    )(named);
  },
});
