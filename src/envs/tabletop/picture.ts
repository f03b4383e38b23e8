import { colours, faded, tableScene } from "../pushing/hand.ts";
import { block, disc, label, line, type Point, type Scene, type Shape } from "../scene.ts";
import { instructionFor, type TabletopTask } from "./instructions.ts";
import { mouth } from "./motion.ts";
import { at } from "./places.ts";
import { mechanisms, placeAt, turnOf } from "./tasks.ts";
import { tableScenes, things } from "./variety.ts";

/** The table as it is, not as the scene sees it: the thing and its way, the hand, what was asked for, and a gauge of both. */
export function tabletopPicture(task: TabletopTask, s: Float64Array, tolerance: number): Scene {
  const mechanism = mechanisms[task];
  const thing = things[s[at.thing]];
  const [handle, origin]: readonly Point[] = [
    [s[at.handle], s[at.handle + 1]],
    [s[at.origin], s[at.origin + 1]],
  ];
  const shapes: Shape[] = tableScenes[s[at.scene]].distractors.map((_, i) =>
    faded(disc(s[at.distractors + 2 * i], s[at.distractors + 2 * i + 1], 0.04, colours[3 + i]), 0.5),
  );
  if (mechanism.caught) shapes.push(faded(disc(s[at.catcher], s[at.catcher + 1], thing.size + mouth, colours[1]), 0.3));
  if (mechanism.kind === "slide" || mechanism.kind === "swing") {
    const rail = [0, 0.25, 0.5, 0.75, 1].map((part): Point => {
      const { offset } = placeAt(mechanism, thing, part);
      return [origin[0] + offset[0], origin[1] + offset[1]];
    });
    shapes.push(line(rail, 0.012, "#9aa3b2"), disc(...handle, thing.size, colours[0]));
  } else {
    const angle = mechanism.kind === "turn" ? s[at.x] * turnOf(thing) : s[at.held] * s[at.tilt];
    shapes.push(block(...handle, 2 * thing.size, 4 * thing.size, colours[mechanism.kind === "turn" ? 0 : 1], -angle));
  }
  // How far it is, and between which marks it should be.
  const [left, bottom, tall] = [0.95, 0.1, 0.4];
  const mark = (state: number): number => bottom + tall * Math.max(0, Math.min(1, state));
  const [from, to] = [mark(s[at.goal] - tolerance), mark(s[at.goal] + tolerance)];
  shapes.push(
    block(left, bottom + tall / 2, 0.03, tall, "#e2ddd0"),
    block(left, (from + to) / 2, 0.03, Math.max(0.004, to - from), colours[2]),
    disc(left, mark(s[at.x]), 0.012, "#1b1f27"),
    label(0.5, 0.96, 0.03, instructionFor(task, Math.round(100 * s[at.goal]), s[at.inWords] === 1), "#3c4250"),
  );
  return tableScene(shapes, s[0], s[1], s[at.closed] === 1);
}
