/** The builder of decision logs: every rule is checked here, once, and a broken one is a sentence. */
import { problem } from "../problems.ts";
import { box } from "../spaces/make.ts";
import type { Box, Space } from "../spaces/space.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { type Column, called, column, rowsOf, type Source, type Stored } from "./columns.ts";
import { recorded } from "./fingerprint.ts";
import { checkedExtras, checkedTags } from "./rules.ts";
import type { ActionSet, DecisionLog, Tags } from "./trajectories.ts";

/** What `decisionLog` takes. */
export interface DecisionColumns {
  /** [rows, features] */
  readonly context: Column;
  /** Box [features]; left out, as wide as the context and without bounds */
  readonly contextSpace?: Space;
  /** [features] what each number of the context is */
  readonly contextNames?: readonly string[];
  /** How many there are, or what they are; names left out are "0", "1" … */
  readonly actions: number | { readonly count: number; readonly names?: readonly string[]; readonly features?: Column };
  /** [rows] */
  readonly action: Column;
  /** [rows] */
  readonly propensity: Column;
  /** [rows] */
  readonly reward: Column;
  /** [rows, actions] */
  readonly available?: Column;
  /** [rows, actions] */
  readonly loggingPolicy?: Column;
  readonly extras?: { readonly [name: string]: Column };
  readonly tags?: Tags;
  readonly environment?: string;
  readonly lineage?: readonly string[];
  readonly license?: string | undefined;
}

/** How far probabilities that were written with few digits, or as float32, may be from their sum or each other. */
const tolerance = 1e-4;

const scalar = (dtype: Stored["dtype"]): Stored => ({ shape: [], dtype });

/**
 * A decision log from columns. Arrays that already have the stored type are kept, not copied; do not change them after.
 * @throws Problem "bad-field" or "bad-row" for the first rule broken: columns agree in length; numbers are finite; the
 *   action is in range and was available; the propensity is in (0, 1]; a row of the logging policy sums to 1 and gives
 *   the logged action its propensity; tags have one value a row
 */
export function decisionLog(given: DecisionColumns, source: Source = called("decisionLog()")): DecisionLog {
  const rows = rowsOf(given.reward, []);
  const contextSpace = given.contextSpace ?? box(-Infinity, Infinity, { shape: [widthOf(given.context, rows)] });
  if (contextSpace.kind !== "box" || contextSpace.shape.length !== 1 || contextSpace.dtype !== "float32") {
    throw problem("bad-field", {
      source: source.name,
      field: "contextSpace",
      given: `a ${contextSpace.kind}`,
      rule: "a context is a float32 Box of one axis",
      next: "Encode the context as a row of numbers.",
    });
  }
  const actions = actionSet(given.actions, source);
  const matrix = (values: Column, dtype: Stored["dtype"], field: string): NdArray =>
    column(values, rows, { shape: [actions.count], dtype }, source, field);
  const log = {
    kind: "decisions",
    contextSpace,
    actions,
    context: column(given.context, rows, { shape: contextSpace.shape, dtype: "float32" }, source, "context"),
    ...(given.contextNames === undefined ? {} : { contextNames: namesOf(given.contextNames, contextSpace, source) }),
    action: column(given.action, rows, scalar("int32"), source, "action").data as Int32Array,
    propensity: column(given.propensity, rows, scalar("float64"), source, "propensity").data as Float64Array,
    reward: column(given.reward, rows, scalar("float64"), source, "reward").data as Float64Array,
    ...(given.available === undefined ? {} : { available: matrix(given.available, "bool", "available") }),
    ...(given.loggingPolicy === undefined
      ? {}
      : { loggingPolicy: matrix(given.loggingPolicy, "float64", "loggingPolicy") }),
    extras: checkedExtras(given.extras ?? {}, rows, source),
    tags: checkedTags(given.tags ?? {}, rows, "row", source),
  } as const;
  for (let row = 0; row < rows; row++) checkDecision(log, row, source);
  return recorded<DecisionLog>(log, {
    environment: given.environment ?? "",
    lineage: given.lineage ?? [source.name],
    license: given.license,
  });
}

function namesOf(names: readonly string[], { shape }: Box, source: Source): readonly string[] {
  if (names.length === shape[0] && new Set(names).size === names.length) return names;
  throw problem("bad-field", {
    source: source.name,
    field: "contextNames",
    given: names.length === shape[0] ? "two features share a name" : `${names.length} names`,
    rule: `there is one a feature (${shape[0]}), and they differ`,
    next: "Name every number of the context, or none.",
  });
}

function widthOf(context: Column, rows: number): number {
  if ("dtype" in context && "data" in context) return context.shape[1] ?? 1;
  if (ArrayBuffer.isView(context)) return rows === 0 ? 0 : Math.trunc(context.length / rows);
  const [first] = context;
  return typeof first === "object" ? first.length : 1;
}

function actionSet(given: DecisionColumns["actions"], source: Source): ActionSet {
  const { count, names, features } =
    typeof given === "number" ? { count: given } : { names: undefined, features: undefined, ...given };
  const refuse = (field: string, found: string, rule: string): never => {
    const next = "Give the number of actions, and one name and one row of features for each.";
    throw problem("bad-field", { source: source.name, field: `actions.${field}`, given: found, rule, next });
  };
  if (!Number.isInteger(count) || count < 1) refuse("count", String(count), "there is at least one action");
  const known = names ?? Array.from({ length: count }, (_, i) => String(i));
  if (known.length !== count) refuse("names", `${known.length} names`, `there is one an action (${count})`);
  if (new Set(known).size !== count) refuse("names", "two actions share a name", "names differ");
  if (features === undefined) return { count, names: known };
  const width = widthOf(features, count);
  return {
    count,
    names: known,
    features: column(features, count, { shape: [width], dtype: "float32" }, source, "actions.features"),
  };
}

type Checked = Pick<DecisionLog, "action" | "propensity" | "actions"> & {
  readonly available?: NdArray;
  readonly loggingPolicy?: NdArray;
};

function checkDecision(log: Checked, row: number, source: Source): void {
  const refuse = (field: string, given: string, rule: string, next: string): never => {
    throw problem("bad-row", { source: source.name, place: source.place(row), field, given, rule, next });
  };
  const { count } = log.actions;
  const action = log.action[row];
  if (!(action >= 0 && action < count)) {
    refuse(
      "action",
      String(action),
      `it must be in 0 … ${count - 1}`,
      "Count actions from 0, or declare more of them.",
    );
  }
  const propensity = log.propensity[row];
  if (!(propensity > 0 && propensity <= 1)) {
    refuse(
      "propensity",
      String(propensity),
      "the probability of the logged action must be in (0, 1]",
      "Record the probability with which the action was drawn, at the time it was drawn; drop the row when it is not known.",
    );
  }
  if (log.available && log.available.data[row * count + action] === 0) {
    refuse(
      "available",
      `action ${action} is marked unavailable`,
      "the logged action was available",
      "Correct the mask.",
    );
  }
  if (!log.loggingPolicy) return;
  const probabilities = log.loggingPolicy.data as Float64Array;
  let sum = 0;
  for (let a = 0; a < count; a++) {
    const p = probabilities[row * count + a];
    if (!(p >= 0 && p <= 1)) {
      refuse(
        "loggingPolicy",
        `${p} for action ${a}`,
        "probabilities are in [0, 1]",
        "Write probabilities, not scores.",
      );
    }
    if (p > 0 && log.available && log.available.data[row * count + a] === 0) {
      const given = `${p} for action ${a}, which is marked unavailable`;
      refuse(
        "loggingPolicy",
        given,
        "an unavailable action has probability 0",
        "Correct the mask or the probabilities.",
      );
    }
    sum += p;
  }
  if (Math.abs(sum - 1) > tolerance) {
    refuse(
      "loggingPolicy",
      `the row sums to ${sum}`,
      "probabilities sum to 1",
      "Normalise them over the available actions.",
    );
  }
  const logged = probabilities[row * count + action];
  if (Math.abs(logged - propensity) > tolerance) {
    const given = `${logged} for the logged action, whose propensity is ${propensity}`;
    refuse("loggingPolicy", given, "the two agree", "Record both from the same distribution.");
  }
}
