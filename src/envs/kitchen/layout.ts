/** Kitchens as drawn: the layouts of Overcooked-AI 1.1.0 (Carroll et al. 2019, arXiv 1910.05789), and one's own. */
import { problem } from "../../problems.ts";

/** How many of each a soup holds, at most three in all. */
export interface Recipe {
  readonly onions: number;
  readonly tomatoes: number;
}

/** A kitchen as a user writes it. */
export interface KitchenDrawing {
  /** Rows of X counter, O onions, T tomatoes, D dishes, P pot, S serving, space floor, 1 and 2 the cooks. */
  readonly grid: readonly string[];
  /** What may be served. Default: any soup. */
  readonly orders?: readonly Recipe[];
  /** Orders paid double. Default none. */
  readonly bonusOrders?: readonly Recipe[];
  /** What an ingredient of a served soup pays. Default: 20 a soup, whatever is in it. */
  readonly values?: { readonly onion: number; readonly tomato: number };
  /** Steps an ingredient adds to the cooking. Default: 20 a soup, whatever is in it. */
  readonly times?: { readonly onion: number; readonly tomato: number };
}

export const tiles = { floor: 0, counter: 1, onions: 2, tomatoes: 3, dishes: 4, pot: 5, serving: 6 } as const;
const letters = " XOTDPS";

/** A kitchen ready to cook in. Cells are row × columns + column. */
export interface KitchenLayout extends KitchenDrawing {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
  /** [cells] what stands there: see `tiles` */
  readonly tile: Uint8Array;
  /** The cell of each cook at the start. */
  readonly starts: readonly [number, number];
  readonly pots: readonly number[];
}

const onions3 = [{ onions: 3, tomatoes: 0 }] as const;
const byIngredient = { values: { onion: 21, tomato: 13 }, times: { onion: 15, tomato: 7 } } as const;
const soup = (onions: number, tomatoes: number): Recipe => ({ onions, tomatoes });

export const kitchens: { readonly [name: string]: KitchenDrawing } = {
  cramped_room: { grid: ["XXPXX", "O  2O", "X1  X", "XDXSX"], orders: onions3 },
  asymmetric_advantages: {
    grid: ["XXXXXXXXX", "O XSXOX S", "X   P 1 X", "X2  P   X", "XXXDXDXXX"],
    orders: onions3,
  },
  coordination_ring: { grid: ["XXXPX", "X 1 P", "D2X X", "O   X", "XOSXX"], orders: onions3 },
  forced_coordination: { grid: ["XXXPX", "O X1P", "O2X X", "D X X", "XXXSX"], orders: onions3 },
  counter_circuit: {
    grid: ["XXXPDPXXX", "X   2   X", "X XXXXX X", "X   1   X", "XXXOSTXXX"],
    orders: [soup(1, 2), soup(2, 1), soup(1, 1)],
    bonusOrders: [soup(1, 1)],
    ...byIngredient,
  },
  counter_circuit_o_1order: { grid: ["XXXPPXXX", "X  2   X", "D XXXX S", "X  1   X", "XXXOOXXX"], orders: onions3 },
  inverse_marshmallow_experiment: {
    grid: ["XOXXXXXXXXXOX", "X     X     X", "XXXX  D  XXXX", "XXS 2 P 1 SXX", "XXXXXTXTXXXXX"],
    orders: [soup(1, 0), soup(0, 1), soup(2, 1), soup(3, 0), soup(0, 3)],
    bonusOrders: [soup(3, 0)],
    ...byIngredient,
  },
  you_shall_not_pass: {
    grid: ["XXXXXSSSXXXXX", "XXTSSS SSSOXX", "P 1       2 P", "XXDSSSSSSSDXX"],
    orders: [soup(1, 0), soup(0, 1), soup(2, 1), soup(1, 2), soup(0, 3), soup(2, 0)],
    bonusOrders: [soup(2, 1), soup(1, 2)],
    ...byIngredient,
  },
};

/**
 * A layout by its name in Overcooked-AI, or drawn.
 * @throws Problem "unknown-name"; "bad-kitchen" when the drawing cannot be cooked in
 */
export function kitchenLayout(given: string | KitchenDrawing | KitchenLayout, name?: string): KitchenLayout {
  if (typeof given !== "string") return "tile" in given ? given : parsed(name ?? "drawn", given);
  if (!Object.hasOwn(kitchens, given)) {
    throw problem("unknown-name", {
      where: "kitchenLayout",
      what: "kitchen",
      name: given,
      known: Object.keys(kitchens),
    });
  }
  return parsed(given, kitchens[given]);
}

function parsed(name: string, drawing: KitchenDrawing): KitchenLayout {
  const { grid } = drawing;
  const refuse = (row: number, column: number, reason: string) => problem("bad-kitchen", { row, column, reason });
  const rows = grid.length;
  const columns = grid[0]?.length ?? 0;
  if (rows < 3 || columns < 3) throw refuse(0, 0, "at least 3 rows and 3 columns are needed");
  const tile = new Uint8Array(rows * columns);
  const cooks = [-1, -1];
  for (const [row, letterRow] of grid.entries()) {
    if (letterRow.length !== columns)
      throw refuse(row, 0, `the row has ${letterRow.length} letters, the first ${columns}`);
    for (const [column, letter] of [...letterRow].entries()) {
      const cell = row * columns + column;
      const cook = "12".indexOf(letter);
      if (cook >= 0 && cooks[cook] >= 0) throw refuse(row, column, `cook ${letter} is there twice`);
      if (cook >= 0) cooks[cook] = cell;
      const kind = cook >= 0 ? tiles.floor : letters.indexOf(letter);
      if (kind < 0) throw refuse(row, column, `"${letter}" stands for nothing`);
      const edge = row === 0 || column === 0 || row === rows - 1 || column === columns - 1;
      if (edge && kind === tiles.floor) throw refuse(row, column, "the border must not be floor");
      tile[cell] = kind;
    }
  }
  if (cooks.includes(-1)) throw refuse(0, 0, "both cooks, 1 and 2, are needed");
  const has = (kind: number): boolean => tile.includes(kind);
  if (!has(tiles.dishes) || !has(tiles.serving) || !has(tiles.pot)) {
    throw refuse(0, 0, "dishes D, a pot P and a serving place S are needed");
  }
  if (!has(tiles.onions) && !has(tiles.tomatoes)) throw refuse(0, 0, "onions O or tomatoes T are needed");
  const pots = [...tile.keys()].filter((cell) => tile[cell] === tiles.pot);
  return { ...drawing, name, columns, rows, tile, starts: [cooks[0], cooks[1]], pots };
}
