/** What an agent sees: MiniGrid's egocentric view and its whole-grid one. Images are [column, row, channel]. */
import type { Family } from "./family.ts";
import { headings } from "./level.ts";
import { CARRIED, CELLS, DIRECTION, X, Y } from "./state.ts";
import { colourOf, empty, isTransparent, kindOf, kinds, stateOf, wall } from "./things.ts";

/** Cells along a side of the view; the agent is in the middle of its last row, looking up. */
export const viewSize = 7;
const half = (viewSize - 1) / 2;
const last = viewSize - 1;

/** Things in view, [column × row]; 0: not seen. Reused from call to call. */
const things = new Uint16Array(viewSize * viewSize);
const visible = new Uint8Array(viewSize * viewSize);

/**
 * The things in view by column and row, 0 where walls and closed doors hide them; the agent's own cell shows what it
 * carries. The array is overwritten by the next call.
 */
export function lookAhead(state: Float64Array, family: Family): Uint16Array {
  const { width, height } = family;
  const [dx, dy] = headings[state[DIRECTION]];
  // The right-hand side is a quarter turn clockwise.
  const [rx, ry] = [-dy, dx];
  const left = state[X] + dx * last - rx * half;
  const top = state[Y] + dy * last - ry * half;
  for (let i = 0; i < viewSize; i++) {
    for (let j = 0; j < viewSize; j++) {
      const x = left + rx * i - dx * j;
      const y = top + ry * i - dy * j;
      const inside = x >= 0 && y >= 0 && x < width && y < height;
      things[i * viewSize + j] = inside ? state[CELLS + y * width + x] : wall;
    }
  }
  if (!family.seesThroughWalls) hide();
  things[half * viewSize + last] = state[CARRIED] === 0 ? empty : state[CARRIED];
  return things;
}

/** Row by row away from the agent, sight spreads sideways and ahead from each cell that is seen and can be seen past. */
function hide(): void {
  visible.fill(0);
  visible[half * viewSize + last] = 1;
  const spread = (i: number, j: number, to: number): void => {
    if (visible[i * viewSize + j] === 0 || !isTransparent(things[i * viewSize + j])) return;
    visible[to * viewSize + j] = 1;
    if (j === 0) return;
    visible[to * viewSize + j - 1] = 1;
    visible[i * viewSize + j - 1] = 1;
  };
  for (let j = last; j >= 0; j--) {
    for (let i = 0; i < last; i++) spread(i, j, i + 1);
    for (let i = last; i > 0; i--) spread(i, j, i - 1);
  }
  for (let cell = 0; cell < visible.length; cell++) if (visible[cell] === 0) things[cell] = 0;
}

/** Kind, colour and state of each thing, as MiniGrid's images. */
export function viewImage(state: Float64Array, family: Family): Float32Array {
  const seen = lookAhead(state, family);
  const image = new Float32Array(seen.length * 3);
  for (let cell = 0; cell < seen.length; cell++) encode(image, cell, seen[cell]);
  return image;
}

/** The same of the whole grid, with the agent as a thing of kind 10 whose state is its direction. */
export function gridImage(state: Float64Array, { width, height }: Family): Float32Array {
  const image = new Float32Array(width * height * 3);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) encode(image, x * height + y, state[CELLS + y * width + x]);
  }
  image.set([kinds.agent, 0, state[DIRECTION]], (state[X] * height + state[Y]) * 3);
  return image;
}

function encode(image: Float32Array, cell: number, thing: number): void {
  image[cell * 3] = kindOf(thing);
  image[cell * 3 + 1] = colourOf(thing);
  image[cell * 3 + 2] = stateOf(thing);
}
