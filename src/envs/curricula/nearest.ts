/** Values at points, and the exact nearest point that was added before: a k-d tree that grows by insertion. */

export interface NearestMemory {
  readonly size: number;
  add(point: readonly number[], value: number): void;
  /** Of the earliest among equally near ones. Undefined while empty. */
  nearest(point: readonly number[]): { readonly value: number; readonly distance: number } | undefined;
  /** All points with their values, in the order in which they were added: [...point, value]. */
  rows(): number[][];
}

export function nearestMemory(dimensions: number, rows: readonly (readonly number[])[] = []): NearestMemory {
  const points: number[][] = [];
  const values: number[] = [];
  /** Of each node: the child on the low side, and the one on the high side; −1: none. */
  const low: number[] = [];
  const high: number[] = [];

  const add = (point: readonly number[], value: number): void => {
    const own = points.length;
    points.push([...point]);
    values.push(value);
    low.push(-1);
    high.push(-1);
    for (let at = 0, depth = 0; at !== own; depth++) {
      const axis = depth % dimensions;
      const side = point[axis] < points[at][axis] ? low : high;
      if (side[at] < 0) side[at] = own;
      at = side[at];
    }
  };
  for (const row of rows) add(row.slice(0, dimensions), row[dimensions]);

  return {
    get size() {
      return points.length;
    },
    add,
    nearest(point) {
      let best = -1;
      let least = Number.POSITIVE_INFINITY;
      const visit = (at: number, depth: number): void => {
        if (at < 0) return;
        let distance = 0;
        for (let i = 0; i < dimensions; i++) distance += (point[i] - points[at][i]) ** 2;
        if (distance < least || (distance === least && at < best)) [best, least] = [at, distance];
        const beyond = point[depth % dimensions] - points[at][depth % dimensions];
        visit(beyond < 0 ? low[at] : high[at], depth + 1);
        // The other side of the plane is looked at only when the plane itself is near enough.
        if (beyond * beyond <= least) visit(beyond < 0 ? high[at] : low[at], depth + 1);
      };
      visit(0 < points.length ? 0 : -1, 0);
      return best < 0 ? undefined : { value: values[best], distance: Math.sqrt(least) };
    },
    rows: () => points.map((point, i) => [...point, values[i]]),
  };
}
