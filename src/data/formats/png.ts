/** Pictures out of PNG files: eight bits a channel, not interlaced, as cameras and Python's imaging library write them. */
import { crc32, inflateSync } from "node:zlib";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and alpha, 3 colours, 4 colours and alpha. */
  readonly channels: number;
  /** [height × width × channels] 0 … 255 */
  readonly data: Uint8Array;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Channels by the type of colour; 3 is a palette. */
const channelsOf: { readonly [type: number]: number } = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export const isPng = (bytes: Uint8Array): boolean => signature.every((byte, i) => bytes[i] === byte);

/** A picture's pixels, or in a few words why not (PNG Specification, third edition). */
export function picture(bytes: Uint8Array): Picture | string {
  if (!isPng(bytes)) return "it is no PNG file";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed: Uint8Array[] = [];
  let header: DataView | undefined;
  let palette: Uint8Array | undefined;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length || crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      return "it is damaged";
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, end - 4);
    if (kind === "IHDR" && length === 13) header = new DataView(data.buffer, data.byteOffset, 13);
    if (kind === "PLTE") palette = data;
    if (kind === "IDAT") packed.push(data);
    at = end;
  }
  if (header === undefined) return "it says nothing of its size";
  const [width, height, depth, type, interlaced] = [
    header.getUint32(0),
    header.getUint32(4),
    header.getUint8(8),
    header.getUint8(9),
    header.getUint8(12),
  ];
  const channels = channelsOf[type];
  if (depth !== 8 || channels === undefined || interlaced !== 0)
    return `it has ${depth} bits a channel, or is interlaced`;
  const stride = width * channels;
  const lines = inflated(packed, height * (stride + 1));
  if (lines === undefined) return "its pixels are damaged";
  const data = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = lines[y * (stride + 1)];
    if (filter > 4) return "its pixels are damaged";
    unfilter(filter, lines.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)), data, y * stride, stride, channels);
  }
  return type === 3 ? coloured(data, palette, width, height) : { width, height, channels, data };
}

/** Exactly as many bytes as there should be; nothing for any other. */
function inflated(parts: readonly Uint8Array[], size: number): Uint8Array | undefined {
  try {
    const bytes = inflateSync(Buffer.concat(parts), { maxOutputLength: Math.max(1, size) });
    return bytes.length === size ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** A line was written as its difference from what the pixels to its left and above foretell. */
function unfilter(
  filter: number,
  line: Uint8Array,
  out: Uint8Array,
  at: number,
  stride: number,
  channels: number,
): void {
  for (let i = 0; i < stride; i++) {
    const left = i < channels ? 0 : out[at + i - channels];
    const above = at === 0 ? 0 : out[at + i - stride];
    const corner = at === 0 || i < channels ? 0 : out[at + i - stride - channels];
    out[at + i] = line[i] + foretold(filter, left, above, corner);
  }
}

function foretold(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      // Paeth 1991: the neighbour nearest to left + above − corner.
      const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
      return a <= b && a <= c ? left : b <= c ? above : corner;
    }
    default:
      return 0;
  }
}

function coloured(data: Uint8Array, palette: Uint8Array | undefined, width: number, height: number): Picture | string {
  if (palette === undefined || data.some((index) => 3 * index + 2 >= palette.length)) return "its palette is missing";
  const colours = new Uint8Array(3 * data.length);
  data.forEach((index, i) => {
    colours.set(palette.subarray(3 * index, 3 * index + 3), 3 * i);
  });
  return { width, height, channels: 3, data: colours };
}
