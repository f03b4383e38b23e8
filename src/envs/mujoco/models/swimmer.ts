/** Swimmer: Coulom (2002), "Reinforcement learning using neural networks, with applications to motor control"; constants of Gymnasium's Swimmer-v5. */
export const swimmer = `
<mujoco model="swimmer">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.01" density="4000" viscosity="0.1"/>
  <size memory="1M"/>
  <default>
    <geom type="capsule" size="0.1" density="1000" contype="0" conaffinity="0" condim="1" rgba=".27 .46 .71 1"/>
    <joint type="hinge" axis="0 0 1" armature="0.1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="150"/>
  </default>
  <worldbody>
    <geom name="floor" type="plane" pos="0 0 -0.1" size="40 40 0.1" condim="3" rgba=".87 .87 .87 1"/>
    <body name="torso">
      <geom fromto="1.5 0 0 0.5 0 0" rgba=".85 .42 .2 1"/>
      <joint name="slider1" type="slide" axis="1 0 0"/>
      <joint name="slider2" type="slide" axis="0 1 0"/>
      <joint name="free_body_rot"/>
      <body name="mid" pos="0.5 0 0">
        <geom fromto="0 0 0 -1 0 0"/>
        <joint name="motor1_rot" limited="true" range="-100 100"/>
        <body name="back" pos="-1 0 0">
          <geom fromto="0 0 0 -1 0 0" rgba=".45 .67 .88 1"/>
          <joint name="motor2_rot" limited="true" range="-100 100"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="motor1_rot"/>
    <motor joint="motor2_rot"/>
  </actuator>
</mujoco>`;
