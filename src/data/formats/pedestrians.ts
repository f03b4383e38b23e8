/**
 * Tracks of people walking, as the ETH data are passed around: a line a sighting, "frame person x y" in metres, with or
 * without velocities behind. Pellegrini, Ess, Schindler, van Gool (2009), "You'll Never Walk Alone: Modeling Social
 * Behavior for Multi-Target Tracking", ICCV.
 */
import { readBytes } from "../../files.ts";
import { problem } from "../../problems.ts";
import { box } from "../../spaces/make.ts";
import { concatRows, ndarray } from "../../tensor/ndarray.ts";
import { type Episode, fromEpisodes } from "../episodes.ts";
import type { Trajectories } from "../trajectories.ts";
import { gunzipped } from "./peek.ts";

const what = "tracks of pedestrians";

export interface PedestrianOptions {
  /** Time between sightings of one person, in seconds. Default 0.4, the data's 2.5 a second. */
  readonly secondsPerStep?: number;
  /** How many of the others nearest to a person are in the observation. Default 4. */
  readonly neighbours?: number;
}

interface Sighting {
  readonly line: number;
  readonly frame: number;
  readonly person: number;
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

/** Whether a text's first lines are four or six numbers each. */
export const isTracks = (text: string): boolean => {
  const lines = text.split("\n").slice(0, 3);
  return (
    lines.length === 3 &&
    lines.every((line) =>
      /^\s*\d+(\.0*)?[\t ]+\d+(\.0*)?([\t ]+-?\d+\.\d+(e-?\d+)?){2}(([\t ]+-?\d+\.\d+(e-?\d+)?){2})?\s*$/i.test(line),
    )
  );
};

/**
 * Reads tracks; .gz is unpacked. An episode is one person's walk, a step from one sighting to the next; where sightings
 * are missing the walk is cut in two. The observation is the person's position and velocity (x, y in m; vx, vy in m/s),
 * then for each of the nearest others in the same frame their position and velocity relative to it and 1, or five zeros.
 * The action is the velocity to the next sighting; the reward 0. Walks are truncated: people leave the picture, and
 * where they went is not known. Without velocities in the file, the velocity is that since the sighting before.
 * @throws Problem "missing-file", "broken-file", "not-a-recording", "bad-row" naming line and field
 */
export async function readPedestrians(path: string, options: PedestrianOptions = {}): Promise<Trajectories> {
  const { secondsPerStep = 0.4, neighbours = 4 } = options;
  const text = new TextDecoder().decode(gunzipped(await readBytes(path, what), path, what));
  const sightings = sightingsIn(text, path, secondsPerStep);
  const frames = Map.groupBy(sightings, ({ frame }) => frame);
  const walks = walksOf(sightings);
  const kept = walks.filter((walk) => walk.length > 1);
  if (kept.length === 0) {
    throw problem("not-a-recording", {
      source: path,
      reason: "nobody is seen twice in a row",
      wanted: `${what}: frame, person, x, y a line`,
      next: "Check the columns.",
    });
  }
  const episodes = kept.map((walk): Episode => {
    const observations = walk.map((sighting) => seenBy(sighting, frames.get(sighting.frame) ?? [], neighbours));
    const actions = walk
      .slice(1)
      .flatMap(({ x, y }, i) => [(x - walk[i].x) / secondsPerStep, (y - walk[i].y) / secondsPerStep]);
    return {
      observations: concatRows(observations.map((row) => ndarray(row, { shape: [1, row.length] }))),
      actions: ndarray(Float32Array.from(actions), { shape: [walk.length - 1, 2] }),
      rewards: new Float64Array(walk.length - 1),
      terminated: false,
      tags: { person: walk[0].person, firstFrame: walk[0].frame },
    };
  });
  const lost = walks.length - kept.length;
  return fromEpisodes(
    episodes,
    {
      observationSpace: box(-Infinity, Infinity, { shape: [4 + 5 * neighbours] }),
      actionSpace: box(-Infinity, Infinity, { shape: [2] }),
      lineage: [path, ...(lost > 0 ? [`left out ${lost} walks of a single sighting`] : [])],
    },
    { name: path, place: (row) => `row ${row}` },
  );
}

function sightingsIn(text: string, path: string, seconds: number): readonly Sighting[] {
  const last = new Map<number, Sighting>();
  return text.split("\n").flatMap((line, i): Sighting[] => {
    if (line.trim() === "") return [];
    const numbers = line
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    const bad = numbers.findIndex((value) => !Number.isFinite(value));
    if ((numbers.length !== 4 && numbers.length !== 6) || bad >= 0) {
      throw problem("bad-row", {
        source: path,
        place: `line ${i + 1}`,
        field: bad >= 0 ? (["frame", "person", "x", "y", "vx", "vy"][bad] ?? "the whole line") : "the whole line",
        given: line.trim().slice(0, 60),
        rule: "a line is frame, person, x, y and perhaps vx, vy, all numbers",
        next: "Correct the line.",
      });
    }
    const [frame, person, x, y, vx, vy] = numbers;
    const before = last.get(person);
    const since = (now: number, then: number | undefined): number => (then === undefined ? 0 : (now - then) / seconds);
    const seen = { line: i + 1, frame, person, x, y, vx: vx ?? since(x, before?.x), vy: vy ?? since(y, before?.y) };
    last.set(person, seen);
    return [seen];
  });
}

/** Each person's sightings in the order of frames, cut where one is missing. */
function walksOf(sightings: readonly Sighting[]): readonly (readonly Sighting[])[] {
  const ordered = [...Map.groupBy(sightings, ({ person }) => person).values()].map((walk) =>
    walk.toSorted((a, b) => a.frame - b.frame),
  );
  const gaps = new Map<number, number>();
  for (const walk of ordered) {
    for (let i = 1; i < walk.length; i++) {
      const gap = walk[i].frame - walk[i - 1].frame;
      gaps.set(gap, (gaps.get(gap) ?? 0) + 1);
    }
  }
  const [[usual] = [1]] = [...gaps].sort(([a, n], [b, m]) => m - n || a - b);
  return ordered.flatMap((walk) => {
    const parts: Sighting[][] = [];
    walk.forEach((sighting, i) => {
      if (i === 0 || sighting.frame - walk[i - 1].frame !== usual) parts.push([]);
      parts[parts.length - 1].push(sighting);
    });
    return parts;
  });
}

function seenBy(self: Sighting, all: readonly Sighting[], neighbours: number): Float32Array {
  const others = all
    .filter(({ person }) => person !== self.person)
    .map((other) => ({ other, distance: Math.hypot(other.x - self.x, other.y - self.y) }))
    .sort((a, b) => a.distance - b.distance || a.other.person - b.other.person)
    .slice(0, neighbours);
  const row = new Float32Array(4 + 5 * neighbours);
  row.set([self.x, self.y, self.vx, self.vy]);
  others.forEach(({ other }, i) => {
    row.set([other.x - self.x, other.y - self.y, other.vx - self.vx, other.vy - self.vy, 1], 4 + 5 * i);
  });
  return row;
}
