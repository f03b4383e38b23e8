/** A skilled hand for each of the eight tasks, which reads the instruction and watches the state. */
import { problem } from "../../problems.ts";
import type { Demonstrator } from "../demonstrator.ts";
import { table } from "../pushing/hand.ts";
import { towards } from "../pushing/steering.ts";
import type { EnvironmentOptions } from "../registration.ts";
import { goalOf, type TabletopTask, tabletopTasks } from "./instructions.ts";
import { type Seen, tabletop } from "./tabletop.ts";
import { brim, lip, mechanisms, turnSpeed } from "./tasks.ts";

export interface TabletopDials {
  /** Standard deviation added to each component of the motion; it is in the recorded action. Default 0. */
  readonly noise?: number;
  /** Whether it stops where it was told to; else it goes on to the end of the way, whatever it was told. Default true. */
  readonly stops?: boolean;
  /** Options of the environment, as given to `make`. */
  readonly options?: EnvironmentOptions;
}

/** How far ahead it looks at what is still to come of a motion, s. It does not know a thing's lag. */
const foresight = { moved: 0.2, flowing: 0.3 } as const;

/**
 * @example tabletopExpert("Tabletop-open-drawer-v0", { noise: 0.1 })
 * @throws Problem "unknown-name"; "bad-option" for a dial out of its range
 */
export function tabletopExpert(name: string, dials: TabletopDials = {}): Demonstrator<Seen, Float32Array> {
  const where = "tabletopExpert";
  const task = tabletopTasks.find((one) => `Tabletop-${one}-v0` === name);
  const known = tabletopTasks.map((one) => `Tabletop-${one}-v0`);
  if (task === undefined) throw problem("unknown-name", { where, what: "expert for", name, known });
  const { noise = 0, stops = true, options = {} } = dials;
  if (!(noise >= 0))
    throw problem("bad-option", { where, name: "noise", given: noise, wanted: "a number of at least 0" });
  const { observationSpace, actionSpace } = tabletop({ ...options, task });
  return {
    name: `${name.toLowerCase()}-expert${noise > 0 ? `-noise-${noise}` : ""}${stops ? "" : "-never-stops"}`,
    observationSpace,
    actionSpace,
    memorySize: 0,
    decide({ instruction, seen }, _, random) {
      const action = skilled(task, stops ? goalOf(instruction) : 2, seen);
      return Float32Array.from(action, (part, i) => {
        const shaken = random !== undefined && noise > 0 && i < 3 ? part + noise * random.normal() : part;
        return Math.max(-1, Math.min(1, shaken));
      });
    },
  };
}

function skilled(task: TabletopTask, goal: number, seen: Float32Array): readonly number[] {
  const { kind, caught } = mechanisms[task];
  const [x, y, vx, vy, tilt, , , held, hx, hy, wayX, wayY, moved, travel, rate, cx, cy] = seen;
  const [upX, upY] = [seen[21], seen[22]];
  // From the scene's view back to the table's axes: up there is (0, 1).
  const onTable = (dx: number, dy: number) => [upY * dx - upX * dy, upX * dx + upY * dy] as const;
  const to = (toX: number, toY: number) => towards(0, 0, ...onTable(toX - x, toY - y));
  const righted = -4 * tilt;
  if (held === 0) {
    const near = Math.hypot(hx - x, hy - y) < 0.02 && Math.hypot(vx, vy) < 0.25;
    return [...to(hx, hy), righted, near ? 1 : -1];
  }
  const left = goal - moved / travel;
  if (kind === "turn") return [0, 0, 4 * (left - foresight.moved * rate), 1];
  if (kind !== "flow") {
    const pace = Math.max(-1, Math.min(1, 4 * (left - foresight.moved * rate)));
    const [wx, wy] = onTable(wayX, wayY);
    return [pace * wx, pace * wy, righted, 1];
  }
  const there = !caught || Math.hypot(cx - x, cy - y) < 0.03;
  const still = caught ? to(cx, cy) : [0, 0];
  const more = left - foresight.flowing * rate;
  // Less and less, then upright: what has flowed out is out.
  const wanted = !there || more < 0.01 ? 0 : lip + (brim - lip) * Math.min(1, 0.06 + 1.6 * more);
  const turn = (wanted - Math.PI * tilt) / (table.seconds * turnSpeed);
  return [...still, 0.6 * turn, 1];
}
