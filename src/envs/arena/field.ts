/** Where the game is played: "#" wall, "." free, "A" and "B" where the teams start, "X" the site that bombs are for. */
import { problem } from "../../problems.ts";
import { centreOf, type MazeMap, mazeMap } from "../maze/map.ts";

export interface Field {
  readonly map: MazeMap;
  /** Middles of cells, [x, y], x to the right and y downwards. */
  readonly starts: readonly [attackers: readonly Spot[], defenders: readonly Spot[]];
  readonly sites: readonly Spot[];
}
export type Spot = readonly [x: number, y: number];

export const fields: { readonly [name: string]: readonly string[] } = {
  /** Two rooms, a corridor and a middle: short ways to fight. */
  rooms: [
    "################",
    "#A...#....#...B#",
    "#....#.##.#....#",
    "#....#....#....#",
    "#......##......#",
    "#....#....#....#",
    "##.###.XX.###.##",
    "#....#.XX.#....#",
    "#......##......#",
    "#....#....#....#",
    "#....#.##.#....#",
    "#A...#....#...B#",
    "################",
  ],
  /** One hall with pillars. */
  pillars: [
    "##############",
    "#A..........B#",
    "#..##....##..#",
    "#............#",
    "#.....XX.....#",
    "#..#..XX..#..#",
    "#............#",
    "#..##....##..#",
    "#A..........B#",
    "##############",
  ],
};

/** @throws Problem "unknown-name"; "bad-map"; "bad-value" without a start for each team and a site */
export function fieldOf(given: string | readonly string[]): Field {
  if (typeof given === "string" && !Object.hasOwn(fields, given)) {
    throw problem("unknown-name", { where: "arena", what: "field", name: given, known: Object.keys(fields) });
  }
  const rows = typeof given === "string" ? fields[given] : given;
  const map = mazeMap(rows.map((row) => row.replace(/[ABX]/g, ".")));
  const spots = (letter: string): readonly Spot[] =>
    rows.flatMap((row, r) =>
      [...row].flatMap((c, column) => (c === letter ? [centreOf(map, r * map.columns + column)] : [])),
    );
  const [attackers, defenders, sites] = ["A", "B", "X"].map(spots);
  if (attackers.length === 0 || defenders.length === 0 || sites.length === 0) {
    throw problem("bad-value", {
      where: "arena field",
      given: "a map",
      wanted: "at least one A, one B and one X on it",
    });
  }
  return { map, starts: [attackers, defenders], sites };
}
