/** How far a cook is from what it wants, turning included. */
import { type KitchenLayout, tiles } from "./layout.ts";
import { neighbour } from "./state.ts";

/** A place and a facing as one number: 4 × cell + facing. */
export type Stance = number;
const opposite = [1, 0, 3, 2] as const;
export const unreachableBy = 1e9;

export interface Distances {
  /** Steps from a stance to standing before the cell and facing it; `unreachableBy` where there is no way. */
  toUse(from: Stance, cell: number): number;
  /** The nearest of the cells, the first of equals; −1 where none can be reached. */
  nearest(from: Stance, cells: readonly number[]): number;
}

const remembered = new WeakMap<KitchenLayout, Distances>();

/** Distances in an empty kitchen: each is found when it is first asked for. */
export function distancesIn(layout: KitchenLayout): Distances {
  let known = remembered.get(layout);
  if (known === undefined) {
    const from = new Map<Stance, Int32Array>();
    const toUse = (stance: Stance, cell: number): number => {
      let steps = from.get(stance);
      if (steps === undefined) {
        steps = search(layout, stance).steps;
        from.set(stance, steps);
      }
      let least = unreachableBy;
      for (let side = 0; side < 4; side++) {
        const beside = neighbour(layout, cell, side);
        const goal = 4 * beside + opposite[side];
        if (goal >= 0 && goal < steps.length && steps[goal] < least) least = steps[goal];
      }
      return least;
    };
    known = {
      toUse,
      nearest(stance, cells) {
        let best = -1;
        let least = unreachableBy;
        for (const cell of cells) {
          const steps = toUse(stance, cell);
          if (steps < least) [best, least] = [cell, steps];
        }
        return best;
      },
    };
    remembered.set(layout, known);
  }
  return known;
}

export interface Search {
  /** [4 × cells] steps to each stance; `unreachableBy` where there is no way */
  readonly steps: Int32Array;
  /** [4 × cells] the first action of a shortest way; −1 at the start and where there is none */
  readonly first: Int8Array;
}

/** Breadth first over stances; `blocked` is a cell that cannot be entered (another cook's). */
export function search(layout: KitchenLayout, start: Stance, blocked = -1): Search {
  const steps = new Int32Array(4 * layout.tile.length).fill(unreachableBy);
  const first = new Int8Array(steps.length).fill(-1);
  steps[start] = 0;
  const queue = [start];
  for (const at of queue) {
    const cell = at >> 2;
    for (let direction = 0; direction < 4; direction++) {
      const ahead = neighbour(layout, cell, direction);
      const moves = layout.tile[ahead] === tiles.floor && ahead !== blocked;
      const next = 4 * (moves ? ahead : cell) + direction;
      if (steps[next] <= steps[at] + 1) continue;
      steps[next] = steps[at] + 1;
      first[next] = at === start ? direction : first[at];
      queue.push(next);
    }
  }
  return { steps, first };
}

/** The first action of a shortest way to use the cell; −1 when already before it, −2 where there is no way. */
export function firstStep({ steps, first }: Search, layout: KitchenLayout, cell: number): number {
  let best = -1;
  for (let side = 0; side < 4; side++) {
    const goal = 4 * neighbour(layout, cell, side) + opposite[side];
    if (goal < 0 || goal >= steps.length || steps[goal] >= unreachableBy) continue;
    if (best < 0 || steps[goal] < steps[best]) best = goal;
  }
  return best < 0 ? -2 : first[best];
}
