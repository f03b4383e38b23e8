/** Pictures out of JPEG files, as libjpeg-turbo makes them: to the bit those of Python's imaging library. */
import { createRequire } from "node:module";
import type { Picture } from "./png.ts";

/** As @cwasm/jpeg-turbo declares it: libjpeg-turbo compiled to WebAssembly, always four channels. */
interface Library {
  decode(source: Uint8Array): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray };
}

const require = createRequire(import.meta.url);
const name = "@cwasm/jpeg-turbo";

/**
 * A picture's pixels in that many channels (1 grey, 3 colours), or in a few words why not. The size is that which is wanted:
 * a damaged file may claim any.
 */
export function jpegPicture(
  bytes: Uint8Array,
  wanted: { readonly width: number; readonly height: number; readonly channels: number },
): Picture | string {
  const size = sizeIn(bytes);
  if (size === undefined) return "it is no JPEG file";
  const { width, height, channels } = wanted;
  if (size.width !== width || size.height !== height) return `it is ${size.height} × ${size.width} large`;
  try {
    const { data } = (require(name) as Library).decode(bytes);
    const pixels = new Uint8Array(width * height * channels);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < channels; c++) pixels[i * channels + c] = data[4 * i + c];
    }
    return { width, height, channels, data: pixels };
  } catch {
    // What stopped half-way is not used again: the next picture has a fresh one.
    delete require.cache[require.resolve(name)];
    return "it is damaged";
  }
}

/** The size that a file's frame header gives, found without decoding anything (ITU T.81, B.2.2). */
function sizeIn(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff) return undefined;
    // Start of frame, but for the tables of Huffman codes and arithmetic conditions among them.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
  }
  return undefined;
}
