/** Energy-based heads: what is likely has low energy, and acting is searching. */
import { concat, constant, grad, type Key, ndarray, repeat, type Tensor, zerosOf } from "../../tensor/index.ts";
import { type Mlp, type MlpOptions, mlp } from "../layers.ts";
import {
  checkCount,
  checkTarget,
  type Event,
  flatEvent,
  type Generative,
  shapedEvent,
  sizeOfEvent,
} from "./generative.ts";

export interface EnergyOptions extends Omit<MlpOptions, "inputs" | "outputs"> {
  readonly event: Event;
  /** Numbers in the condition. */
  readonly condition: number;
  /** Bounds of every number of the event. Default [−1, 1]. */
  readonly bounds?: readonly [low: number, high: number];
  /** Counter-examples a target is told apart from. Default 64. */
  readonly negatives?: number;
  /** Candidates a search begins with. Default 64. */
  readonly candidates?: number;
  /** Rounds of derivative-free search: draw candidates again by their likelihood, move each a little. Default 3. */
  readonly rounds?: number;
  /** How far the first round moves a candidate (a standard deviation), and by what each later one is shorter. Default 0.33, 0.5. */
  readonly reach?: number;
  readonly shrink?: number;
  /** Steps of Langevin dynamics with the chosen candidate, down the slope of the energy. Default 0. */
  readonly langevinSteps?: number;
  /** Size λ of a Langevin step. Default 0.001. */
  readonly langevinSize?: number;
}

export interface EnergyHead extends Generative<Mlp> {
  /** E(x, c): event [batch, …event], condition [batch, c] → [batch]. */
  energy(params: Mlp, x: Tensor, condition: Tensor): Tensor;
}

/** Points that cover the unit cube evenly: multiples of the powers of the generalised golden ratio (Roberts 2018). */
function lattice(count: number, size: number): Tensor {
  let ratio = 1.5;
  for (let i = 0; i < 50; i++) ratio = (1 + ratio) ** (1 / (size + 1));
  const rows = Array.from({ length: count }, (_, n) =>
    Array.from({ length: size }, (_, j) => (n * ratio ** -(j + 1)) % 1),
  );
  return constant(ndarray(rows));
}

/** A lattice turned by one uniform vector a row: each point is uniform, and together they leave no hole. [batch, count, size] */
const covering = (points: Tensor, key: Key, rows: number): Tensor => {
  const turned = key.uniform(rows, 1, points.shape[1]).add(points);
  return turned.sub(turned.floor());
};

/**
 * An implicit policy (Florence and others 2021, arXiv:2109.00137): trained by InfoNCE against uniform counter-examples, so
 * that −E is log p up to a constant; drawn by importance resampling of candidates, then by their derivative-free search
 * (algorithm 1; moves are uniform of the same spread, not normal), then by Langevin steps x − λ/2 ∇E + √λ noise. Without
 * rounds the draws follow p as closely as the candidates cover it; rounds sharpen them towards the lowest energy. Without
 * noise the search is a fixed pattern and the steps go straight down.
 * @throws Problem "bad-option"
 */
export function energyHead(options: EnergyOptions): EnergyHead {
  const { event, condition: width, bounds = [-1, 1], negatives = 64, candidates = 64, rounds = 3 } = options;
  const { reach = 0.33, shrink = 0.5, langevinSteps = 0, langevinSize = 1e-3 } = options;
  const size = sizeOfEvent(event);
  checkCount("energyHead", "negatives", negatives);
  checkCount("energyHead", "candidates", candidates);
  const [low, high] = bounds;
  const { event: _, condition: __, ...body } = options;
  const network = mlp({ activation: "silu", ...body, inputs: size + width, outputs: 1 });
  /** [batch, n, size] with [batch, c] → [batch, n] */
  const energies = (params: Mlp, x: Tensor, condition: Tensor): Tensor => {
    const given = condition.unsqueeze(1).add(zerosOf([1, x.shape[1], 1]));
    return network(params, concat([x, given])).squeeze(-1);
  };
  const flat = (params: Mlp, x: Tensor, condition: Tensor): Tensor =>
    network(params, concat([x, condition])).squeeze(-1);

  return {
    init: (key) => network.init(key),
    energy: (params, x, condition) => flat(params, flatEvent(x, event), condition),
    loss(params, target, condition, key) {
      checkTarget("energyHead", target, event);
      const others = key
        .uniform(target.shape[0], negatives, size)
        .mul(high - low)
        .add(low);
      const all = concat([flatEvent(target, event).unsqueeze(1), others], 1);
      return energies(params, all, condition).neg().logSoftmax().at(-1, 0).mean().neg();
    },
    sample(params, condition, key) {
      const rows = condition.shape[0];
      const points = lattice(candidates, size);
      const draw = key.split("start", "choice", "langevin");
      let x = covering(points, draw.start, rows)
        .mul(high - low)
        .add(low);
      for (let round = 0; round < rounds; round++) {
        const at = key.at(`round${round}`);
        const scores = energies(params, x, condition).neg().unsqueeze(1);
        const picks = scores.add(at.at("pick").gumbel(rows, candidates, candidates)).argmax(-1);
        const kept = picks.oneHot(candidates).matmul(x);
        // The first stays where it is, so that a search without chance cannot lose the best it found.
        const moving = constant(ndarray([Array.from({ length: candidates }, (_, i) => [Number(i > 0)])]));
        const moves = covering(points, at.at("move"), rows).mul(2).sub(1).mul(moving);
        x = kept.add(moves.mul(Math.sqrt(3) * reach * shrink ** round)).clip(low, high);
      }
      const chances = energies(params, x, condition).neg().add(draw.choice.gumbel(rows, candidates));
      const best = chances.argmax(-1).oneHot(candidates).unsqueeze(1).matmul(x).squeeze(1);
      const chosen = repeat(langevinSteps, best, (now, step) => {
        const slope = grad((at: Tensor) => flat(params, at, condition).sum())(now);
        const noise = draw.langevin.at(step).normal(rows, size);
        return now
          .sub(slope.mul(langevinSize / 2))
          .add(noise.mul(Math.sqrt(langevinSize)))
          .clip(low, high);
      });
      return shapedEvent(chosen, event);
    },
  };
}
