/** What to beware of in a recording, in sentences. */
import type { Card } from "./card-schema.ts";
import type { Recording } from "./trajectories.ts";

/** What the card found that looks wrong. */
export interface Suspects {
  readonly duplicates: number;
  readonly constant: readonly string[];
  /** Features that equal the reward in every row. */
  readonly equalToReward: readonly string[];
  /** Tags that deal episodes out to learning and judging, of which two values hold the same episode. */
  readonly acrossParts: readonly string[];
}

export const percent = (share: number): string => {
  if (share > 0 && share < 0.001) return "under 0.1 %";
  return `${Number((100 * share).toFixed(share < 0.1 ? 1 : 0))} %`;
};

const few = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");

/** Below this, importance weights have thrown away most of the sample. */
const thin = 0.1;

export function warningsOf(recording: Recording, card: Omit<Card, "warnings">, suspects: Suspects): string[] {
  const { rows } = card;
  if (rows === 0) return ["The recording is empty."];
  const warnings: string[] = [];
  const say = (when: boolean, sentence: () => string): void => {
    if (when) warnings.push(sentence());
  };
  const { reward } = recording;
  say(rows > 1 && reward.every((r) => r === 0), () => "The reward is always 0: there is nothing to prefer.");
  say(rows > 1 && reward[0] !== 0 && reward.every((r) => r === reward[0]), () => `The reward is always ${reward[0]}.`);
  say(
    suspects.equalToReward.length > 0,
    () =>
      `${few(suspects.equalToReward)}: equal to the reward in every row, so the outcome leaks into what is seen before it.`,
  );
  say(
    suspects.duplicates / rows >= 0.01,
    () => `${percent(suspects.duplicates / rows)} of rows are exact duplicates of an earlier one.`,
  );
  say(card.duplicateEpisodes > 0, () => {
    const { duplicateEpisodes: n, episodes } = card;
    return `${n} of ${episodes} episodes ${n === 1 ? "repeats" : "repeat"} an earlier one exactly.`;
  });
  say(
    suspects.acrossParts.length > 0,
    () => `Equal episodes lie in different parts by ${few(suspects.acrossParts)}: what is judged was learned by heart.`,
  );
  const { overlap } = card;
  say((overlap?.shared ?? 0) > 0, () => {
    const unit = recording.kind === "trajectories" ? "episodes" : "rows";
    return `${overlap?.shared} of the ${overlap?.of} ${unit} to test on are in this recording too: what is judged there was learned by heart.`;
  });
  say(
    overlap?.later === true,
    () => "Some of this recording was made after the one to test on began: a policy would be judged on its past.",
  );
  say(
    suspects.constant.length > 0,
    () =>
      `${suspects.constant.length} ${suspects.constant.length === 1 ? "feature never changes" : "features never change"}: ${few(suspects.constant)}.`,
  );
  if (recording.kind === "trajectories") {
    say(
      card.truncated === 1,
      () => "All episodes are truncated: values near the end of an episode need a bootstrap, and no end was ever seen.",
    );
    const ones = card.lengths?.max === 1;
    say(ones, () => "Every episode has one step: a decision log says more about such data.");
  } else {
    const { propensities } = card;
    say(
      propensities !== null && propensities.effectiveShare < thin,
      () =>
        `Propensities vary so much that importance weighting keeps ${percent(propensities?.effectiveShare ?? 0)} of the sample.`,
    );
    say(
      propensities !== null && propensities.min === 1,
      () => "Every propensity is 1: the logging policy never explored, so no other policy can be judged from this log.",
    );
  }
  const times = recording.extras.timestamp?.data;
  const back = times ? backwards(recording, times) : -1;
  say(back > 0, () => `Timestamps are not increasing: row ${back} is earlier than the row before it.`);
  const { coverage } = card;
  if (coverage.kind === "choices") {
    const never = coverage.counts.filter((c) => c.rows === 0).map((c) => c.name);
    say(
      never.length > 0,
      () => `${never.length} of ${coverage.counts.length} actions were never chosen: ${few(never)}.`,
    );
  } else {
    const most = Math.max(0, ...coverage.dimensions.map((d) => d.atBounds));
    say(
      most > 0.25,
      () => `${percent(most)} of rows have an action at a bound: it may have been clipped when it was recorded.`,
    );
  }
  return warnings;
}

/** The first row that goes back in time within an episode (a log is one run of rows), or −1. */
function backwards(recording: Recording, times: ArrayLike<number | bigint>): number {
  const starts = new Set(recording.kind === "trajectories" ? recording.offsets : []);
  for (let row = 1; row < times.length; row++) if (times[row] < times[row - 1] && !starts.has(row)) return row;
  return -1;
}
