/**
 * A tactical shooter seen from above: rooms, two teams, hitscan weapons, and a site to plant a bomb on. After the setting
 * of "Human-like Bots for Tactical Shooters Using Compute-Efficient Sensors" (arXiv 2501.00078), in two dimensions and
 * with rules of our own.
 */
import { multiDiscrete } from "../../spaces/make.ts";
import type { Generator } from "../../tensor/random.ts";
import { slide } from "../maze/walls.ts";
import { type ParameterValues, parameter } from "../parameters.ts";
import type { Field } from "./field.ts";
import { discDistance, wallDistance } from "./rays.ts";

/** Steps a second. Lengths are in cells of the field. */
export const rate = 8;
export const bodyRadius = 0.3;
export const magazine = 12;
export const range = 14;
const health0 = 100;
const plantSteps = 2 * rate;
const defuseSteps = 3 * rate;
export const fuseSteps = 20 * rate;
const reloadSteps = Math.round(1.5 * rate);
const useReach = 0.8;

export const arenaParameters = {
  speed: parameter(3, 0.5, 6, "walking speed, cells/s"),
  damage: parameter(34, 1, 100, "what a hit takes of 100"),
  spread: parameter(0.02, 0, 0.3, "standard deviation of a shot's angle standing still, rad; three times that walking"),
  cooldown: parameter(2, 1, 16, "steps between shots"),
  roundSeconds: parameter(40, 5, 120, "length of a round, s"),
};
export type ArenaValues = ParameterValues<typeof arenaParameters>;

/**
 * [move: 0 stand, 1 … 8 clockwise from straight ahead by 45°; turn: 15 bins, 7 is none, more is clockwise, fine in the
 * middle; fire; use: plant or defuse where one can, else reload].
 */
export const actionSpace = multiDiscrete([9, 15, 2, 2]);
const widest = Math.PI / 4;
const mu = 15;
/** How far each bin turns, rad. */
export const turns = Float64Array.from({ length: 15 }, (_, bin) => {
  const u = (bin - 7) / 7;
  return (Math.sign(u) * widest * ((1 + mu) ** Math.abs(u) - 1)) / mu;
});

/** One player's numbers in the state, and those of the round after all players'. */
export const player = {
  x: 0,
  y: 1,
  vx: 2,
  vy: 3,
  heading: 4,
  health: 5,
  ammo: 6,
  wait: 7,
  reload: 8,
  sound: 9,
  use: 10,
  hurt: 11,
  hits: 12,
};
export const playerSize = 13;
export const round = { planted: 0, x: 1, y: 2, fuse: 3, winner: 4, clock: 5 };
export const roundSize = 6;
export const [steps, shot] = [1, 2];

export interface Rules {
  readonly field: Field;
  /** Players of each team; attackers come first. */
  readonly teamSize: number;
  /** Whether there is a bomb to plant; else the last team standing wins. */
  readonly plant: boolean;
}

export const teamOf = (rules: Rules, i: number): 0 | 1 => (i < rules.teamSize ? 0 : 1);
export const stateSize = (rules: Rules): number => 2 * rules.teamSize * playerSize + roundSize;
export const roundAt = (rules: Rules): number => 2 * rules.teamSize * playerSize;
export const isAlive = (state: Float64Array, i: number): boolean => state[i * playerSize + player.health] > 0;

/** Places both teams, each looking to the middle. */
export function beginRound(state: Float64Array, random: Generator, { field, teamSize }: Rules): void {
  state.fill(0);
  const { map, starts } = field;
  const first = starts.map((spots) => random.integer(spots.length));
  for (let i = 0; i < 2 * teamSize; i++) {
    const team = i < teamSize ? 0 : 1;
    const [x, y] = starts[team][(i + first[team]) % starts[team].length];
    const at = i * playerSize;
    const [px, py] = [x + random.between(-0.15, 0.15), y + random.between(-0.15, 0.15)];
    const heading = Math.atan2(map.rows / 2 - py, map.columns / 2 - px) + random.between(-0.3, 0.3);
    state.set([px, py, 0, 0, heading, health0, magazine], at);
  }
}

/** Both teams act at once; returns the damage each player did to the other team. */
export function playStep(
  state: Float64Array,
  actions: readonly ArrayLike<number>[],
  random: Generator,
  rules: Rules,
  p: ArenaValues,
): Float64Array {
  const count = 2 * rules.teamSize;
  const r = roundAt(rules);
  const dealt = new Float64Array(count);
  const fires: number[] = [];
  for (let i = 0; i < count; i++) {
    const at = i * playerSize;
    state[at + player.sound] = 0;
    state[at + player.hurt] = 0;
    if (!isAlive(state, i)) continue;
    walk(state, at, actions[i], rules, p);
    if (state[at + player.wait] > 0) state[at + player.wait]--;
    if (state[at + player.reload] > 0 && --state[at + player.reload] === 0) state[at + player.ammo] = magazine;
    use(state, i, actions[i][3] === 1, rules);
    const ready = state[at + player.wait] === 0 && state[at + player.reload] === 0 && state[at + player.ammo] > 0;
    if (actions[i][2] === 1 && ready) fires.push(i);
  }
  // Shots of one step are simultaneous: all are aimed before any is felt.
  for (const i of fires) {
    const at = i * playerSize;
    state[at + player.ammo]--;
    state[at + player.wait] = p.cooldown;
    state[at + player.sound] = shot;
    const walking = Math.hypot(state[at + player.vx], state[at + player.vy]) > 0.3;
    const angle = state[at + player.heading] + p.spread * (walking ? 3 : 1) * random.normal();
    const victim = struck(state, i, Math.cos(angle), Math.sin(angle), rules);
    if (victim < 0) continue;
    state[victim * playerSize + player.hurt] += p.damage;
    if (teamOf(rules, victim) !== teamOf(rules, i)) {
      dealt[i] += p.damage;
      state[at + player.hits]++;
    }
  }
  for (let i = 0; i < count; i++) {
    const at = i * playerSize;
    state[at + player.health] = Math.max(0, state[at + player.health] - state[at + player.hurt]);
  }
  state[r + round.clock]++;
  if (state[r + round.planted] === 1) state[r + round.fuse]--;
  if (state[r + round.winner] === 0) state[r + round.winner] = winner(state, rules, p);
  return dealt;
}

function walk(state: Float64Array, at: number, action: ArrayLike<number>, { field }: Rules, p: ArenaValues): void {
  state[at + player.heading] += turns[action[1]];
  const angle = state[at + player.heading] + ((action[0] - 1) * Math.PI) / 4;
  const pace = action[0] === 0 ? 0 : p.speed;
  state[at + player.vx] += 0.6 * (pace * Math.cos(angle) - state[at + player.vx]);
  state[at + player.vy] += 0.6 * (pace * Math.sin(angle) - state[at + player.vy]);
  const body = state.subarray(at, at + 4);
  slide(field.map, body, body[2] / rate, body[3] / rate, bodyRadius);
  if (Math.hypot(body[2], body[3]) > 0.5 * p.speed) state[at + player.sound] = steps;
}

/** Planting on the site, defusing at the bomb, reloading anywhere else. Moving away begins it anew. */
function use(state: Float64Array, i: number, asked: boolean, rules: Rules): void {
  const at = i * playerSize;
  const r = roundAt(rules);
  const attacks = teamOf(rules, i) === 0;
  const [x, y] = [state[at], state[at + 1]];
  const planted = state[r + round.planted] === 1;
  const near = planted
    ? !attacks && Math.hypot(state[r + round.x] - x, state[r + round.y] - y) <= useReach
    : attacks && rules.plant && rules.field.sites.some(([sx, sy]) => Math.hypot(sx - x, sy - y) <= useReach);
  if (!asked || !near) {
    state[at + player.use] = 0;
    if (asked && state[at + player.reload] === 0 && state[at + player.ammo] < magazine)
      state[at + player.reload] = reloadSteps;
    return;
  }
  state[at + player.use]++;
  if (!planted && state[at + player.use] >= plantSteps) {
    state.set([1, x, y, fuseSteps], r);
    state[at + player.use] = 0;
  } else if (planted && state[at + player.use] >= defuseSteps) state[r + round.winner] = 2;
}

/** Whom a ray meets first, −1: a wall. */
function struck(state: Float64Array, i: number, dx: number, dy: number, { field, teamSize }: Rules): number {
  const at = i * playerSize;
  let nearest = wallDistance(field.map, state[at], state[at + 1], dx, dy, range);
  let victim = -1;
  for (let j = 0; j < 2 * teamSize; j++) {
    if (j === i || !isAlive(state, j)) continue;
    const other = j * playerSize;
    const far = discDistance(state[other] - state[at], state[other + 1] - state[at + 1], dx, dy, bodyRadius);
    if (far >= nearest) continue;
    nearest = far;
    victim = j;
  }
  return victim;
}

/** 1: the attackers have won, 2: the defenders, 3: nobody will, 0: not yet. */
function winner(state: Float64Array, rules: Rules, p: ArenaValues): number {
  const r = roundAt(rules);
  let [attackers, defenders] = [0, 0];
  for (let i = 0; i < 2 * rules.teamSize; i++) {
    if (!isAlive(state, i)) continue;
    if (teamOf(rules, i) === 0) attackers++;
    else defenders++;
  }
  const planted = state[r + round.planted] === 1;
  if (planted && state[r + round.fuse] <= 0) return 1;
  if (attackers === 0 && defenders === 0 && !planted) return rules.plant ? 2 : 3;
  if (defenders === 0) return 1;
  if (attackers === 0 && !planted) return 2;
  if (!planted && state[r + round.clock] >= p.roundSeconds * rate) return rules.plant ? 2 : 3;
  return 0;
}
