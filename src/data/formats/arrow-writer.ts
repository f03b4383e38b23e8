/** Writes Arrow files of one record batch; arrow.ts says what they hold and reads them. */
import type { DataType } from "@uwdata/flechette";
import { writeAtomically } from "../../files.ts";
import { unreachable } from "../../problems.ts";
import { type NdArray, sizeOf } from "../../tensor/ndarray.ts";

/** A column at a path of records within records; [rows] are numbers, more axes a flat list. */
export type ArrowColumn = readonly [path: readonly string[], array: NdArray];

type Tree = Map<string, Tree | NdArray>;

/**
 * Writes columns whole or not at all. One that is shorter than `rows` is filled up with zeros. A list of more than one axis
 * notes its shape.
 */
export async function writeArrow(path: string, columns: readonly ArrowColumn[], rows: number): Promise<void> {
  const arrow = await import("@uwdata/flechette");
  const typeOf = (node: Tree | NdArray): DataType => {
    if (node instanceof Map) {
      return arrow.struct(
        [...node].map(([name, part]) => {
          const shape = part instanceof Map || part.shape.length < 2 ? [] : part.shape.slice(1);
          return arrow.field(name, typeOf(part), true, shape.length > 0 ? new Map([["shape", shape.join()]]) : null);
        }),
      );
    }
    const item = {
      float32: arrow.float32,
      float64: arrow.float64,
      int32: arrow.int32,
      int64: arrow.int64,
      bool: arrow.bool,
    }[node.dtype]();
    return node.shape.length > 1 ? arrow.fixedSizeList(item, sizeOf(node.shape.slice(1))) : item;
  };
  const made = [...treeOf(columns)].map(([name, node]): [string, ReturnType<typeof arrow.columnFromArray>] => [
    name,
    arrow.columnFromArray(
      Array.from({ length: rows }, (_, row) => valueIn(node, row)),
      typeOf(node),
    ),
  ]);
  const bytes = arrow.tableToIPC(arrow.tableFromColumns(made), { format: "file" });
  await writeAtomically(path, bytes ?? unreachable("Arrow written to memory is bytes"));
}

function treeOf(columns: readonly ArrowColumn[]): Tree {
  const root: Tree = new Map();
  for (const [path, array] of columns) {
    let at = root;
    for (const name of path.slice(0, -1)) {
      const inner = at.get(name) ?? new Map();
      at.set(name, inner);
      at = inner instanceof Map ? inner : unreachable("a column is not also a record");
    }
    at.set(path[path.length - 1], array);
  }
  return root;
}

function valueIn(node: Tree | NdArray, row: number): unknown {
  if (node instanceof Map) return Object.fromEntries([...node].map(([name, part]) => [name, valueIn(part, row)]));
  const { shape, dtype, data } = node;
  const width = sizeOf(shape.slice(1));
  const plain = (value: number | bigint): unknown => (dtype === "bool" ? value === 1 : value);
  const zero = dtype === "int64" ? 0n : 0;
  if (shape.length === 1) return plain(row < shape[0] ? data[row] : zero);
  return Array.from({ length: width }, (_, i) => plain(row < shape[0] ? data[row * width + i] : zero));
}
