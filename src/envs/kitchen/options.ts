/** What kitchens take. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { type KitchenDrawing, type KitchenLayout, kitchenLayout } from "./layout.ts";

export interface KitchenOptions {
  /** A layout's name ("cramped_room") or a drawing (see layout.ts). Default "cramped_room". */
  readonly layout?: string | KitchenDrawing | KitchenLayout;
  /** The registered name. */
  readonly name?: string;
  /** "features": 96 numbers; "lossless": [columns, rows, 26] masks. Default "features". */
  readonly observe?: "features" | "lossless";
  /** Weight of the shaped reward. Default 0. */
  readonly shaped?: number;
  /** Cooking begins on its own with the third ingredient, as before 2020. Default false: someone must interact. */
  readonly autoCook?: boolean;
  /** The step that the lossless encoding takes for the end: it warns from 39 before. Default 400, which is `maxSteps`. */
  readonly horizon?: number;
}

export interface PartnerOptions extends KitchenOptions {
  /** Default "greedy". */
  readonly partner?: "greedy" | "random" | "stay";
  /** The greedy partner's chance of acting as it means to. Default 1. */
  readonly skill?: number;
  /** Which cook one is: 1 or 2. Default 1. */
  readonly cook?: 1 | 2;
}

/** The options of `makeParallel("Overcooked-…")`. */
export const kitchenOptionNames = ["observe", "shaped", "autoCook", "horizon"] as const;
/** The options of `make("Overcooked-…")`. */
export const partnerOptionNames = [...kitchenOptionNames, "partner", "skill", "cook"] as const;

const checks = {
  observe: [z.enum(["features", "lossless"]), '"features" or "lossless"'],
  shaped: [z.number().min(0), "a number of at least 0"],
  autoCook: [z.boolean(), "true or false"],
  horizon: [z.number().int().min(1), "a whole number of at least 1"],
  partner: [z.enum(["greedy", "random", "stay"]), '"greedy", "random" or "stay"'],
  skill: [z.number().min(0).max(1), "a chance in [0, 1]"],
  cook: [z.union([z.literal(1), z.literal(2)]), "1 or 2"],
} as const;

export function checkedOptions(where: string, given: PartnerOptions) {
  for (const name of partnerOptionNames) {
    const [schema, wanted] = checks[name];
    if (given[name] !== undefined && !schema.safeParse(given[name]).success) {
      throw problem("bad-option", { where, name, given: given[name], wanted });
    }
  }
  const { observe = "features", shaped = 0, autoCook = false, horizon = 400 } = given;
  const { partner = "greedy", skill = 1, cook = 1 } = given;
  const layout = kitchenLayout(given.layout ?? "cramped_room");
  return { layout, encoding: observe, shaped, autoCook, horizon, partner, skill, cook: cook - 1 } as const;
}
