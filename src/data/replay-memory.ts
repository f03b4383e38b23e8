/** The last steps that were played, as rows of transitions: what methods that learn while they act draw from. */
import { problem } from "../problems.ts";
import { type NdArray, ndarray, takeRows, zeros } from "../tensor/ndarray.ts";
import { generator, type RandomKey } from "../tensor/random.ts";
import { priorities } from "./priorities.ts";

/** One step of every world. */
export interface PlayedStep {
  /** [worlds, observation] float32 */
  readonly observation: NdArray;
  /** [worlds, action] float32, or int32 [worlds] or [worlds, choices] */
  readonly action: NdArray;
  /** [worlds] */
  readonly reward: ArrayLike<number>;
  /** [worlds, observation] what each step led to, the last observation of an episode that ended included */
  readonly nextObservation: NdArray;
  /** [worlds] 1 where the episode truly ended */
  readonly terminated: ArrayLike<number>;
  /** [worlds] 1 where it was cut off */
  readonly truncated: ArrayLike<number>;
}

export interface ReplayMemoryOptions {
  /** Rows kept; the oldest makes room. */
  readonly capacity: number;
  /** Numbers in a flat observation. */
  readonly observation: number;
  /** Of one action: its shape behind the batch, and type. */
  readonly action: { readonly shape: readonly number[]; readonly dtype: "float32" | "int32" };
  readonly worlds: number;
  /** Steps a transition spans, fewer at the end of an episode. Default 1. */
  readonly nStep?: number;
  /** Weight of a reward one step later; used when nStep is above 1. */
  readonly discount?: number;
  /** Draw rows in proportion to priority^exponent (Schaul and others 2015, arXiv:1511.05952). Default: all alike. */
  readonly priorityExponent?: number;
}

/** As numbers: what a checkpoint holds. */
export type SavedMemory = { readonly [name: string]: NdArray };

export interface ReplayMemory {
  /** [capacity, …] in place: observation, action, reward, nextObservation, continues, span, and weight with priorities. */
  readonly columns: { readonly [name: string]: NdArray };
  /** Rows that hold a transition. */
  readonly count: number;
  add(step: PlayedStep): void;
  /** Rows for a batch, by the key alone and what is held. With priorities, their importance weights are put in `weight`. */
  draw(batchSize: number, key: RandomKey, importance?: number): Int32Array;
  /** New priorities of rows that were drawn (without the exponent). */
  reprioritise(rows: ArrayLike<number>, values: ArrayLike<number>): void;
  save(): SavedMemory;
  restore(saved: SavedMemory): void;
}

/** A transition whose span is not over. */
interface Pending {
  readonly observation: Float32Array;
  readonly action: ArrayLike<number>;
  reward: number;
  span: number;
}

/** Keeps a priority above 0, so that every row has a chance. */
const smallest = 1e-6;

/** @throws Problem "bad-option" for a capacity below the number of worlds */
export function replayMemory(options: ReplayMemoryOptions): ReplayMemory {
  const { capacity, observation: width, action, worlds, nStep = 1, discount = 1, priorityExponent } = options;
  if (!(capacity >= worlds)) {
    const wanted = `at least ${worlds}, one row a world`;
    throw problem("bad-option", { where: "replay memory", name: "capacity", given: capacity, wanted });
  }
  const chances = priorityExponent === undefined ? undefined : priorities(capacity);
  const columns = {
    observation: zeros([capacity, width], "float32"),
    action: zeros([capacity, ...action.shape], action.dtype),
    reward: zeros([capacity], "float32"),
    nextObservation: zeros([capacity, width], "float32"),
    continues: zeros([capacity], "float32"),
    span: zeros([capacity], "float32"),
    ...(chances ? { weight: zeros([capacity], "float32") } : {}),
  };
  const actionSize = action.shape.reduce((a, b) => a * b, 1);
  let pending: Pending[][] = Array.from({ length: worlds }, () => []);
  let [count, next, highest] = [0, 0, 1];

  const write = (
    { observation, action: done, reward, span }: Pending,
    after: Float32Array,
    continues: number,
  ): void => {
    (columns.observation.data as Float32Array).set(observation, next * width);
    (columns.action.data as Float32Array).set(done, next * actionSize);
    columns.reward.data[next] = reward;
    (columns.nextObservation.data as Float32Array).set(after, next * width);
    columns.continues.data[next] = continues;
    columns.span.data[next] = span;
    chances?.set(next, highest ** priorityExponent!); // seen at least once before its own error is known
    next = (next + 1) % capacity;
    count = Math.min(count + 1, capacity);
  };

  return {
    columns,
    get count() {
      return count;
    },
    add({ observation, action: done, reward, nextObservation, terminated, truncated }) {
      for (let w = 0; w < worlds; w++) {
        const seen = (observation.data as Float32Array).slice(w * width, (w + 1) * width);
        const after = (nextObservation.data as Float32Array).subarray(w * width, (w + 1) * width);
        const waiting = pending[w];
        for (const one of waiting) {
          one.reward += discount ** one.span * reward[w];
          one.span++;
        }
        const chosen = done.data.slice(w * actionSize, (w + 1) * actionSize) as Float32Array;
        waiting.push({ observation: seen, action: chosen, reward: reward[w], span: 1 });
        const over = terminated[w] === 1 || truncated[w] === 1;
        while (waiting.length > 0 && (over || waiting[0].span === nStep)) {
          write(waiting.shift()!, after, 1 - terminated[w]);
        }
      }
    },
    draw(batchSize, key, importance = 0) {
      const random = generator(key);
      if (!chances) return Int32Array.from({ length: batchSize }, () => random.integer(count));
      const weight = columns.weight!.data;
      // One draw from each of equal stretches of the whole, as in the paper.
      return Int32Array.from({ length: batchSize }, (_, i) => {
        const row = chances.rowAt(((i + random.uniform()) / batchSize) * chances.total);
        weight[row] = (chances.least / chances.at(row)) ** importance;
        return row;
      });
    },
    reprioritise(rows, values) {
      if (!chances) return;
      for (let i = 0; i < rows.length; i++) {
        const value = Math.abs(values[i]) + smallest;
        highest = Math.max(highest, value);
        chances.set(rows[i], value ** priorityExponent!);
      }
    },
    save() {
      const kept = Int32Array.from({ length: count }, (_, i) => i);
      const waiting = pending.flatMap((list, world) => list.map((one) => ({ world, one })));
      const last: { [name: string]: NdArray } = {
        at: ndarray(Float64Array.of(count, next)),
        highest: ndarray(Float64Array.of(highest)),
        pending: ndarray(
          Float64Array.from(
            waiting.flatMap(({ world, one }) => [
              world,
              one.reward,
              one.span,
              ...one.observation,
              ...Array.from(one.action),
            ]),
          ),
        ),
      };
      for (const [name, column] of Object.entries(columns)) last[name] = takeRows(column, kept);
      if (chances) last.chances = ndarray(Float64Array.from(kept, (row) => chances.at(row)));
      return last;
    },
    restore(saved) {
      [count, next] = Array.from(saved.at.data, Number);
      highest = Number(saved.highest.data[0]);
      for (const [name, column] of Object.entries(columns))
        (column.data as Float32Array).set(saved[name].data as Float32Array);
      for (let row = 0; chances && row < capacity; row++)
        chances.set(row, row < count ? Number(saved.chances.data[row]) : 0);
      pending = Array.from({ length: worlds }, () => []);
      const numbers = Array.from(saved.pending.data, Number);
      for (let i = 0; i < numbers.length; i += 3 + width + actionSize) {
        const [world, reward, span] = numbers.slice(i, i + 3);
        const seen = Float32Array.from(numbers.slice(i + 3, i + 3 + width));
        const done = numbers.slice(i + 3 + width, i + 3 + width + actionSize);
        pending[world].push({ observation: seen, action: done, reward, span });
      }
    },
  };
}
