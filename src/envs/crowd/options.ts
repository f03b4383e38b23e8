/** What the crowd takes. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { type Flow, flows, walkers } from "./flows.ts";
import { readTracks, type Tracks } from "./tracks.ts";

export interface CrowdOptions {
  /** Recorded walks: a file of them (needs Node), or what `parseTracks` returned. One person's place is the agent's. */
  readonly tracks?: string | Tracks;
  /** Without tracks: how the others walk. Default "crossing". */
  readonly flow?: Flow;
  /** Without tracks: how many others. Default 8. */
  readonly people?: number;
  /** With tracks: who is replaced, a person's number there. Default: drawn from those who walk at least 3 m. */
  readonly person?: number;
  /**
   * "recorded": they walk as recorded (straight on, in made-up flows) and see nobody; "social": they give way by the
   * social force model. Default "recorded" with tracks, "social" without.
   */
  readonly others?: "recorded" | "social";
  /** How many of the nearest are seen. Default 5. */
  readonly neighbours?: number;
  /** "velocity": the velocity one wants; "unicycle": speed and turning. Default "velocity". */
  readonly act?: "velocity" | "unicycle";
  /** Whether a collision ends the episode. Default "end". */
  readonly collisions?: "end" | "count";
  readonly name?: string;
}

export const crowdOptionNames = ["people", "others", "neighbours", "act", "collisions"] as const;
export const recordedOptionNames = ["tracks", "person", "others", "neighbours", "act", "collisions"] as const;

const checks = {
  flow: [z.enum(flows), flows.map((flow) => `"${flow}"`).join(", ")],
  people: [z.number().int().min(0).max(200), "a whole number from 0 to 200"],
  others: [z.enum(["recorded", "social"]), '"recorded" or "social"'],
  neighbours: [z.number().int().min(1).max(50), "a whole number from 1 to 50"],
  act: [z.enum(["velocity", "unicycle"]), '"velocity" or "unicycle"'],
  collisions: [z.enum(["end", "count"]), '"end" or "count"'],
} as const;

/** @throws Problem "bad-option", and what `readTracks` throws */
export function checkedCrowd(where: string, options: CrowdOptions) {
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where, name: option, given, wanted });
    }
  }
  const { flow = "crossing", people = 8, neighbours = 5, act = "velocity", collisions = "end" } = options;
  const tracks = typeof options.tracks === "string" ? readTracks(options.tracks) : options.tracks;
  const others = options.others ?? (tracks === undefined ? "social" : "recorded");
  let candidates: readonly number[] = [];
  if (tracks !== undefined) {
    candidates = walkers(tracks);
    if (options.person !== undefined) {
      candidates = candidates.filter((i) => tracks.people[i].person === options.person);
      if (candidates.length === 0) {
        const wanted = `one who walks at least 3 m in ${tracks.name}`;
        throw problem("bad-option", { where, name: "person", given: options.person, wanted });
      }
    }
    if (candidates.length === 0) {
      const wanted = "tracks in which somebody walks at least 3 m";
      throw problem("bad-option", { where, name: "tracks", given: tracks.name, wanted });
    }
  }
  return { flow, people, neighbours, act, collisions, others, tracks, candidates } as const;
}
