/** States in the form of Overcooked-AI's `to_dict`, which its human-human logs use too. */
import { problem } from "../../problems.ts";
import type { KitchenLayout } from "./layout.ts";
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
  onionsIn,
  soupOf,
  tomatoesIn,
} from "./state.ts";

/** As Overcooked-AI writes it; positions are [column, row], orientations [dx, dy]. */
export interface OvercookedState {
  readonly players: readonly {
    readonly position: readonly number[];
    readonly orientation: readonly number[];
    readonly held_object: OvercookedObject | null;
  }[];
  readonly objects: readonly OvercookedObject[];
  readonly timestep: number;
}

export interface OvercookedObject {
  readonly name: string;
  readonly position: readonly number[];
  readonly _ingredients?: readonly { readonly name: string }[];
  readonly cooking_tick?: number;
}

const directions = [
  [0, -1],
  [0, 1],
  [1, 0],
  [-1, 0],
] as const;

/** @throws Problem "bad-value" for a state of another kitchen, or not of two cooks */
export function fromOvercooked(layout: KitchenLayout, given: OvercookedState): Int32Array {
  const refuse = (what: unknown, wanted: string) =>
    problem("bad-value", { where: `a state of the kitchen ${layout.name}`, given: JSON.stringify(what), wanted });
  const cellAt = ([column, row]: readonly number[]): number => {
    if (column >= 0 && row >= 0 && column < layout.columns && row < layout.rows) return row * layout.columns + column;
    throw refuse([column, row], `a place within ${layout.columns} columns and ${layout.rows} rows`);
  };
  const itemOf = (thing: OvercookedObject): number => {
    if (thing.name === "soup") {
      const of = (name: string): number => (thing._ingredients ?? []).filter((part) => part.name === name).length;
      return soupOf(of("onion"), of("tomato"), thing.cooking_tick ?? -1);
    }
    const item = ["", "onion", "tomato", "dish"].indexOf(thing.name);
    if (item < 1) throw refuse(thing.name, "onion, tomato, dish or soup");
    return item;
  };
  if (given.players.length !== 2) throw refuse(given.players.length, "two players");
  const state = new Int32Array(headerSize + layout.tile.length);
  state[0] = given.timestep;
  for (const [cook, { position, orientation, held_object }] of given.players.entries()) {
    state[1 + 3 * cook] = cellAt(position);
    const facing = directions.findIndex(([dx, dy]) => dx === orientation[0] && dy === orientation[1]);
    if (facing < 0) throw refuse(orientation, "a unit step north, south, east or west");
    state[2 + 3 * cook] = facing;
    state[3 + 3 * cook] = held_object === null ? items.none : itemOf(held_object);
  }
  for (const thing of given.objects) state[headerSize + cellAt(thing.position)] = itemOf(thing);
  return state;
}

/** The same back; ingredients of a soup are listed onions first. */
export function toOvercooked(layout: KitchenLayout, state: KitchenState): OvercookedState {
  const place = (cell: number): readonly number[] => [cell % layout.columns, Math.floor(cell / layout.columns)];
  const thing = (item: number, position: readonly number[]): OvercookedObject => {
    if (!isSoup(item)) return { name: ["", "onion", "tomato", "dish"][item], position };
    const many = (name: string, count: number) => Array.from({ length: count }, () => ({ name, position }));
    return {
      name: "soup",
      position,
      _ingredients: [...many("onion", onionsIn(item)), ...many("tomato", tomatoesIn(item))],
      cooking_tick: cookedFor(item),
    };
  };
  return {
    players: [0, 1].map((cook) => {
      const position = place(cellOf(state, cook));
      const held = heldBy(state, cook);
      return {
        position,
        orientation: directions[facingOf(state, cook)],
        held_object: held === items.none ? null : thing(held, position),
      };
    }),
    objects: [...layout.tile.keys()]
      .filter((cell) => itemAt(state, cell) !== items.none)
      .map((cell) => thing(itemAt(state, cell), place(cell))),
    timestep: state[0],
  };
}
