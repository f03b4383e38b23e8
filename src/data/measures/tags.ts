/** Tags as measures read them. */
import { problem } from "../../problems.ts";
import type { Recording, Tag, Tags } from "../trajectories.ts";

/** A tag's values. @throws Problem "unknown-name" */
export function tagValues(where: string, t: Recording, name: string): Tags[string] {
  if (Object.hasOwn(t.tags, name)) return t.tags[name];
  throw problem("unknown-name", { where, what: "tag", name, known: Object.keys(t.tags) });
}

/** Whether each episode succeeded: true, or 1; null (not said) is no success. @throws Problem "unknown-name", "bad-value" */
export function successes(where: string, t: Recording, name: string): readonly boolean[] {
  return tagValues(where, t, name).map((value, e) => {
    if (value === true || value === 1) return true;
    if (value === false || value === 0 || value === null) return false;
    throw problem("bad-value", {
      where: `${where}, tag "${name}" of episode ${e}`,
      given: value,
      wanted: "true or false",
    });
  });
}

/** Episodes by a tag's value, in the order in which values first come; episodes where it is null belong to none. */
export function episodesBy(where: string, t: Recording, name: string): ReadonlyMap<Tag, readonly number[]> {
  const groups = new Map<Tag, number[]>();
  tagValues(where, t, name).forEach((value, e) => {
    if (value === null) return;
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [e]);
    else group.push(e);
  });
  return groups;
}
