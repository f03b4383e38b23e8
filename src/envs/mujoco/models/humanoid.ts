/**
 * Humanoid: Tassa, Erez, Todorov (2012), "Synthesis and stabilization of complex behaviors through online trajectory
 * optimization"; constants of Gymnasium's Humanoid-v5 (standing) and HumanoidStandup-v5 (lying on its back).
 */
interface Pose {
  readonly model: string;
  readonly height: string;
  readonly head: string;
  readonly waist: string;
  readonly lowerWaist: string;
  readonly pelvis: string;
  /** Where the thigh's capsule ends, and where the shin begins, but for the side. */
  readonly thighs: string;
  readonly thigh: (side: number) => string;
  readonly shin: (side: number) => string;
  readonly shinEnd: string;
  readonly foot: string;
  readonly leftHipRange: string;
}

const standing: Pose = {
  model: "humanoid",
  height: "1.4",
  head: "0 0 .19",
  waist: "-.01 -.06 -.12 -.01 .06 -.12",
  lowerWaist: "-.01 0 -0.260",
  pelvis: "0 0 -0.165",
  thighs: "-0.04",
  thigh: (side) => `0 ${side * 0.01} -.34`,
  shin: (side) => `0 ${side * 0.01} -0.403`,
  shinEnd: "0 0 -.3",
  foot: "0 0 -0.45",
  leftHipRange: "-110 20",
};

const lying: Pose = {
  model: "humanoidstandup",
  height: ".105",
  head: "-.15 0 0",
  waist: ".11 -.06 0 .11 .06 0",
  lowerWaist: ".21 0 0",
  pelvis: "0.165 0 0",
  thighs: "0",
  thigh: (side) => `0.34 ${side * 0.01} 0`,
  shin: (side) => `0.403 ${side * 0.01} 0`,
  shinEnd: "0.3 0 0",
  foot: "0.35 0 -.10",
  leftHipRange: "-120 20",
};

/** `side` is 1 on the right and −1 on the left. */
const legOf = (pose: Pose, name: "right" | "left", side: 1 | -1): string => `
          <body name="${name}_thigh" pos="0 ${-side * 0.1} ${pose.thighs}">
            <joint name="${name}_hip_x" axis="${side} 0 0" range="-25 5" armature="0.01" damping="5" stiffness="10"/>
            <joint name="${name}_hip_z" axis="0 0 ${side}" range="-60 35" armature="0.01" damping="5" stiffness="10"/>
            <joint name="${name}_hip_y" axis="0 1 0" range="${side === 1 ? "-110 20" : pose.leftHipRange}" armature="${side === 1 ? "0.008" : "0.01"}" damping="5" stiffness="20"/>
            <geom name="${name}_thigh1" fromto="0 0 0 ${pose.thigh(side)}" size="0.06" rgba=".35 .57 .8 1"/>
            <body name="${name}_shin" pos="${pose.shin(side)}">
              <joint name="${name}_knee" pos="0 0 .02" axis="0 -1 0" range="-160 -2" armature="0.006"${side === 1 ? "" : ' stiffness="1"'}/>
              <geom name="${name}_shin1" fromto="0 0 0 ${pose.shinEnd}" size="0.049" rgba=".45 .67 .88 1"/>
              <body name="${name}_foot" pos="${pose.foot}">
                <geom name="${name}_foot" type="sphere" pos="0 0 0.1" size="0.075" rgba=".85 .42 .2 1"/>
              </body>
            </body>
          </body>`;

const armOf = (name: "right" | "left", side: 1 | -1): string => `
      <body name="${name}_upper_arm" pos="0 ${-side * 0.17} 0.06">
        <joint name="${name}_shoulder1" axis="2 ${side} 1" range="${side === 1 ? "-85 60" : "-60 85"}" armature="0.0068" stiffness="1"/>
        <joint name="${name}_shoulder2" axis="0 ${-side} 1" range="${side === 1 ? "-85 60" : "-60 85"}" armature="0.0051" stiffness="1"/>
        <geom name="${name}_uarm1" fromto="0 0 0 .16 ${-side * 0.16} -.16" size="0.04 0.16" rgba=".35 .57 .8 1"/>
        <body name="${name}_lower_arm" pos=".18 ${-side * 0.18} -.18">
          <joint name="${name}_elbow" axis="0 -1 ${side}" range="-90 50" armature="0.0028" stiffness="0"/>
          <geom name="${name}_larm" fromto="0.01 ${side * 0.01} 0.01 .17 ${side * 0.17} .17" size="0.031" rgba=".45 .67 .88 1"/>
          <geom name="${name}_hand" type="sphere" pos=".18 ${side * 0.18} .18" size="0.04" rgba=".85 .42 .2 1"/>
        </body>
      </body>`;

const gears: readonly (readonly [joint: string, gear: number])[] = [
  ["abdomen_y", 100],
  ["abdomen_z", 100],
  ["abdomen_x", 100],
  ...["right", "left"].flatMap((side): (readonly [string, number])[] => [
    [`${side}_hip_x`, 100],
    [`${side}_hip_z`, 100],
    [`${side}_hip_y`, 300],
    [`${side}_knee`, 200],
  ]),
  ...["right", "left"].flatMap((side): (readonly [string, number])[] => [
    [`${side}_shoulder1`, 25],
    [`${side}_shoulder2`, 25],
    [`${side}_elbow`, 25],
  ]),
];

const tendon = (side: string): string =>
  `<fixed name="${side}_hipknee"><joint joint="${side}_hip_y" coef="-1"/><joint joint="${side}_knee" coef="1"/></fixed>`;

const humanoidIn = (pose: Pose): string => `
<mujoco model="${pose.model}">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" solver="PGS" iterations="50" timestep="0.003"/>
  <size memory="2M"/>
  <default>
    <joint type="hinge" limited="true" armature="1" damping="1"/>
    <geom type="capsule" contype="1" conaffinity="1" condim="1" margin="0.001" rgba=".27 .46 .71 1"/>
    <motor ctrllimited="true" ctrlrange="-.4 .4"/>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="20 20 0.125" condim="3" friction="1 .1 .1" rgba=".87 .87 .87 1"/>
    <body name="torso" pos="0 0 ${pose.height}">
      <joint name="root" type="free" limited="false" armature="0" damping="0" stiffness="0"/>
      <geom name="torso1" fromto="0 -.07 0 0 .07 0" size="0.07"/>
      <geom name="head" type="sphere" pos="${pose.head}" size=".09" rgba=".85 .42 .2 1"/>
      <geom name="uwaist" fromto="${pose.waist}" size="0.06"/>
      <body name="lwaist" pos="${pose.lowerWaist}" quat="1 0 -0.002 0">
        <geom name="lwaist" fromto="0 -.06 0 0 .06 0" size="0.06"/>
        <joint name="abdomen_z" pos="0 0 0.065" axis="0 0 1" range="-45 45" armature="0.02" damping="5" stiffness="20"/>
        <joint name="abdomen_y" pos="0 0 0.065" axis="0 1 0" range="-75 30" armature="0.02" damping="5" stiffness="10"/>
        <body name="pelvis" pos="${pose.pelvis}" quat="1 0 -0.002 0">
          <joint name="abdomen_x" pos="0 0 0.1" axis="1 0 0" range="-35 35" armature="0.02" damping="5" stiffness="10"/>
          <geom name="butt" fromto="-.02 -.07 0 -.02 .07 0" size="0.09"/>${legOf(pose, "right", 1)}${legOf(pose, "left", -1)}
        </body>
      </body>${armOf("right", 1)}${armOf("left", -1)}
    </body>
  </worldbody>
  <tendon>${tendon("left")}${tendon("right")}</tendon>
  <actuator>
    ${gears.map(([joint, gear]) => `<motor name="${joint}" joint="${joint}" gear="${gear}"/>`).join("\n    ")}
  </actuator>
</mujoco>`;

export const humanoid = humanoidIn(standing);
export const humanoidStandup = humanoidIn(lying);
