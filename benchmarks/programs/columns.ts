/** Data for the programs: of the right sizes, and such that a loss can fall on it. */
import {
  type Columns,
  type Dtype,
  fillNormal,
  fillUniform,
  fold,
  type NdArray,
  randomKey,
  zeros,
} from "../../src/tensor/index.ts";

const key = fold(randomKey(0), "bench");
const normal = (name: string, ...shape: number[]): NdArray => {
  const value = zeros(shape);
  fillNormal(value.data as Float32Array, fold(key, name));
  return value;
};
const filled = (shape: readonly number[], f: (at: number) => number, dtype: Dtype = "float32"): NdArray => {
  const value = zeros(shape, dtype);
  for (let at = 0; at < value.data.length; at++) value.data[at] = f(at);
  return value;
};

/** The sizes of MuJoCo's HalfCheetah, on which IQL, TD3+BC and SAC were published. */
export const sizes = { observations: 17, actions: 6, rows: 100_000 };

/** Transitions at random. The reward is the first number seen, and each ends its episode, so that critics have one answer. */
export function transitions({ observations, actions, rows } = sizes): Columns {
  const observation = normal("observation", rows, observations);
  const action = zeros([rows, actions]);
  fillUniform(action.data as Float32Array, fold(key, "action"));
  return {
    observation,
    action: { ...action, data: (action.data as Float32Array).map((u) => 2 * u - 1) },
    reward: filled([rows], (row) => Number(observation.data[row * observations])),
    nextObservation: normal("nextObservation", rows, observations),
    continues: filled([rows], () => 0),
    span: filled([rows], () => 1),
  };
}

/** What was seen, and a chunk of actions after it: each number of a chunk is one of those seen. */
export function chunks({ observations, chunk, rows }: { observations: number; chunk: number; rows: number }): Columns {
  const observation = normal("observation", rows, observations);
  const of = (at: number): number =>
    Number(observation.data[Math.floor(at / chunk) * observations + ((at % chunk) % observations)]);
  return { observation, chunk: filled([rows, chunk], (at) => Math.tanh(of(at))) };
}

/** Sequences that count in steps of 1 to 7 from anywhere: int32 [rows, length]. */
export function sequences({ vocabulary, length, rows }: { vocabulary: number; length: number; rows: number }): Columns {
  const at = (row: number, place: number): number => (row * 31 + place * (1 + (row % 7))) % vocabulary;
  return {
    tokens: filled([rows, length], (i) => at(Math.floor(i / length), i % length), "int32"),
  };
}

/** Pictures [rows, 3, 64, 64] of noise, and what should be said of each: the means of its first rows. */
export function pictures({ outputs, rows }: { outputs: number; rows: number }): Columns {
  const picture = normal("picture", rows, 3, 64, 64);
  const label = (at: number): number => {
    const from = Math.floor(at / outputs) * 3 * 4096 + (at % outputs) * 64;
    let sum = 0;
    for (let i = 0; i < 64; i++) sum += Number(picture.data[from + i]);
    return sum / 8;
  };
  return { picture, label: filled([rows, outputs], label) };
}
