/** Parquet files of nested columns, as the values a program would have: records, lists of numbers as typed arrays, bytes. */
import type { DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import { explained, fileLiteral } from "./duckdb.ts";

/**
 * The columns of a small file, a value a row.
 * @throws Problem "missing-file", "broken-file"
 */
export const nestedColumns = (
  connection: DuckDBConnection,
  path: string,
  what: string,
): Promise<{ readonly [name: string]: readonly unknown[] }> =>
  explained(path, what, async () => {
    const duckdb = await import("@duckdb/node-api");
    const ids = duckdb.DuckDBTypeId;
    const int32 = (items: readonly unknown[]): Int32Array => Int32Array.from(items as readonly number[]);
    const arrays = new Map<number, (items: readonly unknown[]) => unknown>([
      [ids.FLOAT, (items) => Float32Array.from(items as readonly number[])],
      [ids.DOUBLE, (items) => Float64Array.from(items as readonly number[])],
      ...[ids.TINYINT, ids.UTINYINT, ids.SMALLINT, ids.USMALLINT, ids.INTEGER].map((id) => [id, int32] as const),
      [ids.BIGINT, (items) => BigInt64Array.from(items as readonly bigint[])],
    ]);
    const plain = (value: unknown, type: DuckDBType): unknown => {
      if (value instanceof duckdb.DuckDBStructValue && type instanceof duckdb.DuckDBStructType) {
        const parts = type.entryNames.map((name, i) => [name, plain(value.entries[name], type.entryTypes[i])]);
        return Object.fromEntries(parts);
      }
      if (value instanceof duckdb.DuckDBBlobValue) return value.bytes;
      const list = value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue;
      if (!list || !(type instanceof duckdb.DuckDBListType || type instanceof duckdb.DuckDBArrayType)) return value;
      const packed = value.items.includes(null) ? undefined : arrays.get(type.valueType.typeId);
      return packed ? packed(value.items) : value.items.map((item) => plain(item, type.valueType));
    };
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet(${fileLiteral(path)})`);
    const types = reader.columnTypes();
    const columns = reader.getColumns();
    return Object.fromEntries(
      reader.columnNames().map((name, c) => [name, columns[c].map((value) => plain(value, types[c]))]),
    );
  });
