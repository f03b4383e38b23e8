/** Reacher: a two-link arm in the plane and a target, with the constants of Gymnasium's Reacher-v5. */
const sides = [
  ["S", -0.3, -0.3, 0.3, -0.3],
  ["E", 0.3, -0.3, 0.3, 0.3],
  ["N", -0.3, 0.3, 0.3, 0.3],
  ["W", -0.3, -0.3, -0.3, 0.3],
].map(
  ([name, x0, y0, x1, y1]) =>
    `<geom name="side${name}" type="capsule" fromto="${x0} ${y0} .01 ${x1} ${y1} .01" size=".02" conaffinity="0" rgba=".6 .6 .6 1"/>`,
);

export const reacher = `
<mujoco model="reacher">
  <compiler angle="radian" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.01" gravity="0 0 -9.81"/>
  <size memory="1M"/>
  <default>
    <joint type="hinge" limited="true" armature="1" damping="1"/>
    <geom contype="0" friction="1 0.1 0.1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="200"/>
    <default class="target">
      <joint type="slide" range="-.27 .27" armature="0" damping="0" stiffness="0"/>
    </default>
  </default>
  <worldbody>
    <geom name="ground" type="plane" size="1 1 10" conaffinity="0" rgba=".87 .87 .87 1"/>
    ${sides.join("\n    ")}
    <geom name="root" type="cylinder" fromto="0 0 0 0 0 0.02" size=".011" conaffinity="0" rgba=".3 .3 .3 1"/>
    <body name="body0" pos="0 0 .01">
      <geom name="link0" type="capsule" fromto="0 0 0 0.1 0 0" size=".01" rgba=".27 .46 .71 1"/>
      <joint name="joint0" axis="0 0 1" limited="false"/>
      <body name="body1" pos="0.1 0 0">
        <joint name="joint1" axis="0 0 1" range="-3 3"/>
        <geom name="link1" type="capsule" fromto="0 0 0 0.1 0 0" size=".01" rgba=".45 .67 .88 1"/>
        <body name="fingertip" pos="0.11 0 0">
          <geom name="fingertip" type="sphere" size=".01" rgba=".2 .6 .4 1"/>
        </body>
      </body>
    </body>
    <body name="target" pos=".1 -.1 .01">
      <joint class="target" name="target_x" axis="1 0 0" ref=".1"/>
      <joint class="target" name="target_y" axis="0 1 0" ref="-.1"/>
      <geom name="target" type="sphere" size=".009" conaffinity="0" rgba=".85 .2 .2 1"/>
    </body>
  </worldbody>
  <actuator>
    <motor joint="joint0"/>
    <motor joint="joint1"/>
  </actuator>
</mujoco>`;
