/** A kitchen from above. */
import { block, disc, label, line, type Scene, type Shape } from "../scene.ts";
import { tiles } from "./layout.ts";
import { isReady, type KitchenRules } from "./rules.ts";
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

const floor = "#e9dfc9";
const fills = [floor, "#9a7b4f", "#9a7b4f", "#9a7b4f", "#9a7b4f", "#5b5f66", "#8fb98a"] as const;
const cooks = ["#2b6cb0", "#c05621"] as const;
const colours = { onion: "#e3c34b", tomato: "#cf3a2e", dish: "#f7f7f7", soup: "#b06a2c", ready: "#6b8e23" } as const;

export function drawKitchen(rules: KitchenRules, state: KitchenState): Scene {
  const { layout } = rules;
  const { columns, rows } = layout;
  const shapes: Shape[] = [];
  const middle = (cell: number): readonly [number, number] => [
    (cell % columns) + 0.5,
    Math.floor(cell / columns) + 0.5,
  ];
  const thing = (item: number, x: number, y: number, size: number): void => {
    if (item === items.onion) shapes.push(disc(x, y, size, colours.onion));
    else if (item === items.tomato) shapes.push(disc(x, y, size, colours.tomato));
    else if (item !== items.none) shapes.push(disc(x, y, size * 1.3, colours.dish));
    if (isSoup(item)) shapes.push(disc(x, y, size, colours.soup));
  };
  for (const [cell, kind] of layout.tile.entries()) {
    const [x, y] = middle(cell);
    shapes.push(block(x, y, 0.98, 0.98, fills[kind]));
    if (kind === tiles.onions || kind === tiles.tomatoes) {
      const colour = kind === tiles.onions ? colours.onion : colours.tomato;
      for (const [dx, dy] of [
        [-0.18, 0.12],
        [0.18, 0.12],
        [0, -0.15],
      ] as const)
        shapes.push(disc(x + dx, y + dy, 0.17, colour));
    }
    if (kind === tiles.dishes)
      for (const r of [0.34, 0.24]) shapes.push(disc(x, y, r, r > 0.3 ? "#ddd" : colours.dish));
    if (kind === tiles.serving) shapes.push(label(x, y, 0.25, "serve", "#234"));
    const item = itemAt(state, cell);
    if (kind !== tiles.pot) {
      thing(item, x, y, 0.2);
      continue;
    }
    shapes.push(disc(x, y, 0.4, "#222"));
    const inside = [...Array(onionsIn(item)).fill(colours.onion), ...Array(tomatoesIn(item)).fill(colours.tomato)];
    if (isSoup(item) && cookedFor(item) >= 0)
      shapes.push(disc(x, y, 0.33, isReady(rules, item) ? colours.ready : colours.soup));
    for (const [i, colour] of inside.entries()) shapes.push(disc(x + (i - 1) * 0.22, y, 0.1, colour));
    if (isSoup(item) && cookedFor(item) > 0) shapes.push(label(x, y - 0.25, 0.15, String(cookedFor(item)), "#fff"));
  }
  for (const cook of [0, 1]) {
    const [x, y] = middle(cellOf(state, cook));
    const [ax, ay] = middle(neighbour(layout, cellOf(state, cook), facingOf(state, cook)));
    const nose = [x + 0.42 * (ax - x), y + 0.42 * (ay - y)] as const;
    shapes.push(disc(x, y, 0.34, cooks[cook]), line([[x, y], nose], 0.14, "#fff"));
    thing(heldBy(state, cook), x + 0.25 * (ax - x), y + 0.25 * (ay - y), 0.14);
  }
  return { x: 0, y: 0, width: columns, height: rows, yDown: true, background: floor, shapes };
}
