const ordered = (_: string, value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, String);
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Any value as text that two runs can be compared by, NaN included, whatever the order of a record's names. */
export const asText = (value: unknown): string => JSON.stringify(value, ordered) ?? "undefined";
