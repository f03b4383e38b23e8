/** What a cook sees: Overcooked-AI's two encodings of the state. */
import { distancesIn } from "./distances.ts";
import { type KitchenLayout, tiles } from "./layout.ts";
import { cookTime } from "./recipes.ts";
import { contents, isReady, type KitchenRules } from "./rules.ts";
import {
  cellOf,
  cookedFor,
  facingOf,
  heldBy,
  isSoup,
  itemAt,
  items,
  type KitchenState,
  neighbour,
  onionsIn,
  tomatoesIn,
} from "./state.ts";

export const layers = 26;
export const featureCount = 96;
const urgentBelow = 40;

/** The layer of each kind of tile; floor has none. */
const tileLayer = [-1, 11, 12, 13, 14, 10, 15] as const;

/**
 * `lossless_state_encoding`: [columns, rows, 26] masks. Layers: own place, the other's, own facing (4), the other's (4),
 * pots, counters, onions, tomatoes, dishes, serving; onions and tomatoes in pots not cooking, the same in soups, steps
 * left to cook, soup done; dishes, onions, tomatoes lying or held; and 1 everywhere in the last 39 steps before
 * `horizon`.
 */
export function losslessEncoding(
  rules: KitchenRules,
  state: KitchenState,
  cook: number,
  horizon: number,
): Float32Array {
  const { layout } = rules;
  const { rows, columns } = layout;
  const masks = new Float32Array(rows * columns * layers);
  const set = (cell: number, layer: number, value: number): void => {
    masks[((cell % columns) * rows + Math.floor(cell / columns)) * layers + layer] += value;
  };
  const show = (item: number, cell: number): void => {
    if (item === items.onion) set(cell, 23, 1);
    else if (item === items.tomato) set(cell, 24, 1);
    else if (item === items.dish) set(cell, 22, 1);
    else if (isSoup(item)) {
      const inPot = layout.tile[cell] === tiles.pot;
      const idle = inPot && cookedFor(item) < 0;
      set(cell, idle ? 16 : 18, onionsIn(item));
      set(cell, idle ? 17 : 19, tomatoesIn(item));
      if (idle) return;
      if (inPot) set(cell, 20, Math.max(0, cookTime(layout, item, rules.pace) - cookedFor(item)));
      if (!inPot || isReady(rules, item)) set(cell, 21, 1);
    }
  };
  for (let i = 0; i < 2; i++) {
    const who = i === 0 ? cook : 1 - cook;
    const cell = cellOf(state, who);
    set(cell, i, 1);
    set(cell, 2 + 4 * i + facingOf(state, who), 1);
    show(heldBy(state, who), cell);
  }
  const urgent = horizon - state[0] < urgentBelow ? 1 : 0;
  for (const [cell, kind] of layout.tile.entries()) {
    if (tileLayer[kind] >= 0) set(cell, tileLayer[kind], 1);
    show(itemAt(state, cell), cell);
    if (urgent === 1) set(cell, 25, 1);
  }
  return masks;
}

const objectOrder = [-1, 0, 3, 2, 1]; // by item: onion, soup, dish, tomato is the order of the original

/**
 * `featurize_state` with two pots: 96 numbers. For oneself and then for the other (46 each): facing (4), item held
 * (onion, soup, dish, tomato), the way [dx, dy] to the nearest onions, tomatoes, dishes, soup (with its contents),
 * serving place and empty counter, each of the two nearest pots (there, empty, full, cooking, ready, onions, tomatoes,
 * steps left, dx, dy), walls to the four sides; then the way to the other cook and one's own place. As in the original
 * with its defaults, things lying on counters are not looked for: their ways are [0, 0], as that to a thing held.
 */
export function featureEncoding(rules: KitchenRules, state: KitchenState, cook: number): Float32Array {
  const features = new Float32Array(featureCount);
  const { columns } = rules.layout;
  writeCook(rules, state, cook, features, 0);
  writeCook(rules, state, 1 - cook, features, 46);
  const [own, other] = [cellOf(state, cook), cellOf(state, 1 - cook)];
  features[92] = (other % columns) - (own % columns);
  features[93] = Math.floor(other / columns) - Math.floor(own / columns);
  features[94] = own % columns;
  features[95] = Math.floor(own / columns);
  return features;
}

function writeCook(rules: KitchenRules, state: KitchenState, cook: number, out: Float32Array, start: number): void {
  const { layout } = rules;
  const cell = cellOf(state, cook);
  const held = heldBy(state, cook);
  const stance = 4 * cell + facingOf(state, cook);
  const distances = distancesIn(layout);
  let at = start;
  const way = (to: number): void => {
    out[at++] = to < 0 ? 0 : (to % layout.columns) - (cell % layout.columns);
    out[at++] = to < 0 ? 0 : Math.floor(to / layout.columns) - Math.floor(cell / layout.columns);
  };
  const wayTo = (item: number, kind: number): void =>
    way((held & 7) === item ? -1 : distances.nearest(stance, cellsOf(layout, kind)));

  out[at + facingOf(state, cook)] = 1;
  at += 4;
  if (held !== items.none) out[at + objectOrder[held & 7]] = 1;
  at += 4;
  wayTo(items.onion, tiles.onions);
  wayTo(items.tomato, tiles.tomatoes);
  wayTo(items.dish, tiles.dishes);
  way(-1);
  out[at++] = isSoup(held) ? onionsIn(held) : 0;
  out[at++] = isSoup(held) ? tomatoesIn(held) : 0;
  way(distances.nearest(stance, cellsOf(layout, tiles.serving)));
  way(-1);
  let pots = layout.pots;
  for (let i = 0; i < 2; i++) {
    const pot = distances.nearest(stance, pots);
    pots = pots.filter((other) => other !== pot);
    if (pot < 0) {
      at += 10;
      continue;
    }
    const soup = itemAt(state, pot);
    const cooking = soup !== items.none && cookedFor(soup) >= 0;
    const ready = isReady(rules, soup);
    out[at++] = 1;
    out[at++] = soup === items.none ? 1 : 0;
    out[at++] = cooking || contents(soup) === 3 ? 1 : 0;
    out[at++] = cooking && !ready ? 1 : 0;
    out[at++] = ready ? 1 : 0;
    out[at++] = onionsIn(soup);
    out[at++] = tomatoesIn(soup);
    out[at++] = cooking ? Math.max(0, cookTime(layout, soup, rules.pace) - cookedFor(soup)) : 0;
    way(pot);
  }
  for (let side = 0; side < 4; side++) out[at++] = layout.tile[neighbour(layout, cell, side)] === tiles.floor ? 0 : 1;
}

const places = new WeakMap<KitchenLayout, readonly (readonly number[])[]>();

function cellsOf(layout: KitchenLayout, kind: number): readonly number[] {
  let found = places.get(layout);
  if (found === undefined) {
    found = Object.values(tiles).map((wanted) =>
      [...layout.tile.keys()].filter((cell) => layout.tile[cell] === wanted),
    );
    places.set(layout, found);
  }
  return found[kind];
}
