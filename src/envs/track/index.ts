import type { Registration } from "../registration.ts";
import { jumpTrack, jumpTrackOptionNames } from "./jump-track.ts";

/** Running and jumping, tasks by two numbers. */
export const tracks: readonly Registration[] = [
  {
    name: "JumpTrack-v0",
    about: "Run and jump over gaps and hurdles, a task being their width and height.",
    maxSteps: 600,
    options: jumpTrackOptionNames,
    create: (options) => jumpTrack({ ...options, name: "JumpTrack-v0" }),
  },
];
