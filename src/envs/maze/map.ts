/**
 * Maze maps drawn in characters: "#" wall, "." free, "S" a possible start, "G" a possible goal. Cell (row, column)
 * covers x in [column, column + 1) and y in [row, row + 1): x grows to the right, y downwards, as the map is read.
 */
import { problem } from "../../problems.ts";

export interface MazeMap {
  readonly rows: number;
  readonly columns: number;
  /** [rows × columns] 1 where there is a wall */
  readonly wall: Uint8Array;
  /** Cell indices (row × columns + column). */
  readonly starts: readonly number[];
  readonly goals: readonly number[];
  readonly free: readonly number[];
}

/** umaze, medium and large have the layout of D4RL's mazes (arXiv 2004.07219); ring has two equal ways round. */
export const maps: { readonly [name: string]: readonly string[] } = {
  umaze: ["#####", "#S..#", "###.#", "#G..#", "#####"],
  medium: ["########", "#S.##..#", "#..#...#", "##...###", "#..#...#", "#.#..#.#", "#...#.G#", "########"],
  large: [
    "############",
    "#S...#.....#",
    "#.##.#.#.#.#",
    "#......#...#",
    "#.####.###.#",
    "#..#.#.....#",
    "##.#.#.#.###",
    "#..#...#..G#",
    "############",
  ],
  ring: ["#########", "#.......#", "#.#####.#", "#S#####G#", "#.#####.#", "#.......#", "#########"],
};

/**
 * A map by its name ("medium"), by the name of an environment that has it ("PointMaze-medium-v0"), or as drawn, one
 * string with line breaks or one a row.
 * @throws Problem "unknown-name", or "bad-map" naming row and column
 */
export function mazeMap(given: string | readonly string[] | MazeMap): MazeMap {
  if (typeof given === "object" && "wall" in given) return given;
  if (typeof given === "string" && !given.includes("#")) {
    const name = /^(?:Point|Grid)Maze-(.+?)(?:-diverse)?-v\d+$/.exec(given)?.[1] ?? given;
    if (!Object.hasOwn(maps, name)) {
      throw problem("unknown-name", { where: "mazeMap", what: "maze map", name, known: Object.keys(maps) });
    }
    return parse(maps[name]);
  }
  return parse(
    typeof given === "string"
      ? given
          .split("\n")
          .map((row) => row.trim())
          .filter((row) => row !== "")
      : given,
  );
}

function parse(lines: readonly string[]): MazeMap {
  const rows = lines.length;
  const columns = lines[0]?.length ?? 0;
  const refuse = (row: number, column: number, reason: string): never => {
    throw problem("bad-map", { row: row + 1, column: column + 1, reason });
  };
  if (rows < 3 || columns < 3) refuse(0, 0, `the map is ${rows} by ${columns}; wanted at least 3 by 3`);
  const wall = new Uint8Array(rows * columns);
  const starts: number[] = [];
  const goals: number[] = [];
  const free: number[] = [];
  for (const [row, line] of lines.entries()) {
    if (line.length !== columns) refuse(row, 0, `the row has ${line.length} characters; the first has ${columns}`);
    for (let column = 0; column < columns; column++) {
      const letter = line[column];
      const cell = row * columns + column;
      if (!"#.SG".includes(letter)) refuse(row, column, `"${letter}" is none of # . S G`);
      if (letter === "#") {
        wall[cell] = 1;
        continue;
      }
      if (row === 0 || column === 0 || row === rows - 1 || column === columns - 1) {
        refuse(row, column, "the border must be wall (#), so that nothing leaves the map");
      }
      free.push(cell);
      if (letter === "S") starts.push(cell);
      if (letter === "G") goals.push(cell);
    }
  }
  if (free.length < 2) refuse(0, 0, "there are fewer than two free cells");
  return { rows, columns, wall, starts, goals, free };
}

/** The cell that holds a point. */
export const cellAt = (map: MazeMap, x: number, y: number): number => Math.floor(y) * map.columns + Math.floor(x);

/** The middle of a cell. */
export const centreOf = (map: MazeMap, cell: number): readonly [x: number, y: number] => [
  (cell % map.columns) + 0.5,
  Math.floor(cell / map.columns) + 0.5,
];

/** Whether a point lies in a wall or outside the map. */
export const isWall = (map: MazeMap, x: number, y: number): boolean =>
  !(x >= 0 && y >= 0 && x < map.columns && y < map.rows) || map.wall[cellAt(map, x, y)] === 1;
