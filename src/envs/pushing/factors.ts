/**
 * What varies between places and between things in pick-and-place: two independent factors, each drawn from its number
 * (0: the plain one). For studies of how much the variety of environments and of objects is worth (arXiv 2410.18647).
 */
import { fold, generator, randomKey } from "../../tensor/random.ts";

/** Twelve numbers: camera angle (rad), table friction (times), six of the background, two obstacles' x and y. */
export type EnvironmentFactors = Float64Array;

/** Five numbers: roundness (0 disc, 1 square), radius, mass (times), and where its handles are, ± [x, y]. */
export type ObjectFactors = Float64Array;

/** The disc's radius that an obstacle is, and where one is that is out of the way. */
export const obstacleRadius = 0.05;
const parked = [0, 1, 1, 1] as const;

export function environmentFactors(number: number): EnvironmentFactors {
  if (number === 0) return Float64Array.of(0, 1, 0, 0, 0, 0, 0, 0, ...parked);
  const random = generator(fold(randomKey(number), "environment"));
  const background = Array.from({ length: 6 }, () => random.between(-1, 1));
  const [angle, friction] = [random.between(-0.4, 0.4), random.between(0.6, 1.6)];
  // Beside the middle of the table, so that objects and targets have a way between them.
  const obstacles = [0, 1].flatMap((side) => [random.between(0.08, 0.28) + 0.64 * side, random.between(0.3, 0.7)]);
  return Float64Array.of(angle, friction, ...background, ...obstacles);
}

export function objectFactors(number: number): ObjectFactors {
  if (number === 0) return Float64Array.of(0, 0.04, 1, 0.03, 0);
  const random = generator(fold(randomKey(number), "object"));
  const [square, radius, mass] = [random.integer(2), random.between(0.03, 0.05), random.between(0.5, 2)];
  const angle = random.between(-Math.PI / 2, Math.PI / 2);
  const away = random.between(0.02, 0.045);
  return Float64Array.of(square, radius, mass, away * Math.cos(angle), away * Math.sin(angle));
}
