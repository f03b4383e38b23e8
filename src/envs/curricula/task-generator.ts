/**
 * A generative adversarial network over tasks: it learns to draw what is like the tasks labelled 1.
 *
 *   D   regresses onto 1 for tasks labelled 1, and onto −1 for those labelled 0 and for what G draws
 *   G   climbs towards D = 1
 *
 * Mao and others (2017). Least Squares Generative Adversarial Networks. arXiv:1611.04076, with negative examples as in
 * GoalGAN (arXiv:1705.06366).
 */
import { glorot, mlp, type ParamsOf } from "../../nn/index.ts";
import {
  Compiled,
  descendWith,
  fold,
  type Learner,
  learner,
  type NdArray,
  ndarray,
  type RandomKey,
  rmsprop,
  runOnce,
  Store,
  scan,
  type Tensor,
  trace,
} from "../../tensor/index.ts";
import type { Networks } from "./plain-networks.ts";
import type { Task } from "./teacher.ts";

/** Updates in a lesson, examples in each, tasks drawn after it, and units in each of two hidden layers. */
const [updates, batch, drawn, width] = [250, 64, 1024, 64];

/** The programs for tasks of one size hold nothing of any generator's, so all of that size share them. */
const programs = new Map<number, ReturnType<typeof traced>>();

function programsOf(dimensions: number): ReturnType<typeof traced> {
  const known = programs.get(dimensions) ?? traced(dimensions);
  programs.set(dimensions, known);
  return known;
}

async function traced(dimensions: number) {
  const shape = { inputs: dimensions, hidden: [width, width], weight: glorot, bias: "zero" } as const;
  const raw = mlp({ ...shape, outputs: dimensions });
  const judge = mlp({ ...shape, outputs: 1, activation: "silu" });
  const optimiser = rmsprop(1e-3, { decay: 0.9 });
  interface Learners {
    readonly generator: Learner<ParamsOf<typeof raw>>;
    readonly judge: Learner<ParamsOf<typeof judge>>;
  }
  // Networks see tasks on the scale [−1, 1].
  const generate = (params: ParamsOf<typeof raw>, noise: Tensor): Tensor => raw(params, noise).tanh();

  const begin = trace("task generator, beginning", { state: {}, inputs: {} }, (state, _inputs, key) => ({
    state,
    outputs: {
      generator: learner(raw.init(key.at("generator")), optimiser),
      judge: learner(judge.init(key.at("judge")), optimiser),
    },
  }));
  const examples = {
    task: { shape: [updates, batch, dimensions], dtype: "float32" },
    label: { shape: [updates, batch, 1], dtype: "float32" },
  } as const;
  const given = { state: begin.outputs as unknown, inputs: examples };
  const lesson = trace("task generator", given, (before, { task, label }, key) => {
    const shown = { task: task.mul(2).sub(1), wanted: label.mul(2).sub(1) };
    const { state } = scan(shown, before as Learners, (now, { task, wanted }, update) => {
      const noise = key.at(update).normal(batch, dimensions);
      const made = generate(now.generator.params, noise);
      const [judging] = descendWith(optimiser, now.judge, (params) => {
        const seen = judge(params, task).sub(wanted).square();
        return seen.add(judge(params, made).add(1).square()).mean().mul(0.5);
      });
      const [generating] = descendWith(optimiser, now.generator, (params) =>
        judge(judging.params, generate(params, noise)).sub(1).square().mean(),
      );
      return { state: { generator: generating, judge: judging }, outputs: {} };
    });
    const tasks = generate(state.generator.params, key.at("drawn").normal(drawn, dimensions));
    return { state: state as unknown, outputs: { tasks: tasks.add(1).mul(0.5) } };
  });
  return { begin, lesson: await Compiled.open(lesson) };
}

/** A learner each for G and D, as they begin. */
export async function newNetworks(dimensions: number, key: RandomKey): Promise<Networks> {
  const { begin } = await programsOf(dimensions);
  return await runOnce(begin, {}, { key: fold(key, "networks") });
}

export interface Example {
  readonly task: Task;
  /** 1: to be drawn, 0: not. */
  readonly label: number;
}

export interface Lesson {
  readonly networks: Networks;
  /** 1,024, drawn after it. */
  readonly tasks: readonly Task[];
}

/**
 * A lesson of 250 updates on batches of 64.
 * @param example the next one
 */
export async function trainedGenerator(
  networks: Networks,
  dimensions: number,
  example: () => Example,
  key: RandomKey,
): Promise<Lesson> {
  const examples = Array.from({ length: updates * batch }, example);
  const inputs = {
    task: ndarray(Float32Array.from(examples.flatMap((it) => it.task)), { shape: [updates, batch, dimensions] }),
    label: ndarray(
      Float32Array.from(examples, (it) => it.label),
      { shape: [updates, batch, 1] },
    ),
  };
  const { lesson } = await programsOf(dimensions);
  const store = new Store(networks);
  const { tasks } = await lesson.run(inputs, store, { key });
  const numbers = (tasks as NdArray).data as Float32Array;
  const rows = Array.from({ length: drawn }, (_, i) => [...numbers.subarray(i * dimensions, (i + 1) * dimensions)]);
  return { networks: store.read(), tasks: rows };
}
