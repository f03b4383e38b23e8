/** Walker2d: Hopper with two legs, as in Gymnasium's Walker2d-v5. */
const leg = (side: string, fills: readonly [string, string, string]): string => `
      <body name="thigh${side}" pos="0 0 -0.19999999999999996">
        <joint name="thigh${side}_joint" axis="0 -1 0" range="-150 0"/>
        <geom name="thigh${side}_geom" pos="0 0 -0.22500000000000009" size="0.05 0.22500000000000003" rgba="${fills[0]} 1"/>
        <body name="leg${side}" pos="0 0 -0.70000000000000007">
          <joint name="leg${side}_joint" pos="0 0 0.25" axis="0 -1 0" range="-150 0"/>
          <geom name="leg${side}_geom" size="0.04 0.25" rgba="${fills[1]} 1"/>
          <body name="foot${side}" pos="0.2 0 -0.35">
            <joint name="foot${side}_joint" pos="-0.2 0 0.1" axis="0 -1 0" range="-45 45"/>
            <geom name="foot${side}_geom" pos="-0.1 0 0.1" quat="0.70710678118654757 0 -0.70710678118654746 0" size="0.06 0.1" friction="1.9" rgba="${fills[2]} 1"/>
          </body>
        </body>
      </body>`;

export const walker2d = `
<mujoco model="walker2d">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.002"/>
  <size memory="1M"/>
  <default>
    <joint type="hinge" limited="true" armature="0.01" damping=".1"/>
    <geom type="capsule" contype="1" conaffinity="0" condim="3" density="1000" friction=".9 .1 .1" rgba=".27 .46 .71 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="100"/>
    <default class="root">
      <joint type="slide" limited="false" armature="0" damping="0" stiffness="0" pos="0 0 -1.25"/>
    </default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" friction=".7 .1 .1" rgba=".87 .87 .87 1"/>
    <body name="torso" pos="0 0 1.25">
      <joint class="root" name="rootx" axis="1 0 0"/>
      <joint class="root" name="rootz" axis="0 0 1" ref="1.25"/>
      <joint class="root" name="rooty" type="hinge" pos="0 0 0" axis="0 1 0"/>
      <geom name="torso_geom" size="0.05 0.19999999999999996"/>${leg("", [".35 .57 .8", ".45 .67 .88", ".85 .42 .2"])}${leg("_left", [".6 .36 .6", ".7 .46 .7", ".93 .62 .3"])}
    </body>
  </worldbody>
  <actuator>
    <motor joint="thigh_joint"/>
    <motor joint="leg_joint"/>
    <motor joint="foot_joint"/>
    <motor joint="thigh_left_joint"/>
    <motor joint="leg_left_joint"/>
    <motor joint="foot_left_joint"/>
  </actuator>
</mujoco>`;
