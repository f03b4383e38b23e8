/**
 * Files of other formats that were written here carry our header beside the format's own, so that names, tags, element
 * types and provenance come back as they were.
 */
import { storedForm } from "../../spaces/stored.ts";
import { zeros } from "../../tensor/ndarray.ts";
import { trajectories } from "../build.ts";
import { called, column } from "../columns.ts";
import type { Episode } from "../episodes.ts";
import { fromEpisodes } from "../episodes.ts";
import type { Tags, Trajectories } from "../trajectories.ts";
import { checkFingerprint, extrasOf, originOf, type TrajectoriesHeader } from "./header.ts";

/** The name of the header's entry in a format's own metadata. */
export const headerEntry = "repertoire";

/**
 * Trajectories as they were written, out of what their episodes hold and their header says.
 * @throws Problem "broken-file" when they no longer have the fingerprint they were written with
 */
export function restored(episodes: readonly Episode[], header: TrajectoriesHeader, path: string): Trajectories {
  const { observationSpace, actionSpace } = header;
  const spaces = { observationSpace, actionSpace };
  const origin = originOf(header, path);
  const source = called(path);
  const read =
    episodes.length > 0
      ? fromEpisodes(episodes, spaces, source)
      : trajectories({ ...spaces, ...noRows(header), offsets: [0] }, source);
  const extras = extrasOf(header).map(([name, stored]) => {
    const given = read.extras[name] ?? zeros([0, ...stored.shape], stored.dtype);
    return [name, column(given, read.reward.length, stored, source, `extras.${name}`)];
  });
  const tags = Array.isArray(header.tags) ? {} : (header.tags as Tags);
  const whole = trajectories({ ...read, extras: Object.fromEntries(extras), tags, ...origin }, source);
  return checkFingerprint(whole, header.provenance.fingerprint, path);
}

function noRows({ observationSpace, actionSpace }: TrajectoriesHeader) {
  const none = (space: Parameters<typeof storedForm>[0]) => {
    const { shape, dtype } = storedForm(space);
    return zeros([0, ...shape], dtype);
  };
  const observation = none(observationSpace);
  const flags = { reward: [], terminated: [], truncated: [] };
  return { observation, finalObservation: observation, action: none(actionSpace), ...flags };
}
