/** Recorded walks: lines of frame, person, x, y in metres, as the ETH and UCY data are passed round. */
import { builtin } from "../../files.ts";
import { problem } from "../../problems.ts";

/** One person's way, a place a step; what was not annotated between two frames lies on the line between them. */
export interface Track {
  readonly person: number;
  /** The step at which the person appears. */
  readonly first: number;
  /** [steps × 2] x, y in metres */
  readonly places: Float64Array;
}

export interface Tracks {
  readonly name: string;
  /** Seconds between steps. */
  readonly seconds: number;
  readonly people: readonly Track[];
}

export const steps = (track: Track): number => track.places.length / 2;

export interface TrackOptions {
  /** Seconds between annotated frames. Default 0.4, as in ETH (every 6th of 15 a second) and hotel (10th of 25). */
  readonly seconds?: number;
  /** Frames between annotations. Default: the commonest gap between a person's lines. */
  readonly every?: number;
  readonly name?: string;
}

/**
 * Tracks from text: frame, person, x, y a line, parted by spaces, tabs or commas; further columns are not read. A person
 * seen only once is left out.
 * @throws Problem "bad-row" for a line that is not such numbers, or repeats a person's frame; "not-a-recording" when none is left
 */
export function parseTracks(text: string, { seconds = 0.4, every, name = "tracks" }: TrackOptions = {}): Tracks {
  const seen = new Map<number, Map<number, readonly [number, number]>>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const refuse = (field: string, rule: string) =>
      problem("bad-row", {
        source: name,
        place: `line ${index + 1}`,
        field,
        given: line.trim().slice(0, 60),
        rule,
        next: "Mend or drop the line.",
      });
    const [frame, person, x, y] = line
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    for (const [field, value] of Object.entries({ frame, person, x, y })) {
      if (!Number.isFinite(value)) throw refuse(field, "a line holds frame, person, x and y, all numbers");
    }
    let frames = seen.get(person);
    if (frames === undefined) {
      frames = new Map();
      seen.set(person, frames);
    }
    if (frames.has(frame)) throw refuse("frame", "a person is at one place in a frame");
    frames.set(frame, [x, y]);
  }
  const walks = [...seen].flatMap(([person, frames]) =>
    frames.size < 2 ? [] : [{ person, frames: [...frames].sort(([a], [b]) => a - b) }],
  );
  if (walks.length === 0) {
    const next = "Give lines of frame, person, x and y.";
    throw problem("not-a-recording", { source: name, reason: "nobody is seen twice", wanted: "recorded walks", next });
  }
  const gap = every ?? commonestGap(walks.map(({ frames }) => frames.map(([frame]) => frame)));
  const origin = Math.min(...walks.map(({ frames }) => frames[0][0]));
  const people = walks.map(({ person, frames }) => resampled(person, frames, origin, gap)).filter((t) => steps(t) > 1);
  return { name, seconds, people: people.sort((a, b) => a.first - b.first || a.person - b.person) };
}

function commonestGap(frames: readonly (readonly number[])[]): number {
  const counts = new Map<number, number>();
  for (const of of frames) {
    for (let i = 1; i < of.length; i++) counts.set(of[i] - of[i - 1], (counts.get(of[i] - of[i - 1]) ?? 0) + 1);
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || a - b)[0][0];
}

function resampled(
  person: number,
  frames: readonly (readonly [number, readonly [number, number]])[],
  origin: number,
  gap: number,
): Track {
  const first = Math.max(0, Math.ceil((frames[0][0] - origin) / gap - 1e-9));
  const last = Math.floor((frames[frames.length - 1][0] - origin) / gap + 1e-9);
  const places = new Float64Array(2 * Math.max(0, last - first + 1));
  let after = 1;
  for (let step = first; step <= last; step++) {
    const frame = origin + step * gap;
    while (after < frames.length - 1 && frames[after][0] < frame) after++;
    const [[from, [ax, ay]], [to, [bx, by]]] = [frames[after - 1], frames[after]];
    const share = (frame - from) / (to - from);
    places[2 * (step - first)] = ax + share * (bx - ax);
    places[2 * (step - first) + 1] = ay + share * (by - ay);
  }
  return { person, first, places };
}

const read = new Map<string, Tracks>();

/**
 * The tracks in a file, plain or ".gz"; read once a file. Needs Node.
 * @throws Problem "missing-file", "broken-file", and what `parseTracks` throws
 */
export function readTracks(path: string, options: TrackOptions = {}): Tracks {
  const { existsSync, readFileSync } = builtin.fs();
  const { basename, resolve } = builtin.path();
  const key = `${resolve(path)} ${options.seconds} ${options.every} ${options.name}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  if (!existsSync(path)) throw problem("missing-file", { path, what: "recorded walks" });
  let bytes: Uint8Array = readFileSync(path);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = process.getBuiltinModule("node:zlib").gunzipSync(bytes);
    } catch (error) {
      throw problem("broken-file", { path, what: "file of recorded walks", reason: (error as Error).message });
    }
  }
  const tracks = parseTracks(new TextDecoder().decode(bytes), { name: basename(path), ...options });
  read.set(key, tracks);
  return tracks;
}
