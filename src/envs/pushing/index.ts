import type { Registration } from "../registration.ts";
import { align, alignOptionNames } from "./align.ts";
import { avoid, avoidOptionNames } from "./avoid.ts";
import { miniMeta, miniMetaOptionNames, miniMetaTaskNames } from "./mini-meta.ts";
import { pickPlace, pickPlaceOptionNames } from "./pick-place.ts";
import { push, pushOptionNames } from "./push.ts";
import { sort, sortOptionNames } from "./sort.ts";
import { stack, stackOptionNames } from "./stack.ts";

const without = (names: readonly string[], ...taken: readonly string[]): readonly string[] =>
  names.filter((name) => !taken.includes(name));

/** Where the paired task's target is: room to toss an object to it, or past it off the table. */
const far = [0.5, 0.6] as const;

/** A hand over a table, moving things. */
export const pushing: readonly Registration[] = [
  {
    name: "Push-v0",
    about: "Push a disc to a target.",
    maxSteps: 200,
    options: pushOptionNames,
    create: (options) => push({ ...options, name: "Push-v0" }),
  },
  {
    name: "PushBox-v0",
    about: "Push a box that turns to a target.",
    maxSteps: 300,
    options: without(pushOptionNames, "shape"),
    create: (options) => push({ ...options, shape: "box", name: "PushBox-v0" }),
  },
  {
    name: "PushTwo-v0",
    about: "Push two blocks to two targets, in any order and either way.",
    maxSteps: 300,
    options: without(sortOptionNames, "blocks", "assigned"),
    create: (options) => sort({ ...options, assigned: false, name: "PushTwo-v0" }),
  },
  {
    name: "Sort-v0",
    about: "Push blocks of two kinds to the places of their kinds.",
    maxSteps: 800,
    options: sortOptionNames,
    create: (options) => sort({ ...options, name: "Sort-v0" }),
  },
  {
    name: "Avoid-v0",
    about: "Cross rows of obstacles by any of 24 ways.",
    maxSteps: 150,
    options: avoidOptionNames,
    create: (options) => avoid({ ...options, name: "Avoid-v0" }),
  },
  {
    name: "Align-v0",
    about: "Push an open box to a place and an angle, from within or without.",
    maxSteps: 600,
    options: alignOptionNames,
    create: (options) => align({ ...options, name: "Align-v0" }),
  },
  {
    name: "Stack-v0",
    about: "Stack blocks on one place, in any order.",
    maxSteps: 300,
    options: stackOptionNames,
    create: (options) => stack({ ...options, name: "Stack-v0" }),
  },
  {
    name: "PickPlace-v0",
    about: "Pick an object up and put it at a target, among environments and objects that vary.",
    maxSteps: 150,
    options: pickPlaceOptionNames,
    create: (options) => pickPlace({ ...options, name: "PickPlace-v0" }),
  },
  {
    name: "PickPlacePaired-v0",
    about: "The same with one target, for good and bad tosses that begin alike.",
    maxSteps: 150,
    options: without(pickPlaceOptionNames, "target"),
    create: (options) => pickPlace({ ...options, target: far, name: "PickPlacePaired-v0" }),
  },
  ...miniMetaTaskNames.map(
    (task): Registration => ({
      name: `MiniMeta-${task}-v0`,
      about: `${task}: one of ten tasks with one action and one observation.`,
      maxSteps: 100,
      options: miniMetaOptionNames,
      create: (options) => miniMeta({ ...options, task }),
    }),
  ),
];
