/** The verdict from the log beside what happened when the policy was played. */
import { type Decision, type Estimate, isRefusal, type Refusal } from "../../evaluation/index.ts";

/**
 * A verdict from the log, held against what happened when the policy was played: a world that can be asked outweighs an
 * estimate from a recording of it.
 */
export function heldAgainst(
  decision: Decision,
  improvement: Estimate | Refusal,
  played: Estimate | undefined,
  minimumGain: number,
): Decision {
  if (played === undefined) return decision;
  const [low, high] = played.interval;
  const number = (x: number): string => String(Number(x.toPrecision(3)));
  const outcome = `played in the environment it gains ${number(played.value)} (${number(low)} to ${number(high)})`;
  if (decision.verdict === "ship" && high <= minimumGain) {
    return { verdict: "hold", why: `${decision.why} But ${outcome}, and that outweighs the estimate.` };
  }
  const apart = !isRefusal(improvement) && (low > improvement.interval[1] || high < improvement.interval[0]);
  const beside = apart
    ? "outside the estimate's interval: trust this, and not the size of the estimate"
    : "in keeping with the estimate";
  return {
    ...decision,
    why: `${decision.why} For comparison: ${outcome}${isRefusal(improvement) ? "" : `, ${beside}`}.`,
  };
}
