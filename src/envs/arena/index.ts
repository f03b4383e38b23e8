import type { ParallelRegistration, Registration } from "../registration.ts";
import { arena, arenaOptionNames } from "./arena.ts";
import { arenaTask, arenaTaskOptionNames } from "./task.ts";

const games = [
  { name: "Arena1v1-v0", about: "A duel in rooms, by rays and sounds.", own: { teamSize: 1 } },
  { name: "Arena2v2-v0", about: "Two against two in rooms.", own: { teamSize: 2 } },
  {
    name: "ArenaPlant2v2-v0",
    about: "Two plant a bomb, two prevent it.",
    own: { teamSize: 2, objective: "plant" },
  },
] as const;
const maxSteps = 8 * 120;

/** One player among scripted ones. */
export const arenaTasks: readonly Registration[] = games.map(({ name, about, own }) => ({
  name,
  about,
  maxSteps,
  options: "objective" in own ? arenaTaskOptionNames.filter((option) => option !== "objective") : arenaTaskOptionNames,
  create: (options) => arenaTask({ ...options, ...own, name }),
}));

/** The same games for all players. */
export const arenaGames: readonly ParallelRegistration[] = games.map(({ name, about, own }) => ({
  name,
  about,
  maxSteps,
  options: "objective" in own ? arenaOptionNames.filter((option) => option !== "objective") : arenaOptionNames,
  create: (options) => arena({ ...options, ...own, name }),
}));
