/**
 * Metrics as a TensorBoard event file. A file is a row of TFRecords (length, checksum of the length, data, checksum of
 * the data); each record is a tensorflow.Event message holding one step's scalars.
 * https://www.tensorflow.org/tutorials/load_data/tfrecord and tensorflow/core/util/event.proto
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { problem } from "../../problems.ts";
import { type LogFormat, type LogOptions, type LogRecord, type Metrics, type MetricsLog, openLog } from "./log.ts";

const what = "TensorBoard event file";

export interface EventFileOptions extends LogOptions {
  /** The time of an event in seconds since 1970; TensorBoard's wall-time axis. */
  readonly clock: () => number;
}

/** An event file at `path`; TensorBoard finds files with "tfevents" in their names, e.g. `events.out.tfevents.run`. */
export const openEventFile = (path: string, { clock, ...options }: EventFileOptions): MetricsLog =>
  openLog(path, format(clock), options);

const format = (clock: () => number): LogFormat => ({
  name: what,
  // The file's own first event has no time of its own: a log must be recognised by its first bytes on resuming.
  head: record(event(0, (writer) => writer.tag(3, WireType.LengthDelimited).string("brain.Event:2"))),
  encode: (step, metrics) =>
    record(event(clock(), (writer) => summary(writer.tag(2, WireType.Varint).int64(step), metrics))),
  records: eventsAfterHead,
});

function event(time: number, fill: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Bit64).double(time);
  fill(writer);
  return writer.finish();
}

function summary(writer: BinaryWriter, metrics: Metrics): void {
  writer.tag(5, WireType.LengthDelimited).fork();
  for (const [name, value] of Object.entries(metrics)) {
    writer.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(name);
    writer.tag(2, WireType.Bit32).float(Math.fround(value)).join();
  }
  writer.join();
}

const lengthBytes = 12;
const checksumBytes = 4;

function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(lengthBytes + data.length + checksumBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(bytes.subarray(0, 8)), true);
  bytes.set(data, lengthBytes);
  view.setUint32(lengthBytes + data.length, maskedChecksum(data), true);
  return bytes;
}

function* eventsAfterHead(content: Uint8Array, path: string): Iterable<LogRecord> {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const broken = (at: number): Error =>
    problem("broken-file", { path, what, reason: `the record at byte ${at} fails its checksum` });
  for (let start = 0, index = 0; start + lengthBytes <= content.length; index++) {
    if (view.getUint32(start + 8, true) !== maskedChecksum(content.subarray(start, start + 8))) throw broken(start);
    const dataEnd = start + lengthBytes + Number(view.getBigUint64(start, true));
    const end = dataEnd + checksumBytes;
    if (end > content.length) return;
    const data = content.subarray(start + lengthBytes, dataEnd);
    if (view.getUint32(dataEnd, true) !== maskedChecksum(data)) throw broken(start);
    if (index > 0) yield { step: stepOf(data), end };
    start = end;
  }
}

function stepOf(data: Uint8Array): number {
  const reader = new BinaryReader(data);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 2) return Number(reader.int64());
    reader.skip(type);
  }
  return 0;
}

/** CRC-32C (Castagnoli, reflected 0x82f63b78), rotated and offset as TFRecord wants it. */
function maskedChecksum(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ castagnoli[(crc ^ byte) & 0xff];
  crc = ~crc;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0x82f63b78 : byte >>> 1;
  return byte;
});
