/**
 * Feedback: what people say of recorded behaviour. Each piece is linked to what it judges by the recording's fingerprint,
 * the episode and a range of steps, so that it can be joined to the trajectories again, and is never silently lost.
 */
import * as z from "zod";
import { problem } from "../problems.ts";
import type { Recording } from "./trajectories.ts";

const index = z.int().min(0);

/** Steps [from, to) of an episode; of a decision log, the row `episode`, 0 to 1. */
const segmentSchema = z
  .strictObject({
    /** Fingerprint of the recording, 64 hexadecimal digits. */
    recording: z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"),
    episode: index,
    from: index,
    to: z.int().min(1),
  })
  .refine(({ from, to }) => from < to, { message: "from is before to" });
export type Segment = z.output<typeof segmentSchema>;

const shared = {
  kind: z.literal("feedback").default("feedback"),
  /** Differs between any two pieces of one file. */
  id: z.string().min(1),
  /** Who gave it, by any name that stays the same. */
  rater: z.string().min(1),
  /** When, in milliseconds since 1970; at most what a Date can hold. */
  time: z.number().min(0).max(8.64e15),
  /** What was asked, or seen beside; free words. */
  note: z.string().exactOptional(),
};
const numbers = z.array(z.number());

/** One piece of feedback, by its `type`. */
export const feedbackSchema = z.discriminatedUnion("type", [
  z
    .strictObject({
      ...shared,
      type: z.literal("preference"),
      first: segmentSchema,
      second: segmentSchema,
      /** Which is better; "tie" where both are as good, "neither" where they cannot be compared. */
      choice: z.enum(["first", "second", "tie", "neither"]),
      /** How much better, in [0, 1]: 0 hardly, 1 without doubt. */
      strength: z.number().min(0).max(1).exactOptional(),
    })
    .refine(({ choice, strength }) => strength === undefined || choice === "first" || choice === "second", {
      message: "only a choice has a strength",
      path: ["strength"],
    }),
  z
    .strictObject({
      ...shared,
      type: z.literal("rating"),
      segment: segmentSchema,
      /** In [low, high]. */
      value: z.number(),
      low: z.number(),
      high: z.number(),
      /** What was rated, e.g. "safety"; left out, how good it was. */
      aspect: z.string().exactOptional(),
    })
    .refine(({ value, low, high }) => low < high && value >= low && value <= high, {
      message: "the value lies between low and high",
      path: ["value"],
    }),
  z.strictObject({
    ...shared,
    type: z.literal("intervention"),
    segment: segmentSchema,
    /** What the person did instead, a flat row of the action space a step; left out, the recorded actions are theirs. */
    actions: z.array(numbers).exactOptional(),
  }),
  z.strictObject({ ...shared, type: z.literal("correction"), segment: segmentSchema, text: z.string().min(1) }),
  z.strictObject({
    ...shared,
    type: z.literal("sketch"),
    segment: segmentSchema,
    /** A drawn path: points of the same number of coordinates, in the order they were drawn. */
    points: z.array(numbers).min(2),
    /** What the coordinates are, e.g. ["x", "y"]. */
    axes: z.array(z.string()).min(1),
  }),
  z.strictObject({ ...shared, type: z.literal("scalar"), segment: segmentSchema, value: z.number() }),
  z.strictObject({ ...shared, type: z.literal("comment"), segment: segmentSchema, text: z.string().min(1) }),
]);

/**
 * A preference over two segments; a rating on a scale; an intervention (the steps at which a person took over, and what
 * they did); a correction in words ("slower near the door"); a sketch of the path that should have been taken; a scalar
 * (a reward given by hand, as in TAMER); a comment.
 */
export type Feedback = z.output<typeof feedbackSchema>;
export type FeedbackType = Feedback["type"];
export type FeedbackOf<T extends FeedbackType> = Extract<Feedback, { type: T }>;

export const feedbackTypes = [
  "preference",
  "rating",
  "intervention",
  "correction",
  "sketch",
  "scalar",
  "comment",
] as const satisfies readonly FeedbackType[];

/**
 * A piece of feedback from a value not yet checked.
 * @throws Problem "bad-row" naming the field
 */
export function parseFeedback(value: unknown, source: string, place: string): Feedback {
  const parsed = feedbackSchema.safeParse(value);
  const refuse = (field: string, given: string, rule: string): never => {
    const next = "See docs/recordings.md for an example of each type.";
    throw problem("bad-row", { source, place, field, given, rule, next });
  };
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(issue.path.join(".") || "the whole line", issue.message, "it is as docs/recordings.md says");
  }
  const feedback = parsed.data;
  if (feedback.type === "sketch") {
    const odd = feedback.points.findIndex((point) => point.length !== feedback.axes.length);
    if (odd >= 0)
      refuse(`points.${odd}`, `${feedback.points[odd].length} coordinates`, `there are ${feedback.axes.length} axes`);
  }
  if (feedback.type === "intervention" && feedback.actions) {
    const { from, to } = feedback.segment;
    if (feedback.actions.length !== to - from) {
      refuse("actions", `${feedback.actions.length} actions`, `the segment has ${to - from} steps`);
    }
  }
  return feedback;
}

/** The segments that a piece judges: two of a preference, one of any other. */
export const segmentsIn = (feedback: Feedback): readonly Segment[] =>
  feedback.type === "preference" ? [feedback.first, feedback.second] : [feedback.segment];

/** A segment of a recording. @throws Problem "bad-value" when there are no such steps */
export function segment(recording: Recording, episode: number, from = 0, to = lengthOf(recording, episode)): Segment {
  const made = { recording: recording.provenance.fingerprint, episode, from, to };
  const wrong = outsideOf(recording, made);
  if (wrong === undefined) return made;
  throw problem("bad-value", {
    where: "segment",
    given: `steps ${from} to ${to} of episode ${episode}`,
    wanted: wrong,
  });
}

const lengthOf = (recording: Recording, episode: number): number =>
  recording.kind === "decisions" ? 1 : (recording.offsets[episode + 1] ?? 0) - (recording.offsets[episode] ?? 0);

/** All steps of an episode, which need not be one of the recording. */
export const wholeEpisode = (recording: Recording, episode: number): Segment => ({
  recording: recording.provenance.fingerprint,
  episode,
  from: 0,
  to: lengthOf(recording, episode),
});

/** What a segment would have to be to lie in the recording; nothing when it does. */
export function outsideOf(recording: Recording, { episode, from, to }: Segment): string | undefined {
  const count = recording.kind === "decisions" ? recording.reward.length : recording.offsets.length - 1;
  const unit = recording.kind === "decisions" ? "row" : "episode";
  if (!(Number.isInteger(episode) && episode >= 0 && episode < count)) {
    return count === 0 ? `an ${unit} of a recording that is not empty` : `an ${unit} in 0 … ${count - 1}`;
  }
  const length = lengthOf(recording, episode);
  const whole = Number.isInteger(from) && Number.isInteger(to);
  if (whole && from >= 0 && from < to && to <= length) return undefined;
  return `steps within 0 … ${length} of ${unit} ${episode}`;
}
