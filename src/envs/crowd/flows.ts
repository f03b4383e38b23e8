/** Who else walks: made-up flows, or those who were there when somebody was recorded. */
import type { Generator } from "../../tensor/random.ts";
import { steps, type Track, type Tracks } from "./tracks.ts";

export const flows = ["corridor", "crossing", "circle", "anywhere"] as const;
export type Flow = (typeof flows)[number];

export interface Walk {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  /** m/s */
  readonly speed: number;
  /** The step at which the walk begins. */
  readonly first: number;
}

const half = 7;
const wide = 2.5;

/**
 * The agent's walk and those of `people` others, in a place of 14 m: "corridor", 5 m wide, half of them each way;
 * "crossing", a stream from the side; "circle", all to the opposite side; "anywhere".
 */
export function makeFlow(
  flow: Flow,
  people: number,
  meanSpeed: number,
  random: Generator,
): { readonly agent: Walk; readonly others: readonly Walk[] } {
  const speed = (): number => Math.max(0.5, meanSpeed * (1 + 0.15 * random.normal()));
  const across = (): number => random.between(-wide, wide);
  const walk = (from: readonly [number, number], to: readonly [number, number], first = 0): Walk => ({
    from,
    to,
    speed: speed(),
    first,
  });
  const around = (angle: number): Walk => {
    const [x, y] = [half * Math.cos(angle), half * Math.sin(angle)];
    return walk([x, y], [-x, -y]);
  };
  const later = (): number => random.integer(20);
  const one = (i: number): Walk => {
    switch (flow) {
      case "corridor": {
        const way = i % 2 === 0 ? -1 : 1;
        return walk([-way * (half + 1), across()], [way * half, across()], later());
      }
      case "crossing": {
        const x = across();
        return walk([x, -half], [x + 0.3 * random.normal(), half], later());
      }
      case "circle":
        return around((2 * Math.PI * (i + 1)) / (people + 1) + 0.1 * random.normal());
      case "anywhere": {
        const place = (): readonly [number, number] => [random.between(-half, half), random.between(-half, half)];
        let from = place();
        while (Math.hypot(from[0] + half, from[1]) < 1.5) from = place(); // not upon the agent, who starts there
        return walk(from, place(), later());
      }
    }
  };
  const agent =
    flow === "circle"
      ? around(0)
      : walk([-half, flow === "corridor" ? across() : 0], [half, flow === "corridor" ? across() : 0]);
  return { agent, others: Array.from({ length: people }, (_, i) => one(i)) };
}

/** People who could be the agent: those who walk at least 3 m over at least 4 s, as positions in `people`. */
export const walkers = ({ people, seconds }: Tracks): readonly number[] =>
  [...people.keys()].filter((i) => {
    const { from, to } = walkOf(people[i], seconds);
    return steps(people[i]) * seconds >= 4 && Math.hypot(to[0] - from[0], to[1] - from[1]) >= 3;
  });

export function walkOf(track: Track, seconds: number): Walk {
  const { places, first } = track;
  const last = steps(track) - 1;
  let length = 0;
  for (let i = 1; i <= last; i++) {
    length += Math.hypot(places[2 * i] - places[2 * i - 2], places[2 * i + 1] - places[2 * i - 1]);
  }
  return {
    from: [places[0], places[1]],
    to: [places[2 * last], places[2 * last + 1]],
    speed: length / (last * seconds),
    first,
  };
}

/** Positions in `people` of those who are there at any time between two steps, `except` one. */
export const present = ({ people }: Tracks, from: number, to: number, except: number): readonly number[] =>
  [...people.keys()].filter((i) => {
    const { first } = people[i];
    return i !== except && first <= to && first + steps(people[i]) > from;
  });
