/** A priority queue: the smallest number first, and of equals the one that came first. */

export interface Queue<T> {
  push(item: T, priority: number): void;
  pop(): T | undefined;
}

export function queue<T>(): Queue<T> {
  const items: { readonly item: T; readonly priority: number; readonly order: number }[] = [];
  let count = 0;
  const before = (a: number, b: number): boolean => {
    const [one, other] = [items[a], items[b]];
    return one.priority < other.priority || (one.priority === other.priority && one.order < other.order);
  };
  const exchange = (a: number, b: number): void => {
    [items[a], items[b]] = [items[b], items[a]];
  };
  return {
    push(item, priority) {
      let at = items.push({ item, priority, order: count++ }) - 1;
      for (let up = (at - 1) >> 1; at > 0 && before(at, up); up = (at - 1) >> 1) {
        exchange(at, up);
        at = up;
      }
    },
    pop() {
      if (items.length === 0) return undefined;
      exchange(0, items.length - 1);
      const { item } = items.pop()!;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let least = at;
        if (left < items.length && before(left, least)) least = left;
        if (right < items.length && before(right, least)) least = right;
        if (least === at) return item;
        exchange(at, least);
        at = least;
      }
    },
  };
}
