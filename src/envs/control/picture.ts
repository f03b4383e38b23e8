/** What the control tasks have in common to draw. */
import { disc, line, type Point, type Scene } from "../scene.ts";

const hill = (x: number): number => Math.sin(3 * x) * 0.45 + 0.55;

/** The valley of both mountain cars. */
export function valley(position: number, goal: number): Scene {
  const ground = Array.from({ length: 91 }, (_, i): Point => [-1.2 + i * 0.02, hill(-1.2 + i * 0.02)]);
  const flag: readonly Point[] = [
    [goal, hill(goal)],
    [goal, hill(goal) + 0.15],
  ];
  const car = disc(position, hill(position) + 0.04, 0.04, "#c33");
  return {
    x: -1.2,
    y: 0,
    width: 1.8,
    height: 1.2,
    shapes: [line(ground, 0.01, "#444"), line(flag, 0.01, "#2a7"), car],
  };
}
