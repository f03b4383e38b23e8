/** What is seen of the table. */
import { box } from "../../spaces/make.ts";
import type { Point } from "../scene.ts";
import { at } from "./places.ts";
import { type Mechanism, placeAt, turnSpeed } from "./tasks.ts";
import { tableScenes, things } from "./variety.ts";

/** 23 numbers, none of them ever as large as this. */
export const view = box(-100, 100, { shape: [23] });

/** Places and directions turned and moved as the scene's view has them; amounts as they are. */
export function seenFrom(mechanism: Mechanism, s: Float64Array): Float32Array {
  const { angle, shift } = tableScenes[s[at.scene]];
  const thing = things[s[at.thing]];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turned = (x: number, y: number): Point => [cos * x - sin * y, sin * x + cos * y];
  const placed = (from: number): Point => {
    const [x, y] = turned(s[from] - 0.5, s[from + 1] - 0.5);
    return [0.5 + x + shift[0], 0.5 + y + shift[1]];
  };
  return Float32Array.of(
    ...placed(0),
    ...turned(s[2], s[3]),
    ...[s[at.tilt] / Math.PI, s[at.turning] / turnSpeed, s[at.closed], s[at.held]],
    ...placed(at.handle),
    ...turned(...placeAt(mechanism, thing, s[at.x]).way),
    ...[s[at.x] * thing.travel, thing.travel, s[at.rate]],
    ...placed(at.catcher),
    ...placed(at.distractors),
    ...placed(at.distractors + 2),
    ...turned(0, 1),
  );
}
