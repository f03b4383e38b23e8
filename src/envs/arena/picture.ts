/** The arena drawn. */
import { disc, line, type Point, polygon, type Scene, type Shape } from "../scene.ts";
import { bodyRadius, isAlive, player, playerSize, type Rules, range, round, roundAt, shot, teamOf } from "./game.ts";
import { wallDistance } from "./rays.ts";

const teams = ["#c7502b", "#1668b8"] as const;
const faded = (shape: Shape, opacity: number): Shape => ({ ...shape, opacity }) as Shape;

/** Walls, sites, what each player's field of view covers, players with their health, and shots of the last step. */
export function drawArena(state: Float64Array, rules: Rules, angles: Float64Array): Scene {
  const { map, sites } = rules.field;
  const shapes: Shape[] = [];
  const square = (x: number, y: number, fill: string): Shape =>
    polygon(
      [
        [x, y],
        [x + 1, y],
        [x + 1, y + 1],
        [x, y + 1],
      ],
      fill,
    );
  for (const [x, y] of sites) shapes.push(square(x - 0.5, y - 0.5, "#ecdcae"));
  const bodies: Shape[] = [];
  for (let i = 0; i < 2 * rules.teamSize; i++) {
    const at = i * playerSize;
    const [x, y] = [state[at], state[at + 1]];
    const colour = teams[teamOf(rules, i)];
    if (!isAlive(state, i)) {
      bodies.push(faded(disc(x, y, bodyRadius, colour), 0.25));
      continue;
    }
    const heading = state[at + player.heading];
    const end = (angle: number): Point => {
      const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
      const far = wallDistance(map, x, y, dx, dy, range);
      return [x + far * dx, y + far * dy];
    };
    const seen = [...angles].map((angle) => end(heading + angle));
    shapes.push(faded(polygon([[x, y], ...seen], colour), 0.1));
    if (state[at + player.sound] === shot) bodies.push(line([[x, y], end(heading)], 0.05, "#e0a800"));
    const nose: Point = [x + 0.45 * Math.cos(heading), y + 0.45 * Math.sin(heading)];
    bodies.push(line([[x, y], nose], 0.14, "#222"), disc(x, y, bodyRadius, colour));
    const left = x - 0.3;
    bodies.push(
      line(
        [
          [left, y - 0.45],
          [left + 0.006 * state[at + player.health], y - 0.45],
        ],
        0.08,
        "#2e8b57",
      ),
    );
  }
  for (let cell = 0; cell < map.wall.length; cell++) {
    if (map.wall[cell] !== 0) shapes.push(square(cell % map.columns, Math.floor(cell / map.columns), "#3c4250"));
  }
  const r = roundAt(rules);
  if (state[r + round.planted] === 1) shapes.push(disc(state[r + round.x], state[r + round.y], 0.2, "#b3123f"));
  const size = { x: 0, y: 0, width: map.columns, height: map.rows };
  return { ...size, yDown: true, background: "#fbfaf7", shapes: [...shapes, ...bodies] };
}
