import type { DecisionLog } from "../../data/trajectories.ts";
import type { Policy } from "../../policies/policy.ts";
import { problem } from "../../problems.ts";
import { describe, sameSpace } from "../../spaces/contains.ts";
import { type NdArray, sliceRows, zeros } from "../../tensor/ndarray.ts";

const rowsAtOnce = 4096;

/**
 * The probabilities [rows, actions] with which a policy would choose each action at each logged context: what the
 * estimators take as their target.
 * @throws Problem "log-mismatch" when it was not made for these contexts and actions, or gives no probabilities
 */
export async function probabilitiesOf(policy: Policy, log: DecisionLog): Promise<NdArray> {
  const { actions, context, contextSpace } = log;
  const refuse = (what: string, has: string, logged: string) =>
    problem("log-mismatch", { policy: policy.name, what, has, log: logged });
  const [own, choices] = [policy.observationSpace, policy.actionSpace];
  if (own.kind !== "box" || own.shape.join() !== context.shape.slice(1).join()) {
    throw refuse("observation space", describe(own), describe(contextSpace));
  }
  const wanted = { kind: "discrete", n: actions.count, start: 0, names: actions.names } as const;
  const sameNames =
    choices.kind === "discrete" && (choices.names ?? actions.names).join("\n") === actions.names.join("\n");
  if (!sameSpace(choices, wanted) || !sameNames) throw refuse("action space", describe(choices), describe(wanted));
  const rows = context.shape[0];
  const out = zeros([rows, actions.count], "float64");
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const { info } = await policy.actBatch(sliceRows(context, from, Math.min(rows, from + rowsAtOnce)), {
      deterministic: true,
    });
    if (info.probabilities === undefined) throw refuse("output", "an action alone", "one probability an action");
    (out.data as Float64Array).set(info.probabilities.data as Float32Array, from * actions.count);
  }
  return out;
}
