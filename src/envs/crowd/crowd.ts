/**
 * Walking to a place among people: recorded ones, or ones who give way (P009 SACSoN, arXiv 2306.01874, whose cost, how
 * far one's presence turns others from their way, can be read off here: the same crowd walks beside, without the agent).
 */
import { box } from "../../spaces/make.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Environment } from "../environment.ts";
import { type ParameterValues, parameter } from "../parameters.ts";
import { disc, line, type Shape } from "../scene.ts";
import { simulate } from "../simulation.ts";
import { makeFlow, present, type Walk, walkOf } from "./flows.ts";
import { type CrowdOptions, checkedCrowd } from "./options.ts";
import { apart, at, each, head, placesOf, recorded, recordedPlace, straight } from "./presence.ts";
import { addRepulsion, walk, walkerSize } from "./social-force.ts";

const parameters = {
  topSpeed: parameter(1.8, 0.5, 4, "greatest speed of the agent, m/s"),
  acceleration: parameter(3, 0.5, 20, "greatest acceleration of the agent, m/s²"),
  turning: parameter(1.5, 0.2, 6, "greatest turning of a unicycle, rad/s"),
  radius: parameter(0.2, 0.05, 0.5, "radius of every body, m"),
  comfort: parameter(0.6, 0, 2, "distance between middles below which people are ill at ease, m"),
  speed: parameter(1.3, 0.5, 2.5, "mean speed of people in made-up flows, m/s"),
  noise: parameter(0.1, 0, 1, "standard deviation of the people's own acceleration, m/s²"),
  relaxation: parameter(0.5, 0.1, 3, "seconds in which people take up the speed they want"),
  strength: parameter(3, 0, 20, "what pushes people apart when they touch, m/s²"),
  range: parameter(0.5, 0.05, 3, "metres over which that falls to a third"),
  behind: parameter(0.2, 0, 1, "how much people mind what is behind them"),
  lookahead: parameter(2, 0, 6, "seconds that people look ahead"),
};
type P = ParameterValues<typeof parameters>;

/** How many steps ahead of the agent's start others may still appear, which is also the longest an episode can be. */
export const crowdSteps = 150;
const seconds = 0.4;
const parts = 4;
const arrival = 0.5;
/** The nearest person where there is none: JSON has no infinity. */
const far = 1e9;
const reward = { progress: 1, arrival: 10, collision: 10, discomfort: 0.5 } as const;

/**
 * Observation, in metres and m/s: the way to the goal [dx, dy], own velocity [vx, vy], own heading [cos, sin]; then of
 * each of the nearest people, nearest first, [dx, dy, relative vx, vy, 1], zeros where there are fewer. Action in
 * [−1, 1]²: the velocity wanted as a share of the top speed, or [speed (−1: none, 1: top), turning]. A step is 0.4 s (as
 * the tracks have it). Reward: metres gained towards the goal, +10 within 0.5 m of it, −10 for a collision, −0.5 a metre
 * of anybody's comfort. Ends at the goal, or in a collision. Info: success, collision, collisions (so far),
 * minDistance (m, within
 * the step; null where nobody is), progress (m), people (their places), recorded (where the replaced person was then; null afterwards),
 * and with social others perturbation: how far on average (m) those present are from where they would be without the
 * agent.
 * @throws Problem "bad-option", and what `readTracks` throws
 */
export function crowd(options: CrowdOptions = {}): Environment<Float32Array, Float32Array> {
  const name = options.name ?? "Pedestrians";
  const { flow, people, neighbours, act, collisions, others, tracks, candidates } = checkedCrowd(name, options);
  const social = others === "social";
  const dt = tracks?.seconds ?? seconds;
  const window = (person: number): readonly number[] => {
    const { first } = tracks!.people[person];
    return present(tracks!, first, first + crowdSteps, person);
  };
  const most = tracks === undefined ? people : Math.max(0, ...candidates.map((person) => window(person).length));
  const shadowAt = head + most * each;
  const size = shadowAt + (social ? most * walkerSize : 0);
  const width = 6 + 5 * neighbours;
  const force = new Float64Array(2);
  const body = new Float64Array(walkerSize);
  const previous = new Float64Array(size);

  const place = (state: Float64Array, slot: number, { from, to, speed, first }: Walk, track: number): void => {
    const w = head + slot * each;
    const far = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
    const [vx, vy] = [(speed * (to[0] - from[0])) / far, (speed * (to[1] - from[1])) / far];
    state.set([from[0], from[1], vx, vy, 0, to[0], to[1], speed, first, track], w);
  };

  /** Lets those appear whose time has come, and moves those who walk as recorded. */
  const follow = (state: Float64Array): void => {
    for (let slot = 0; slot < state[at.count]; slot++) {
      const w = head + slot * each;
      const since = state[at.start] + state[at.time] - state[w + 8];
      if (since < 0 || (social && state[w + 4] !== 0)) continue;
      if (state[w + 9] >= 0) recorded(state, w, tracks!, state[w + 9], since, dt);
      else straight(state, w, dt);
      if (social) state.copyWithin(shadowAt + slot * walkerSize, w, w + walkerSize);
    }
  };

  /** People give way, with the agent and (as shadows) without; both feel the same noise. */
  const walkOn = (state: Float64Array, random: Generator, p: P, agent: Float64Array): void => {
    const draws = Array.from({ length: 2 * state[at.count] }, () => p.noise * random.normal());
    for (let part = 0; part < parts; part++) {
      for (const [from, stride, seesAgent] of [
        [head, each, true],
        [shadowAt, walkerSize, false],
      ] as const) {
        for (let slot = 0; slot < state[at.count]; slot++) {
          const w = from + slot * stride;
          if (state[w + 4] !== 1) continue;
          force[0] = draws[2 * slot];
          force[1] = draws[2 * slot + 1];
          const [x, y, vx, vy] = [state[w], state[w + 1], state[w + 2], state[w + 3]];
          for (let other = 0; other < state[at.count]; other++) {
            const o = from + other * stride;
            if (other !== slot && state[o + 4] === 1) addRepulsion(p, x, y, vx, vy, state, o, force);
          }
          if (seesAgent) addRepulsion(p, x, y, vx, vy, agent, 0, force);
          const plan = head + slot * each + walkerSize;
          walk(p, state, w, state[plan], state[plan + 1], state[plan + 2], force, dt / parts);
          if (Math.hypot(state[plan] - state[w], state[plan + 1] - state[w + 1]) < 0.4) state[w + 4] = 2;
        }
      }
      agent[0] += (dt / parts) * agent[2];
      agent[1] += (dt / parts) * agent[3];
    }
  };

  const distanceToGoal = (s: Float64Array): number => Math.hypot(s[at.goalX] - s[at.x], s[at.goalY] - s[at.y]);
  /** The least distance to anybody during the last step: who crosses one's way between two moments is met too. */
  const nearest = (state: Float64Array, since: Float64Array | undefined): number => {
    let least = far;
    for (let slot = 0; slot < state[at.count]; slot++) {
      const w = head + slot * each;
      if (state[w + 4] !== 1) continue;
      const [x, y] = [state[w] - state[at.x], state[w + 1] - state[at.y]];
      const wasThere = since !== undefined && since[w + 4] === 1;
      const [fromX, fromY] = wasThere ? [since[w] - since[at.x], since[w + 1] - since[at.y]] : [x, y];
      least = Math.min(least, toSegment(fromX, fromY, x, y));
    }
    return least;
  };

  return simulate<Float32Array, Float32Array, typeof parameters>({
    name,
    observationSpace: box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [width] }),
    actionSpace: box(-1, 1, { shape: [2] }),
    stateSize: size,
    parameters,
    start(state, random, p) {
      state.fill(0);
      let own: Walk;
      if (tracks === undefined) {
        const made = makeFlow(flow, people, p.speed, random);
        own = made.agent;
        state[at.person] = -1;
        state[at.count] = people;
        for (const [slot, one] of made.others.entries()) place(state, slot, one, -1);
      } else {
        const person = candidates[random.integer(candidates.length)];
        own = walkOf(tracks.people[person], dt);
        state[at.person] = person;
        state[at.start] = own.first;
        const there = window(person);
        state[at.count] = there.length;
        for (const [slot, i] of there.entries()) place(state, slot, walkOf(tracks.people[i], dt), i);
      }
      const heading = Math.atan2(own.to[1] - own.from[1], own.to[0] - own.from[0]);
      state[at.x] = own.from[0];
      state[at.y] = own.from[1];
      state[at.vx] = own.speed * Math.cos(heading);
      state[at.vy] = own.speed * Math.sin(heading);
      state[at.heading] = heading;
      state[at.goalX] = own.to[0];
      state[at.goalY] = own.to[1];
      follow(state);
      state[at.near] = nearest(state, undefined);
    },
    advance(state, action, random, p) {
      const before = distanceToGoal(state);
      previous.set(state);
      steer(state, action, act === "unicycle", dt, p);
      body.set([state[at.x], state[at.y], state[at.vx], state[at.vy], 1]);
      if (social) walkOn(state, random, p, body);
      state[at.x] += dt * state[at.vx];
      state[at.y] += dt * state[at.vy];
      state[at.time]++;
      follow(state);
      const gap = nearest(state, previous);
      state[at.near] = gap;
      const hit = gap < 2 * p.radius;
      state[at.hits] += Number(hit);
      const left = distanceToGoal(state);
      state[at.progress] = before - left;
      state[at.arrived] = Number(left < arrival);
      state[at.over] = Number(state[at.arrived] === 1 || (hit && collisions === "end"));
      return (
        reward.progress * state[at.progress] +
        reward.arrival * state[at.arrived] -
        reward.collision * Number(hit) -
        reward.discomfort * Math.max(0, p.comfort - gap)
      );
    },
    ended: (state) => state[at.over] === 1,
    observe(state) {
      const seen = new Float32Array(width);
      const [x, y, vx, vy] = [state[at.x], state[at.y], state[at.vx], state[at.vy]];
      seen.set([
        state[at.goalX] - x,
        state[at.goalY] - y,
        vx,
        vy,
        Math.cos(state[at.heading]),
        Math.sin(state[at.heading]),
      ]);
      const near: (readonly [number, number])[] = [];
      for (let slot = 0; slot < state[at.count]; slot++) {
        const w = head + slot * each;
        if (state[w + 4] === 1) near.push([Math.hypot(state[w] - x, state[w + 1] - y), w]);
      }
      near.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      for (const [i, [, w]] of near.slice(0, neighbours).entries()) {
        seen.set([state[w] - x, state[w + 1] - y, state[w + 2] - vx, state[w + 3] - vy, 1], 6 + 5 * i);
      }
      return seen;
    },
    info: (state, p) => ({
      success: state[at.arrived] === 1,
      collision: state[at.near] < 2 * p.radius,
      collisions: state[at.hits],
      minDistance: state[at.near] === far ? null : state[at.near],
      progress: state[at.progress],
      people: placesOf(state, head, each),
      recorded: tracks === undefined ? null : recordedPlace(tracks, state[at.person], state[at.time]),
      ...(social ? { perturbation: apart(state, shadowAt) } : {}),
    }),
    draw: (state, p) => picture(state, p.radius),
  });
}

/** Distance of the origin from the way between two places. */
function toSegment(ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length));
  return Math.hypot(ax + share * dx, ay + share * dy);
}

/** The agent's own motion: towards the wanted velocity, as fast as it can. */
function steer(state: Float64Array, action: Float32Array, unicycle: boolean, dt: number, p: P): void {
  let [wantX, wantY] = [p.topSpeed * action[0], p.topSpeed * action[1]];
  const wanted = Math.hypot(wantX, wantY);
  if (wanted > p.topSpeed) [wantX, wantY] = [(wantX / wanted) * p.topSpeed, (wantY / wanted) * p.topSpeed];
  if (unicycle) {
    state[at.heading] += dt * p.turning * action[1];
    const speed = (p.topSpeed * (1 + action[0])) / 2;
    [wantX, wantY] = [speed * Math.cos(state[at.heading]), speed * Math.sin(state[at.heading])];
  }
  const [dx, dy] = [wantX - state[at.vx], wantY - state[at.vy]];
  const change = Math.hypot(dx, dy);
  const share = change > p.acceleration * dt ? (p.acceleration * dt) / change : 1;
  state[at.vx] += share * dx;
  state[at.vy] += share * dy;
  if (!unicycle && Math.hypot(state[at.vx], state[at.vy]) > 1e-3)
    state[at.heading] = Math.atan2(state[at.vy], state[at.vx]);
}

function picture(state: Float64Array, radius: number) {
  const people = placesOf(state, head, each);
  const [x, y] = [state[at.x], state[at.y]];
  const all = [[x, y], [state[at.goalX], state[at.goalY]], ...people];
  const [left, right] = [Math.min(...all.map((q) => q[0])) - 1, Math.max(...all.map((q) => q[0])) + 1];
  const [low, high] = [Math.min(...all.map((q) => q[1])) - 1, Math.max(...all.map((q) => q[1])) + 1];
  const shapes: Shape[] = [
    { kind: "disc", x: state[at.goalX], y: state[at.goalY], radius: arrival, fill: "#3a8f5c", opacity: 0.5 },
    ...people.map(([px, py]) => disc(px, py, radius, "#6b7280")),
    line(
      [
        [x, y],
        [x + state[at.vx], y + state[at.vy]],
      ],
      0.06,
      "#c05621",
    ),
    disc(x, y, radius, "#c05621"),
  ];
  return { x: left, y: low, width: right - left, height: high - low, shapes };
}
