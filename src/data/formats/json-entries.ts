/** JSON in which a name may come twice: Vowpal Wabbit takes both, and JSON.parse drops the first without a word. */

/** An object as its entries, in order. */
export class Entries {
  readonly list: readonly (readonly [string, Json])[];
  constructor(list: readonly (readonly [string, Json])[]) {
    this.list = list;
  }
  /** The last value under a name. */
  get(name: string): Json | undefined {
    return this.list.findLast(([known]) => known === name)?.[1];
  }
}

export type Json = null | boolean | number | string | readonly Json[] | Entries;

const deepest = 200;

/** A value from its text; `refuse` is told what is wrong with it, as JSON.parse would say it. */
export function parseEntries(text: string, refuse: (reason: string) => never): Json {
  let at = 0;
  const space = /[ \t\r\n]*/y;
  const scalar = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/sy;
  const wrong = (): never => {
    try {
      JSON.parse(text);
    } catch (error) {
      return refuse((error as Error).message.split("\n")[0]);
    }
    return refuse(`values are nested more than ${deepest} deep`);
  };
  const skip = (): void => {
    space.lastIndex = at;
    space.test(text);
    at = space.lastIndex;
  };
  const take = (character: string): boolean => {
    skip();
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  const plain = (): Json => {
    skip();
    scalar.lastIndex = at;
    const [found] = scalar.exec(text) ?? [];
    if (found === undefined) return wrong();
    at += found.length;
    try {
      return JSON.parse(found) as Json;
    } catch {
      return wrong();
    }
  };
  const value = (depth: number): Json => {
    if (depth > deepest) return wrong();
    if (take("[")) {
      const items: Json[] = [];
      if (take("]")) return items;
      do items.push(value(depth + 1));
      while (take(","));
      return take("]") ? items : wrong();
    }
    if (take("{")) {
      const list: [string, Json][] = [];
      if (take("}")) return new Entries(list);
      do {
        const name = plain();
        if (typeof name !== "string" || !take(":")) return wrong();
        list.push([name, value(depth + 1)]);
      } while (take(","));
      return take("}") ? new Entries(list) : wrong();
    }
    return plain();
  };
  const whole = value(0);
  skip();
  return at === text.length ? whole : wrong();
}
