/** The eight tasks: what moves when the hand does, between state 0 and state 1. */
import type { Point } from "../scene.ts";
import type { TabletopTask } from "./instructions.ts";
import type { Thing } from "./variety.ts";

/**
 * "slide" along a line, "swing" along a quarter circle, "turn" with the hand, or "flow" out of what the hand holds and tilts.
 * `angle` is the direction of the beginning, rad.
 */
type Kind = "slide" | "swing" | "turn" | "flow";

export interface Mechanism {
  readonly kind: Kind;
  readonly angle: number;
  /** Whether what was let go of falls back. */
  readonly falls: boolean;
  /** Whether what flows must be caught. */
  readonly caught: boolean;
  /** Bounds of where its handle is at state 0, table widths. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

const mechanism = (kind: Kind, angle: number, x: Mechanism["x"], y: Mechanism["y"], more: object = {}): Mechanism => ({
  ...{ kind, angle, x, y, falls: false, caught: false },
  ...more,
});
const [up, down] = [Math.PI / 2, -Math.PI / 2];

export const mechanisms: { readonly [T in TabletopTask]: Mechanism } = {
  "pick-up": mechanism("slide", up, [0.35, 0.65], [0.35, 0.45], { falls: true }),
  reorient: mechanism("turn", 0, [0.35, 0.65], [0.4, 0.6]),
  "open-drawer": mechanism("slide", down, [0.35, 0.65], [0.6, 0.7]),
  "close-drawer": mechanism("slide", up, [0.35, 0.65], [0.35, 0.45]),
  "open-cabinet": mechanism("swing", down, [0.4, 0.7], [0.6, 0.7]),
  "close-cabinet": mechanism("swing", up, [0.3, 0.5], [0.4, 0.5]),
  pour: mechanism("flow", 0, [0.35, 0.65], [0.4, 0.6]),
  transfer: mechanism("flow", 0, [0.25, 0.4], [0.4, 0.6], { caught: true }),
};

/** Where the handle is from where it was at state 0, and the direction in which it goes on. */
export interface Place {
  readonly offset: Point;
  readonly way: Point;
}

/** At a state, for what slides or swings; what turns or is carried stays where it is held. */
export function placeAt({ kind, angle }: Mechanism, { travel }: Thing, state: number): Place {
  if (kind === "turn" || kind === "flow") return { offset: [0, 0], way: [0, 0] };
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  if (kind === "slide") return { offset: [travel * state * cos, travel * state * sin], way: [cos, sin] };
  // A quarter circle to the left of the way it begins: of radius r, of length `travel`.
  const radius = travel / (Math.PI / 2);
  const turned = (state * Math.PI) / 2;
  const [ahead, aside] = [radius * Math.sin(turned), radius * (1 - Math.cos(turned))];
  const [c, s] = [Math.cos(turned), Math.sin(turned)];
  return {
    offset: [ahead * cos - aside * sin, ahead * sin + aside * cos],
    way: [c * cos - s * sin, c * sin + s * cos],
  };
}

/** Fastest turn of the hand, rad/s. */
export const turnSpeed = 3;
/** How far a thing turns from state 0 to state 1, rad: 144° for a travel of 0.36. */
export const turnOf = ({ travel }: Thing): number => (travel / 0.36) * 0.8 * Math.PI;
/** Tilt at which it begins to flow, and at which it flows at its fastest, rad. */
export const lip = Math.PI / 4;
export const brim = Math.PI / 2;
/** Share of a volume of travel 0.25 that flows out in a second at the fastest, before friction. */
const outflow = 1.8;

/** The rate of a hand's motion along a way, or of its turning, or of a tilt, that the thing would follow: states/s. */
export function driveOf(
  { kind }: Mechanism,
  thing: Thing,
  { along, turning, tilt }: { readonly along: number; readonly turning: number; readonly tilt: number },
): number {
  const { friction, travel } = thing;
  const free =
    kind === "flow"
      ? (outflow * 0.25 * Math.max(0, Math.min(1, (tilt - lip) / (brim - lip)))) / travel
      : kind === "turn"
        ? turning / turnOf(thing)
        : along / travel;
  return free / (1 + friction);
}
