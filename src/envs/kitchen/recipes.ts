/** What soups pay and how long they cook. */
import type { KitchenLayout, Recipe } from "./layout.ts";
import { onionsIn, tomatoesIn } from "./state.ts";

const usual = 20;
const bonus = 2;

const same = (soup: number) => (order: Recipe) =>
  order.onions === onionsIn(soup) && order.tomatoes === tomatoesIn(soup);

/** Steps the soup needs in the pot, at `pace` times the layout's own; at least 1. */
export function cookTime({ times }: KitchenLayout, soup: number, pace: number): number {
  const own = times === undefined ? usual : times.onion * onionsIn(soup) + times.tomato * tomatoesIn(soup);
  return Math.max(1, Math.round(own * pace));
}

/** What serving the soup pays: nothing where it was not ordered, double where it is a bonus order. */
export function soupValue({ orders, bonusOrders = [], values }: KitchenLayout, soup: number): number {
  if (orders !== undefined && !orders.some(same(soup))) return 0;
  const own = values === undefined ? usual : values.onion * onionsIn(soup) + values.tomato * tomatoesIn(soup);
  return bonusOrders.some(same(soup)) ? bonus * own : own;
}
