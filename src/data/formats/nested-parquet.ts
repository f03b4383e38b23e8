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
    const arrays = new Map<number, { from(items: ArrayLike<number> | ArrayLike<bigint>): unknown }>([
      [ids.FLOAT, Float32Array],
      [ids.DOUBLE, Float64Array],
      [ids.TINYINT, Int32Array],
      [ids.UTINYINT, Int32Array],
      [ids.SMALLINT, Int32Array],
      [ids.USMALLINT, Int32Array],
      [ids.INTEGER, Int32Array],
      [ids.BIGINT, BigInt64Array],
    ] as never);
    const plain = (value: unknown, type: DuckDBType): unknown => {
      if (value instanceof duckdb.DuckDBStructValue && type instanceof duckdb.DuckDBStructType) {
        const parts = type.entryNames.map((name, i) => [name, plain(value.entries[name], type.entryTypes[i])]);
        return Object.fromEntries(parts);
      }
      if (value instanceof duckdb.DuckDBBlobValue) return value.bytes;
      const list = value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue;
      if (!list || !(type instanceof duckdb.DuckDBListType || type instanceof duckdb.DuckDBArrayType)) return value;
      const array = value.items.includes(null) ? undefined : arrays.get(type.valueType.typeId);
      return array ? array.from(value.items as number[]) : value.items.map((item) => plain(item, type.valueType));
    };
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet(${fileLiteral(path)})`);
    const types = reader.columnTypes();
    const columns = reader.getColumns();
    return Object.fromEntries(
      reader.columnNames().map((name, c) => [name, columns[c].map((value) => plain(value, types[c]))]),
    );
  });
