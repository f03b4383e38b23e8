/** What is known of a recording beside its columns, with a fingerprint that equal contents share. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { NdArray } from "../tensor/ndarray.ts";
import type { DecisionLog, EnvironmentSpec, Provenance, Recording, Trajectories } from "./trajectories.ts";

/** A recording's contents: everything but where it came from. */
export type Contents<R extends Recording> = Omit<R, "provenance">;
type AnyContents = Contents<Trajectories> | Contents<DecisionLog>;

/** A recording's provenance but for the fingerprint, which its contents give. */
export interface Origin {
  readonly environment: string;
  readonly made?: EnvironmentSpec | undefined;
  readonly lineage: readonly string[];
  readonly license?: string | undefined;
}

/** JSON with the names of every record in order, so that equal values have equal text. Infinite bounds are null. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const record = value as { readonly [name: string]: unknown };
    const names = Object.keys(record).filter((name) => record[name] !== undefined);
    return `{${names
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonicalJson(record[name])}`)
      .join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

const isArray = (value: unknown): value is NdArray =>
  typeof value === "object" && value !== null && "dtype" in value && "data" in value;

/**
 * SHA-256 over the columns, spaces and tags, hexadecimal. It does not depend on the order of names in records, nor on
 * lineage; it does on row order.
 */
export function fingerprint(contents: AnyContents): string {
  const hash = sha256.create();
  const bytes = (view: ArrayBufferView): void => {
    hash.update(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  };
  const walk = (path: string, value: unknown): void => {
    if (isArray(value)) {
      hash.update(new TextEncoder().encode(`${path}:${value.dtype}[${value.shape.join()}]\n`));
      bytes(value.data);
    } else if (ArrayBuffer.isView(value)) {
      hash.update(new TextEncoder().encode(`${path}:${value.byteLength}\n`));
      bytes(value);
    } else if (path.endsWith("/extras") || path === "/actions") {
      for (const [name, item] of Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1))) {
        walk(`${path}/${JSON.stringify(name)}`, item);
      }
    } else {
      hash.update(new TextEncoder().encode(`${path}=${canonicalJson(value)}\n`));
    }
  };
  for (const [name, value] of Object.entries(contents).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (name !== "provenance" && value !== undefined) walk(`/${name}`, value);
  }
  return bytesToHex(hash.digest());
}

/** Contents with their provenance. The fingerprint is computed when it is first read: a chain of views costs nothing. */
export function recorded<R extends Recording>(contents: Contents<R>, origin: Origin): R {
  let known: string | undefined;
  const provenance: Provenance = {
    environment: origin.environment,
    ...(origin.made === undefined ? {} : { made: origin.made }),
    get fingerprint() {
      known ??= fingerprint(contents as AnyContents);
      return known;
    },
    lineage: origin.lineage,
    ...(origin.license === undefined ? {} : { license: origin.license }),
  };
  return { ...contents, provenance } as unknown as R;
}

/** What one operation made of a recording: other contents, and a line more in the lineage. */
export function derived<R extends Recording>(from: Recording, contents: Contents<R>, operation: string): R {
  const { environment, made, lineage, license } = from.provenance;
  return recorded<R>(contents, { environment, made, lineage: [...lineage, operation], license });
}
