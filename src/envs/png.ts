/** Pictures as PNG files, and several as one that moves (APNG, which browsers show where they show PNG). */
import { zlibSync } from "fflate";
import { problem } from "../problems.ts";
import type { Pixels } from "./pixels.ts";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc(bytes: Uint8Array): number {
  let sum = -1;
  for (const byte of bytes) sum = (sum >>> 8) ^ table[(sum ^ byte) & 255];
  return ~sum >>> 0;
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

/** Whole numbers, most significant byte first, each in as many bytes as said. */
const bytesOf = (...fields: readonly (readonly [value: number, bytes: 1 | 2 | 4])[]): Uint8Array =>
  Uint8Array.from(
    fields.flatMap(([value, bytes]) =>
      Array.from({ length: bytes }, (_, i) => (value >>> (8 * (bytes - 1 - i))) & 255),
    ),
  );

function chunk(kind: string, data: Uint8Array): Uint8Array {
  const named = joined([new TextEncoder().encode(kind), data]);
  return joined([bytesOf([data.length, 4]), named, bytesOf([crc(named), 4])]);
}

/** 8 bits each of red, green, blue, alpha. */
const header = ({ width, height }: Pixels): Uint8Array =>
  chunk("IHDR", bytesOf([width, 4], [height, 4], [8, 1], [6, 1], [0, 1], [0, 1], [0, 1]));

/** Rows as differences from the pixel on their left, which flat pictures compress well by. */
function compressed({ width, height, rgba }: Pixels): Uint8Array {
  const row = 4 * width;
  const filtered = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) {
    const at = y * (row + 1);
    filtered[at] = 1;
    for (let i = 0; i < row; i++) filtered[at + 1 + i] = rgba[y * row + i] - (i < 4 ? 0 : rgba[y * row + i - 4]);
  }
  return zlibSync(filtered, { level: 6 });
}

const end = chunk("IEND", new Uint8Array());

/** The bytes of a PNG file. @example await writeFile("maze.png", toPng(toPixels(env.scene(), { width: 600 }))) */
export const toPng = (pixels: Pixels): Uint8Array =>
  joined([signature, header(pixels), chunk("IDAT", compressed(pixels)), end]);

/**
 * The bytes of an animated PNG file that repeats for ever, its last picture held for a second.
 * @param pictures all of one size
 * @throws Problem "bad-value" when there is none, they differ in size, or fps is not from 1 to 1000
 */
export function toApng(pictures: readonly Pixels[], { fps = 30 }: { readonly fps?: number } = {}): Uint8Array {
  const refuse = (given: unknown, wanted: string) => problem("bad-value", { where: "toApng", given, wanted });
  if (pictures.length === 0) throw refuse("no pictures", "at least one");
  if (!Number.isSafeInteger(fps) || fps < 1 || fps > 1000) throw refuse(`fps ${fps}`, "a whole number from 1 to 1000");
  const [{ width, height }] = pictures;
  const other = pictures.find((it) => it.width !== width || it.height !== height);
  if (other !== undefined)
    throw refuse(`${other.width} × ${other.height}`, `pictures of ${width} × ${height}, as the first`);
  let sequence = 0;
  const frames = pictures.flatMap((picture, i) => {
    const held = i === pictures.length - 1 ? fps : 1;
    const place: [number, 4][] = [width, height, 0, 0].map((value) => [value, 4]);
    const control = chunk("fcTL", bytesOf([sequence++, 4], ...place, [held, 2], [fps, 2], [0, 1], [0, 1]));
    const data = compressed(picture);
    return [control, i === 0 ? chunk("IDAT", data) : chunk("fdAT", joined([bytesOf([sequence++, 4]), data]))];
  });
  return joined([signature, header(pictures[0]), chunk("acTL", bytesOf([pictures.length, 4], [0, 4])), ...frames, end]);
}
