/** A look at how a file starts, packed or not. */
import { open } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import { problem } from "../../problems.ts";

export async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The start of what a gzip file holds; anything else as it is. */
export function unpacked(start: Buffer): Buffer {
  if (start[0] !== 0x1f || start[1] !== 0x8b) return start;
  try {
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return start;
  }
}

/** What a gzip file holds; anything else as it is. @throws Problem "broken-file" when it cannot be unpacked */
export function gunzipped(bytes: Uint8Array, path: string, what: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: 2 ** 31 });
  } catch (error) {
    throw problem("broken-file", { path, what, reason: (error as Error).message });
  }
}
