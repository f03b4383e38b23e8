/**
 * A cook that does the next useful thing by the shortest way: a partner, and a demonstrator of known quality. The
 * greedy human model of Carroll et al. 2019 (arXiv 1910.05789) in spirit, handing things over counters where it must.
 */
import type { Generator } from "../../tensor/random.ts";
import { distancesIn, firstStep, search, unreachableBy } from "./distances.ts";
import { type KitchenLayout, type Recipe, tiles } from "./layout.ts";
import { soupValue } from "./recipes.ts";
import { contents, interact, isReady, type KitchenRules, stay } from "./rules.ts";
import {
  cellOf,
  cookedFor,
  facingOf,
  heldBy,
  isSoup,
  itemAt,
  items,
  type KitchenState,
  onionsIn,
  soupOf,
  tomatoesIn,
} from "./state.ts";

/**
 * The action of `cook` (0 or 1) in this state; chance only to get out of the other's way. Without it two such cooks may
 * wait for each other for ever.
 */
export function greedyAction(
  rules: KitchenRules,
  state: KitchenState,
  cook: number,
  random: Generator | undefined,
): number {
  const { layout } = rules;
  const other = cellOf(state, 1 - cook);
  const stance = 4 * cellOf(state, cook) + facingOf(state, cook);
  const wanted = targets(rules, state, cook);
  // Two who want the same cell would step back from it together for ever, and one with nothing to do may block the way.
  const near = close(layout, stance >> 2, other);
  if (near && random !== undefined && random.uniform() < (wanted.length === 0 ? 0.5 : 0.15)) {
    return random.integer(stay + 1);
  }
  if (wanted.length === 0) return stay;
  const found = search(layout, stance, other);
  let best = -2;
  let least = Number.POSITIVE_INFINITY;
  for (const cell of wanted) {
    const first = firstStep(found, layout, cell);
    if (first === -1) return interact;
    const steps = first === -2 ? Number.POSITIVE_INFINITY : distancesIn(layout).toUse(stance, cell);
    if (steps < least) [best, least] = [first, steps];
  }
  if (best >= 0) return best;
  // The other stands in the only way: half the time a step anywhere, so that neither waits for the other for ever.
  return random !== undefined && random.uniform() < 0.5 ? random.integer(stay) : stay;
}

const close = ({ columns }: KitchenLayout, a: number, b: number): boolean =>
  Math.abs((a % columns) - (b % columns)) + Math.abs(Math.floor(a / columns) - Math.floor(b / columns)) <= 2;

/** Cells any of which it would now use; none when there is nothing to do. */
function targets(rules: KitchenRules, state: KitchenState, cook: number): readonly number[] {
  const { layout } = rules;
  const distances = distancesIn(layout);
  const reaches = (who: number, cell: number): boolean =>
    distances.toUse(4 * cellOf(state, who) + facingOf(state, who), cell) < unreachableBy;
  const cells = (kind: number): number[] =>
    [...layout.tile.keys()].filter((cell) => layout.tile[cell] === kind && reaches(cook, cell));
  const pots = cells(tiles.pot);
  const counters = cells(tiles.counter);
  const shared = counters.filter((cell) => reaches(1 - cook, cell));
  const free = (of: readonly number[]): number[] => of.filter((cell) => itemAt(state, cell) === items.none);
  const holding = (of: readonly number[], item: number): number[] =>
    of.filter((cell) => (itemAt(state, cell) & 7) === item);
  const held = heldBy(state, cook);
  const toOther = (): number[] => free(shared.length > 0 ? shared : counters);

  if (isSoup(held)) {
    const serving = cells(tiles.serving);
    return serving.length > 0 ? serving : toOther();
  }
  if (held === items.dish) {
    const ready = pots.filter((pot) => isReady(rules, itemAt(state, pot)));
    if (ready.length > 0) return ready;
    const cooking = pots.filter((pot) => itemAt(state, pot) !== items.none && cookedFor(itemAt(state, pot)) >= 0);
    return cooking.length > 0 ? cooking : toOther();
  }
  if (held !== items.none) {
    const taking = pots.filter((pot) => missing(rules, itemAt(state, pot))[held === items.onion ? 0 : 1] > 0);
    return taking.length > 0 ? taking : pots.length === 0 ? toOther() : free(counters);
  }

  // A cook who reaches no pot supplies the one who does, and leaves alone what already lies between them.
  const supplies = pots.length === 0;
  const all = supplies ? layout.pots : pots;
  const soups = all.map((pot) => itemAt(state, pot));
  const lying = supplies ? [] : counters;
  const laid = supplies ? shared : [];
  const finished = holding(lying, items.soup);
  if (finished.length > 0 && cells(tiles.serving).length > 0) return finished;
  const complete = pots.filter((pot) => {
    const soup = itemAt(state, pot);
    const [onions, tomatoes] = missing(rules, soup);
    return soup !== items.none && cookedFor(soup) < 0 && contents(soup) > 0 && onions + tomatoes === 0;
  });
  if (complete.length > 0 && !rules.autoCook) return complete;

  const theirs = heldBy(state, 1 - cook);
  const begun = soups.filter((soup) => soup !== items.none && cookedFor(soup) >= 0).length;
  if (begun > Number(theirs === items.dish) + holding(laid, items.dish).length) {
    const dishes = [...cells(tiles.dishes), ...holding(lying, items.dish)];
    if (dishes.length > 0) return dishes;
  }
  const need = [0, 0];
  for (const soup of soups) {
    const [onions, tomatoes] = missing(rules, soup);
    need[0] += onions;
    need[1] += tomatoes;
  }
  const sources = ([items.onion, items.tomato] as const).flatMap((item, i) => {
    const coming = Number(theirs === item) + holding(laid, item).length;
    if (need[i] <= coming) return [];
    return [...cells(item === items.onion ? tiles.onions : tiles.tomatoes), ...holding(lying, item)];
  });
  return sources;
}

const anySoup: readonly Recipe[] = [1, 2, 3].flatMap((size) =>
  Array.from({ length: size + 1 }, (_, tomatoes) => ({ onions: size - tomatoes, tomatoes })),
);

/** Onions and tomatoes a pot still needs for the dearest order it can become; none once it cooks or is spoilt. */
function missing({ layout, autoCook }: KitchenRules, soup: number): readonly [number, number] {
  if (soup !== items.none && cookedFor(soup) >= 0) return [0, 0];
  const [onions, tomatoes] = [onionsIn(soup), tomatoesIn(soup)];
  const has = (kind: number): boolean => layout.tile.includes(kind);
  let best: readonly [number, number] | undefined;
  let most = 0;
  for (const order of layout.orders ?? anySoup) {
    const more: readonly [number, number] = [order.onions - onions, order.tomatoes - tomatoes];
    if (more[0] < 0 || more[1] < 0) continue;
    if ((more[0] > 0 && !has(tiles.onions)) || (more[1] > 0 && !has(tiles.tomatoes))) continue;
    if (autoCook && order.onions + order.tomatoes < 3) continue;
    const value = soupValue(layout, soupOf(order.onions, order.tomatoes, -1));
    if (value > most) [best, most] = [more, value];
  }
  if (best !== undefined) return best;
  // Spoilt: with automatic cooking it must be filled before it can be served away.
  return autoCook ? [has(tiles.onions) ? 3 - contents(soup) : 0, has(tiles.onions) ? 0 : 3 - contents(soup)] : [0, 0];
}
