/** Tasks with something that lies loose: push it, lift it, sweep it in, plug it in and out; and reaching, with nothing. */
import {
  armModel,
  blue,
  darkWood,
  drum,
  fixture,
  loose,
  red,
  secondPoint,
  slab,
  steel,
  wood,
  yellow,
} from "./model.ts";
import { type ArmTask, put, screw } from "./task.ts";

/** Half the edge of the cube, the puck's radius and half its height, and half the peg's length and width, m. */
export const cube = 0.02;
export const puck = { radius: 0.045, half: 0.018 } as const;
export const peg = { half: 0.07, width: 0.012 } as const;

const block = loose(slab([0, 0, 0], [cube, cube, cube], { touches: "loose", mass: 0.1, colour: red }));
const onTable = { low: [-0.2, 0.42], high: [0.2, 0.52], about: "x, y of the object, m" } as const;

const reach: ArmTask = {
  name: "Arm-Reach-v0",
  about: "Bring the hand to a place (MuJoCo arm).",
  model: armModel(""),
  starts: { low: [], high: [], about: "nothing: there is no object" },
  goals: { low: [-0.25, 0.45, 0.05], high: [0.25, 0.75, 0.3], about: "x, y, z of the hand, m" },
  tolerance: 0.03,
  arrange: (_views, _start, [x, y, z]) => [x, y, z],
};

const push: ArmTask = {
  name: "Arm-Push-v0",
  about: "Push a cube to a place on the table (MuJoCo arm).",
  model: armModel(block),
  starts: onTable,
  goals: { low: [-0.2, 0.62], high: [0.2, 0.75], about: "x, y of the cube, m" },
  tolerance: 0.04,
  held: cube,
  arrange(views, [x, y], [goalX, goalY]) {
    put(views, [x, y, cube]);
    return [goalX, goalY, cube];
  },
};

const pickPlace: ArmTask = {
  name: "Arm-PickPlace-v0",
  about: "Pick a cube up and hold it at a place in the air (MuJoCo arm).",
  model: armModel(block),
  starts: onTable,
  goals: { low: [-0.2, 0.58, 0.08], high: [0.2, 0.75, 0.25], about: "x, y, z of the cube, m" },
  tolerance: 0.04,
  held: cube,
  arrange(views, [x, y], [goalX, goalY, goalZ]) {
    put(views, [x, y, cube]);
    return [goalX, goalY, goalZ];
  },
};

/** Three walls that are open towards the arm, 130 mm wide within. */
const garage = fixture(
  [
    slab([0, 0.075, 0.025], [0.08, 0.01, 0.025], { touches: "wall", colour: wood }),
    slab([-0.075, 0, 0.025], [0.01, 0.065, 0.025], { touches: "wall", colour: darkWood }),
    slab([0.075, 0, 0.025], [0.01, 0.065, 0.025], { touches: "wall", colour: darkWood }),
    secondPoint([0, -0.065, 0.018]),
  ].join(""),
);

const sweepInto: ArmTask = {
  name: "Arm-SweepInto-v0",
  about: "Sweep a puck too wide to hold into a box without a front (MuJoCo arm).",
  model: armModel(
    garage + loose(drum([0, 0, 0], puck.radius, puck.half, { touches: "loose", mass: 0.15, colour: yellow })),
  ),
  starts: { low: [-0.1, 0.42], high: [0.1, 0.47], about: "x, y of the puck, m" },
  goals: { low: [-0.08, 0.74], high: [0.08, 0.8], about: "x, y of the box, m" },
  tolerance: 0.04,
  arrange(views, [x, y], [goalX, goalY]) {
    put(views, [x, y, puck.half]);
    screw(views, goalX, goalY);
    return [goalX, goalY, puck.half];
  },
};

/** Half the hole's width, m: the peg has 8 mm to spare on each side. */
const hole = 0.02;
/** The height of the hole's middle, and half the socket's depth. */
export const socket = { height: 0.09, half: 0.04 } as const;

const plugged = armModel(
  fixture(
    [
      slab([0, 0, (socket.height - hole) / 2], [0.06, socket.half, (socket.height - hole) / 2], wall(wood)),
      slab([0, 0, socket.height + hole + 0.02], [0.06, socket.half, 0.02], wall(wood)),
      slab([-(hole + 0.02), 0, socket.height], [0.02, socket.half, hole], wall(darkWood)),
      slab([hole + 0.02, 0, socket.height], [0.02, socket.half, hole], wall(darkWood)),
      secondPoint([0, -socket.half, socket.height]),
    ].join(""),
  ) +
    loose(
      slab([0, 0, 0], [peg.width, peg.half, peg.width], { touches: "loose", mass: 0.06, colour: blue }) +
        slab([0, peg.half - 0.006, 0], [peg.width + 0.0005, 0.007, peg.width + 0.0005], { mass: 0.001, colour: steel }),
    ),
);

function wall(colour: string): { readonly touches: "wall"; readonly colour: string } {
  return { touches: "wall", colour };
}

/** Where the peg's middle is when it is in: its head 60 mm behind the socket's front. */
const inside = -socket.half + 0.06 - peg.half;

const pegInsert: ArmTask = {
  name: "Arm-PegInsert-v0",
  about: "Pick a peg up and put its head into a hole (MuJoCo arm).",
  model: plugged,
  starts: { low: [-0.18, 0.42], high: [0.18, 0.5], about: "x, y of the peg's middle, m" },
  goals: { low: [-0.18, 0.72], high: [0.18, 0.78], about: "x, y of the socket, m" },
  tolerance: 0.025,
  held: peg.width,
  arrange(views, [x, y], [goalX, goalY]) {
    put(views, [x, y, peg.width]);
    screw(views, goalX, goalY);
    return [goalX, goalY + inside, socket.height];
  },
};

const pegUnplug: ArmTask = {
  name: "Arm-PegUnplug-v0",
  about: "Pull a peg out of its hole and hold it before it (MuJoCo arm).",
  model: plugged,
  starts: { low: [-0.18, 0.7], high: [0.18, 0.78], about: "x, y of the socket, m" },
  goals: { low: [0.1], high: [0.16], about: "how far the peg is to be pulled, m" },
  tolerance: 0.03,
  held: peg.width,
  arrange(views, [x, y], [far]) {
    const rests = socket.height - hole + peg.width;
    put(views, [x, y + inside, rests]);
    screw(views, x, y);
    return [x, y + inside - far, rests];
  },
};

export const looseTasks: readonly ArmTask[] = [reach, push, pickPlace, sweepInto, pegInsert, pegUnplug];
