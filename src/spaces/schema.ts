/**
 * The JSON form of spaces. A space is plain data, so `JSON.stringify` writes it; JSON has no infinity and writes null,
 * which is read back as "no bound on this side".
 */
import * as z from "zod";
import { problem } from "../problems.ts";
import { sizeOf } from "../tensor/ndarray.ts";
import type { Space } from "./space.ts";

const bound = (missing: number) =>
  z.union([z.number(), z.null(), z.literal([Infinity, -Infinity])]).transform((value): number => value ?? missing);

const size = z.int().min(1);

const boxSchema = z
  .strictObject({
    kind: z.literal("box"),
    shape: z.array(z.int().min(0)),
    low: z.array(bound(-Infinity)),
    high: z.array(bound(Infinity)),
    dtype: z.enum(["float32", "float64"]),
  })
  .refine((b) => b.low.length === sizeOf(b.shape) && b.high.length === sizeOf(b.shape), {
    message: "one low and one high an element of shape",
  })
  .refine((b) => b.low.every((low, i) => low <= b.high[i] && low !== Infinity && b.high[i] !== -Infinity), {
    message: "each low at most its high",
  });

const discreteSchema = z
  .strictObject({
    kind: z.literal("discrete"),
    n: size,
    start: z.int(),
    names: z.array(z.string()).exactOptional(),
  })
  .refine((d) => d.names === undefined || d.names.length === d.n, { message: "one name a value" });

/** Any space, from JSON. */
export const spaceSchema: z.ZodType<Space> = z.lazy(() =>
  z.union([
    boxSchema,
    discreteSchema,
    z.strictObject({ kind: z.literal("multi-discrete"), sizes: z.array(size) }),
    z.strictObject({ kind: z.literal("dict"), entries: z.record(z.string(), spaceSchema) }),
    z.strictObject({ kind: z.literal("tuple"), items: z.array(spaceSchema) }),
    z.strictObject({
      kind: z.literal("text"),
      maxLength: z.int().min(0),
      vocabulary: z
        .strictObject({ words: z.array(z.string()), length: size, numerals: z.boolean().exactOptional() })
        .exactOptional(),
    }),
  ]),
);

const kinds = ["box", "discrete", "multi-discrete", "dict", "tuple", "text"];

/**
 * A space from its JSON form (an object, already parsed).
 * @throws Problem "bad-space" saying where, and which part is wrong
 */
export function parseSpace(json: unknown, where: string): Space {
  const parsed = spaceSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw problem("bad-space", { where, reason: reasonIn(json, parsed.error) });
}

/** The union's error lists every branch; the one whose `kind` was given is the one meant. */
function reasonIn(json: unknown, error: z.ZodError): string {
  const kind = typeof json === "object" && json !== null ? (json as { kind?: unknown }).kind : undefined;
  const branch = kinds.indexOf(kind as string);
  if (branch < 0) return `its kind is ${JSON.stringify(kind) ?? "missing"}; wanted ${kinds.join(", ")}`;
  const [issue] = error.issues;
  const inner = issue.code === "invalid_union" ? (issue.errors[branch]?.[0] ?? issue) : issue;
  return `${inner.path.length > 0 ? `${inner.path.join(".")}: ` : ""}${inner.message}`;
}
