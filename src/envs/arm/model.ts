/** The table, the hand and the goal's marker as MJCF, with what a task puts on the table. */

/** Millimetre-sized numbers as MJCF wants them. */
const row = (numbers: readonly number[]): string => numbers.map((n) => String(Number(n.toFixed(6)))).join(" ");

type Triple = readonly [x: number, y: number, z: number];

/**
 * Who touches whom, as MuJoCo's contype and conaffinity: the pads touch what is loose and what turns or slides on a
 * fixture; what is loose touches the table and a fixture's walls; the rest passes through.
 */
const touch = {
  nothing: 'contype="0" conaffinity="0"',
  pads: 'contype="2" conaffinity="0"',
  loose: 'contype="1" conaffinity="2"',
  moved: 'contype="0" conaffinity="2"',
  wall: 'contype="0" conaffinity="1"',
  table: 'contype="0" conaffinity="1"',
} as const;

interface Geom {
  readonly touches?: keyof typeof touch;
  /** Kilograms. Default: by the default density. */
  readonly mass?: number;
  readonly colour: string;
}

const look = ({ touches = "nothing", mass, colour }: Geom): string =>
  `${touch[touches]} rgba="${colour}"${mass === undefined ? "" : ` mass="${mass}"`}`;

/** A box by its half sizes. */
export const slab = (at: Triple, half: Triple, geom: Geom): string =>
  `<geom type="box" pos="${row(at)}" size="${row(half)}" ${look(geom)}/>`;

/** A bar with round ends. */
export const bar = (from: Triple, to: Triple, radius: number, geom: Geom): string =>
  `<geom type="capsule" fromto="${row([...from, ...to])}" size="${radius}" ${look(geom)}/>`;

/** An upright cylinder. */
export const drum = (at: Triple, radius: number, half: number, geom: Geom): string =>
  `<geom type="cylinder" pos="${row(at)}" size="${row([radius, half])}" ${look(geom)}/>`;

/** The point of the thing whose place is observed. */
export const point = (at: Triple): string => `<site name="first" pos="${row(at)}" size="0.004"/>`;

/** The second point that is observed. */
export const secondPoint = (at: Triple): string => `<site name="second" pos="${row(at)}" size="0.004"/>`;

/** Something that lies on the table. */
export const loose = (geoms: string): string =>
  `<body name="thing" pos="0 0.5 0.02"><freejoint/>${geoms}${point([0, 0, 0])}</body>`;

/** What is screwed to the table: moved at the start of an episode, and then still. */
export const fixture = (contents: string): string => `<body name="fixture" mocap="true">${contents}</body>`;

/** The part of a fixture that moves, by one joint. */
export const moving = (at: Triple, joint: string, contents: string): string =>
  `<body name="thing" pos="${row(at)}" gravcomp="1"><joint name="joint" ${joint}/>${contents}</body>`;

export const wood = ".72 .53 .35 1";
export const darkWood = ".55 .38 .24 1";
export const steel = ".55 .58 .63 1";
export const red = ".83 .27 .22 1";
export const blue = ".25 .45 .75 1";
export const yellow = ".93 .76 .25 1";

const slide = (axis: "x" | "y" | "z"): string => {
  const along = { x: "1 0 0", y: "0 1 0", z: "0 0 1" }[axis];
  return `<joint name="${axis}" type="slide" axis="${along}" damping="90"/>`;
};

/** A finger's pad: 16 mm thick, 20 mm wide, 50 mm high, opening along ±x by up to 40 mm. */
const finger = (name: string, side: 1 | -1): string =>
  `<body name="${name}" gravcomp="1"><joint name="${name}" type="slide" axis="${side} 0 0" range="0 0.04" limited="true" damping="10"/>
      <geom type="box" pos="${row([side * 0.008, 0, 0.005])}" size=".008 .01 .025" mass=".1" ${touch.pads} condim="4" friction="1 .05 .001" rgba=".2 .22 .26 1"/></body>`;

/** The whole model; the hand's joints come first, so that qpos starts [x, y, z, left finger, right finger]. */
export const armModel = (things: string): string => `
<mujoco>
  <compiler angle="radian"/>
  <option timestep="0.005" integrator="implicitfast" cone="elliptic" impratio="10"/>
  <size memory="512K"/>
  <default><geom condim="4" friction="1 .05 .001"/></default>
  <worldbody>
    <geom name="table" type="plane" size="2 2 .1" ${touch.table} friction=".6 .05 .001" rgba="0 0 0 0"/>
    <body name="hand" gravcomp="1">
      ${slide("x")}${slide("y")}${slide("z")}
      <geom type="box" pos="0 0 .05" size=".055 .02 .02" mass=".8" ${touch.nothing} rgba=".4 .43 .48 1"/>
      ${finger("left", -1)}
      ${finger("right", 1)}
    </body>
    <body name="goal" mocap="true"><geom type="sphere" size=".016" ${touch.nothing} rgba=".3 .7 .35 1"/></body>
    ${things}
  </worldbody>
  <actuator>
    ${["x", "y", "z"].map((axis) => `<position joint="${axis}" kp="2000" forcelimited="true" forcerange="-60 60"/>`).join("")}
    ${["left", "right"].map((side) => `<position joint="${side}" kp="300" forcelimited="true" forcerange="-12 12"/>`).join("")}
  </actuator>
</mujoco>`;
