/** Ways from cell to cell, four neighbours each. */
import type { MazeMap } from "./map.ts";

export interface CellField {
  /** [rows × columns] cost of the cheapest way to the goal; Infinity in walls and where none exists */
  readonly cost: Float64Array;
  /** [rows × columns] the cell that follows on it; −1 at the goal and where none exists */
  readonly next: Int32Array;
}

/**
 * The cheapest ways to a goal from everywhere (Dijkstra). Entering a cell from its neighbour, on the way towards the
 * goal, costs what `price` says of the cell that is left; 1 by default, so that cost counts steps.
 */
export function cellField(map: MazeMap, goal: number, price: (cell: number) => number = () => 1): CellField {
  const cost = new Float64Array(map.wall.length).fill(Infinity);
  const next = new Int32Array(map.wall.length).fill(-1);
  const open = new Set([goal]);
  cost[goal] = 0;
  while (open.size > 0) {
    let at = -1;
    for (const cell of open) if (at < 0 || cost[cell] < cost[at]) at = cell;
    open.delete(at);
    for (const from of [at - map.columns, at + 1, at + map.columns, at - 1]) {
      if (map.wall[from] !== 0) continue;
      const through = cost[at] + price(from);
      if (through < cost[from]) {
        cost[from] = through;
        next[from] = at;
        open.add(from);
      }
    }
  }
  return { cost, next };
}
