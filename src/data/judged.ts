/** Feedback laid on the steps that it judges. */
import { problem } from "../problems.ts";
import { type NdArray, ndarray, sizeOf, sliceRows } from "../tensor/ndarray.ts";
import { trajectories } from "./build.ts";
import { called } from "./columns.ts";
import { type Feedback, type FeedbackOf, outsideOf, type Segment, segment, segmentsIn } from "./feedback.ts";
import type { Recording, Trajectories } from "./trajectories.ts";

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
