/**
 * Which part of a recording is held when: a pure function of a key and the update's number, so that resuming needs no
 * state.
 *
 * The rows are cut into pieces that a file can give at once. In every epoch the pieces are dealt out in a new order, so
 * many to a shard; a shard is held while as many updates are made as see each of its rows once.
 */
import { problem } from "../problems.ts";
import { fold, permutation, type RandomKey } from "../tensor/random.ts";
import { sampler } from "./samplers.ts";

/** A quarter of one of DuckDB's row groups. */
export const defaultPiece = 30_720;

export interface ShardPlanOptions {
  /** Rows of the whole recording. */
  readonly count: number;
  /** Rows an update sees. */
  readonly batchSize: number;
  readonly key: RandomKey;
  /** Most rows to hold at once. Default 500,000. */
  readonly shardRows?: number;
  /** Rows that stand together in the file and are read together. Default 30,720. */
  readonly pieceRows?: number;
  /**
   * Within a shard: "epochs" goes through its rows in a fresh order; "uniform" draws from them with replacement. Default
   * "epochs".
   */
  readonly mode?: "epochs" | "uniform";
}

export interface Shard {
  /** The first update that draws from this shard, and the first after it that does not. */
  readonly from: number;
  readonly until: number;
  /** Row ranges [from, to) of the recording, in its order. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly count: number;
}

export interface ShardPlan {
  /** Rows that the largest shard holds. */
  readonly capacity: number;
  /** The shard that serves an update. */
  shard(update: number): Shard;
  /** int32 [batchSize] rows of that shard. */
  rows(update: number): Int32Array;
}

/**
 * Where one shard holds every row, rows come as the `sampler` of the same key and mode gives them.
 * @throws Problem "bad-option" for no rows, an empty batch, a shard or a piece without rows
 */
export function shardPlan(options: ShardPlanOptions): ShardPlan {
  const { count, batchSize, key, shardRows = 500_000, mode = "epochs" } = options;
  const pieceRows = Math.min(options.pieceRows ?? defaultPiece, shardRows);
  for (const [name, given] of Object.entries({ shardRows, pieceRows })) {
    if (Number.isInteger(given) && given >= 1) continue;
    throw problem("bad-option", { where: "shards", name, given, wanted: "a whole number of at least 1" });
  }
  const whole = sampler({ count, batchSize, key, mode });
  if (count <= shardRows) {
    const shard: Shard = { from: 0, until: Number.POSITIVE_INFINITY, ranges: [[0, count]], count };
    return { capacity: count, shard: () => shard, rows: (update) => whole.indices(update) };
  }

  const pieces = Math.ceil(count / pieceRows);
  const perShard = Math.floor(shardRows / pieceRows);
  const shards = Math.ceil(pieces / perShard);
  const visit = (rows: number): number => Math.max(1, Math.round(rows / batchSize));
  const perVisit = visit(perShard * pieceRows);
  const perEpoch = (shards - 1) * perVisit + visit((pieces - (shards - 1) * perShard) * pieceRows);

  // Kept only to save time: both are functions of the key.
  let order: { epoch: number; pieces: Int32Array } | undefined;
  let shuffled: { at: string; rows: Int32Array } | undefined;

  const place = (update: number): { readonly epoch: number; readonly index: number } => {
    const epoch = Math.floor(update / perEpoch);
    return { epoch, index: Math.min(shards - 1, Math.floor((update % perEpoch) / perVisit)) };
  };
  const shard = (update: number): Shard => {
    const { epoch, index } = place(update);
    if (order?.epoch !== epoch) order = { epoch, pieces: permutation(pieces, fold(key, "pieces", epoch)) };
    const dealt = order.pieces.slice(index * perShard, (index + 1) * perShard).sort();
    const ranges = Array.from(dealt, (piece) => {
      return [piece * pieceRows, Math.min(count, (piece + 1) * pieceRows)] as const;
    });
    const from = epoch * perEpoch + index * perVisit;
    const until = index === shards - 1 ? (epoch + 1) * perEpoch : from + perVisit;
    return { from, until, ranges, count: ranges.reduce((sum, [a, b]) => sum + b - a, 0) };
  };
  return {
    capacity: perShard * pieceRows,
    shard,
    rows(update) {
      const { from, count: held } = shard(update);
      if (mode === "uniform") return sampler({ count: held, batchSize, key }).indices(update);
      const { epoch, index } = place(update);
      const at = `${epoch}/${index}`;
      if (shuffled?.at !== at) shuffled = { at, rows: permutation(held, fold(key, "shard", epoch, index)) };
      const { rows } = shuffled;
      const first = (update - from) * batchSize;
      return Int32Array.from({ length: batchSize }, (_, i) => rows[(first + i) % held]);
    },
  };
}
