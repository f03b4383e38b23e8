/** Boards of square cells: cell (column, row) covers [column, column + 1) × [row, row + 1), y downwards. */
import { block, disc, type Scene, type Shape } from "../scene.ts";

export const board = (rows: number, columns: number, shapes: readonly Shape[]): Scene => ({
  x: 0,
  y: 0,
  width: columns,
  height: rows,
  yDown: true,
  background: "#fff",
  shapes,
});

export const tile = (column: number, row: number, fill: string): Shape =>
  block(column + 0.5, row + 0.5, 0.96, 0.96, fill);

/** Who acts. */
export const marker = (column: number, row: number, fill = "#d1495b"): Shape =>
  disc(column + 0.5, row + 0.5, 0.28, fill);
