/**
 * The setter of tasks as hard as it is told to, and the judge of how hard they are (see setter-solver.ts).
 *
 *   judge       log-odds of success in a task, by its cross-entropy
 *   validity    −log p(task | feasibility it was set for) of tasks that succeeded, with some noise
 *   feasibility (judge(task) − log-odds of the feasibility it is set for)²
 *   coverage    log p(task | feasibility) of what is set: as varied as can be
 */
import { couplingFlow, mlp, type ParamsOf } from "../../nn/index.ts";
import {
  adam,
  Compiled,
  descendWith,
  fold,
  type Learner,
  learner,
  type NdArray,
  ndarray,
  type RandomKey,
  runOnce,
  Store,
  scan,
  type Tensor,
  trace,
} from "../../tensor/index.ts";
import type { Networks } from "./plain-networks.ts";
import type { Task } from "./teacher.ts";

/** Updates in a lesson, episodes in each, tasks drawn after it. */
const [updates, batch, drawn] = [100, 64, 1024];
/** Feasibilities lie in [least, 1 − least], where their log-odds are bounded. */
const least = 0.02;

/** A task and the feasibility for which it was set, in (0, 1). */
export interface SetTask {
  readonly task: Task;
  readonly feasibility: number;
}

/** … and whether it succeeded: 1 or 0, or how far. */
export interface Judged extends SetTask {
  readonly result: number;
}

/** The programs for tasks of one size hold nothing of any setter's, so all of that size share them. */
const programs = new Map<string, ReturnType<typeof traced>>();

function programsOf(dimensions: number, noise: number): ReturnType<typeof traced> {
  const name = `${dimensions} ${noise}`;
  const known = programs.get(name) ?? traced(dimensions, noise);
  programs.set(name, known);
  return known;
}

const logit = (x: Tensor): Tensor => x.log().sub(x.from(1).log());

async function traced(dimensions: number, noise: number) {
  const judge = mlp({ inputs: dimensions, outputs: 1, hidden: [64, 64, 64], activation: "silu" });
  const flow = couplingFlow({ event: [dimensions], condition: 1, hidden: [64], activation: "tanh" });
  const optimiser = adam(1e-3);
  interface Learners {
    readonly setter: Learner<ParamsOf<typeof flow>>;
    readonly judge: Learner<ParamsOf<typeof judge>>;
  }
  const oddsOf = (params: ParamsOf<typeof judge>, task: Tensor): Tensor => judge(params, task.mul(2).sub(1));
  /** log of how much a sigmoid narrows space at x: [batch]. */
  const narrowing = (x: Tensor): Tensor => x.softplus().add(x.neg().softplus()).sum(-1).neg();
  const asked = (uniform: Tensor): Tensor => uniform.mul(1 - 2 * least).add(least);

  const begin = trace("setter, beginning", { state: {}, inputs: {} }, (state, _inputs, key) => ({
    state,
    outputs: {
      setter: learner(flow.init(key.at("setter")), optimiser),
      judge: learner(judge.init(key.at("judge")), optimiser),
    },
  }));
  const column = { shape: [updates, batch, 1], dtype: "float32" } as const;
  const inputs = {
    task: { shape: [updates, batch, dimensions], dtype: "float32" },
    feasibility: column,
    result: column,
  } as const;
  const lesson = trace("setter", { state: begin.outputs as unknown, inputs }, (before, episodes, key) => {
    const { state } = scan(episodes, before as Learners, (now, { task, feasibility, result }, update) => {
      const draw = key.at(update).split("noise", "latent", "feasibility");
      const [judging] = descendWith(optimiser, now.judge, (params) => {
        const odds = oddsOf(params, task);
        return odds.softplus().sub(odds.mul(result)).mean();
      });
      const near = logit(task.add(draw.noise.uniform(batch, dimensions).mul(noise)).clip(1e-4, 1 - 1e-4));
      const latent = draw.latent.normal(batch, dimensions);
      const wanted = asked(draw.feasibility.uniform(batch, 1));
      const [setting] = descendWith(optimiser, now.setter, (params) => {
        const succeeded = result.reshape(batch);
        const valid = flow.logProb(params, near, feasibility).sub(narrowing(near)).mul(succeeded).sum();
        const { value, logDeterminant } = flow.forward(params, latent, wanted);
        const feasible = oddsOf(judging.params, value.sigmoid()).sub(logit(wanted)).square().mean();
        // The density of the noise itself has no slope.
        const covered = logDeterminant.add(narrowing(value)).mean().neg();
        return feasible.add(covered).sub(valid.div(succeeded.sum().atLeast(1)));
      });
      return { state: { setter: setting, judge: judging }, outputs: {} };
    });
    const draw = key.at("drawn").split("latent", "feasibility");
    const feasibility = asked(draw.feasibility.uniform(drawn, 1));
    const { value } = flow.forward(state.setter.params, draw.latent.normal(drawn, dimensions), feasibility);
    return { state: state as unknown, outputs: { tasks: value.sigmoid(), asked: feasibility } };
  });
  return { begin, lesson: await Compiled.open(lesson) };
}

/** A learner each for setter and judge, as they begin. */
export async function newSetter(dimensions: number, noise: number, key: RandomKey): Promise<Networks> {
  const { begin } = await programsOf(dimensions, noise);
  return await runOnce(begin, {}, { key: fold(key, "networks") });
}

export interface Lesson {
  readonly networks: Networks;
  /** 1,024, drawn after it. */
  readonly tasks: readonly SetTask[];
}

/**
 * A lesson of 100 updates on batches of 64.
 * @param episode the next one
 * @param noise the most that is added to a task that succeeded
 */
export async function trainedSetter(
  networks: Networks,
  dimensions: number,
  noise: number,
  episode: () => Judged,
  key: RandomKey,
): Promise<Lesson> {
  const episodes = Array.from({ length: updates * batch }, episode);
  const column = (of: (it: Judged) => number): NdArray =>
    ndarray(Float32Array.from(episodes, of), { shape: [updates, batch, 1] });
  const inputs = {
    task: ndarray(Float32Array.from(episodes.flatMap((it) => it.task)), { shape: [updates, batch, dimensions] }),
    feasibility: column((it) => it.feasibility),
    result: column((it) => it.result),
  };
  const { lesson } = await programsOf(dimensions, noise);
  const store = new Store(networks);
  const made = (await lesson.run(inputs, store, { key })) as { readonly tasks: NdArray; readonly asked: NdArray };
  const numbers = made.tasks.data as Float32Array;
  const tasks = Array.from({ length: drawn }, (_, i) => ({
    task: [...numbers.subarray(i * dimensions, (i + 1) * dimensions)],
    feasibility: Number(made.asked.data[i]),
  }));
  return { networks: store.read(), tasks };
}
