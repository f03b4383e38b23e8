/**
 * Arrow files (the IPC file format) of one record batch, as Minari writes an episode: columns of numbers, truths, texts, bytes,
 * lists of a fixed length, and records of these. https://arrow.apache.org/docs/format/Columnar.html
 */
import type { Batch, DataType, Field } from "@uwdata/flechette";
import { readBytes } from "../../files.ts";
import { Problem, problem } from "../../problems.ts";

export interface ArrowColumns {
  /** A value a row: a record, a text, a number, a typed array, bytes. Columns of other types are left out. */
  readonly columns: { readonly [name: string]: readonly unknown[] };
  /** What the file says the shape of a column's flat lists is, by path, with slashes between. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/** @throws Problem "missing-file", "broken-file" */
export async function readArrow(path: string, what: string): Promise<ArrowColumns> {
  // A copy begins where numbers of eight bytes may.
  const bytes = new Uint8Array(await readBytes(path, what));
  const { tableFromIPC, Type } = await import("@uwdata/flechette");
  const broken = (reason: string): Problem => problem("broken-file", { path, what, reason });
  try {
    const table = tableFromIPC(
      bounded(bytes, () => broken("a length in it leads beyond its end")),
      { useBigInt: true },
    );
    const { numRows: rows } = table;
    // No row takes less than a bit, nor does an item of a list.
    const most = 8 * bytes.length;
    if (rows > most) throw broken(`it claims ${rows} rows`);
    const simple = new Set<number>([Type.Int, Type.Float, Type.Bool]);
    const leaves = new Set<number>([...simple, Type.Utf8, Type.Binary]);
    const valuesIn = (batch: Batch<unknown>, type: DataType): readonly unknown[] | undefined => {
      if (batch.length < rows) throw broken(`a column has ${batch.length} of ${rows} rows`);
      if (type.typeId === Type.Struct) {
        const inner = (batch as unknown as { readonly children: readonly Batch<unknown>[] }).children;
        const parts = type.children.flatMap((field, i) => {
          const values = valuesIn(inner[i], field.type);
          return values ? [[field.name, values] as const] : [];
        });
        return Array.from({ length: rows }, (_, row) =>
          Object.fromEntries(parts.map(([name, values]) => [name, values[row]])),
        );
      }
      const list = type.typeId === Type.FixedSizeList && simple.has(type.children[0].type.typeId);
      if (list && type.stride * rows > most) throw broken(`it claims ${rows} lists of ${type.stride}`);
      return list || leaves.has(type.typeId) ? Array.from({ length: rows }, (_, row) => batch.at(row)) : undefined;
    };
    const columns = table.schema.fields.flatMap((field, i) => {
      const [batch, ...others] = table.getChildAt(i)?.data ?? [];
      if (batch === undefined || others.length > 0) throw broken(`it has ${others.length + 1} record batches, not one`);
      const values = valuesIn(batch, field.type);
      return values ? [[field.name, values] as const] : [];
    });
    const shapes = table.schema.fields.flatMap((field) => shapesIn(field, "", Type.Struct));
    return { columns: Object.fromEntries(columns), shapes: new Map(shapes) };
  } catch (error) {
    throw error instanceof Problem ? error : broken((error as Error).message);
  }
}

/**
 * Bytes that throw where one beyond their end is read, as a damaged length would have it read for ever; so do the messages cut
 * out of them, which follow a mark of four bytes and their own length. Texts and columns are plain bytes.
 */
function bounded(bytes: Uint8Array, beyond: () => Problem): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isMessage = (from: number, to: number): boolean =>
    from >= 8 &&
    to <= bytes.length &&
    view.getInt32(from - 8, true) === -1 &&
    view.getInt32(from - 4, true) === to - from;
  const cut = (from: number, to = bytes.length): Uint8Array => {
    const part = bytes.subarray(from, to);
    return isMessage(from, to) ? bounded(part, beyond) : part;
  };
  return new Proxy(bytes, {
    get(target, name) {
      if (name === "subarray") return cut;
      const value: unknown = Reflect.get(target, name, target);
      if (value === undefined && typeof name === "string" && Number(name).toString() === name) throw beyond();
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Writers note the shape of an array beside the flat list that it became: "2,3", or "" for one number. */
function shapesIn({ name, type, metadata }: Field, before: string, struct: number): [string, readonly number[]][] {
  const path = before === "" ? name : `${before}/${name}`;
  const shape = metadata?.get("shape");
  const own: [string, readonly number[]][] =
    shape === undefined ? [] : [[path, shape === "" ? [] : shape.split(",").map(Number)]];
  const inner = type.typeId === struct && "children" in type ? type.children : [];
  return [...own, ...inner.flatMap((field) => shapesIn(field, path, struct))];
}
