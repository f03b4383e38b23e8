/** Spaces in the JSON form of Minari, which is Gymnasium's, written with Python's NaN and Infinity. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, dict, discrete, multiDiscrete, text, tuple } from "../../spaces/make.ts";
import type { Space } from "../../spaces/space.ts";
import { asBox } from "../../spaces/tokens.ts";
import { sizeOf } from "../../tensor/ndarray.ts";

/** JSON as Python writes it: NaN becomes null, Infinity a number beyond all others. @throws SyntaxError */
export const parsePythonJson = (json: string): unknown =>
  JSON.parse(
    json.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
      token.startsWith('"') ? token : token === "NaN" ? "null" : token.replace("Infinity", "1e999"),
    ),
  );

type Numbers = number | readonly Numbers[];
const numbers: z.ZodType<Numbers> = z.lazy(() =>
  z.union([z.number(), z.literal([Infinity, -Infinity]), z.array(numbers)]),
);
const size = z.int().min(0);

const schema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("Box"), dtype: z.string(), shape: z.array(size), low: numbers, high: numbers }),
  z.object({ type: z.literal("Discrete"), n: z.int().min(1), start: z.int().default(0) }),
  z.object({ type: z.literal("MultiDiscrete"), nvec: numbers, start: numbers.default(0) }),
  z.object({ type: z.literal("MultiBinary"), n: z.union([size, z.array(size)]) }),
  z.object({ type: z.literal("Dict"), subspaces: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal("Tuple"), subspaces: z.array(z.unknown()) }),
  z.object({ type: z.literal("Text"), max_length: size }),
]);

const flat = (values: Numbers): number[] => (typeof values === "number" ? [values] : values.flatMap(flat));

/** Element types that need more than a float32 to be told apart. */
const wide = new Set(["float64", "int32", "int64", "uint32", "uint64"]);

/**
 * A space from Minari's JSON. Boxes of other element types become float32, or float64 where float32 would round;
 * MultiBinary becomes MultiDiscrete of twos.
 * @throws Problem "bad-space"
 */
export function parseMinariSpace(json: unknown, where: string): Space {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw problem("bad-space", { where, reason: `${issue.path.join(".") || "type"}: ${issue.message}` });
  }
  const given = parsed.data;
  switch (given.type) {
    case "Box": {
      const [low, high] = [flat(given.low), flat(given.high)];
      const length = sizeOf(given.shape);
      if (low.length !== length || high.length !== length) {
        throw problem("bad-space", { where, reason: `a Box of shape [${given.shape}] has ${low.length} low bounds` });
      }
      return box(low, high, { shape: given.shape, dtype: wide.has(given.dtype) ? "float64" : "float32" });
    }
    case "Discrete":
      return discrete(given.n, { start: given.start });
    case "MultiDiscrete":
      if (flat(given.start).some((start) => start !== 0)) {
        throw problem("bad-space", { where, reason: "a MultiDiscrete whose choices do not start at 0" });
      }
      return multiDiscrete(flat(given.nvec));
    case "MultiBinary":
      return multiDiscrete(new Array<number>(typeof given.n === "number" ? given.n : sizeOf(given.n)).fill(2));
    case "Dict":
      return dict(
        Object.fromEntries(
          Object.entries(given.subspaces).map(([name, part]) => [name, parseMinariSpace(part, `${where}.${name}`)]),
        ),
      );
    case "Tuple":
      return tuple(...given.subspaces.map((part, i) => parseMinariSpace(part, `${where}.${i}`)));
    default:
      return text(given.max_length);
  }
}

const number = (value: number): string =>
  Math.abs(value) === Infinity ? `${value < 0 ? "-" : ""}Infinity` : String(value);

function nested(values: readonly number[], shape: readonly number[]): string {
  if (shape.length === 0) return number(values[0]);
  const [rows, ...rest] = shape;
  const width = sizeOf(rest);
  const parts = Array.from({ length: rows }, (_, i) => nested(values.slice(i * width, (i + 1) * width), rest));
  return `[${parts.join(",")}]`;
}

/** Every printable character of ASCII; Gymnasium's Text must list what it may hold. */
const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));

/** A space as Minari writes it. */
export function minariSpace(space: Space): string {
  switch (space.kind) {
    case "box": {
      const [low, high] = [nested(space.low, space.shape), nested(space.high, space.shape)];
      return `{"type":"Box","dtype":"${space.dtype}","shape":[${space.shape}],"low":${low},"high":${high}}`;
    }
    case "discrete":
      return `{"type":"Discrete","dtype":"int64","start":${space.start},"n":${space.n}}`;
    case "multi-discrete":
      return `{"type":"MultiDiscrete","dtype":"int64","nvec":[${space.sizes}],"start":[${space.sizes.map(() => 0)}]}`;
    case "dict": {
      const parts = Object.entries(space.entries).map(
        ([name, part]) => `${JSON.stringify(minariName(name))}:${minariSpace(part)}`,
      );
      return `{"type":"Dict","subspaces":{${parts}}}`;
    }
    case "tuple":
      return `{"type":"Tuple","subspaces":[${space.items.map(minariSpace)}]}`;
    case "text":
      if (space.vocabulary !== undefined) return minariSpace(asBox(space.vocabulary));
      return JSON.stringify({ type: "Text", max_length: space.maxLength, min_length: 0, charset: printable });
  }
}

/** The name of a part in the files. HDF5 keeps the slash for itself. */
export const minariName = (part: string | number): string =>
  typeof part === "number" ? `_index_${part}` : (unusable.get(part) ?? part.replaceAll("/", "\u2215"));

const unusable: ReadonlyMap<string, string> = new Map([
  ["", "\u2205"],
  [".", "\u2024"],
  ["..", "\u2025"],
]);

export interface Split {
  /** The space without its texts; nothing when it was all text. */
  readonly space?: Space;
  /** Where the texts are. */
  readonly texts: readonly (readonly (string | number)[])[];
}

/** A space parted into what has numbers and where its texts are; what is left of a Tuple is a Dict
 * of what the files call its items. */
export function partTexts(space: Space, path: readonly (string | number)[] = []): Split {
  if (space.kind === "text") return { texts: [path] };
  if (space.kind !== "dict" && space.kind !== "tuple") return { space, texts: [] };
  const entries: readonly (readonly [string | number, Space])[] =
    space.kind === "dict" ? Object.entries(space.entries) : [...space.items.entries()];
  const parts = entries.map(([name, part]) => [name, partTexts(part, [...path, name])] as const);
  const texts = parts.flatMap(([, part]) => part.texts);
  if (texts.length === 0) return { space, texts };
  const kept = parts.flatMap(([name, part]) => (part.space ? [[minariName(name), part.space] as const] : []));
  return { ...(kept.length > 0 ? { space: dict(Object.fromEntries(kept)) } : {}), texts };
}
