/** A recipe: how a recording was made from others, as plain JSON. Conditions are data, so a recipe can travel. */
import * as z from "zod";
import { problem } from "../../problems.ts";

const name = z.string().min(1);
const share = z.number().gt(0).max(1);
const seed = z.int().min(0);

/** A number, or one that the recording itself gives: the quantile of the field over its episodes. */
const threshold = z.union([z.number(), z.strictObject({ quantile: z.number().min(0).max(1) })]);
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const comparison = z
  .strictObject({
    /** See fields.ts: "return", "length", "tags.player", "extras.bad.mean", "measures.actionVariance" … */
    field: name,
    is: value.exactOptional(),
    oneOf: z.array(value).min(1).exactOptional(),
    above: threshold.exactOptional(),
    atLeast: threshold.exactOptional(),
    below: threshold.exactOptional(),
    atMost: threshold.exactOptional(),
  })
  .refine((given) => Object.keys(given).length > 1, "wanted a comparison: is, oneOf, above, atLeast, below or atMost");

export type Comparison = z.output<typeof comparison>;
export type Condition =
  | Comparison
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

const condition: z.ZodType<Condition> = z.lazy(() =>
  z.custom<Condition>().superRefine((given, context) => {
    const kind = ["all", "any", "not"].find((word) => typeof given === "object" && given !== null && word in given);
    const schema: z.ZodType =
      kind === undefined
        ? comparison
        : z.strictObject({ [kind]: kind === "not" ? condition : z.array(condition).min(1) });
    const { error } = schema.safeParse(given);
    for (const { path, message } of error?.issues ?? []) context.addIssue({ code: "custom", path, message });
  }),
);

/** Episodes (of a decision log: rows) for which the condition holds. */
const filter = z.strictObject({ do: z.literal("filter"), where: condition });

/** Those with the highest (or lowest) values of a field: so many, or such a share; they keep their order. */
const select = z.union([
  z
    .strictObject({
      do: z.literal("select"),
      by: name,
      top: z.union([z.int().min(1), share]).exactOptional(),
      bottom: z.union([z.int().min(1), share]).exactOptional(),
    })
    .refine(({ top, bottom }) => (top === undefined) !== (bottom === undefined), "wanted top or bottom"),
  z.strictObject({ do: z.literal("select"), episodes: z.array(z.int().min(0)) }),
  /** So many drawn without replacement, in their order. */
  z.strictObject({ do: z.literal("select"), sample: z.union([z.int().min(1), share]), seed }),
]);

/** Steps of each episode: [from, to), negative counted from the end; or without its idle ends. */
const trim = z.strictObject({
  do: z.literal("trim"),
  from: z.int().exactOptional(),
  to: z.int().exactOptional(),
  /** Leading and trailing steps whose action's largest number is no farther from 0 than this. */
  idle: z.number().min(0).exactOptional(),
});

/** Disjoint parts by chance: one of them is kept, or (without `keep`) a tag says which part an episode is in. */
const split = z.strictObject({
  do: z.literal("split"),
  parts: z.record(name, share),
  seed,
  keep: name.exactOptional(),
  tag: name.exactOptional(),
});

const relabel = z.union([
  z.strictObject({ do: z.literal("relabel"), tag: name, value, where: condition.exactOptional() }),
  z.strictObject({
    do: z.literal("relabel"),
    reward: z.union([
      /** reward · scale + shift, then within [low, high]. */
      z.strictObject({
        scale: z.number().exactOptional(),
        shift: z.number().exactOptional(),
        low: z.number().exactOptional(),
        high: z.number().exactOptional(),
      }),
      /** 0 but on an episode's last step: 1 where the condition holds. */
      z.strictObject({ success: condition }),
      /** The numbers of an extra column. */
      z.strictObject({ extra: name }),
    ]),
  }),
]);

/** The extra column "weight": what a sampler draws steps in proportion to. */
const reweight = z.union([
  z.strictObject({
    do: z.literal("reweight"),
    by: z.enum(["return", "advantage"]),
    temperature: z.number().gt(0).exactOptional(),
  }),
  /** Each value of the tag as often. */
  z.strictObject({ do: z.literal("reweight"), tag: name }),
]);

/** As many episodes of each value of a tag, drawn by chance; null is no value. */
const balance = z.strictObject({ do: z.literal("balance"), tag: name, seed, most: z.int().min(1).exactOptional() });

/** Without episodes (rows) that equal an earlier one. */
const dedupe = z.strictObject({ do: z.literal("dedupe") });

const steps = { filter, select, trim, split, relabel, reweight, balance, dedupe } as const;
type StepName = keyof typeof steps;
export type Step = z.output<(typeof steps)[StepName]>;

const step: z.ZodType<Step> = z.custom<Step>().superRefine((given, context) => {
  const asked = (given as { readonly do?: unknown } | null | undefined)?.do;
  const known = Object.keys(steps);
  if (typeof asked !== "string" || !Object.hasOwn(steps, asked)) {
    const message = `"do" is ${JSON.stringify(asked) ?? "missing"}; wanted one of ${known.join(", ")}`;
    context.addIssue({ code: "custom", path: [], message });
    return;
  }
  const { error } = steps[asked as StepName].safeParse(given);
  for (const { path, message } of deepest(error?.issues ?? [])) context.addIssue({ code: "custom", path, message });
});

/** Of a union, what is wrong with the form that is nearest to what was given. */
function deepest(
  issues: readonly z.core.$ZodIssue[],
): readonly { readonly path: PropertyKey[]; readonly message: string }[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    const forms = issue.errors.map((form) => deepest(form));
    const unknown = (form: (typeof forms)[number]): number =>
      form.filter(({ message }) => /unrecognized/i.test(message)).length;
    const [nearest] = forms.sort((a, b) => unknown(a) - unknown(b) || a.length - b.length);
    return nearest.map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
  });
}

const source = z.strictObject({
  /** What the sources are called by. */
  name,
  /** Where the command line reads it, from the recipe's folder. */
  file: name.exactOptional(),
  /** That of its contents; another is refused. */
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "wanted 64 hexadecimal digits")
    .exactOptional(),
  /** What is done to it before the sources are merged. */
  steps: z.array(step).exactOptional(),
});

export const recipeSchema = z
  .strictObject({
    kind: z.literal("recipe"),
    /** Merged in this order. */
    sources: z.array(source).min(1),
    /** What is then done, in this order. */
    steps: z.array(step).default([]),
  })
  .refine(({ sources }) => new Set(sources.map((s) => s.name)).size === sources.length, {
    message: "two sources have the same name",
    path: ["sources"],
  });

export type Recipe = z.input<typeof recipeSchema>;

/** @throws Problem "bad-recipe" naming the first part that is wrong @param where the file, for the sentence */
export function checkRecipe(given: unknown, where = "recipe"): z.output<typeof recipeSchema> {
  const parsed = recipeSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = deepest(parsed.error.issues);
  throw problem("bad-recipe", { where, part: partOf(path), reason: message });
}

/** A place in a recipe, as a person counts: steps.0.where → step 1, where. */
function partOf(path: readonly PropertyKey[]): string {
  const said = path.map((part, i) => {
    if (typeof part === "number") return String(part + 1);
    return typeof path[i + 1] === "number" && part === "steps"
      ? "step"
      : part === "sources" && typeof path[i + 1] === "number"
        ? "source"
        : String(part);
  });
  return said.join(" ") || "the recipe itself";
}
