/** What comes twice: rows within a recording, episodes within and between. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type NdArray, ndarray } from "../tensor/ndarray.ts";
import type { Recording } from "./trajectories.ts";
import { countOf } from "./views.ts";

/**
 * Rows whose context or observation, action, reward and timestamp equal an earlier row's. Rows are told apart by a 53-bit hash: among a
 * million, two different ones are taken for equal once in twenty thousand recordings.
 */
export function duplicateRows(recording: Recording): number {
  const rows = recording.reward.length;
  const columns = [...compared(recording), ...times(recording)];
  const views = columns.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const seen = new Set<number>();
  for (let row = 0; row < rows; row++) {
    let a = 0x811c9dc5;
    let b = 0x9747b28c;
    for (const view of views) {
      const width = view.length / rows;
      for (let i = row * width; i < (row + 1) * width; i++) {
        a = Math.imul(a ^ view[i], 0x01000193);
        b = Math.imul(b ^ view[i], 0x5bd1e995);
        b ^= b >>> 15;
      }
    }
    seen.add((a >>> 0) * 2 ** 21 + (b >>> 11));
  }
  return rows - seen.size;
}

const bytesOf = ({ data }: NdArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const compared = (r: Recording): readonly NdArray[] =>
  r.kind === "decisions"
    ? [r.context, ndarray(r.action), ndarray(r.reward)]
    : [r.observation, r.action, ndarray(r.reward)];

const times = (r: Recording): readonly NdArray[] => (r.extras.timestamp ? [r.extras.timestamp] : []);

/**
 * One text an episode (of a decision log: a row) that two share only if they hold the same: what was seen, done and
 * earned, how it ended and what was seen last; of a log, the context, choice, reward and timestamp. SHA-256.
 */
export function episodeKeys(recording: Recording): readonly string[] {
  const steps = recording.kind === "decisions" ? [...compared(recording), ...times(recording)] : compared(recording);
  const parts = steps.map((column) => ({ bytes: bytesOf(column), rows: recording.reward.length }));
  return Array.from({ length: countOf(recording) }, (_, e) => {
    const hash = sha256.create();
    const whole = recording.kind === "trajectories";
    const [from, to] = whole ? [recording.offsets[e], recording.offsets[e + 1]] : [e, e + 1];
    for (const { bytes, rows } of parts) {
      const width = bytes.length / rows;
      hash.update(bytes.subarray(from * width, to * width));
    }
    if (whole) {
      const last = bytesOf(recording.finalObservation);
      const width = last.length / countOf(recording);
      hash.update(last.subarray(e * width, (e + 1) * width));
      hash.update(recording.terminated.subarray(to - 1, to));
    }
    return bytesToHex(hash.digest());
  });
}

/** The episodes (rows) that no earlier one equals. */
export function firstOfEach(recording: Recording): readonly number[] {
  const seen = new Set<string>();
  return episodeKeys(recording).flatMap((key, e) => {
    if (seen.has(key)) return [];
    seen.add(key);
    return [e];
  });
}
