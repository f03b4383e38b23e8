/** Builders of trajectories: every rule of the data model is checked here, once, and a broken one is a sentence. */
import { problem } from "../problems.ts";
import type { Space } from "../spaces/space.ts";
import { storedForm } from "../spaces/stored.ts";
import { type Column, called, column, rowsOf, type Source, type Stored } from "./columns.ts";
import { recorded } from "./fingerprint.ts";
import { checkedExtras, checkedTags, inSpace } from "./rules.ts";
import type { EnvironmentSpec, Tags, Trajectories } from "./trajectories.ts";

/** What `trajectories` takes: the columns of a recording, as arrays, typed arrays or nested numbers. */
export interface TrajectoryColumns {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** [steps, …observation] */
  readonly observation: Column;
  /** [steps, …action] or [steps] */
  readonly action: Column;
  /** [steps] */
  readonly reward: Column;
  /** [steps] */
  readonly terminated: Column;
  /** [steps] */
  readonly truncated: Column;
  /** [episodes + 1]; left out, an episode ends where a row is terminated or truncated */
  readonly offsets?: ArrayLike<number>;
  /** [episodes, …observation] */
  readonly finalObservation: Column;
  readonly extras?: { readonly [name: string]: Column };
  readonly tags?: Tags;
  readonly environment?: string;
  /** How the environment was made, from `specOf`. */
  readonly made?: EnvironmentSpec | undefined;
  readonly lineage?: readonly string[];
  readonly license?: string | undefined;
}

const scalar = (dtype: Stored["dtype"]): Stored => ({ shape: [], dtype });

/**
 * Trajectories from columns. Arrays that already have the stored type are kept, not copied; do not change them after.
 * @throws Problem "bad-field" or "bad-row" for the first rule broken: columns agree in length; offsets increase; numbers
 *   are finite; terminated and truncated are 0 or 1, on the last row of an episode only, exactly one of them there;
 *   actions and discrete observations lie in their space; tags have one value an episode
 */
export function trajectories(given: TrajectoryColumns, source: Source = called("trajectories()")): Trajectories {
  const { observationSpace, actionSpace } = given;
  const seen = storedForm(observationSpace);
  const done = storedForm(actionSpace);
  const steps = rowsOf(given.reward, []);
  const observation = column(given.observation, steps, seen, source, "observation");
  const action = column(given.action, steps, done, source, "action");
  const reward = column(given.reward, steps, scalar("float64"), source, "reward").data as Float64Array;
  const terminated = column(given.terminated, steps, scalar("bool"), source, "terminated").data as Uint8Array;
  const truncated = column(given.truncated, steps, scalar("bool"), source, "truncated").data as Uint8Array;
  const offsets = given.offsets ? checkedOffsets(given.offsets, steps, source) : endsOf(terminated, truncated, source);
  checkEnds(terminated, truncated, offsets, source);
  const episodes = offsets.length - 1;
  const finalObservation = column(given.finalObservation, episodes, seen, source, "finalObservation");
  inSpace(observation, observationSpace, "unbounded", source, "observation");
  inSpace(finalObservation, observationSpace, "unbounded", lastRows(source, offsets), "finalObservation");
  inSpace(action, actionSpace, "bounded", source, "action");
  return recorded<Trajectories>(
    {
      kind: "trajectories",
      observationSpace,
      actionSpace,
      observation,
      action,
      reward,
      terminated,
      truncated,
      offsets,
      finalObservation,
      extras: checkedExtras(given.extras ?? {}, steps, source),
      tags: checkedTags(given.tags ?? {}, episodes, "episode", source),
    },
    {
      environment: given.environment ?? "",
      made: given.made,
      lineage: given.lineage ?? [source.name],
      license: given.license,
    },
  );
}

const lastRows = (source: Source, offsets: Int32Array): Source => ({
  name: source.name,
  place: (episode) => source.place(offsets[episode + 1] - 1),
});

function checkedOffsets(given: ArrayLike<number>, steps: number, source: Source): Int32Array {
  const refuse = (found: string): never => {
    throw problem("bad-field", {
      source: source.name,
      field: "offsets",
      given: found,
      rule: `offsets start at 0, increase strictly and end at the number of steps (${steps})`,
      next: "Offsets are the first row of each episode, then the number of steps; an episode has at least one step.",
    });
  };
  const offsets = given instanceof Int32Array ? given : Int32Array.from(given);
  if (offsets.length === 0 || offsets[0] !== 0) refuse(`they start at ${offsets[0] ?? "nothing"}`);
  for (let e = 1; e < offsets.length; e++) {
    if (!(offsets[e] > offsets[e - 1])) refuse(`offsets[${e}] is ${given[e]} after ${offsets[e - 1]}`);
  }
  if (offsets[offsets.length - 1] !== steps) refuse(`they end at ${offsets[offsets.length - 1]}`);
  return offsets;
}

function endsOf(terminated: Uint8Array, truncated: Uint8Array, source: Source): Int32Array {
  const offsets = [0];
  for (let row = 0; row < terminated.length; row++) if (terminated[row] || truncated[row]) offsets.push(row + 1);
  if (offsets[offsets.length - 1] !== terminated.length) noEnd(terminated.length - 1, source);
  return Int32Array.from(offsets);
}

function noEnd(row: number, source: Source): never {
  throw problem("bad-row", {
    source: source.name,
    place: source.place(row),
    field: "truncated",
    given: "the last row of an episode is neither terminated nor truncated",
    rule: "every episode ends by exactly one of them",
    next: "If the recording simply stopped there, mark the row truncated.",
  });
}

function checkEnds(terminated: Uint8Array, truncated: Uint8Array, offsets: Int32Array, source: Source): void {
  let episode = 0;
  for (let row = 0; row < terminated.length; row++) {
    const last = row === offsets[episode + 1] - 1;
    if (last) episode++;
    if (last && !terminated[row] && !truncated[row]) noEnd(row, source);
    if (terminated[row] && truncated[row]) {
      throw problem("bad-row", {
        source: source.name,
        place: source.place(row),
        field: "truncated",
        given: "the row is both terminated and truncated",
        rule: "every episode ends by exactly one of them",
        next: "Where the world itself ended, a time limit no longer matters: set truncated to 0.",
      });
    }
    if (!last && (terminated[row] || truncated[row])) {
      throw problem("bad-row", {
        source: source.name,
        place: source.place(row),
        field: terminated[row] ? "terminated" : "truncated",
        given: "1 inside an episode",
        rule: "only an episode's last row may end it",
        next: "Start a new episode at the next row (offsets), or clear the mark.",
      });
    }
  }
}
