/** Ant: Schulman, Moritz, Levine, Jordan, Abbeel (2015), arXiv 1506.02438; constants of Gymnasium's Ant-v5. */
interface Leg {
  readonly number: number;
  readonly body: string;
  /** Which way it points. */
  readonly x: 1 | -1;
  readonly y: 1 | -1;
  readonly geoms: readonly [leg: string, ankle: string];
  readonly axis: string;
  readonly range: string;
  readonly fill: string;
}

const leg = ({ number, body, x, y, geoms, axis, range, fill }: Leg): string => `
      <body name="${body}">
        <geom name="aux_${number}_geom" fromto="0 0 0 ${x * 0.2} ${y * 0.2} 0"/>
        <body name="aux_${number}" pos="${x * 0.2} ${y * 0.2} 0">
          <joint name="hip_${number}" axis="0 0 1" range="-30 30"/>
          <geom name="${geoms[0]}" fromto="0 0 0 ${x * 0.2} ${y * 0.2} 0" rgba="${fill} 1"/>
          <body pos="${x * 0.2} ${y * 0.2} 0">
            <joint name="ankle_${number}" axis="${axis}" range="${range}"/>
            <geom name="${geoms[1]}" fromto="0 0 0 ${x * 0.4} ${y * 0.4} 0" rgba="${fill} 1"/>
          </body>
        </body>
      </body>`;

const legs: readonly Leg[] = [
  {
    number: 1,
    body: "front_left_leg",
    x: 1,
    y: 1,
    geoms: ["left_leg_geom", "left_ankle_geom"],
    axis: "-1 1 0",
    range: "30 70",
    fill: ".85 .42 .2",
  },
  {
    number: 2,
    body: "front_right_leg",
    x: -1,
    y: 1,
    geoms: ["right_leg_geom", "right_ankle_geom"],
    axis: "1 1 0",
    range: "-70 -30",
    fill: ".45 .67 .88",
  },
  {
    number: 3,
    body: "back_leg",
    x: -1,
    y: -1,
    geoms: ["back_leg_geom", "third_ankle_geom"],
    axis: "-1 1 0",
    range: "-70 -30",
    fill: ".45 .67 .88",
  },
  {
    number: 4,
    body: "right_back_leg",
    x: 1,
    y: -1,
    geoms: ["rightback_leg_geom", "fourth_ankle_geom"],
    axis: "1 1 0",
    range: "30 70",
    fill: ".85 .42 .2",
  },
];

/** The ant's model, with more in its world: a maze's walls. */
export const ant = (walls = ""): string => `
<mujoco model="ant">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.01"/>
  <size memory="1M"/>
  <default>
    <joint type="hinge" limited="true" armature="1" damping="1"/>
    <geom type="capsule" size="0.08" contype="1" conaffinity="0" condim="3" density="5" friction="1 0.5 0.5" margin="0.01" rgba=".27 .46 .71 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="150"/>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" rgba=".87 .87 .87 1"/>
    <body name="torso" pos="0 0 0.75">
      <geom name="torso_geom" type="sphere" size="0.25"/>
      <joint name="root" type="free" limited="false" armature="0" damping="0" margin="0.01"/>${legs.map(leg).join("")}
    </body>${walls}
  </worldbody>
  <actuator>${[4, 1, 2, 3].map((number) => `<motor joint="hip_${number}"/><motor joint="ankle_${number}"/>`).join("")}</actuator>
</mujoco>`;
