/** The names of these worlds, which can be known without the engine, and their arrangement for multi-task training. */

/** Every task, in the order of `taskId: "all"`. */
const all = [
  "Arm-Reach-v0",
  "Arm-Push-v0",
  "Arm-PickPlace-v0",
  "Arm-DoorOpen-v0",
  "Arm-DrawerOpen-v0",
  "Arm-DrawerClose-v0",
  "Arm-ButtonPress-v0",
  "Arm-PegInsert-v0",
  "Arm-WindowOpen-v0",
  "Arm-WindowClose-v0",
  "Arm-SweepInto-v0",
  "Arm-LeverPull-v0",
  "Arm-LeverPush-v0",
  "Arm-DoorClose-v0",
  "Arm-PegUnplug-v0",
] as const;

export type ArmTaskName = (typeof all)[number];

const heldOut: readonly ArmTaskName[] = [
  "Arm-DrawerOpen-v0",
  "Arm-DoorClose-v0",
  "Arm-WindowClose-v0",
  "Arm-LeverPush-v0",
  "Arm-PegUnplug-v0",
];

/**
 * The family arranged as Meta-World arranges its own (arXiv 1910.10897). MT10, MT15: the same tasks in training and test,
 * told apart by a one-hot id (`taskId`). ML10: ten tasks to train on, five others to adapt to, no id and the goal hidden.
 * In each task the `variations` of the goals and starts to train on and those held out (ML1 is one task with these).
 */
export const armTasks = {
  all,
  MT10: all.slice(0, 10),
  MT15: all,
  ML10: { train: all.filter((name) => !heldOut.includes(name)), test: heldOut },
  variations: { train: [0, 49], test: [50, 99] },
} as const satisfies {
  readonly [name: string]: readonly unknown[] | { readonly [part: string]: readonly unknown[] };
};

/** The names of the mixtures of tasks, one drawn in each episode. */
export const armMixtures = ["Arm-MT10-v0", "Arm-MT15-v0", "Arm-ML10Train-v0", "Arm-ML10Test-v0"] as const;

export const armNames: readonly string[] = [...all, ...armMixtures];
