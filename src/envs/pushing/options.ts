/** What these worlds are asked for, checked. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import type { Generator } from "../../tensor/random.ts";

/** "random", anew in each episode, or a place [x, y] in [0.1, 0.9]². */
export type Place = "random" | readonly [x: number, y: number];

const coordinate = z.number().min(0.1).max(0.9);
export const checks = {
  place: [z.union([z.literal("random"), z.tuple([coordinate, coordinate])]), '"random" or [x, y] in [0.1, 0.9]²'],
  reward: [z.enum(["sparse", "dense"]), '"sparse" or "dense"'],
  flag: [z.boolean(), "true or false"],
} as const;

/** @throws Problem "bad-option" unless the schema takes the value */
export function checked<T>(
  where: string,
  name: string,
  given: unknown,
  [schema, wanted]: readonly [z.ZodType<T>, string],
  otherwise: T,
): T {
  if (given === undefined) return otherwise;
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw problem("bad-option", { where, name, given, wanted });
  return parsed.data;
}

/** The place, or one drawn from the square of the given bounds. */
export function placeOf(place: Place, random: Generator, low = 0.15, high = 0.85): readonly [number, number] {
  return place === "random" ? [random.between(low, high), random.between(low, high)] : place;
}

/** A place drawn until it is far enough from others. */
export function apart(
  draw: () => readonly [number, number],
  others: readonly (readonly [number, number])[],
  least: number,
): readonly [number, number] {
  for (let tries = 0; ; tries++) {
    const [x, y] = draw();
    if (tries > 200 || others.every(([ox, oy]) => Math.hypot(x - ox, y - oy) >= least)) return [x, y];
  }
}
