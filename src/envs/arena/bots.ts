/**
 * Players by hand, with people's ways: they act on what their sensors tell and on what they remember, react late, aim past
 * their enemies and back, and strafe.
 */
import { problem } from "../../problems.ts";
import { fold, type Generator, generator, randomKey } from "../../tensor/random.ts";
import { checkDials, type Demonstrator } from "../demonstrator.ts";
import { type CellField, cellField } from "../maze/cells.ts";
import { cellAt, centreOf, type MazeMap } from "../maze/map.ts";
import { type Field, fieldOf, type Spot } from "./field.ts";
import { actionSpace, turns } from "./game.ts";
import { angleBetween, type Percept, percept, type Sighting, turnFor } from "./percept.ts";
import { type SensorOptions, sensors } from "./sensors.ts";

export type BotStyle = "aggressive" | "camper" | "patrol";
export const botStyles: readonly BotStyle[] = ["aggressive", "camper", "patrol"];

export interface BotOptions extends SensorOptions {
  /** aggressive: seeks the enemy; camper: waits near the site or its start; patrol: goes from room to room. Default "patrol". */
  readonly style?: BotStyle;
  /** 1: quick and steady; 0: slow to react, with a poor aim. Default 0.7. */
  readonly skill?: number;
  /** Whose habits it has (reactions, overshoot, strafing): a whole number. Default 0. */
  readonly persona?: number;
  /** Default "rooms". */
  readonly field?: string | readonly string[];
  /** Whether there is a bomb. Default false. */
  readonly plant?: boolean;
}

interface Habits {
  readonly style: BotStyle;
  /** Steps from seeing an enemy to acting on it. */
  readonly reaction: number;
  /** What is added of the turn that is wanted. */
  readonly overshoot: number;
  readonly shake: number;
  /** Mean steps of a strafe one way. */
  readonly strafe: number;
}

/** Memory: begun, steps an enemy has been in sight, cell to go to, strafe way and steps left, where an enemy was and how long ago, how long it stands still and where. */
const [begun, sighted, goal, strafing, strafeLeft, lastAngle, lastSeen, stuck, lastX, lastY] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
];
const memorySize = 10;
const forget = 24;
const audible = 0.12;

/** Without chance every draw is the middle one. */
const still: Generator = {
  uniform: () => 0.5,
  between: (low, high) => (low + high) / 2,
  normal: () => 0,
  integer: (below) => Math.floor(below / 2),
  choice: (weights) => Math.floor(weights.length / 2),
  position: () => 0,
};

/** @throws Problem "bad-option" for a dial out of its range; as fieldOf and sensors */
export function arenaBot(options: BotOptions = {}): Demonstrator<Float32Array, Int32Array> {
  const { style = "patrol", skill = 0.7, persona = 0, field: given = "rooms", plant = false } = options;
  const refuse = (name: string, value: unknown, wanted: string) =>
    problem("bad-option", { where: "arenaBot", name, given: value, wanted });
  if (!botStyles.includes(style)) throw refuse("style", style, `one of ${botStyles.join(", ")}`);
  checkDials("arenaBot", { skill });
  if (!Number.isSafeInteger(persona)) throw refuse("persona", persona, "a whole number");
  const field = fieldOf(given);
  const { space, angles } = sensors(options);
  const own = generator(fold(randomKey(persona), "persona"));
  const habits: Habits = {
    style,
    reaction: Math.round((1 - skill) * 5 + own.between(0, 2)),
    overshoot: (1 - skill) * own.between(0, 0.8),
    shake: (1 - skill) * own.between(0.05, 0.15) + 0.01,
    strafe: own.between(3, 8),
  };
  const wayTo = ways(field.map);

  return {
    name: `arena-${style}-skill-${skill}-persona-${persona}`,
    observationSpace: space,
    actionSpace,
    memorySize,
    decide(observation, memory, random = still) {
      const seen = percept(observation, angles, field);
      if (!seen.alive) return Int32Array.of(0, 7, 0, 0);
      if (memory[begun] === 0) memory.set([1, 0, -1, 1, 0, 0, -1, 0, seen.x, seen.y]);
      remember(memory, seen);
      if (seen.enemy !== undefined && memory[sighted] > habits.reaction) {
        return fight(seen, seen.enemy, habits, memory, random);
      }
      if (plant && onDuty(field, seen)) return Int32Array.of(0, 7, 0, 1);
      const reload = seen.ammo < 0.35 && !seen.reloading ? 1 : 0;
      const turn = suspicion(seen, habits, memory);
      if (Math.abs(turn) > 0.15) return Int32Array.of(style === "aggressive" ? 1 : 0, turnFor(turn), 0, reload);
      choose(memory, seen, habits, field, plant, random);
      return travel(field.map, wayTo(memory[goal]), seen, reload, style);
    },
  };
}

function remember(memory: Float64Array, { enemy, heading, x, y }: Percept): void {
  if (memory[lastSeen] >= 0 && ++memory[lastSeen] > forget) memory[lastSeen] = -1;
  memory[sighted] = enemy === undefined ? 0 : memory[sighted] + 1;
  if (enemy !== undefined) {
    memory[lastAngle] = heading + enemy.bearing;
    memory[lastSeen] = 0;
  }
  memory[stuck] = Math.hypot(x - memory[lastX], y - memory[lastY]) < 0.05 ? memory[stuck] + 1 : 0;
  memory[lastX] = x;
  memory[lastY] = y;
}

/** Turns onto the enemy, past it by the habit's overshoot, shoots when about there, and strafes. */
function fight(seen: Percept, enemy: Sighting, habits: Habits, memory: Float64Array, random: Generator): Int32Array {
  const { bearing, distance } = enemy;
  const turn = turnFor(bearing * (1 + habits.overshoot) + habits.shake * random.normal());
  const aimed = Math.abs(bearing - turns[turn]) < 0.9 * Math.atan2(0.3, distance) + habits.shake;
  if (memory[strafeLeft]-- <= 0) {
    memory[strafeLeft] = Math.round(habits.strafe * random.between(0.5, 1.5));
    memory[strafing] = -memory[strafing];
  }
  const right = memory[strafing] > 0;
  const closing = habits.style === "aggressive" && distance > 3;
  const waiting = habits.style === "camper" && distance > 5;
  const move = closing ? (right ? 2 : 8) : waiting ? 0 : right ? 3 : 7;
  const dry = seen.ammo === 0 && !seen.reloading;
  return Int32Array.of(move, turn, aimed && !dry ? 1 : 0, dry ? 1 : 0);
}

/** Whether it stands where a bomb is to be planted, or the planted one defused. */
const onDuty = (field: Field, { attacks, planted, x, y, bomb }: Percept): boolean =>
  attacks
    ? !planted && field.sites.some(([sx, sy]) => Math.hypot(sx - x, sy - y) < 0.7)
    : planted && bomb !== undefined && bomb.distance < 0.45;

/** The turn to where an enemy was last seen, or shots were heard; 0 for none. */
function suspicion({ heard, heading }: Percept, { style }: Habits, memory: Float64Array): number {
  if (memory[lastSeen] > 0) return angleBetween(memory[lastAngle], heading);
  return heard.shots && heard.loud > (style === "camper" ? 2 : 1) * audible ? heard.bearing : 0;
}

/** Where to go: what the round asks for first, else what the style likes. */
function choose(
  memory: Float64Array,
  seen: Percept,
  habits: Habits,
  field: Field,
  plant: boolean,
  random: Generator,
): void {
  const { map, starts, sites } = field;
  const { attacks, planted, x, y, bomb, heading } = seen;
  const cell = ([sx, sy]: Spot): number => cellAt(map, sx, sy);
  const goTo = (spots: readonly Spot[]): void => {
    memory[goal] = cell(spots[random.integer(spots.length)]);
    memory[stuck] = 0;
  };
  const arrived = memory[goal] < 0 || cellAt(map, x, y) === memory[goal] || memory[stuck] > 12;
  if (plant && attacks !== planted && (habits.style !== "camper" || planted)) {
    // To a site to plant; to the bomb to defuse, towards it when it is in sight, else to each site in turn.
    const far = (bomb?.distance ?? 0) + 0.25;
    const at: Spot = [
      x + far * Math.cos(heading + (bomb?.bearing ?? 0)),
      y + far * Math.sin(heading + (bomb?.bearing ?? 0)),
    ];
    if (planted && bomb !== undefined && map.wall[cell(at)] === 0) memory[goal] = cell(at);
    else if (arrived || !sites.some((site) => cell(site) === memory[goal])) goTo(sites);
    return;
  }
  if (!arrived) return;
  if (habits.style === "camper") {
    const posted = memory[goal] >= 0 && cellAt(map, x, y) === memory[goal];
    if (!posted || random.uniform() < 0.005) goTo([...starts[attacks ? 0 : 1], ...sites]);
  } else if (habits.style === "aggressive" && random.uniform() < 0.5) goTo([...starts[attacks ? 1 : 0], ...sites]);
  else goTo([centreOf(map, map.free[random.integer(map.free.length)])]);
}

/** One step along the way; who is there looks about. */
function travel(map: MazeMap, way: CellField, { x, y, heading }: Percept, reload: number, style: BotStyle): Int32Array {
  const here = cellAt(map, x, y);
  const next = way.next[here];
  const [tx, ty] = centreOf(map, next < 0 ? here : next);
  if (next < 0 && Math.hypot(tx - x, ty - y) < 0.25) return Int32Array.of(0, style === "camper" ? 10 : 11, 0, reload);
  const wanted = angleBetween(Math.atan2(ty - y, tx - x), heading);
  const turn = turnFor(wanted);
  // In that of the eight directions that is nearest to the way, while the heading catches up.
  const direction = ((Math.round(((wanted - turns[turn]) / (2 * Math.PI)) * 8) % 8) + 8) % 8;
  return Int32Array.of(direction + 1, turn, 0, reload);
}

/** Ways to cells, kept. */
function ways(map: MazeMap): (cell: number) => CellField {
  const known = new Map<number, CellField>();
  return (cell) => {
    const way = known.get(cell) ?? cellField(map, cell);
    known.set(cell, way);
    return way;
  };
}
