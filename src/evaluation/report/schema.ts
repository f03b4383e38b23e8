/** A report as plain JSON: what is known, in the order in which it is read. `reportHtml` makes a page of it. */
import * as z from "zod";
import { problem } from "../../problems.ts";

/** An end of an interval; null (JSON's form of ±Infinity) where there is no bound. */
const end = z.custom<number | null>(
  (v) => v === null || (typeof v === "number" && !Number.isNaN(v)),
  "wanted a number or null",
);

const estimate = z
  .object({
    value: z.number(),
    interval: z.tuple([end, end]).readonly(),
    level: z.number().gt(0).lt(1),
    n: z.number(),
    method: z.string(),
  })
  .readonly();

const refusal = z.object({ refused: z.literal(true), method: z.string(), reason: z.string() }).readonly();
const answer = z.union([refusal, estimate]);

/** How a number is written: as it is, or as a percentage of 1. */
const format = z.enum(["number", "percent"]).optional();
const axis = z.strictObject({ label: z.string(), format }).readonly();
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
/** A chart of nothing would have no scale. */
const some = <T extends z.ZodType>(item: T) => z.array(item).min(1).readonly();

/** Every figure has a caption that says what to see in it. */
const caption = z.string().min(1);

const paragraph = z.strictObject({ kind: z.literal("paragraph"), text: z.string() });
const bullets = z.strictObject({ kind: z.literal("list"), items: list(z.string()) });

const table = z.strictObject({
  kind: z.literal("table"),
  caption,
  columns: list(z.strictObject({ label: z.string(), format })),
  rows: list(list(z.union([z.string(), z.number(), z.boolean(), z.null(), answer]))),
});

/** Dot and whisker, one line an estimate; refusals keep their line and say so. */
const intervals = z.strictObject({
  kind: z.literal("intervals"),
  caption,
  x: axis,
  items: some(z.strictObject({ label: z.string(), estimate: answer })),
  /** A value to compare with, drawn across all lines: the champion's, a truth, zero. */
  reference: z.strictObject({ value: z.number(), label: z.string() }).optional(),
});

/** Lines over steps, with a band where low and high are given. */
const curves = z.strictObject({
  kind: z.literal("curves"),
  caption,
  x: axis,
  y: axis,
  series: some(
    z.strictObject({
      name: z.string(),
      points: list(
        z.strictObject({ x: z.number(), y: z.number(), low: z.number().optional(), high: z.number().optional() }),
      ),
    }),
  ),
  reference: z.strictObject({ value: z.number(), label: z.string() }).optional(),
});

/** Overlaid histograms of raw values, each as shares of its own total. */
const histograms = z.strictObject({
  kind: z.literal("histograms"),
  caption,
  x: axis,
  series: some(z.strictObject({ name: z.string(), values: list(z.number()) })),
  /** About how many bins. Default 24. */
  bins: z.number().int().min(2).max(200).optional(),
});

/** Estimates against what came to pass; on the diagonal the two agree. */
const scatter = z.strictObject({
  kind: z.literal("scatter"),
  caption,
  x: axis,
  y: axis,
  points: some(
    z.strictObject({
      x: z.number(),
      y: z.number(),
      /** Of y. */
      interval: z.tuple([end, end]).readonly().optional(),
      series: z.string().optional(),
      label: z.string().optional(),
    }),
  ),
});

/** Points on two axes that measure different things. */
const plane = z.strictObject({
  kind: z.literal("plane"),
  caption,
  x: axis,
  y: axis,
  points: some(
    z.strictObject({ x: z.number(), y: z.number(), series: z.string().optional(), label: z.string().optional() }),
  ),
});

const cells = z
  .strictObject({ label: z.string(), low: z.number(), high: z.number(), bins: z.number().int().min(1).max(500) })
  .refine(({ low, high }) => low < high, "low is below high")
  .readonly();

/** How many rows lie in each cell of a plane. */
const density = z
  .strictObject({
    kind: z.literal("density"),
    caption,
    x: cells,
    y: cells,
    /** [y.bins][x.bins], from the lowest y up. */
    counts: list(list(z.number().min(0))),
  })
  .refine(({ x, y, counts }) => counts.length === y.bins && counts.every((row) => row.length === x.bins), {
    message: "wanted one row of counts for each bin of y, with one count for each bin of x",
    path: ["counts"],
  });

/** Bars a category, one for each series: a distribution over actions, champion beside challenger. */
const bars = z.strictObject({
  kind: z.literal("bars"),
  caption,
  x: axis,
  series: some(
    z.strictObject({ name: z.string(), values: some(z.strictObject({ label: z.string(), value: z.number() })) }),
  ),
});

/** Pictures as SVG documents (an environment's render): kept only as far as they are shapes and text. */
const drawings = z.strictObject({
  kind: z.literal("drawings"),
  caption,
  items: list(z.strictObject({ svg: z.string(), label: z.string() })),
});

const block = z.discriminatedUnion("kind", [
  paragraph,
  bullets,
  table,
  intervals,
  curves,
  histograms,
  scatter,
  plane,
  density,
  bars,
  drawings,
]);

export const reportSchema = z.strictObject({
  title: z.string().min(1),
  /** One line under the title: what was compared, on what. */
  subtitle: z.string().optional(),
  verdict: z
    .strictObject({
      status: z.enum(["ship", "hold", "collect more", "information"]),
      /** What stands over the sentence in place of the status's own word. */
      label: z.string().min(1).optional(),
      /** One sentence. */
      sentence: z.string(),
    })
    .optional(),
  /** The few numbers that matter, largest on the page. */
  headlines: list(
    z.strictObject({ label: z.string(), estimate: answer, format, note: z.string().optional() }),
  ).optional(),
  sections: list(z.strictObject({ title: z.string(), blocks: list(block) })),
  /** How to get these numbers again. */
  provenance: z.strictObject({
    command: z.string(),
    seed: z.union([z.number(), z.string()]).optional(),
    /** When, as the caller wants it written. */
    date: z.string().optional(),
    /** SHA-256 of data, policies, configuration, by name. */
    fingerprints: z.record(z.string(), z.string()).optional(),
    versions: z.record(z.string(), z.string()).optional(),
  }),
});

export type Report = z.input<typeof reportSchema>;
export type Block = z.input<typeof block>;
export type BlockOf<K extends Block["kind"]> = Extract<Block, { kind: K }>;
export type Answer = z.input<typeof answer>;
export type ShownEstimate = z.input<typeof estimate>;
export type Axis = z.input<typeof axis>;

/** @throws Problem "bad-report" naming the first part that does not fit */
export function checkReport(report: unknown): Report {
  const parsed = reportSchema.safeParse(report);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw problem("bad-report", { part: issue.path.map(String).join(".") || "the report itself", reason: issue.message });
}
