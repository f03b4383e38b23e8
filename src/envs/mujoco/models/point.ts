/** The force-driven ball of the point mazes: Fu et al. (2020), D4RL, arXiv 2004.07219; constants of Gymnasium-Robotics' PointMaze-v3. */
export const point = (walls: string): string => `
<mujoco model="point">
  <compiler angle="radian" inertiafromgeom="true"/>
  <option integrator="Euler" timestep="0.01" gravity="0 0 0" iterations="20"/>
  <size memory="1M"/>
  <default>
    <joint type="slide" limited="false" damping="1"/>
    <geom contype="2" conaffinity="1" condim="1" density="1000" friction=".5 .1 .1" margin="0.002"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="100"/>
  </default>
  <worldbody>
    <geom name="ground" type="plane" pos="0 0 -0.1" size="40 40 0.25" contype="1" conaffinity="0" rgba=".87 .87 .87 1"/>
    <body name="particle">
      <geom name="particle_geom" type="sphere" size="0.1" contype="1" rgba=".85 .42 .2 1"/>
      <joint name="ball_x" axis="1 0 0"/>
      <joint name="ball_y" axis="0 1 0"/>
    </body>${walls}
  </worldbody>
  <actuator>
    <motor name="motor_x" joint="ball_x"/>
    <motor name="motor_y" joint="ball_y"/>
  </actuator>
</mujoco>`;
