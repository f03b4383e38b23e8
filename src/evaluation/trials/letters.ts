/** A compact letter display: what shares a letter cannot be told apart. */

/**
 * Letters for `count` things. Insert and absorb: Piepho (2004), doi:10.1198/1061860043515.
 * @param different whether things i and j (i < j) were told apart
 * @returns one string of letters each, "a" first
 * @example letters(3, (i, j) => i === 0 && j === 2) // ["a", "ab", "b"]
 */
export function letters(count: number, different: (i: number, j: number) => boolean): readonly string[] {
  let groups: ReadonlySet<number>[] = [new Set(Array.from({ length: count }, (_, i) => i))];
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      if (!different(i, j)) continue;
      groups = groups.flatMap((group) =>
        group.has(i) && group.has(j) ? [without(group, i), without(group, j)] : [group],
      );
      // A group within another says nothing of its own.
      groups = groups.filter(
        (group, at) =>
          !groups.some(
            (other, elsewhere) =>
              elsewhere !== at && group.isSubsetOf(other) && (other.size > group.size || elsewhere < at),
          ),
      );
    }
  }
  groups.sort((a, b) => Math.min(...a) - Math.min(...b) || Math.max(...a) - Math.max(...b));
  return Array.from({ length: count }, (_, i) =>
    groups.map((group, at) => (group.has(i) ? String.fromCharCode(97 + at) : "")).join(""),
  );
}

const without = (group: ReadonlySet<number>, i: number): ReadonlySet<number> =>
  new Set([...group].filter((one) => one !== i));
