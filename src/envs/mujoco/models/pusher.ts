/** Pusher: a seven-joint arm beside a table, a cylinder and a goal, with the constants of Gymnasium's Pusher-v5. */
const touching = 'contype="1" conaffinity="1"';
const slides = (name: string): string =>
  ["y", "x"]
    .map(
      (axis) =>
        `<joint name="${name}_slide${axis}" type="slide" axis="${axis === "x" ? "1 0 0" : "0 1 0"}" range="-10.3213 10.3" damping="0.5"/>`,
    )
    .join("\n      ");
const motors = [
  "shoulder_pan",
  "shoulder_lift",
  "upper_arm_roll",
  "elbow_flex",
  "forearm_roll",
  "wrist_flex",
  "wrist_roll",
].map((joint) => `<motor joint="r_${joint}_joint" ctrllimited="true" ctrlrange="-2 2"/>`);

export const pusher = `
<mujoco model="arm3d">
  <compiler angle="radian" inertiafromgeom="true"/>
  <option integrator="Euler" timestep="0.01" gravity="0 0 0" iterations="20"/>
  <size memory="1M"/>
  <default>
    <joint type="hinge" limited="true" armature="0.04" damping="1"/>
    <geom type="capsule" contype="0" conaffinity="0" condim="1" density="300" friction=".8 .1 .1" margin="0.002" rgba=".27 .46 .71 1"/>
  </default>
  <worldbody>
    <geom name="table" type="plane" pos="0 0.5 -0.325" size="1 1 0.1" ${touching} rgba=".87 .87 .87 1"/>
    <body name="r_shoulder_pan_link" pos="0 -0.6 0">
      <geom name="e1" type="sphere" pos="-0.06 0.05 0.2" size="0.05" rgba=".6 .6 .6 1"/>
      <geom name="e2" type="sphere" pos="0.06 0.05 0.2" size="0.05" rgba=".6 .6 .6 1"/>
      <geom name="e1p" type="sphere" pos="-0.06 0.09 0.2" size="0.03" rgba=".1 .1 .1 1"/>
      <geom name="e2p" type="sphere" pos="0.06 0.09 0.2" size="0.03" rgba=".1 .1 .1 1"/>
      <geom name="sp" fromto="0 0 -0.4 0 0 0.2" size="0.1"/>
      <joint name="r_shoulder_pan_joint" axis="0 0 1" range="-2.2854 1.714602" damping="1"/>
      <body name="r_shoulder_lift_link" pos="0.1 0 0">
        <geom name="sl" fromto="0 -0.1 0 0 0.1 0" size="0.1"/>
        <joint name="r_shoulder_lift_joint" axis="0 1 0" range="-0.5236 1.3963" damping="1"/>
        <body name="r_upper_arm_roll_link">
          <geom name="uar" fromto="-0.1 0 0 0.1 0 0" size="0.02"/>
          <joint name="r_upper_arm_roll_joint" axis="1 0 0" range="-1.5 1.7" damping="0.1"/>
          <body name="r_upper_arm_link">
            <geom name="ua" fromto="0 0 0 0.4 0 0" size="0.06" rgba=".35 .57 .8 1"/>
            <body name="r_elbow_flex_link" pos="0.4 0 0">
              <geom name="ef" fromto="0 -0.02 0 0 0.02 0" size="0.06"/>
              <joint name="r_elbow_flex_joint" axis="0 1 0" range="-2.3213 0" damping="0.1"/>
              <body name="r_forearm_roll_link">
                <geom name="fr" fromto="-0.1 0 0 0.1 0 0" size="0.02"/>
                <joint name="r_forearm_roll_joint" axis="1 0 0" range="-1.5 1.5" damping=".1"/>
                <body name="r_forearm_link">
                  <geom name="fa" fromto="0 0 0 0.291 0 0" size="0.05" rgba=".45 .67 .88 1"/>
                  <body name="r_wrist_flex_link" pos="0.321 0 0">
                    <geom name="wf" fromto="0 -0.02 0 0 0.02 0" size="0.01"/>
                    <joint name="r_wrist_flex_joint" axis="0 1 0" range="-1.094 0" damping=".1"/>
                    <body name="r_wrist_roll_link">
                      <joint name="r_wrist_roll_joint" axis="1 0 0" range="-1.5 1.5" damping="0.1"/>
                      <body name="tips_arm">
                        <geom name="tip_arml" type="sphere" pos="0.1 -0.1 0" size="0.01" rgba=".2 .6 .4 1"/>
                        <geom name="tip_armr" type="sphere" pos="0.1 0.1 0" size="0.01" rgba=".2 .6 .4 1"/>
                      </body>
                      <geom fromto="0 -0.1 0 0 0.1 0" size="0.02" ${touching} rgba=".2 .6 .4 1"/>
                      <geom fromto="0 -0.1 0 0.1 -0.1 0" size="0.02" ${touching} rgba=".2 .6 .4 1"/>
                      <geom fromto="0 0.1 0 0.1 0.1 0" size="0.02" ${touching} rgba=".2 .6 .4 1"/>
                    </body>
                  </body>
                </body>
              </body>
            </body>
          </body>
        </body>
      </body>
    </body>
    <body name="object" pos="0.45 -0.05 -0.275">
      <geom type="cylinder" size="0.05 0.05 0.05" density="0.01" contype="1" rgba=".85 .42 .2 1"/>
      ${slides("obj")}
    </body>
    <body name="goal" pos="0.45 -0.05 -0.3230">
      <geom type="cylinder" size="0.08 0.001 0.1" density="0.00001" rgba=".85 .2 .2 1"/>
      ${slides("goal")}
    </body>
  </worldbody>
  <actuator>
    ${motors.join("\n    ")}
  </actuator>
</mujoco>`;
