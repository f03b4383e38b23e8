/** How actions are covered: what a card says of a recording's actions. */
import type { Space } from "../spaces/space.ts";
import { type NdArray, sizeOf } from "../tensor/ndarray.ts";
import type { Card } from "./card-schema.ts";
import { moments } from "./replay.ts";
import type { Recording } from "./trajectories.ts";

/** Rows that an estimate of one action's value should at least have. */
const enough = 30;

function choices(action: Int32Array, reward: Float64Array, start: number, names: readonly string[]): Card["coverage"] {
  const rows = new Int32Array(names.length);
  const sums = new Float64Array(names.length);
  for (let i = 0; i < action.length; i++) {
    rows[action[i] - start]++;
    sums[action[i] - start] += reward[i];
  }
  return {
    kind: "choices",
    counts: names.map((name, a) => ({
      name,
      rows: rows[a],
      share: action.length === 0 ? 0 : rows[a] / action.length,
      meanReward: rows[a] === 0 ? null : sums[a] / rows[a],
    })),
    support: { enough, share: rows.filter((n) => n >= enough).length / names.length },
  };
}

const bins = 10;

function dimensions(space: Space, action: NdArray): Card["coverage"] {
  const width = sizeOf(action.shape.slice(1));
  const rows = action.shape[0];
  const { mean, std } = moments(action);
  const round = action.dtype === "float32" ? Math.fround : (x: number): number => x;
  const made = Array.from({ length: width }, (_, d) => {
    const values = Float64Array.from({ length: rows }, (_, i) => Number(action.data[i * width + d]));
    const seen = values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
    const low = space.kind === "box" && Number.isFinite(space.low[d]) ? space.low[d] : rows > 0 ? seen[0] : 0;
    const high = space.kind === "box" && Number.isFinite(space.high[d]) ? space.high[d] : rows > 0 ? seen[1] : 0;
    const histogram = new Array<number>(bins).fill(0);
    let bound = 0;
    for (const v of values) {
      histogram[high > low ? Math.max(0, Math.min(bins - 1, Math.floor(((v - low) / (high - low)) * bins))) : 0]++;
      if (space.kind === "box" && (v <= round(space.low[d]) || v >= round(space.high[d]))) bound++;
    }
    return { low, high, histogram, mean: mean[d], std: std[d], atBounds: rows === 0 ? 0 : bound / rows };
  });
  return { kind: "dimensions", dimensions: made };
}

export function coverageOf(recording: Recording): Card["coverage"] {
  if (recording.kind === "decisions") return choices(recording.action, recording.reward, 0, recording.actions.names);
  const { actionSpace: space, action, reward } = recording;
  if (space.kind !== "discrete") return dimensions(space, action);
  const names = space.names ?? Array.from({ length: space.n }, (_, i) => String(space.start + i));
  return choices(action.data as Int32Array, reward, space.start, names);
}
