/** The state of a kitchen as whole numbers: compact, comparable, and plain JSON when spread. */
import type { KitchenLayout } from "./layout.ts";

/**
 * [step, cook 1's cell, facing, item, cook 2's cell, facing, item, then the item on each cell]. Facing: 0 north,
 * 1 south, 2 east, 3 west.
 */
export type KitchenState = Int32Array | Float64Array;

export const headerSize = 7;
export const cellOf = (state: KitchenState, cook: number): number => state[1 + 3 * cook];
export const facingOf = (state: KitchenState, cook: number): number => state[2 + 3 * cook];
export const heldBy = (state: KitchenState, cook: number): number => state[3 + 3 * cook];
export const itemAt = (state: KitchenState, cell: number): number => state[headerSize + cell];

/** Items: a soup is 4 with its contents above (2 bits onions, 2 bits tomatoes, then steps cooked + 1; 0 not begun). */
export const items = { none: 0, onion: 1, tomato: 2, dish: 3, soup: 4 } as const;

export const isSoup = (item: number): boolean => (item & 7) === items.soup;
export const onionsIn = (soup: number): number => (soup >> 3) & 3;
export const tomatoesIn = (soup: number): number => (soup >> 5) & 3;
/** Steps it has cooked; −1 before cooking begins. */
export const cookedFor = (soup: number): number => (soup >> 7) - 1;
export const soupOf = (onions: number, tomatoes: number, cooked: number): number =>
  items.soup | (onions << 3) | (tomatoes << 5) | ((cooked + 1) << 7);

/** The four directions, in the order of the actions north, south, east, west. */
export const neighbour = (layout: KitchenLayout, cell: number, direction: number): number =>
  cell + (direction === 0 ? -layout.columns : direction === 1 ? layout.columns : direction === 2 ? 1 : -1);

/** Both cooks at their places, facing north, with empty hands. */
export function startState(layout: KitchenLayout): Int32Array {
  const state = new Int32Array(headerSize + layout.tile.length);
  state[1] = layout.starts[0];
  state[4] = layout.starts[1];
  return state;
}
