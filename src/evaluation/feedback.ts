/** What people's feedback on a recording comes to: how much of what, how far they agree, with an interval each. */
import type { Feedback, FeedbackOf, FeedbackType } from "../data/feedback.ts";
import { type JudgedSegment, segmentsOf } from "../data/judged.ts";
import type { Recording } from "../data/trajectories.ts";
import { fold, type RandomKey } from "../tensor/random.ts";
import { agreement, nominalDifference } from "./agreement.ts";
import type { Estimate, Refusal } from "./estimate.ts";
import { type IntervalOptions, meanEstimate, proportion } from "./intervals.ts";

export interface FeedbackSummary {
  readonly pieces: number;
  /** How many pieces of each type; types without any are left out. */
  readonly types: { readonly [T in FeedbackType]?: number };
  /** How many pieces each rater gave. */
  readonly raters: { readonly [rater: string]: number };
  /** Episodes (rows of a decision log) that a piece judges, and steps. */
  readonly judged: { readonly episodes: number; readonly steps: number };
  readonly of: { readonly episodes: number; readonly steps: number };
  /** How often each choice of a preference was made. */
  readonly choices?: { readonly [choice in FeedbackOf<"preference">["choice"]]: number };
  /** By name; `feedbackSummary` says what each is. */
  readonly measures: { readonly [name: string]: Estimate | Refusal };
}

export interface FeedbackSummaryOptions extends IntervalOptions {
  /** Where the intervals of agreement come from. */
  readonly key: RandomKey;
}

/**
 * The summary of feedback on one recording. Measures, where there is something to measure:
 * - "first chosen": share of choices, ties aside, that fell on the segment shown first: far from a half, people judge the
 *   order and not the behaviour (each choice counts as independent);
 * - "preferred earned more": of the pairs whose rewards differ and on which most raters chose one side, the share where
 *   that side had the larger sum of rewards: how far the reward says what people want;
 * - "rating of …", "scalar": the mean over segments of what their raters gave;
 * - "episodes taken over": the share of all episodes in which somebody intervened;
 * - "agreement on …": Krippendorff's α over what several people judged.
 * @throws Problem "dangling-link" for feedback on another recording, or on steps that are not there
 */
export function feedbackSummary(
  feedback: readonly Feedback[],
  recording: Recording,
  options: FeedbackSummaryOptions,
): FeedbackSummary {
  const judged = segmentsOf(feedback, recording);
  const choices = choicesOf(of(feedback, "preference"));
  return {
    pieces: feedback.length,
    types: counts(feedback.map(({ type }) => type)),
    raters: counts(feedback.map(({ rater }) => rater)),
    judged: coverage(judged),
    of: { episodes: episodesIn(recording), steps: recording.reward.length },
    ...(choices ? { choices } : {}),
    measures: {
      ...preferenceMeasures(feedback, judged, options),
      ...valueMeasures(feedback, options),
      ...interventionMeasures(feedback, recording, options),
    },
  };
}

const of = <T extends FeedbackType>(feedback: readonly Feedback[], type: T): readonly FeedbackOf<T>[] =>
  feedback.filter((piece): piece is FeedbackOf<T> => piece.type === type);

const episodesIn = (recording: Recording): number =>
  recording.kind === "decisions" ? recording.reward.length : recording.offsets.length - 1;

function counts<N extends string>(names: readonly N[]): { readonly [name in N]: number } {
  const found = new Map<N, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1))) as { [name in N]: number };
}

function coverage(judged: readonly JudgedSegment[]): FeedbackSummary["judged"] {
  const steps = new Set<number>();
  for (const { start, end } of judged) for (let row = start; row < end; row++) steps.add(row);
  return { episodes: new Set(judged.map(({ segment }) => segment.episode)).size, steps: steps.size };
}

function choicesOf(preferences: readonly FeedbackOf<"preference">[]): FeedbackSummary["choices"] {
  if (preferences.length === 0) return undefined;
  const made = { first: 0, second: 0, tie: 0, neither: 0 };
  for (const { choice } of preferences) made[choice]++;
  return made;
}

type Measures = FeedbackSummary["measures"];

/** Things by what makes two of them one, in the order in which they came. */
function grouped<T>(items: readonly T[], name: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(name(item));
    if (group) group.push(item);
    else groups.set(name(item), [item]);
  }
  return groups;
}

const nameOf = ({ episode, from, to }: JudgedSegment["segment"]): string => `${episode}:${from}-${to}`;

/** What a rater said of a pair, whichever way round it was shown: 1 for one side, −1 for the other, 0 a tie, 2 neither. */
interface Vote {
  readonly pair: string;
  readonly vote: number;
  /** How much more reward the first side of the pair has. */
  readonly earned: number;
}

const votes = { first: 1, second: -1, tie: 0, neither: 2 } as const;

function votesOf(judged: readonly JudgedSegment[]): readonly Vote[] {
  const both = grouped(
    judged.filter(({ feedback }) => feedback.type === "preference"),
    ({ feedback }) => feedback.id,
  );
  const sum = ({ reward }: JudgedSegment): number => reward.reduce((a, b) => a + b, 0);
  return [...both.values()].map(([first, second]): Vote => {
    const [a, b] = [nameOf(first.segment), nameOf(second.segment)];
    const turned = a > b;
    const vote = votes[(first.feedback as FeedbackOf<"preference">).choice];
    const sided = Math.abs(vote) === 1;
    return {
      pair: turned ? `${b} ${a}` : `${a} ${b}`,
      vote: sided && turned ? -vote : vote,
      earned: (turned ? -1 : 1) * (sum(first) - sum(second)),
    };
  });
}

function preferenceMeasures(
  feedback: readonly Feedback[],
  judged: readonly JudgedSegment[],
  options: FeedbackSummaryOptions,
): Measures {
  const made = choicesOf(of(feedback, "preference"));
  if (made === undefined) return {};
  const chosen = made.first + made.second;
  const pairs = [...grouped(votesOf(judged), ({ pair }) => pair).values()];
  const leaning = pairs
    .map((own) => own.reduce((sum, { vote }) => sum + (vote === 2 ? 0 : vote), 0) * Math.sign(own[0].earned))
    .filter((side) => side !== 0);
  return {
    ...(chosen > 0 ? { "first chosen": proportion(made.first, chosen, options) } : {}),
    ...(leaning.length > 0
      ? {
          "preferred earned more": proportion(leaning.filter((side) => side > 0).length, leaning.length, options),
        }
      : {}),
    "agreement on preferences": agreement(
      pairs.map((own) => own.map(({ vote }) => vote)),
      { ...options, difference: nominalDifference, key: fold(options.key, "preference") },
    ),
  };
}

/** Ratings by what was rated and on which scale, and scalars: each a number for a segment. */
function valueMeasures(feedback: readonly Feedback[], options: FeedbackSummaryOptions): Measures {
  const given = [
    ...of(feedback, "rating").map(({ aspect, low, high, value, segment }) => ({
      name: `rating of ${aspect ?? "how good it was"} (${low} to ${high})`,
      value,
      segment,
    })),
    ...of(feedback, "scalar").map(({ value, segment }) => ({ name: "scalar", value, segment })),
  ];
  const measures = [...grouped(given, ({ name }) => name)].flatMap(([name, all]): [string, Estimate | Refusal][] => {
    const bySegment = [...grouped(all, ({ segment }) => nameOf(segment)).values()].map((own) =>
      own.map(({ value }) => value),
    );
    const means = bySegment.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
    return [
      [name, meanEstimate(means, options)],
      [`agreement on ${name}`, agreement(bySegment, { ...options, key: fold(options.key, name) })],
    ];
  });
  return Object.fromEntries(measures);
}

function interventionMeasures(
  feedback: readonly Feedback[],
  recording: Recording,
  options: FeedbackSummaryOptions,
): Measures {
  const taken = new Set(of(feedback, "intervention").map(({ segment }) => segment.episode));
  return taken.size === 0 ? {} : { "episodes taken over": proportion(taken.size, episodesIn(recording), options) };
}
