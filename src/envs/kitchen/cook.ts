/** The greedy cook as one who looks: it reads the kitchen off the lossless encoding, from either cook's place. */
import { problem } from "../../problems.ts";
import { checkDials, type Demonstrator } from "../demonstrator.ts";
import type { Environment } from "../environment.ts";
import { layers } from "./encodings.ts";
import { greedyAction } from "./greedy.ts";
import { kitchenLayout, tiles } from "./layout.ts";
import type { KitchenOptions } from "./options.ts";
import { cookTime } from "./recipes.ts";
import { actions, type KitchenRules } from "./rules.ts";
import { headerSize, items, soupOf } from "./state.ts";

const counts = [2, 6] as const; // the first layer of one's own facing, and of the other's

/**
 * The state that a cook's lossless masks show, that cook first. The step is not shown: it is 0.
 * @throws Problem "bad-value" for masks of another kitchen
 */
export function decodeLossless(rules: KitchenRules, masks: ArrayLike<number>): Int32Array {
  const { layout } = rules;
  const { rows, columns } = layout;
  const refuse = (given: string) =>
    problem("bad-value", { where: "decodeLossless", given, wanted: `masks of the kitchen ${layout.name}` });
  if (masks.length !== rows * columns * layers) throw refuse(`${masks.length} numbers`);
  const state = new Int32Array(headerSize + layout.tile.length);
  const at = (cell: number, layer: number): number =>
    masks[((cell % columns) * rows + Math.floor(cell / columns)) * layers + layer];
  for (let cell = 0; cell < layout.tile.length; cell++) {
    const inPot = layout.tile[cell] === tiles.pot;
    let item: number = items.none;
    if (at(cell, 22) === 1) item = items.dish;
    else if (at(cell, 23) === 1) item = items.onion;
    else if (at(cell, 24) === 1) item = items.tomato;
    else if (at(cell, 16) + at(cell, 17) > 0) item = soupOf(at(cell, 16), at(cell, 17), -1);
    else if (at(cell, 18) + at(cell, 19) > 0) {
      const soup = soupOf(at(cell, 18), at(cell, 19), 0);
      item = soupOf(at(cell, 18), at(cell, 19), cookTime(layout, soup, rules.pace) - (inPot ? at(cell, 20) : 0));
    }
    let held = false;
    for (const cook of [0, 1]) {
      if (at(cell, cook) !== 1) continue;
      held = true;
      const facing = [0, 1, 2, 3].findIndex((direction) => at(cell, counts[cook] + direction) === 1);
      if (facing < 0 || layout.tile[cell] !== tiles.floor) throw refuse("a cook who stands or faces nowhere");
      state.set([cell, facing, item], 1 + 3 * cook);
    }
    if (!held) state[headerSize + cell] = item;
  }
  if (state[1] === 0 || state[4] === 0) throw refuse("no cook, or only one");
  return state;
}

/**
 * Acts greedily on `observe: "lossless"` observations of either cook; with chance 1 − skill uniformly at random. For
 * recording, and as a partner from outside.
 * @throws Problem "bad-option"
 */
export function kitchenCook(
  world: Pick<Environment, "observationSpace" | "actionSpace">,
  {
    layout: given = "cramped_room",
    autoCook = false,
    skill = 1,
  }: Pick<KitchenOptions, "layout" | "autoCook"> & { readonly skill?: number } = {},
): Demonstrator<Float32Array, number> {
  const refuse = (name: string, value: unknown, wanted: string) =>
    problem("bad-option", { where: "kitchenCook", name, given: value, wanted });
  checkDials("kitchenCook", { skill });
  const layout = kitchenLayout(given);
  const { observationSpace, actionSpace } = world;
  if (
    observationSpace.kind !== "box" ||
    String(observationSpace.shape) !== String([layout.columns, layout.rows, layers])
  ) {
    throw refuse("world", observationSpace.kind, `the kitchen ${layout.name} with observe: "lossless"`);
  }
  const rules: KitchenRules = { layout, autoCook, pace: 1, shaped: { pot: 0, dish: 0, soup: 0 } };
  return {
    name: `cook-${layout.name}-skill-${skill}`,
    observationSpace,
    actionSpace,
    memorySize: 0,
    decide(masks, _, random) {
      if (random !== undefined && random.uniform() >= skill) return random.integer(actions.length);
      return greedyAction(rules, decodeLossless(rules, masks), 0, random);
    },
  };
}
