/** The expert that comes along for a world, found by the world's name. */

import type { Environment } from "../envs/environment.ts";
import {
  armExpert,
  balanceDemonstrator,
  gridExpert,
  landerHeuristic,
  pushingDemonstrator,
  tabletopExpert,
  trackRunner,
  walkerHeuristic,
  waypointDemonstrator,
} from "../envs/index.ts";
import type { EnvironmentOptions } from "../envs/registration.ts";
import { problem } from "../problems.ts";
import { controlExpert } from "./control-experts.ts";
import type { Actor } from "./demonstrate.ts";
import { demonstratorPolicy } from "./demonstrator.ts";
import { mazeDemonstrator } from "./maze-demonstrator.ts";
import type { Policy } from "./policy.ts";
import { toyExpert } from "./toy-expert.ts";

/** A policy; or, where it must know the whole state, what acts in one environment (see `demonstrate`). */
export type Expert =
  | { readonly policy: Policy }
  | { readonly name: string; readonly actor: (env: Environment, options: { readonly seed: number }) => Actor };

type Dials = { readonly [dial: string]: unknown };

interface Family {
  readonly worlds: RegExp;
  /** What can be said of how well, and in which way, it acts. */
  readonly dials: readonly string[];
  make(world: string, dials: Dials, options: EnvironmentOptions): Expert;
}

const hand = ["skill", "speed", "style", "noise", "human"];

const families: readonly Family[] = [
  {
    worlds: /^(Point|Grid)Maze-/,
    dials: ["skill", "style", "noise", "seed"],
    make: (world, dials, options) => ({
      policy: mazeDemonstrator({ map: world, ...(options.stay === true ? { stay: true } : {}), ...dials }),
    }),
  },
  {
    worlds: /^PointMaze_/,
    dials: ["skill", "noise"],
    make: (world, dials) => {
      const map = world.replace(/^PointMaze_/, "").replace(/(Dense)?-v\d+$/, "");
      return { policy: demonstratorPolicy(waypointDemonstrator({ map: map as "Medium", ...dials })) };
    },
  },
  {
    worlds: /^Inverted(Double)?Pendulum-/,
    dials: ["skill", "noise"],
    make: (world, dials) => ({ policy: demonstratorPolicy(balanceDemonstrator(world, dials)) }),
  },
  {
    worlds: /^Arm-/,
    dials: hand,
    make: (world, dials, options) => ({ policy: demonstratorPolicy(armExpert(world, { ...dials, options })) }),
  },
  {
    worlds: /^(Push|PushBox|PushTwo|Sort|Avoid|Align|Stack|PickPlace|PickPlacePaired|MiniMeta-.+)-v\d+$/,
    dials: [...hand, "toss"],
    make: (world, dials, options) => ({
      policy: demonstratorPolicy(pushingDemonstrator(world, { ...dials, options })),
    }),
  },
  {
    worlds: /^Tabletop-/,
    dials: ["noise", "stops"],
    make: (world, dials, options) => ({ policy: demonstratorPolicy(tabletopExpert(world, { ...dials, options })) }),
  },
  {
    worlds: /^MiniGrid-/,
    dials: ["skill", "careful"],
    make: (_, dials) => ({
      name: `grid-expert-skill-${dials.skill ?? 1}`,
      actor: (env, { seed }) => gridExpert(env, { ...dials, seed }),
    }),
  },
  {
    worlds: /^(FrozenLake|CliffWalking|Taxi|DeepSea|Catch)/,
    dials: ["skill", "discount"],
    make: (world, dials, options) => ({ policy: toyExpert(world, { ...dials, options }) }),
  },
  {
    worlds: /^LunarLander(Continuous)?-/,
    dials: [],
    make: (world) => ({ policy: demonstratorPolicy(landerHeuristic({ continuous: world.includes("Continuous") })) }),
  },
  { worlds: /^BipedalWalker-/, dials: [], make: () => ({ policy: demonstratorPolicy(walkerHeuristic()) }) },
  {
    worlds: /^JumpTrack-/,
    dials: ["skill"],
    make: (_, dials) => ({ policy: demonstratorPolicy(trackRunner(dials)) }),
  },
  {
    worlds: /^(CartPole|Pendulum|MountainCar|MountainCarContinuous|Acrobot)-/,
    dials: ["skill"],
    make: (world, dials) => ({ policy: controlExpert(world, dials) }),
  },
];

/** Whether an expert comes along for the world. */
export const hasExpert = (world: string): boolean => families.some(({ worlds }) => worlds.test(world));

/**
 * The expert for a registered world, with its dials (skill, style, noise …: which of them it has depends on the world).
 * @param options those the environment is made with
 * @example const expert = expertFor("Avoid-v0", { style: "1-0-3" });
 * @throws Problem "no-expert" for a world without one, "unknown-option" for a dial it does not have, "bad-option"
 */
export function expertFor(world: string, dials: Dials = {}, options: EnvironmentOptions = {}): Expert {
  const family = families.find(({ worlds }) => worlds.test(world));
  if (family === undefined) throw problem("no-expert", { world });
  for (const name of Object.keys(dials)) {
    if (!family.dials.includes(name)) {
      throw problem("unknown-option", { where: `the expert for ${world}`, name, known: family.dials });
    }
  }
  return family.make(world, dials, options);
}
