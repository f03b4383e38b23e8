/** Hopper: Erez, Tassa, Todorov (2012), "Infinite-horizon model predictive control for periodic tasks with contacts"; constants of Gymnasium's Hopper-v5. */
export const hopper = `
<mujoco model="hopper">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.002"/>
  <size memory="1M"/>
  <default>
    <joint type="hinge" limited="true" armature="1" damping="1"/>
    <geom type="capsule" contype="1" conaffinity="1" condim="1" margin="0.001" friction="0.9" solref=".02 1" solimp=".8 .8 .01" rgba=".27 .46 .71 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="200"/>
    <default class="root">
      <joint type="slide" limited="false" armature="0" damping="0" stiffness="0" pos="0 0 -1.25"/>
    </default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="20 20 .125" condim="3" friction="1" rgba=".87 .87 .87 1"/>
    <body name="torso" pos="0 0 1.25">
      <joint class="root" name="rootx" axis="1 0 0"/>
      <joint class="root" name="rootz" axis="0 0 1" ref="1.25"/>
      <joint class="root" name="rooty" type="hinge" pos="0 0 0" axis="0 1 0"/>
      <geom name="torso_geom" size="0.05 0.19999999999999996"/>
      <body name="thigh" pos="0 0 -0.19999999999999996">
        <joint name="thigh_joint" axis="0 -1 0" range="-150 0"/>
        <geom name="thigh_geom" pos="0 0 -0.22500000000000009" size="0.05 0.22500000000000003" rgba=".35 .57 .8 1"/>
        <body name="leg" pos="0 0 -0.70000000000000007">
          <joint name="leg_joint" pos="0 0 0.25" axis="0 -1 0" range="-150 0"/>
          <geom name="leg_geom" size="0.04 0.25" rgba=".45 .67 .88 1"/>
          <body name="foot" pos="0.13 0 -0.35">
            <joint name="foot_joint" pos="-0.13 0 0.1" axis="0 -1 0" range="-45 45"/>
            <geom name="foot_geom" pos="-0.065 0 0.1" quat="0.70710678118654757 0 -0.70710678118654746 0" size="0.06 0.195" friction="2" rgba=".85 .42 .2 1"/>
          </body>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="thigh_joint"/>
    <motor joint="leg_joint"/>
    <motor joint="foot_joint"/>
  </actuator>
</mujoco>`;
