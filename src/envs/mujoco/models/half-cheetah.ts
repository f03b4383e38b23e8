/** HalfCheetah: Wawrzyński (2009), "A cat-like robot real-time learning to run"; constants of Gymnasium's HalfCheetah-v5. */
const back = ".45 .67 .88 1";
const front = ".85 .42 .2 1";

export const halfCheetah = `
<mujoco model="cheetah">
  <compiler angle="radian" inertiafromgeom="true" settotalmass="14"/>
  <option timestep="0.01" gravity="0 0 -9.81"/>
  <size memory="1M"/>
  <default>
    <joint type="hinge" axis="0 1 0" limited="true" armature=".1" damping=".01" stiffness="8" solreflimit=".02 1" solimplimit="0 .8 .03"/>
    <geom type="capsule" contype="1" conaffinity="0" condim="3" friction=".4 .1 .1" solref="0.02 1" solimp="0 .8 .01" rgba=".27 .46 .71 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1"/>
    <default class="root">
      <joint type="slide" limited="false" armature="0" damping="0" stiffness="0"/>
    </default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" rgba=".87 .87 .87 1"/>
    <body name="torso" pos="0 0 .7">
      <joint class="root" name="rootx" axis="1 0 0"/>
      <joint class="root" name="rootz" axis="0 0 1"/>
      <joint class="root" name="rooty" type="hinge" axis="0 1 0"/>
      <geom name="torso" fromto="-.5 0 0 .5 0 0" size="0.046"/>
      <geom name="head" pos=".6 0 .1" axisangle="0 1 0 .87" size="0.046 .15"/>
      <body name="bthigh" pos="-.5 0 0">
        <joint name="bthigh" range="-.52 1.05" damping="6" stiffness="240"/>
        <geom name="bthigh" pos=".1 0 -.13" axisangle="0 1 0 -3.8" size="0.046 .145" rgba="${back}"/>
        <body name="bshin" pos=".16 0 -.25">
          <joint name="bshin" range="-.785 .785" damping="4.5" stiffness="180"/>
          <geom name="bshin" pos="-.14 0 -.07" axisangle="0 1 0 -2.03" size="0.046 .15" rgba="${back}"/>
          <body name="bfoot" pos="-.28 0 -.14">
            <joint name="bfoot" range="-.4 .785" damping="3" stiffness="120"/>
            <geom name="bfoot" pos=".03 0 -.097" axisangle="0 1 0 -.27" size="0.046 .094" rgba="${back}"/>
          </body>
        </body>
      </body>
      <body name="fthigh" pos=".5 0 0">
        <joint name="fthigh" range="-1 .7" damping="4.5" stiffness="180"/>
        <geom name="fthigh" pos="-.07 0 -.12" axisangle="0 1 0 .52" size="0.046 .133" rgba="${front}"/>
        <body name="fshin" pos="-.14 0 -.24">
          <joint name="fshin" range="-1.2 .87" damping="3" stiffness="120"/>
          <geom name="fshin" pos=".065 0 -.09" axisangle="0 1 0 -.6" size="0.046 .106" rgba="${front}"/>
          <body name="ffoot" pos=".13 0 -.18">
            <joint name="ffoot" range="-.5 .5" damping="1.5" stiffness="60"/>
            <geom name="ffoot" pos=".045 0 -.07" axisangle="0 1 0 -.6" size="0.046 .07" rgba="${front}"/>
          </body>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="bthigh" joint="bthigh" gear="120"/>
    <motor name="bshin" joint="bshin" gear="90"/>
    <motor name="bfoot" joint="bfoot" gear="60"/>
    <motor name="fthigh" joint="fthigh" gear="120"/>
    <motor name="fshin" joint="fshin" gear="60"/>
    <motor name="ffoot" joint="ffoot" gear="30"/>
  </actuator>
</mujoco>`;
