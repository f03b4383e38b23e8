/**
 * Feedback: what people say of recorded behaviour. Each piece is linked to what it judges by the recording's fingerprint,
 * the episode and a range of steps, so that it can be joined to the trajectories again, and is never silently lost.
 */
import * as z from "zod";
import { problem } from "../problems.ts";
import { type NdArray, ndarray, sizeOf, sliceRows } from "../tensor/ndarray.ts";
import { trajectories } from "./build.ts";
import { called } from "./columns.ts";
import type { Recording, Trajectories } from "./trajectories.ts";

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

/** A segment with the piece that judges it, joined to its steps. */
export interface JudgedSegment {
  readonly feedback: Feedback;
  /** Which of the piece's segments this is: 0, or 1 for the second of a preference. */
  readonly side: 0 | 1;
  readonly segment: Segment;
  /** Its rows in the recording's columns, [start, end). */
  readonly start: number;
  readonly end: number;
  /** [steps, …] views of the recording's columns, not copies. */
  readonly observation: NdArray;
  readonly action: NdArray;
  readonly reward: Float64Array;
}

export interface JoinOptions {
  /** Pass over feedback on other recordings; left out, a link to another recording is refused. */
  readonly others?: "skip";
}

/**
 * Every segment that the feedback judges, joined to the steps of the recording (of a decision log, its rows).
 * @throws Problem "dangling-link" for a link to another recording (unless skipped) or to steps that are not there
 */
export function segmentsOf(
  feedback: readonly Feedback[],
  recording: Recording,
  options: JoinOptions = {},
): readonly JudgedSegment[] {
  const { fingerprint } = recording.provenance;
  return feedback.flatMap((piece) =>
    segmentsIn(piece).flatMap((judged, side): JudgedSegment[] => {
      if (judged.recording !== fingerprint) {
        if (options.others === "skip") return [];
        throw problem("dangling-link", {
          id: piece.id,
          what: `the recording ${judged.recording.slice(0, 12)}…`,
          wanted: `the recording at hand, ${fingerprint.slice(0, 12)}…`,
          next: 'Join it to the recording it was given on, or pass over others with { others: "skip" }.',
        });
      }
      const wrong = outsideOf(recording, judged);
      if (wrong !== undefined) {
        throw problem("dangling-link", {
          id: piece.id,
          what: `steps ${judged.from} to ${judged.to} of episode ${judged.episode}`,
          wanted: wrong,
          next: "Correct the piece, or leave it out.",
        });
      }
      return [{ feedback: piece, side: side as 0 | 1, segment: judged, ...stepsOf(recording, judged) }];
    }),
  );
}

function stepsOf(recording: Recording, { episode, from, to }: Segment) {
  const first = recording.kind === "decisions" ? episode : recording.offsets[episode];
  const [start, end] = [first + from, first + to];
  const decisions = recording.kind === "decisions";
  const action: NdArray = decisions
    ? { shape: [recording.action.length], dtype: "int32", data: recording.action }
    : recording.action;
  return {
    start,
    end,
    observation: sliceRows(decisions ? recording.context : recording.observation, start, end),
    action: sliceRows(action, start, end),
    reward: recording.reward.subarray(start, end),
  };
}

/**
 * Trajectories with what people did in interventions: their actions in place of the recorded ones, and the extra
 * "intervention", 1 at those steps.
 * @throws Problem "dangling-link"; "bad-value" when an action has another width than the recording's; "bad-row" when one
 *   is outside the action space
 */
export function interventionsApplied(
  t: Trajectories,
  feedback: readonly Feedback[],
  options: JoinOptions = {},
): Trajectories {
  const flags = new Uint8Array(t.reward.length);
  const actions = Float64Array.from(t.action.data as Float64Array, Number);
  const width = sizeOf(t.action.shape.slice(1));
  const taken = feedback.filter((piece) => piece.type === "intervention");
  for (const { feedback: piece, start, end } of segmentsOf(taken, t, options)) {
    flags.fill(1, start, end);
    (piece as FeedbackOf<"intervention">).actions?.forEach((action, i) => {
      if (action.length !== width) {
        throw problem("bad-value", {
          where: `feedback "${piece.id}"`,
          given: `an action of ${action.length} numbers`,
          wanted: `${width}, as the recording's actions have`,
        });
      }
      actions.set(action, (start + i) * width);
    });
  }
  const { environment, made, lineage, license } = t.provenance;
  return trajectories(
    {
      ...t,
      action: ndarray(actions, { shape: t.action.shape }),
      extras: { ...t.extras, intervention: ndarray(flags) },
      environment,
      made,
      lineage: [...lineage, `interventions: ${taken.length}`],
      license,
    },
    called("interventionsApplied()"),
  );
}

/** Preferences over whole conversations as feedback: the pairs of a `pairConversations`, chosen first, as steps. */
export const pairFeedback = (t: Trajectories, rater: string, time: number): readonly FeedbackOf<"preference">[] => {
  const episodes = new Map<unknown, { chosen?: number; rejected?: number }>();
  const [pairs = [], chosen = []] = [t.tags.pair, t.tags.chosen];
  pairs.forEach((pair, episode) => {
    const found = episodes.get(pair) ?? {};
    episodes.set(pair, { ...found, [chosen[episode] === true ? "chosen" : "rejected"]: episode });
  });
  return [...episodes].flatMap(([pair, sides]) => {
    if (sides.chosen === undefined || sides.rejected === undefined) return [];
    const [first, second] = [segment(t, sides.chosen), segment(t, sides.rejected)];
    return [{ kind: "feedback", type: "preference", id: `pair ${pair}`, rater, time, first, second, choice: "first" }];
  });
};
