/** LZ4 frames, unpacked. Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md */

/** The most that a frame may unpack to, times its size: a length's 255 is the best that a byte can say. */
const mostInflation = 256;

/** What a frame holds, or why it cannot be unpacked. */
export function unpackedLz4(frame: Uint8Array): Uint8Array | string {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 11 || view.getUint32(0, true) !== 0x184d2204) return "it is not an LZ4 frame";
  const flags = frame[4];
  if (flags >> 6 !== 1) return "it is an LZ4 frame of another version";
  if ((flags & 1) !== 0) return "it needs a dictionary";
  const checksums = (flags & 16) !== 0 ? 4 : 0;
  let at = 7 + ((flags & 8) !== 0 ? 8 : 0);
  let out = new Uint8Array(Math.min(1 << 20, frame.length * mostInflation));
  let length = 0;
  const room = (more: number): boolean => {
    if (length + more > frame.length * mostInflation) return false;
    if (length + more > out.length) {
      const larger = new Uint8Array(Math.max(2 * out.length, length + more));
      larger.set(out);
      out = larger;
    }
    return true;
  };
  for (;;) {
    if (at + 4 > frame.length) return "the LZ4 frame ends early";
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return out.subarray(0, length);
    const end = at + (size & 0x7fffffff);
    if (end > frame.length) return "the LZ4 frame ends early";
    if (size >>> 31 === 1) {
      if (!room(end - at)) return "the LZ4 frame is damaged";
      out.set(frame.subarray(at, end), length);
      length += end - at;
      at = end;
    } else if (!block(end)) return "the LZ4 frame is damaged";
    at += checksums;
  }

  /** Unpacks one block that ends before `end`. */
  function block(end: number): boolean {
    const lengthFrom = (nibble: number): number => {
      let total = nibble;
      if (nibble === 15) {
        let byte = 255;
        while (byte === 255 && at < end) {
          byte = frame[at++];
          total += byte;
        }
      }
      return total;
    };
    while (at < end) {
      const token = frame[at++];
      const literals = lengthFrom(token >> 4);
      if (at + literals > end || !room(literals)) return false;
      out.set(frame.subarray(at, at + literals), length);
      length += literals;
      at += literals;
      if (at === end) return true;
      if (at + 2 > end) return false;
      const distance = frame[at] | (frame[at + 1] << 8);
      at += 2;
      const copied = lengthFrom(token & 15) + 4;
      if (distance === 0 || distance > length || !room(copied)) return false;
      for (let i = 0; i < copied; i++) out[length + i] = out[length + i - distance];
      length += copied;
    }
    return true;
  }
}
