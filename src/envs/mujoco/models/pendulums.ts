/** Poles on a cart: Barto, Sutton, Anderson (1983), with the constants of Gymnasium's Inverted(Double)Pendulum-v5. */
const level = 'quat="0.707 0 0.707 0"';

export const invertedPendulum = `
<mujoco model="inverted pendulum">
  <compiler inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.02" gravity="0 0 -9.81"/>
  <size memory="1M"/>
  <default>
    <joint limited="true" armature="0" damping="1"/>
    <geom type="capsule" contype="0" friction="1 0.1 0.1"/>
  </default>
  <worldbody>
    <geom name="rail" ${level} size="0.02 1" rgba=".6 .6 .6 1"/>
    <body name="cart">
      <joint name="slider" type="slide" axis="1 0 0" range="-1 1"/>
      <geom name="cart" ${level} size="0.1 0.1" rgba=".27 .46 .71 1"/>
      <body name="pole">
        <joint name="hinge" type="hinge" axis="0 1 0" range="-90 90"/>
        <geom name="cpole" fromto="0 0 0 0.001 0 0.6" size="0.049 0.3" rgba=".85 .42 .2 1"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="slide" joint="slider" ctrllimited="true" ctrlrange="-3 3" gear="100"/>
  </actuator>
</mujoco>`;

export const invertedDoublePendulum = `
<mujoco model="inverted double pendulum">
  <compiler inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.01" gravity="1e-5 0 -9.81"/>
  <size memory="1M"/>
  <default>
    <joint damping="0.05"/>
    <geom type="capsule" contype="0" friction="1 0.1 0.1"/>
  </default>
  <worldbody>
    <geom name="floor" type="plane" pos="0 0 -3" size="40 40 40" rgba=".87 .87 .87 1"/>
    <geom name="rail" ${level} size="0.02 1" rgba=".6 .6 .6 1"/>
    <body name="cart">
      <joint name="slider" type="slide" axis="1 0 0" limited="true" range="-1 1" margin="0.01"/>
      <geom name="cart" ${level} size="0.1 0.1" rgba=".27 .46 .71 1"/>
      <body name="pole">
        <joint name="hinge" type="hinge" axis="0 1 0"/>
        <geom name="cpole" fromto="0 0 0 0 0 0.6" size="0.045 0.3" rgba=".85 .42 .2 1"/>
        <body name="pole2" pos="0 0 0.6">
          <joint name="hinge2" type="hinge" axis="0 1 0"/>
          <geom name="cpole2" fromto="0 0 0 0 0 0.6" size="0.045 0.3" rgba=".93 .62 .3 1"/>
          <site name="tip" pos="0 0 .6" size="0.01 0.01"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="slide" joint="slider" ctrllimited="true" ctrlrange="-1 1" gear="500"/>
  </actuator>
</mujoco>`;
