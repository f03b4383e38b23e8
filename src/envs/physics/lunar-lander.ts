/**
 * Lunar Lander on planck: constants, observation, reward and ends as Gymnasium's LunarLander-v3 (Oleg Klimov). The
 * engine is a port of the same Box2D with small differences, so trajectories agree until contacts tell them apart, and
 * returns agree in distribution; box2d.golden.json has the numbers.
 */
import { BoxShape, EdgeShape, PolygonShape, RevoluteJoint, Vec2, World } from "planck";
import type { Generator } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import { type ParameterValues, parameter, withValues } from "../parameters.ts";
import { drawLander } from "./lander-picture.ts";
import { type Play, replayed } from "./replayed.ts";
import { lander } from "./spaces.ts";

/** Frames a second, and pixels a unit of length, in which the original's constants are given. */
const fps = 50;
const scale = 30;
const [width, height] = [600 / scale, 400 / scale];
const chunks = 11;
export const padHeight = height / 4;
const hull = [
  [-14, 17],
  [-17, 0],
  [-17, -10],
  [17, -10],
  [17, 0],
  [14, 17],
].map(([x, y]) => Vec2(x / scale, y / scale));
const legAway = 20 / scale;
const legDown = 18 / scale;
const legTorque = 40;
/** What collides with the ground alone. */
const airborne = { restitution: 0, filterMaskBits: 1 };

const parameters = {
  gravity: parameter(-10, -12, 0, "gravity, m/s²"),
  mainPower: parameter(13, 0, 30, "power of the main engine"),
  sidePower: parameter(0.6, 0, 3, "power of the side engines"),
  windPower: parameter(0, 0, 20, "largest force of the wind, N"),
  turbulencePower: parameter(0, 0, 2, "largest torque of the turbulence, N·m"),
  initialForce: parameter(1000, 0, 2000, "largest force on the first step, N, from the next episode on"),
};
type Values = ParameterValues<typeof parameters>;

export interface LunarLanderOptions {
  readonly name?: string;
  /** The action is [main, lateral] in [−1, 1]² in place of one of four. Default false. */
  readonly continuous?: boolean;
  /** m/s², below 0. Default −10. */
  readonly gravity?: number | undefined;
  /** Wind and turbulence while no leg touches the ground. Default false. */
  readonly wind?: boolean | undefined;
  /** Default 15 with wind. */
  readonly windPower?: number | undefined;
  /** Default 1.5 with wind. */
  readonly turbulencePower?: number | undefined;
}

export const lunarLanderOptionNames = ["gravity", "wind", "windPower", "turbulencePower"] as const;

const flying: Info = Object.freeze({ success: false });
const landed: Info = Object.freeze({ success: true });

/**
 * Observation [x, y (pad at 0, half a picture is 1), vx, vy, angle (rad), angular velocity, left leg touches, right leg
 * touches]. Actions: nothing, left engine, main engine, right engine; continuous: [main, lateral], where main > 0
 * throttles from 50% to 100% and |lateral| > 0.5 fires a side engine. Reward: the change of
 * −100 (distance + speed + |angle|) + 10 a leg, −0.3 main and −0.03 side; −100 on a crash or out of sight, +100 at rest.
 * `info.success`: at rest.
 * @throws Problem "bad-option"
 */
export function lunarLander(options: LunarLanderOptions = {}): Environment<Float32Array, number | Float32Array> {
  const { name = options.continuous ? "LunarLanderContinuous-v3" : "LunarLander-v3", continuous = false } = options;
  const windy = options.wind ? { windPower: 15, turbulencePower: 1.5 } : {};
  const { gravity, windPower, turbulencePower } = { ...windy, ...withoutUndefined(options) };
  return replayed<number | Float32Array, typeof parameters>({
    name,
    observationSpace: lander.observation,
    actionSpace: continuous ? lander.throttles : lander.engines,
    parameters: withValues(name, parameters, { gravity, windPower, turbulencePower }),
    info: flying,
    begin: (random, p) => begin(random, p, continuous),
  });
}

const withoutUndefined = (options: LunarLanderOptions): LunarLanderOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** The bodies of one episode, after the step without engines with which the original's reset ends. */
export function begin(
  random: Generator,
  p: Values,
  continuous: boolean,
): Play<number | Float32Array, typeof parameters> {
  const world = new World(Vec2(0, p.gravity));
  const heights = Array.from({ length: chunks + 1 }, () => random.between(0, height / 2));
  const middle = Math.floor(chunks / 2);
  heights.fill(padHeight, middle - 2, middle + 3);
  // The chunk left of the first is, as in the original, the last one.
  const ground = Array.from({ length: chunks }, (_, i) =>
    Vec2((width / (chunks - 1)) * i, 0.33 * (heights.at(i - 1)! + heights[i] + heights[i + 1])),
  );
  const moon = world.createBody();
  moon.createFixture(new EdgeShape(Vec2(0, 0), Vec2(width, 0)), {});
  for (let i = 0; i + 1 < chunks; i++) moon.createFixture(new EdgeShape(ground[i], ground[i + 1]), { friction: 0.1 });

  const craft = world.createBody({ type: "dynamic", position: Vec2(width / 2, height) });
  craft.createFixture(new PolygonShape(hull), { ...airborne, density: 5, friction: 0.1, filterCategoryBits: 0x10 });
  const push = Vec2(random.between(-p.initialForce, p.initialForce), random.between(-p.initialForce, p.initialForce));
  craft.applyForceToCenter(push, true);
  const windAtFirst = p.windPower > 0 || p.turbulencePower > 0;
  let windTime = windAtFirst ? random.integer(19998) - 9999 : 0;
  let turbulenceTime = windAtFirst ? random.integer(19998) - 9999 : 0;

  const legs = [-1, 1].map((side) => {
    const position = Vec2(width / 2 - side * legAway, height);
    const leg = world.createBody({ type: "dynamic", position, angle: side * 0.05 });
    leg.createFixture(new BoxShape(2 / scale, 8 / scale), { ...airborne, density: 1, filterCategoryBits: 0x20 });
    const joint = {
      localAnchorA: Vec2(0, 0),
      localAnchorB: Vec2(side * legAway, legDown),
      enableMotor: true,
      enableLimit: true,
      maxMotorTorque: legTorque,
      motorSpeed: 0.3 * side,
      lowerAngle: side === -1 ? 0.4 : -0.9,
      upperAngle: side === -1 ? 0.9 : -0.4,
    };
    world.createJoint(new RevoluteJoint({ ...joint, bodyA: craft, bodyB: leg }));
    return leg;
  });
  const touching = [0, 0];
  let crashed = false;
  world.on("begin-contact", (contact) => {
    const bodies = [contact.getFixtureA().getBody(), contact.getFixtureB().getBody()];
    if (bodies.includes(craft)) crashed = true;
    for (const [i, leg] of legs.entries()) if (bodies.includes(leg)) touching[i] = 1;
  });
  world.on("end-contact", (contact) => {
    const bodies = [contact.getFixtureA().getBody(), contact.getFixtureB().getBody()];
    for (const [i, leg] of legs.entries()) if (bodies.includes(leg)) touching[i] = 0;
  });

  let shaping = Number.NaN;
  let [main, side] = [0, 0];
  const step = (action: number | Float32Array, now: Values) => {
    world.setGravity(Vec2(0, now.gravity));
    if (touching[0] + touching[1] === 0) {
      if (now.windPower > 0) craft.applyForceToCenter(Vec2(gust(windTime++) * now.windPower, 0), true);
      if (now.turbulencePower > 0) craft.applyTorque(gust(turbulenceTime++) * now.turbulencePower, true);
    }
    [main, side] = continuous ? throttles(action as Float32Array) : [action === 2 ? 1 : 0, lateral[action as number]];
    const [sin, cos] = [Math.sin(craft.getAngle()), Math.cos(craft.getAngle())];
    const drift = [random.between(-1, 1) / scale, random.between(-1, 1) / scale];
    const at = craft.getPosition();
    if (main > 0) {
      const down = 4 / scale + 2 * drift[0];
      const [ox, oy] = [sin * down - cos * drift[1], -cos * down - sin * drift[1]];
      const power = now.mainPower * main;
      craft.applyLinearImpulse(Vec2(-ox * power, -oy * power), Vec2(at.x + ox, at.y + oy), true);
    }
    if (side !== 0) {
      const away = 3 * drift[1] + (Math.sign(side) * 12) / scale;
      const [ox, oy] = [sin * drift[0] - cos * away, -cos * drift[0] - sin * away];
      const power = now.sidePower * Math.abs(side);
      // 17 and 14 where one would expect the same height twice: so it is in the original.
      const place = Vec2(at.x + ox - (sin * 17) / scale, at.y + oy + (cos * 14) / scale);
      craft.applyLinearImpulse(Vec2(-ox * power, -oy * power), place, true);
    }
    world.step(1 / fps, 180, 60);
    const { x, y } = craft.getPosition();
    const { x: vx, y: vy } = craft.getLinearVelocity();
    const state = [
      (x - width / 2) / (width / 2),
      (y - (padHeight + legDown)) / (height / 2),
      (vx * (width / 2)) / fps,
      (vy * (height / 2)) / fps,
      craft.getAngle(),
      (20 * craft.getAngularVelocity()) / fps,
      touching[0],
      touching[1],
    ];
    const before = shaping;
    shaping =
      -100 * Math.hypot(state[0], state[1]) -
      100 * Math.hypot(state[2], state[3]) -
      100 * Math.abs(state[4]) +
      10 * (touching[0] + touching[1]);
    const resting = !craft.isAwake();
    const lost = crashed || Math.abs(state[0]) >= 1;
    const change = Number.isNaN(before) ? 0 : shaping - before;
    const reward = resting ? 100 : lost ? -100 : change - 0.3 * main - 0.03 * Math.abs(side);
    const info = resting ? landed : flying;
    return { observation: Float32Array.from(state), reward, terminated: lost || resting, info };
  };
  const { observation } = step(continuous ? new Float32Array(2) : 0, p);
  return {
    observation,
    advance: step,
    draw: () => drawLander({ width, height, ground, padHeight, hull, lander: craft, legs, main, side }),
  };
}

/** The side engine an action fires, by direction. */
const lateral = [0, -1, 0, 1];

const throttles = (action: ArrayLike<number>): [main: number, side: number] => [
  action[0] > 0 ? (action[0] + 1) / 2 : 0,
  Math.abs(action[1]) > 0.5 ? action[1] : 0,
];

/** A wind between −1 and 1 that never repeats. */
const gust = (time: number): number => Math.tanh(Math.sin(0.02 * time) + Math.sin(Math.PI * 0.01 * time));
