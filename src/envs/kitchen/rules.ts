/**
 * What a joint action does, as Overcooked-AI 1.1.0 resolves it: interactions first, cook 1 before cook 2; then moves,
 * of which none happens when the cooks would meet or swap places; then a step of cooking.
 */
import { type KitchenLayout, tiles } from "./layout.ts";
import { cookTime, soupValue } from "./recipes.ts";
import {
  cellOf,
  cookedFor,
  facingOf,
  headerSize,
  heldBy,
  isSoup,
  itemAt,
  items,
  type KitchenState,
  neighbour,
  onionsIn,
  soupOf,
  tomatoesIn,
} from "./state.ts";

/** north, south, east, west, stay, interact */
export const actions = ["north", "south", "east", "west", "stay", "interact"] as const;
export const stay = 4;
export const interact = 5;

export interface KitchenRules {
  readonly layout: KitchenLayout;
  /** Cooking begins on its own with the third ingredient, as in Carroll et al. 2019, instead of by an interaction. */
  readonly autoCook: boolean;
  /** Cooking time as a multiple of the layout's own. */
  readonly pace: number;
  /** Shaped rewards, of the one who acted: an ingredient into a pot, a useful dish taken, a soup taken from a pot. */
  readonly shaped: { readonly pot: number; readonly dish: number; readonly soup: number };
}

/** What came of a joint action, by cook. Events bear the names they have in Overcooked-AI. */
export interface Outcome {
  readonly delivered: readonly [number, number];
  readonly shaped: readonly [number, number];
  readonly events: readonly [readonly string[], readonly string[]];
}

const names = ["", "onion", "tomato", "dish", "soup"] as const;
const full = 3;

/** Advances the state in place. */
export function advanceKitchen(rules: KitchenRules, state: KitchenState, joint: readonly [number, number]): Outcome {
  const delivered: [number, number] = [0, 0];
  const shaped: [number, number] = [0, 0];
  const events: [string[], string[]] = [[], []];
  const wantingDishes = potsThatWantDishes(rules, state);
  for (const cook of [0, 1] as const) {
    if (joint[cook] === interact) use(rules, state, cook, wantingDishes, delivered, shaped, events[cook]);
  }
  move(rules.layout, state, joint);
  state[0]++;
  for (const pot of rules.layout.pots) {
    const soup = itemAt(state, pot);
    if (soup === items.none) continue;
    const begun =
      rules.autoCook && cookedFor(soup) < 0 && contents(soup) === full
        ? soupOf(onionsIn(soup), tomatoesIn(soup), 0)
        : soup;
    const cooked = cookedFor(begun);
    const still = cooked >= 0 && cooked < cookTime(rules.layout, begun, rules.pace);
    state[headerSize + pot] = still ? soupOf(onionsIn(begun), tomatoesIn(begun), cooked + 1) : begun;
  }
  return { delivered, shaped, events };
}

export const contents = (soup: number): number => onionsIn(soup) + tomatoesIn(soup);
export const isReady = (rules: KitchenRules, soup: number): boolean =>
  isSoup(soup) && cookedFor(soup) >= cookTime(rules.layout, soup, rules.pace);

/** Pots cooking, ready or begun to fill; full ones that nobody has set to cook do not count (as in the original). */
const potsThatWantDishes = ({ layout }: KitchenRules, state: KitchenState): number =>
  layout.pots.filter((pot) => {
    const soup = itemAt(state, pot);
    return soup !== items.none && (cookedFor(soup) >= 0 || contents(soup) < full);
  }).length;

function dishIsUseful({ layout }: KitchenRules, state: KitchenState, wanting: number): boolean {
  for (const [cell, kind] of layout.tile.entries()) {
    if (kind === tiles.counter && itemAt(state, cell) === items.dish) return false;
  }
  const held = Number(heldBy(state, 0) === items.dish) + Number(heldBy(state, 1) === items.dish);
  return held < wanting;
}

function use(
  rules: KitchenRules,
  state: KitchenState,
  cook: 0 | 1,
  wantingDishes: number,
  delivered: [number, number],
  shaped: [number, number],
  events: string[],
): void {
  const { layout } = rules;
  const hand = 3 + 3 * cook;
  const held = state[hand];
  const at = neighbour(layout, cellOf(state, cook), facingOf(state, cook));
  const there = itemAt(state, at);
  const place = headerSize + at;
  switch (layout.tile[at]) {
    case tiles.counter:
      if (held !== items.none && there === items.none) {
        events.push(`${names[held & 7]}_drop`);
        state[place] = held;
        state[hand] = items.none;
      } else if (held === items.none && there !== items.none) {
        events.push(`${names[there & 7]}_pickup`);
        if (there === items.dish && dishIsUseful(rules, state, wantingDishes)) events.push("useful_dish_pickup");
        state[hand] = there;
        state[place] = items.none;
      }
      return;
    case tiles.onions:
    case tiles.tomatoes:
      if (held !== items.none) return;
      state[hand] = layout.tile[at] === tiles.onions ? items.onion : items.tomato;
      events.push(`${names[state[hand]]}_pickup`);
      return;
    case tiles.dishes:
      if (held !== items.none) return;
      events.push("dish_pickup");
      if (dishIsUseful(rules, state, wantingDishes)) {
        events.push("useful_dish_pickup");
        shaped[cook] += rules.shaped.dish;
      }
      state[hand] = items.dish;
      return;
    case tiles.pot:
      if (held === items.none) {
        const waits = there !== items.none && cookedFor(there) < 0 && contents(there) > 0;
        if (waits && !rules.autoCook) state[place] = soupOf(onionsIn(there), tomatoesIn(there), 0);
      } else if (held === items.dish && isReady(rules, there)) {
        events.push("soup_pickup");
        state[hand] = there;
        state[place] = items.none;
        shaped[cook] += rules.shaped.soup;
      } else if (held === items.onion || held === items.tomato) {
        const soup = there === items.none ? soupOf(0, 0, -1) : there;
        if (cookedFor(soup) >= 0 || contents(soup) === full) return;
        const [onions, tomatoes] = held === items.onion ? [1, 0] : [0, 1];
        state[place] = soupOf(onionsIn(soup) + onions, tomatoesIn(soup) + tomatoes, -1);
        state[hand] = items.none;
        shaped[cook] += rules.shaped.pot;
        events.push(`potting_${names[held]}`);
      }
      return;
    case tiles.serving:
      if (!isSoup(held)) return;
      delivered[cook] += soupValue(layout, held);
      state[hand] = items.none;
      events.push("soup_delivery");
  }
}

function move(layout: KitchenLayout, state: KitchenState, joint: readonly [number, number]): void {
  const from = [state[1], state[4]];
  const to = [state[1], state[4]];
  for (const cook of [0, 1]) {
    const direction = joint[cook];
    if (direction >= stay) continue;
    state[2 + 3 * cook] = direction;
    const next = neighbour(layout, from[cook], direction);
    if (layout.tile[next] === tiles.floor) to[cook] = next;
  }
  const meet = to[0] === to[1];
  const swap = to[0] === from[1] && to[1] === from[0];
  if (meet || swap) return;
  state[1] = to[0];
  state[4] = to[1];
}
