/**
 * The bipedal walker on planck: constants, observation, reward and ends as Gymnasium's BipedalWalker-v3 (Oleg Klimov).
 * As with the lander, trajectories agree until contacts tell the engines apart, and returns agree in distribution.
 */
import { type Body, BoxShape, EdgeShape, PolygonShape, RevoluteJoint, Vec2, World } from "planck";
import type { Generator } from "../../tensor/random.ts";
import type { Environment, Info } from "../environment.ts";
import { type ParameterValues, parameter, withValues } from "../parameters.ts";
import { type Play, replayed } from "./replayed.ts";
import { lidars, walker as spaces } from "./spaces.ts";
import {
  gymnasiumTerrain,
  parametricTerrain,
  startHeight,
  startX,
  type Terrain,
  terrainLength,
  terrainStep,
} from "./terrain.ts";
import { drawWalker } from "./walker-picture.ts";

const fps = 50;
const scale = 30;
const [viewWidth, viewHeight] = [600 / scale, 400 / scale];
const [hipSpeed, kneeSpeed] = [4, 6];
const lidarRange = 160 / scale;
const legDown = -8 / scale;
export const [legWidth, legHeight] = [8 / scale, 34 / scale];
const groundFriction = 2.5;
export const hullShape = [
  [-30, 9],
  [6, 9],
  [34, 1],
  [34, -8],
  [-30, -8],
].map(([x, y]) => Vec2(x / scale, y / scale));
const airborne = { restitution: 0, filterCategoryBits: 0x20, filterMaskBits: 1 };
/** Where the track ends. */
export const finish = (terrainLength - 10) * terrainStep;

const own = {
  gravity: parameter(-10, -20, 0, "gravity, m/s²"),
  torque: parameter(80, 10, 200, "largest torque of a motor, N·m"),
  initialForce: parameter(5, 0, 50, "largest force on the first step, N, from the next episode on"),
};
const tasks = {
  ...own,
  roughness: parameter(1, 0, 5, "roughness of the ground, 1: as Gymnasium's; from the next episode on"),
  stumpHeight: parameter(0, 0, 3, "mean height of the stumps, a leg being 2.27, 0: none; from the next episode on"),
  stumpWidth: parameter(0.5, 0.1, 3, "width of a stump, from the next episode on"),
  gapWidth: parameter(0, 0, 6, "width of the gaps, 0: none; from the next episode on"),
  spacing: parameter(4, 0.5, 10, "ground between obstacles, from the next episode on"),
};
type Values = ParameterValues<typeof own>;

const walking: Info = Object.freeze({ success: false });
const arrived: Info = Object.freeze({ success: true });

/**
 * BipedalWalker-v3, and with `hardcore` its stumps, pits and stairs. Observation: hull angle (rad), angular velocity, vx,
 * vy (scaled); for each leg hip angle, hip speed, knee angle + 1, knee speed, whether it touches; ten lidar fractions of
 * 5.33 units, from straight down to nearly ahead. Action: torque and direction of [hip, knee, hip, knee]. Reward:
 * 130 / 30 a unit forward, −5 a radian of leaning, −0.028 a unit of torque; −100 for a fall. `info.success`: the end of
 * the track.
 */
export const bipedalWalker = (
  options: { readonly name?: string; readonly hardcore?: boolean } = {},
): Environment<Float32Array, Float32Array> =>
  replayed<Float32Array, typeof own>({
    name: options.name ?? (options.hardcore ? "BipedalWalkerHardcore-v3" : "BipedalWalker-v3"),
    ...spaces,
    parameters: own,
    info: walking,
    begin: (random, p) => beginWalk(random, p, gymnasiumTerrain(random, options.hardcore === true)),
  });

export const terrainOptionNames = ["roughness", "stumpHeight", "stumpWidth", "gapWidth", "spacing"] as const;
export type TerrainOptions = { readonly [name in (typeof terrainOptionNames)[number]]?: number };

/**
 * The walker on a terrain of parameters, for curricula: a task is a set of options, or of parameters given to `perturb`
 * before `reset`; their ranges are the space of tasks, much of which no walker can master.
 * @throws Problem "bad-option" for a value out of its range
 */
export const parametricWalker = (
  options: TerrainOptions & { readonly name?: string } = {},
): Environment<Float32Array, Float32Array> => {
  const { name = "ParametricWalker-v0" } = options;
  return replayed<Float32Array, typeof tasks>({
    name,
    ...spaces,
    parameters: withValues(name, tasks, options),
    info: walking,
    begin: (random, p) => beginWalk(random, p, parametricTerrain(random, p)),
  });
};

/** The bodies of one episode, after the step without torque with which the original's reset ends. */
export function beginWalk(random: Generator, p: Values, terrain: Terrain): Play<Float32Array, typeof own> {
  const world = new World(Vec2(0, p.gravity));
  const { surface, blocks } = terrain;
  for (const points of blocks) {
    const shape = new PolygonShape(points.map(([x, y]) => Vec2(x, y)));
    world.createBody().createFixture(shape, { friction: groundFriction });
  }
  for (let i = 0; i + 1 < surface.length; i++) {
    const edge = new EdgeShape(Vec2(...surface[i]), Vec2(...surface[i + 1]));
    world.createBody().createFixture(edge, { friction: groundFriction });
  }
  const top = startHeight + 2 * legHeight;
  const hull = world.createBody({ type: "dynamic", position: Vec2(startX, top) });
  hull.createFixture(new PolygonShape(hullShape), { ...airborne, density: 5, friction: 0.1 });
  hull.applyForceToCenter(Vec2(random.between(-p.initialForce, p.initialForce), 0), true);

  const limbs: Body[] = [];
  const joints: RevoluteJoint[] = [];
  const jointed = { enableMotor: true, enableLimit: true, maxMotorTorque: 80 };
  for (const side of [-1, 1]) {
    const limb = (below: number, shape: BoxShape): Body => {
      const position = Vec2(startX, top - below * legHeight - legDown);
      const body = world.createBody({ type: "dynamic", position, angle: side * 0.05 });
      body.createFixture(shape, { ...airborne, density: 1 });
      limbs.push(body);
      return body;
    };
    const join = (bodyA: Body, bodyB: Body, y: number, motorSpeed: number, lowerAngle: number, upperAngle: number) => {
      const anchors = { localAnchorA: Vec2(0, y), localAnchorB: Vec2(0, legHeight / 2) };
      const joint = new RevoluteJoint({ ...jointed, ...anchors, bodyA, bodyB, motorSpeed, lowerAngle, upperAngle });
      world.createJoint(joint);
      joints.push(joint);
    };
    const upper = limb(0.5, new BoxShape(legWidth / 2, legHeight / 2));
    join(hull, upper, legDown, side, -0.8, 1.1);
    const lower = limb(1.5, new BoxShape((0.8 * legWidth) / 2, legHeight / 2));
    join(upper, lower, -legHeight / 2, 1, -1.6, -0.1);
  }
  const shins = [limbs[1], limbs[3]];
  const touching = [0, 0];
  let fallen = false;
  world.on("begin-contact", (contact) => {
    const bodies = [contact.getFixtureA().getBody(), contact.getFixtureB().getBody()];
    if (bodies.includes(hull)) fallen = true;
    for (const [i, shin] of shins.entries()) if (bodies.includes(shin)) touching[i] = 1;
  });
  world.on("end-contact", (contact) => {
    const bodies = [contact.getFixtureA().getBody(), contact.getFixtureB().getBody()];
    for (const [i, shin] of shins.entries()) if (bodies.includes(shin)) touching[i] = 0;
  });

  const seen = new Float64Array(lidars);
  const look = (x: number, y: number): void => {
    for (let i = 0; i < lidars; i++) {
      const angle = (1.5 * i) / 10;
      const far = Vec2(x + Math.sin(angle) * lidarRange, y - Math.cos(angle) * lidarRange);
      seen[i] = 1;
      world.rayCast(Vec2(x, y), far, (fixture, _point, _normal, fraction) => {
        if ((fixture.getFilterCategoryBits() & 1) === 0) return -1;
        seen[i] = fraction;
        return fraction;
      });
    }
  };

  let shaping = Number.NaN;
  const step = (action: ArrayLike<number>, now: Values) => {
    world.setGravity(Vec2(0, now.gravity));
    for (const [i, joint] of joints.entries()) {
      joint.setMotorSpeed((i % 2 === 0 ? hipSpeed : kneeSpeed) * Math.sign(action[i]));
      joint.setMaxMotorTorque(now.torque * Math.min(1, Math.abs(action[i])));
    }
    world.step(1 / fps, 180, 60);
    const { x, y } = hull.getPosition();
    const { x: vx, y: vy } = hull.getLinearVelocity();
    look(x, y);
    const leg = (i: number): readonly number[] => [
      joints[2 * i].getJointAngle(),
      joints[2 * i].getJointSpeed() / hipSpeed,
      joints[2 * i + 1].getJointAngle() + 1,
      joints[2 * i + 1].getJointSpeed() / kneeSpeed,
      touching[i],
    ];
    const turning = (2 * hull.getAngularVelocity()) / fps;
    const moving = [(0.3 * vx * viewWidth) / fps, (0.3 * vy * viewHeight) / fps];
    const observation = Float32Array.of(hull.getAngle(), turning, ...moving, ...leg(0), ...leg(1), ...seen);
    const before = shaping;
    shaping = (130 * x) / scale - 5 * Math.abs(hull.getAngle());
    let reward = Number.isNaN(before) ? 0 : shaping - before;
    for (let i = 0; i < 4; i++) reward -= 0.00035 * now.torque * Math.min(1, Math.abs(action[i]));
    const lost = fallen || x < 0;
    const home = x > finish;
    const info = home && !lost ? arrived : walking;
    return { observation, reward: lost ? -100 : reward, terminated: lost || home, info };
  };
  const { observation } = step([0, 0, 0, 0], p);
  return { observation, advance: step, draw: () => drawWalker({ terrain, hull, limbs, seen }) };
}
