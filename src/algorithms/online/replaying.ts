/** Play kept in a memory, and learned from a minibatch at a time. */
import { replayMemory, type SavedMemory } from "../../data/replay-memory.ts";
import { storedForm } from "../../spaces/index.ts";
import { fold, type NdArray } from "../../tensor/index.ts";
import type { Schedule } from "../define.ts";
import { spanOf } from "../experience.ts";
import { startTraining } from "../training.ts";
import { actor, type Practice, type PracticeSetup, playedSoFar, type Saved, takeUp, tally } from "./practice.ts";

/** The exponents of Schaul and others (2015), section 3.4. */
const priorityExponent = 0.6;
const importanceAt = (progress: number): number => 0.4 + 0.6 * progress;

export async function replaying(
  setup: PracticeSetup & { readonly schedule: Schedule; readonly start: unknown },
  from: Saved | undefined,
): Promise<Practice> {
  const { algorithm, options, player, key, schedule } = setup;
  const { worlds, warmup, every, updates: round, prioritised } = schedule;
  const { action } = player.sizes;
  const memory = replayMemory({
    capacity: Math.max(worlds, Math.min(schedule.capacity, schedule.steps)),
    observation: player.sizes.observation,
    action:
      action.kind === "continuous"
        ? { shape: [action.size], dtype: "float32" }
        : { shape: storedForm(player.spaces.actionSpace).shape, dtype: "int32" },
    worlds,
    ...spanOf(algorithm, options),
    ...(prioritised ? { priorityExponent } : {}),
  });
  let steps = from?.counts.steps ?? 0;
  if (from) {
    memory.restore(from.arrays.memory as SavedMemory);
    await takeUp(player, from);
  }
  const means = tally();
  const batchSize = options.batchSize as number;
  const progress = (): number => Math.min(1, steps / schedule.steps);
  const drawn = new Map<number, Int32Array>();
  const training = await startTraining(
    setup,
    {
      columns: memory.columns,
      batchSize,
      sampler: {
        indices(update) {
          const rows = memory.draw(batchSize, fold(key, "rows", update), importanceAt(progress()));
          if (prioritised) drawn.set(update, rows);
          return rows;
        },
      },
      heard(first, { surprise }) {
        if (!prioritised || surprise === undefined) return;
        for (const [update, rows] of drawn) {
          const at = (update - first) * batchSize;
          memory.reprioritise(rows, (surprise.data as Float32Array).subarray(at, at + batchSize));
        }
        drawn.clear();
      },
    },
    { state: from?.arrays.state ?? setup.start, update: from?.counts.updates ?? 0 },
  );
  const acting = await actor(setup, training.store);

  const play = async (): Promise<void> => {
    const at = steps / worlds;
    const chosen =
      steps < warmup
        ? player.random(fold(key, "warm-up", at))
        : bounded((await acting.act(player.observation, progress(), at)).action);
    memory.add(await player.step(chosen));
    steps += worlds;
    for (const episode of player.finished()) means.ended(episode);
  };

  return {
    get steps() {
      return steps;
    },
    get updates() {
      return training.update;
    },
    async advance(until) {
      while (steps < until) {
        const before = Math.floor(steps / every);
        await play();
        if (steps < warmup || memory.count === 0) continue;
        // Rounds fall due by the number of steps alone, wherever a log line cuts the run.
        const due = (Math.floor(steps / every) - before) * round;
        if (due === 0) continue;
        for (const [metric, value] of Object.entries(await training.advance(due))) means.add(metric, value, due);
      }
      return means.take();
    },
    state: () => training.read(),
    async save() {
      const saved = await player.save();
      if (saved === undefined) return undefined;
      const arrays = { state: training.read(), memory: memory.save(), ...playedSoFar(player) };
      return { arrays, counts: { steps, updates: training.update }, worlds: saved };
    },
    async [Symbol.asyncDispose]() {
      await acting[Symbol.asyncDispose]();
      await training[Symbol.asyncDispose]();
    },
  };
}

/** Vectors are kept as they are played. */
const bounded = (action: NdArray): NdArray =>
  action.data instanceof Float32Array
    ? { ...action, data: action.data.map((value) => Math.max(-1, Math.min(1, value))) }
    : action;
