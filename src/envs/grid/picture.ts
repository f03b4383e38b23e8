/** Grid worlds drawn. */
import { block, disc, line, type Point, polygon, type Scene, type Shape } from "../scene.ts";
import type { Family } from "./family.ts";
import { headings } from "./level.ts";
import { CARRIED, CELLS, DIRECTION, X, Y } from "./state.ts";
import { colourOf, contentsOf, isLockedDoor, isOpenDoor, kindOf, kinds } from "./things.ts";
import { lookAhead, viewSize } from "./view.ts";

/** Red, green, blue, purple, yellow, grey. */
const paints = ["#d64545", "#3a9d5d", "#3b6fd1", "#8e4ec6", "#e0b020", "#7d8590"] as const;
const ink = "#1f2430";

export function drawGrid(state: Float64Array, family: Family): Scene {
  const { width, height } = family;
  const shapes: Shape[] = [];
  for (let cell = 0; cell < width * height; cell++) {
    shapes.push(...drawThing(state[CELLS + cell], cell % width, Math.floor(cell / width)));
  }
  shapes.push(...seenCells(state, family), ...drawAgent(state));
  return { x: 0, y: 0, width, height, yDown: true, background: "#f3f1ec", shapes };
}

const square = (x: number, y: number, size: number, fill: string): Shape => block(x + 0.5, y + 0.5, size, size, fill);

/** A thing in the cell whose corner is (x, y). */
function drawThing(thing: number, x: number, y: number): readonly Shape[] {
  const paint = paints[colourOf(thing)];
  const floor = square(x, y, 0.96, "#ffffff");
  switch (kindOf(thing)) {
    case kinds.wall:
      return [square(x, y, 1, "#4a5160")];
    case kinds.goal:
      return [square(x, y, 0.96, "#7ccf94")];
    case kinds.lava: {
      const wave = (down: number): Shape =>
        line(
          [0.12, 0.31, 0.5, 0.69, 0.88].map((along, i): Point => [x + along, y + down + (i % 2) * 0.1]),
          0.05,
          "#a33a10",
        );
      return [square(x, y, 1, "#f08a3c"), wave(0.25), wave(0.48), wave(0.71)];
    }
    case kinds.floor:
      return [{ ...square(x, y, 0.96, paint), opacity: 0.35 } as Shape];
    case kinds.door:
      if (isOpenDoor(thing)) return [floor, block(x + 0.94, y + 0.5, 0.12, 1, paint)];
      return isLockedDoor(thing)
        ? [
            square(x, y, 1, paint),
            square(x, y, 0.84, ink),
            block(x + 0.66, y + 0.5, 0.26, 0.1, paint),
            square(x, y, 0.3, paint),
          ]
        : [
            square(x, y, 1, paint),
            square(x, y, 0.84, "#ffffff"),
            square(x, y, 0.68, paint),
            disc(x + 0.72, y + 0.5, 0.08, ink),
          ];
    case kinds.key:
      return [
        floor,
        disc(x + 0.5, y + 0.3, 0.17, paint),
        disc(x + 0.5, y + 0.3, 0.07, "#ffffff"),
        block(x + 0.5, y + 0.64, 0.1, 0.44, paint),
        block(x + 0.41, y + 0.66, 0.14, 0.08, paint),
        block(x + 0.41, y + 0.82, 0.14, 0.08, paint),
      ];
    case kinds.ball:
      return [floor, disc(x + 0.5, y + 0.5, 0.31, paint)];
    case kinds.box:
      return [
        floor,
        square(x, y, 0.74, paint),
        square(x, y, 0.56, "#ffffff"),
        block(x + 0.5, y + 0.5, 0.66, 0.08, paint),
        ...(contentsOf(thing) === 0 ? [] : [disc(x + 0.5, y + 0.66, 0.08, paints[colourOf(contentsOf(thing))])]),
      ];
    default:
      return [floor];
  }
}

/** A veil over what the agent sees. */
function seenCells(state: Float64Array, family: Family): readonly Shape[] {
  const seen = lookAhead(state, family);
  const [dx, dy] = headings[state[DIRECTION]];
  const shapes: Shape[] = [];
  for (let i = 0; i < viewSize; i++) {
    for (let j = 0; j < viewSize; j++) {
      if (seen[i * viewSize + j] === 0) continue;
      const [aside, ahead] = [i - (viewSize - 1) / 2, viewSize - 1 - j];
      const [x, y] = [state[X] + dx * ahead - dy * aside, state[Y] + dy * ahead + dx * aside];
      if (x < 0 || y < 0 || x >= family.width || y >= family.height) continue;
      shapes.push({ ...square(x, y, 1, "#f6c945"), opacity: 0.18 } as Shape);
    }
  }
  return shapes;
}

/** A triangle that points where the agent looks, and what it carries in a corner of its cell. */
function drawAgent(state: Float64Array): readonly Shape[] {
  const [dx, dy] = headings[state[DIRECTION]];
  const [x, y] = [state[X] + 0.5, state[Y] + 0.5];
  const corner = (ahead: number, aside: number): Point => [x + dx * ahead - dy * aside, y + dy * ahead + dx * aside];
  const body = polygon([corner(0.38, 0), corner(-0.32, 0.3), corner(-0.32, -0.3)], "#c2183c");
  if (state[CARRIED] === 0) return [body];
  return [body, disc(x, y, 0.17, "#ffffff"), disc(x, y, 0.12, paints[colourOf(state[CARRIED])])];
}
