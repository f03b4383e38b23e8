/** What the thing does when the hand does something. */
import { table } from "../pushing/hand.ts";
import { at } from "./places.ts";
import { driveOf, type Mechanism, placeAt, turnOf } from "./tasks.ts";
import { type Thing, things } from "./variety.ts";

/** Beside a thing's size, how far from the middle of what catches water falls into it, table widths. */
export const mouth = 0.03;
/** The rate at which what was let go of falls back, states/s. */
const fall = 2;

/** What is held goes with the hand, each thing in its way and after its lag; what is not goes on until it rests. */
export function follow(mechanism: Mechanism, s: Float64Array): void {
  const thing = things[s[at.thing]];
  const held = s[at.held] === 1;
  const { way } = placeAt(mechanism, thing, s[at.x]);
  const hand = { along: s[2] * way[0] + s[3] * way[1], turning: s[at.turning], tilt: s[at.tilt] };
  const drive = held ? driveOf(mechanism, thing, hand) : mechanism.falls ? -fall : 0;
  s[at.rate] += ((drive - s[at.rate]) * table.seconds) / (thing.lag + table.seconds);
  if (mechanism.kind === "flow") flow(mechanism, thing, s, held);
  else move(mechanism, thing, s, held);
}

function flow({ caught }: Mechanism, { size }: Thing, s: Float64Array, held: boolean): void {
  const out = Math.min(table.seconds * s[at.rate], 1 - s[at.spent]);
  const beside = Math.hypot(s[at.handle] - s[at.catcher], s[at.handle + 1] - s[at.catcher + 1]);
  s[at.spent] += out;
  if (!caught || beside <= size + mouth) s[at.x] += out;
  if (held) s.copyWithin(at.handle, 0, 2);
}

function move(mechanism: Mechanism, thing: Thing, s: Float64Array, held: boolean): void {
  const next = s[at.x] + table.seconds * s[at.rate];
  s[at.x] = Math.max(0, Math.min(1, next));
  if (next !== s[at.x]) s[at.rate] = 0;
  const { offset, way } = placeAt(mechanism, thing, s[at.x]);
  for (const axis of [0, 1]) s[at.handle + axis] = s[at.origin + axis] + offset[axis];
  if (!held) return;
  // The hand is where the handle is, and as fast.
  s.copyWithin(0, at.handle, at.handle + 2);
  for (const axis of [0, 1]) s[2 + axis] = s[at.rate] * thing.travel * way[axis];
  if (mechanism.kind === "turn") s[at.turning] = s[at.rate] * turnOf(thing);
}
