/** What to do about a measured improvement: ship, hold, or collect more. */
import { type Estimate, isRefusal, type Refusal } from "./estimate.ts";

export interface Question {
  /** Challenger minus champion. */
  readonly improvement: Estimate | Refusal;
  /** The least improvement worth shipping for. Default 0. */
  readonly minimumGain?: number;
  /** What one observation is called. Default "row". */
  readonly unit?: string;
  /** The most the data can realistically grow, as a multiple of what there is. Default 100. */
  readonly realisticGrowth?: number;
}

export interface Decision {
  readonly verdict: "ship" | "hold" | "collect more";
  /** One sentence. */
  readonly why: string;
  /**
   * About how many more observations would take the interval past the minimum gain, if effect and variance stay as they
   * are; absent when the data have decided, and when no realistic amount would.
   */
  readonly rowsNeeded?: number;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

/**
 * Ship when the whole interval lies above the minimum gain, hold when none of it does, collect more otherwise. The
 * interval is valid for one look at the data: deciding anew after every batch of rows ships too often.
 */
export function decide({ improvement, minimumGain = 0, unit = "row", realisticGrowth = 100 }: Question): Decision {
  if (isRefusal(improvement)) {
    return { verdict: "collect more", why: `The data cannot say how much the challenger gains: ${improvement.reason}` };
  }
  const { value, interval, level, n } = improvement;
  const [low, high] = interval;
  const asked = minimumGain === 0 ? "0" : `the ${short(minimumGain)} asked for`;
  const gain = `The challenger ${value < 0 ? `loses ${short(-value)}` : `gains ${short(value)}`} (${short(100 * level)}% interval ${short(low)} to ${short(high)}, ${n} ${unit}s)`;
  if (low > minimumGain) return { verdict: "ship", why: `${gain}: all of the interval is above ${asked}.` };
  if (high <= minimumGain) return { verdict: "hold", why: `${gain}: none of the interval is above ${asked}.` };
  const undecided = `${gain}: the interval holds ${asked}`;
  const half = value > minimumGain ? value - low : high - value;
  // An interval narrows with the square root of the number of observations.
  const factor = (half / (value - minimumGain)) ** 2;
  if (!Number.isFinite(half)) {
    return {
      verdict: "collect more",
      why: `${undecided}; from ${n} ${unit}${n === 1 ? "" : "s"} it cannot be said how many more are needed.`,
    };
  }
  if (!(factor <= realisticGrowth)) {
    return {
      verdict: "collect more",
      why: `${undecided}, and the effect is so near to it that no realistic amount of data (up to ${short(realisticGrowth)} times as much) would tell; hold, unless the challenger is preferred for other reasons.`,
    };
  }
  const rowsNeeded = Math.max(1, Math.ceil(n * factor) - n);
  return {
    verdict: "collect more",
    why: `${undecided}; about ${rowsNeeded} more ${unit}s would decide if effect and variance stay as they are.`,
    rowsNeeded,
  };
}
