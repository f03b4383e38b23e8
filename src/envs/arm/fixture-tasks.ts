/** Tasks with something that turns or slides on a fixture: a drawer, a door, a window, a button, a lever. */
import {
  armModel,
  bar,
  blue,
  darkWood,
  drum,
  fixture,
  moving,
  point,
  red,
  slab,
  steel,
  wood,
  yellow,
} from "./model.ts";
import { type Area, type ArmTask, screw, type Triple } from "./task.ts";

const metal = { touches: "moved", colour: steel } as const;
const grasped = { touches: "moved", colour: yellow } as const;

/** A task on a fixture whose goal is how far its joint has come; the goal's place is where the handle is then. */
const jointed = (
  task: Omit<ArmTask, "arrange" | "jointed"> & { readonly jointed: NonNullable<ArmTask["jointed"]> },
): ArmTask => ({
  ...task,
  arrange(views, [x, y]): Triple {
    screw(views, x, y);
    return [x, y, 0]; // the environment puts the handle's place here, which the joint decides
  },
});

const place = (what: string, low: readonly number[], high: readonly number[]): Area => ({
  low,
  high,
  about: `x, y of the ${what}, m`,
});
const amount = (low: number, high: number, about: string): Area => ({ low: [low], high: [high], about });

/** A chest; its drawer slides towards the arm and has a bar as handle, 50 mm before its front. */
const drawer = armModel(
  fixture(
    [
      slab([0, 0.02, 0.115], [0.12, 0.1, 0.008], { colour: wood }),
      slab([-0.115, 0.02, 0.055], [0.006, 0.1, 0.055], { colour: darkWood }),
      slab([0.115, 0.02, 0.055], [0.006, 0.1, 0.055], { colour: darkWood }),
      slab([0, 0.115, 0.055], [0.12, 0.006, 0.055], { colour: darkWood }),
      moving(
        [0, 0, 0.055],
        'type="slide" axis="0 -1 0" range="0 0.2" limited="true" damping="12"',
        [
          slab([0, -0.075, 0], [0.105, 0.006, 0.045], { touches: "moved", colour: wood, mass: 0.2 }),
          slab([0, 0, -0.03], [0.1, 0.07, 0.005], { colour: darkWood, mass: 0.3 }),
          bar([-0.05, -0.131, 0], [0.05, -0.131, 0], 0.008, { ...grasped, mass: 0.05 }),
          bar([-0.05, -0.131, 0], [-0.05, -0.081, 0], 0.006, { colour: steel, mass: 0.02 }),
          bar([0.05, -0.131, 0], [0.05, -0.081, 0], 0.006, { colour: steel, mass: 0.02 }),
          point([0, -0.131, 0]),
        ].join(""),
      ),
    ].join(""),
  ),
);

const drawerOpen = jointed({
  name: "Arm-DrawerOpen-v0",
  about: "Pull a drawer open (MuJoCo arm).",
  model: drawer,
  starts: place("chest", [-0.15, 0.76], [0.15, 0.82]),
  goals: amount(0.12, 0.17, "how far the drawer is to be open, m"),
  tolerance: 0.015,
  jointed: ([far]) => ({ from: 0, to: far }),
});

const drawerClose = jointed({
  name: "Arm-DrawerClose-v0",
  about: "Push a drawer shut (MuJoCo arm).",
  model: drawer,
  starts: place("chest", [-0.15, 0.76], [0.15, 0.82]),
  goals: amount(0, 0.04, "how far the drawer may be open, m"),
  tolerance: 0.015,
  jointed: ([far]) => ({ from: 0.17, to: far }),
});

/** A cap on a spring. */
const button = armModel(
  fixture(
    [
      slab([0, 0, 0.045], [0.06, 0.06, 0.045], { colour: steel }),
      moving(
        [0, 0, 0.09],
        'type="slide" axis="0 0 -1" range="0 0.05" limited="true" damping="8" stiffness="40"',
        drum([0, 0, 0.03], 0.035, 0.03, { touches: "moved", colour: red, mass: 0.1 }) + point([0, 0, 0.06]),
      ),
    ].join(""),
  ),
);

const buttonPress = jointed({
  name: "Arm-ButtonPress-v0",
  about: "Press a button on a spring down and hold it (MuJoCo arm).",
  model: button,
  starts: place("button", [-0.2, 0.5], [0.2, 0.75]),
  goals: amount(0.03, 0.045, "how far the button is to be down, m"),
  tolerance: 0.006,
  jointed: ([far]) => ({ from: 0, to: far }),
});

/** A door 260 mm wide, its hinge at the left, an upright bar as handle. */
const door = armModel(
  fixture(
    [
      slab([-0.14, 0, 0.09], [0.012, 0.012, 0.09], { colour: darkWood }),
      slab([0.14, 0.02, 0.09], [0.012, 0.012, 0.09], { colour: darkWood }),
      slab([0, 0.02, 0.186], [0.152, 0.012, 0.008], { colour: darkWood }),
      moving(
        [-0.13, 0, 0.085],
        'type="hinge" axis="0 0 -1" range="0 1.5" limited="true" damping="0.25"',
        [
          slab([0.13, 0, 0], [0.125, 0.007, 0.085], { touches: "moved", colour: wood, mass: 0.5 }),
          bar([0.2, -0.062, -0.035], [0.2, -0.062, 0.035], 0.008, { ...grasped, mass: 0.05 }),
          bar([0.2, -0.062, -0.035], [0.2, -0.007, -0.035], 0.006, { colour: steel, mass: 0.02 }),
          bar([0.2, -0.062, 0.035], [0.2, -0.007, 0.035], 0.006, { colour: steel, mass: 0.02 }),
          point([0.2, -0.062, 0]),
        ].join(""),
      ),
    ].join(""),
  ),
);
const doorway = place("door", [-0.08, 0.7], [0.12, 0.78]);

const doorOpen = jointed({
  name: "Arm-DoorOpen-v0",
  about: "Pull a door open by its handle (MuJoCo arm).",
  model: door,
  starts: doorway,
  goals: amount(0.7, 1.1, "how far the door is to be open, rad"),
  tolerance: 0.08,
  held: 0.008,
  jointed: ([far]) => ({ from: 0, to: far }),
});

const doorClose = jointed({
  name: "Arm-DoorClose-v0",
  about: "Push a door shut (MuJoCo arm).",
  model: door,
  starts: doorway,
  goals: amount(0, 0.2, "how far the door may be open, rad"),
  tolerance: 0.08,
  jointed: ([far]) => ({ from: 1.1, to: far }),
});

/** A pane in a frame, with a knob that is pushed sideways. */
const window = armModel(
  fixture(
    [
      slab([0, 0.02, 0.01], [0.2, 0.02, 0.01], { colour: darkWood }),
      slab([0, 0.02, 0.21], [0.2, 0.02, 0.01], { colour: darkWood }),
      slab([-0.19, 0.02, 0.11], [0.01, 0.02, 0.09], { colour: darkWood }),
      slab([0.19, 0.02, 0.11], [0.01, 0.02, 0.09], { colour: darkWood }),
      moving(
        [-0.09, 0.02, 0.11],
        'type="slide" axis="1 0 0" range="0 0.18" limited="true" damping="12"',
        [
          slab([0, 0, 0], [0.09, 0.006, 0.09], { colour: ".62 .8 .9 1", mass: 0.3 }),
          bar([0.05, -0.006, 0], [0.05, -0.09, 0], 0.012, { ...grasped, mass: 0.05 }),
          point([0.05, -0.075, 0]),
        ].join(""),
      ),
    ].join(""),
  ),
);
const inWall = place("window", [-0.1, 0.72], [0.1, 0.8]);

const windowOpen = jointed({
  name: "Arm-WindowOpen-v0",
  about: "Push a window open, to the right (MuJoCo arm).",
  model: window,
  starts: inWall,
  goals: amount(0.1, 0.16, "how far the window is to be open, m"),
  tolerance: 0.015,
  jointed: ([far]) => ({ from: 0, to: far }),
});

const windowClose = jointed({
  name: "Arm-WindowClose-v0",
  about: "Push a window shut, to the left (MuJoCo arm).",
  model: window,
  starts: inWall,
  goals: amount(0, 0.05, "how far the window may be open, m"),
  tolerance: 0.015,
  jointed: ([far]) => ({ from: 0.16, to: far }),
});

/** An arm on an axle, its knob towards the hand; at 0 it points a little down, at its end up. */
const lever = armModel(
  fixture(
    [
      slab([-0.035, 0, 0.08], [0.01, 0.025, 0.08], metalPost()),
      slab([0.035, 0, 0.08], [0.01, 0.025, 0.08], metalPost()),
      moving(
        [0, 0, 0.13],
        'type="hinge" axis="-1 0 0" range="-0.3 1.2" limited="true" damping="0.2"',
        [
          bar([0, 0, 0], [0, -0.13, 0], 0.01, { colour: blue, mass: 0.1 }),
          bar([0, -0.13, 0], [0, -0.17, 0], 0.014, { ...grasped, mass: 0.05 }),
          point([0, -0.15, 0]),
        ].join(""),
      ),
    ].join(""),
  ),
);
function metalPost(): { readonly colour: string } {
  return { colour: metal.colour };
}
const mounted = place("lever", [-0.18, 0.65], [0.18, 0.75]);

const leverPull = jointed({
  name: "Arm-LeverPull-v0",
  about: "Take a lever and pull it up (MuJoCo arm).",
  model: lever,
  starts: mounted,
  goals: amount(0.6, 1, "angle of the lever above level, rad"),
  tolerance: 0.08,
  held: 0.014,
  jointed: ([far]) => ({ from: -0.25, to: far }),
});

const leverPush = jointed({
  name: "Arm-LeverPush-v0",
  about: "Push a lever down (MuJoCo arm).",
  model: lever,
  starts: mounted,
  goals: amount(-0.2, 0.1, "angle of the lever above level, rad"),
  tolerance: 0.08,
  jointed: ([far]) => ({ from: 0.8, to: far }),
});

export const fixtureTasks: readonly ArmTask[] = [
  doorOpen,
  drawerOpen,
  drawerClose,
  buttonPress,
  windowOpen,
  windowClose,
  leverPull,
  leverPush,
  doorClose,
];
