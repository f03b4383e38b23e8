/** Recordings end to end. */
import { problem } from "../problems.ts";
import { sameSpace } from "../spaces/contains.ts";
import { concatRows, type NdArray, ndarray } from "../tensor/ndarray.ts";
import { type Contents, canonicalJson, recorded } from "./fingerprint.ts";
import type { DecisionLog, Recording, Tags, Trajectories } from "./trajectories.ts";
import { countOf } from "./views.ts";

const sameActions = (a: DecisionLog, b: DecisionLog): boolean =>
  a.actions.names.join("\n") === b.actions.names.join("\n") &&
  a.actions.count === b.actions.count &&
  a.actions.features?.shape.join() === b.actions.features?.shape.join() &&
  (a.actions.features?.data as Float32Array | undefined)?.join() ===
    (b.actions.features?.data as Float32Array | undefined)?.join();

/**
 * Recordings of one kind end to end. Tags that some lack are null there; extras are those that all have.
 * @throws Problem "bad-value" when there is none, or when spaces or action sets differ
 */
export function concat<R extends Recording>(...recordings: readonly [R, ...R[]]): R {
  const [first] = recordings;
  if (first === undefined) throw problem("bad-value", { where: "concat", given: "nothing", wanted: "recordings" });
  const refuse = (i: number, what: string): never => {
    throw problem("bad-value", {
      where: `concat, recording ${i}`,
      given: `another ${what}`,
      wanted: `the ${what} of recording 0`,
      next: "Bring both into one form before joining them.",
    });
  };
  recordings.forEach((r, i) => {
    if (r.kind !== first.kind) refuse(i, "kind of recording");
    if (r.kind === "trajectories" && first.kind === "trajectories") {
      if (!sameSpace(r.observationSpace, first.observationSpace)) refuse(i, "observation space");
      if (!sameSpace(r.actionSpace, first.actionSpace)) refuse(i, "action space");
    } else if (r.kind === "decisions" && first.kind === "decisions") {
      if (!sameSpace(r.contextSpace, first.contextSpace)) refuse(i, "context space");
      if (r.contextNames?.join("\n") !== first.contextNames?.join("\n")) refuse(i, "list of feature names");
      if (!sameActions(r, first)) refuse(i, "set of actions");
      if (!r.available !== !first.available) refuse(i, "use of masks (available)");
    }
  });
  const contents =
    first.kind === "trajectories"
      ? joinedTrajectories(recordings as readonly Trajectories[])
      : joinedDecisions(recordings as readonly DecisionLog[]);
  const environments = new Set(recordings.map((r) => r.provenance.environment));
  const made = first.provenance.made;
  const alike = made !== undefined && recordings.every((r) => canonicalJson(r.provenance.made) === canonicalJson(made));
  const licenses = new Set(recordings.map((r) => r.provenance.license));
  return recorded<R>(contents as Contents<R>, {
    environment: environments.size === 1 ? first.provenance.environment : "",
    made: alike ? made : undefined,
    lineage: [...recordings.flatMap((r) => r.provenance.lineage), `concat ${recordings.length}`],
    license: licenses.size === 1 ? first.provenance.license : undefined,
  });
}

const column = <R>(recordings: readonly R[], get: (r: R) => NdArray): NdArray => concatRows(recordings.map(get));

function joinedExtras(recordings: readonly Recording[]): { readonly [name: string]: NdArray } {
  const shared = Object.keys(recordings[0].extras).filter((name) =>
    recordings.every((r) => {
      const [a, b] = [r.extras[name], recordings[0].extras[name]];
      return a !== undefined && a.dtype === b.dtype && a.shape.slice(1).join() === b.shape.slice(1).join();
    }),
  );
  return Object.fromEntries(shared.map((name) => [name, column(recordings, (r) => r.extras[name])]));
}

function joinedTags(recordings: readonly Recording[]): Tags {
  const names = new Set(recordings.flatMap((r) => Object.keys(r.tags)));
  const values = (name: string) => recordings.flatMap((r) => r.tags[name] ?? new Array<null>(countOf(r)).fill(null));
  return Object.fromEntries([...names].map((name) => [name, values(name)]));
}

function joinedTrajectories(recordings: readonly Trajectories[]): Contents<Trajectories> {
  const offsets = [0];
  for (const t of recordings) {
    const start = offsets[offsets.length - 1];
    for (let e = 1; e < t.offsets.length; e++) offsets.push(start + t.offsets[e]);
  }
  return {
    ...recordings[0],
    observation: column(recordings, (t) => t.observation),
    action: column(recordings, (t) => t.action),
    reward: column(recordings, (t) => ndarray(t.reward)).data as Float64Array,
    terminated: column(recordings, (t) => ndarray(t.terminated)).data as Uint8Array,
    truncated: column(recordings, (t) => ndarray(t.truncated)).data as Uint8Array,
    offsets: Int32Array.from(offsets),
    finalObservation: column(recordings, (t) => t.finalObservation),
    extras: joinedExtras(recordings),
    tags: joinedTags(recordings),
  };
}

function joinedDecisions(recordings: readonly DecisionLog[]): Contents<DecisionLog> {
  const { loggingPolicy: _, ...rest } = recordings[0];
  return {
    ...rest,
    context: column(recordings, (log) => log.context),
    action: column(recordings, (log) => ndarray(log.action)).data as Int32Array,
    propensity: column(recordings, (log) => ndarray(log.propensity)).data as Float64Array,
    reward: column(recordings, (log) => ndarray(log.reward)).data as Float64Array,
    ...(recordings[0].available ? { available: column(recordings, (log) => log.available as NdArray) } : {}),
    ...(recordings.every((log) => log.loggingPolicy)
      ? { loggingPolicy: column(recordings, (log) => log.loggingPolicy as NdArray) }
      : {}),
    extras: joinedExtras(recordings),
    tags: joinedTags(recordings),
  };
}
