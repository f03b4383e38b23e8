/** Pictures and videos of LeRobot datasets. Files under fixtures/ are made by LeRobot: benchmarks/golden/formats.py. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { box, dict } from "../../spaces/make.ts";
import { concat } from "../concat.ts";
import { fingerprint } from "../fingerprint.ts";
import { takeSteps } from "../steps.ts";
import type { Trajectories } from "../trajectories.ts";
import { takeEpisodes } from "../views.ts";
import { fileLiteral, literal, withDuckDB } from "./duckdb.ts";
import { readLeRobot } from "./lerobot.ts";
import { writeLeRobot } from "./lerobot-writer.ts";
import { picture } from "./png.ts";
import { readRecording } from "./read.ts";

const folder = await mkdtemp(join(tmpdir(), "cameras-"));
test.after(() => rm(folder, { recursive: true }));
const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);
const camera = "observation.images.top";
const tag = `video:${camera}`;

const refused = (reading: Promise<unknown>, words: RegExp): Promise<void> =>
  assert.rejects(reading, (error) => {
    assert.ok(error instanceof Problem, String((error as Error).stack));
    return words.test(error.message) || assert.fail(error.message);
  });

test("frames left out: the recording says where each is to be found", async () => {
  const t = await readLeRobot(fixture("lerobot-video"));
  assert.deepEqual(t.observationSpace, box(-Infinity, Infinity));
  assert.deepEqual([...t.offsets], [0, 3, 7]);
  const { features } = JSON.parse(await readFile(join(fixture("lerobot-video"), "meta", "info.json"), "utf8"));
  const path = `videos/${camera}/chunk-000/file-000.mp4`;
  const places = t.tags[tag].map((place) => JSON.parse(String(place)));
  assert.deepEqual(places, [
    { path, from: 0, to: 0.3, feature: features[camera] },
    { path, from: 0.3, to: 0.7, feature: features[camera] },
  ]);
  assert.deepEqual([...t.extras.timestamp.data], [0, 0.1, 0.2, 0, 0.1, 0.2, 0.3].map(Math.fround));
  assert.match(t.provenance.lineage[1], /^left out observation\.images\.top$/);
  const pictures = await readLeRobot(fixture("lerobot-pictures"));
  assert.deepEqual([pictures.observationSpace, Object.keys(pictures.tags)], [t.observationSpace, ["fps", "task"]]);
  await refused(
    readLeRobot(fixture("lerobot-video"), { frames: "read" }),
    /observation\.images\.top is a video; wanted frames kept as pictures.*use_videos=False.*\{ frames: "skip" \}/,
  );
});

test("frames kept as pictures are observations, to the bit", async () => {
  const t = await readLeRobot(fixture("lerobot-pictures"), { frames: "read" });
  const pixels = box(0, 255, { shape: [32, 32, 3] });
  assert.deepEqual(t.observationSpace, dict({ "images.top": pixels, state: box(-Infinity, Infinity) }));
  assert.deepEqual(t.observation.shape, [7, 32 * 32 * 3 + 1]);
  const width = t.observation.shape[1];
  for (let row = 0; row < 7; row++) {
    const [e, step] = row < 3 ? [0, row] : [1, row - 3];
    for (const [y, x] of [
      [0, 0],
      [31, 5],
      [17, 31],
    ]) {
      const at = row * width + 3 * (32 * y + x);
      assert.deepEqual([...t.observation.data.slice(at, at + 3)], [8 * x, 8 * y, 60 * step + 40 * e]);
    }
  }
  const broken = join(folder, "broken");
  await cp(fixture("lerobot-pictures"), broken, { recursive: true });
  const table = join(broken, "data", "chunk-000", "file-000.parquet");
  const rewritten = (bytes: string): Promise<void> =>
    withDuckDB(async (connection) => {
      const column = `"${camera}"`;
      const changed = `CASE WHEN index = 4 THEN {'bytes': ${bytes}, 'path': ''} ELSE ${column} END AS ${column}`;
      await connection.run(
        `CREATE TABLE t AS SELECT * REPLACE (${changed}) FROM read_parquet(${fileLiteral(join(fixture("lerobot-pictures"), "data", "chunk-000", "file-000.parquet"))})`,
      );
      await connection.run(`COPY t TO ${literal(table)} (FORMAT parquet)`);
    });
  const read = (): Promise<Trajectories> => readLeRobot(broken, { frames: "read" });
  await rewritten("NULL");
  await refused(read(), /row 4, field "observation\.images\.top": there is none; pictures are PNG files of one size/);
  await rewritten("'GIF89a'::BLOB");
  await refused(read(), /row 4, .*: it is no PNG file/);
  const small = Buffer.from(png(2, 2, 3, 2, new Uint8Array(12), 0)).toString("hex");
  await rewritten(`unhex('${small}')`);
  await refused(read(), /row 4, .*: it is 2,2,3, not 32,32,3 large/);
});

/** Which frame of the video a step's is, by what the recording says alone. */
const framesOf = (t: Trajectories): readonly number[] =>
  Array.from({ length: t.offsets.length - 1 }, (_, e) => e).flatMap((e) => {
    const { from } = JSON.parse(String(t.tags[tag][e]));
    return Array.from((t.extras.timestamp.data as Float32Array).slice(t.offsets[e], t.offsets[e + 1]), (time) =>
      Math.round(10 * (from + Number(time))),
    );
  });

test("a step's frame is found after filtering, trimming and merging, and in the dataset that is written", async () => {
  const whole = await readLeRobot(fixture("lerobot-video"));
  assert.deepEqual(framesOf(whole), [0, 1, 2, 3, 4, 5, 6]);
  const keep = Uint8Array.of(0, 1, 1, 1, 1, 0, 1);
  const cut = takeSteps(whole, keep);
  const curated = concat(takeEpisodes(cut, [2, 0]), takeEpisodes(whole, [1]));
  const kept = framesOf(curated);
  assert.deepEqual(kept.slice(-4), [3, 4, 5, 6]);
  assert.ok(kept.slice(0, -4).every((frame) => keep[frame] === 1));

  const path = join(folder, "with");
  await writeLeRobot(path, curated, { videos: fixture("lerobot-video") });
  assert.deepEqual(
    await readFile(join(path, "videos", camera, "chunk-000", "file-000.mp4")),
    await readFile(join(fixture("lerobot-video"), "videos", camera, "chunk-000", "file-000.mp4")),
  );
  const file = join(path, "meta", "info.json");
  const { repertoire: _, ...info } = JSON.parse(await readFile(file, "utf8"));
  const { features } = JSON.parse(await readFile(join(fixture("lerobot-video"), "meta", "info.json"), "utf8"));
  assert.deepEqual(info.features[camera], features[camera]);
  const back = await readLeRobot(path);
  assert.equal(fingerprint(back), fingerprint(curated));
  // As LeRobot sees it, without our header: the same frames.
  await writeFile(file, JSON.stringify(info));
  assert.deepEqual(framesOf(await readLeRobot(path)), kept);
});

test("without their files, videos stay in our header; what cannot be copied is a sentence", async () => {
  const t = await readLeRobot(fixture("lerobot-video"));
  const path = join(folder, "without");
  await writeLeRobot(path, t);
  const info = JSON.parse(await readFile(join(path, "meta", "info.json"), "utf8"));
  assert.deepEqual([info.features[camera], info.video_path], [undefined, null]);
  const back = await readRecording(path);
  assert.deepEqual(back.tags, t.tags);
  await refused(
    writeLeRobot(join(folder, "none"), t, { videos: path }),
    /file-000\.mp4: no such file; wanted the video "video:observation\.images\.top" names/,
  );
  const tagged = (value: string | null, name = tag): Trajectories => ({
    ...t,
    tags: { ...t.tags, [name]: [value, value] },
  });
  const odd = JSON.stringify({ ...JSON.parse(String(t.tags[tag][0])), path: "../../secret.mp4" });
  for (const wrong of [tagged(null), tagged("{"), tagged(odd), tagged(String(t.tags[tag][0]), "video:../x")]) {
    await refused(
      writeLeRobot(join(folder, "odd"), wrong, { videos: fixture("lerobot-video") }),
      /tag "video:.*" of episode 0.*it says where the episode's video is/,
    );
  }
});

/** A PNG file, each line by the same filter. */
function png(
  width: number,
  height: number,
  channels: number,
  type: number,
  data: Uint8Array,
  filter: number,
): Uint8Array {
  const stride = width * channels;
  const lines = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    lines[y * (stride + 1)] = filter;
    for (let i = 0; i < stride; i++) {
      const left = i < channels ? 0 : data[y * stride + i - channels];
      const above = y === 0 ? 0 : data[(y - 1) * stride + i];
      const corner = y === 0 || i < channels ? 0 : data[(y - 1) * stride + i - channels];
      const p = left + above - corner;
      const nearest = [left, above, corner].toSorted((a, b) => Math.abs(p - a) - Math.abs(p - b))[0];
      const foretold = [0, left, above, Math.floor((left + above) / 2), nearest][filter];
      lines[y * (stride + 1) + 1 + i] = data[y * stride + i] - foretold;
    }
  }
  const chunk = (kind: string, body: Uint8Array): Buffer => {
    const named = Buffer.concat([Buffer.from(kind), body]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, type, 0, 0, 0], 8);
  const packed = deflateSync(lines);
  const half = packed.length >> 1;
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("IDAT", packed.subarray(0, half)),
    chunk("IDAT", packed.subarray(half)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

test("PNG: every filter and colour type comes back; damage is said", () => {
  const sizes = fc.record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 7 }) });
  fc.assert(
    fc.property(
      sizes,
      fc.constantFrom([1, 0], [2, 4], [3, 2], [4, 6]),
      fc.nat(4),
      fc.infiniteStream(fc.nat(255)),
      (size, [channels, type], filter, bytes) => {
        const { width, height } = size;
        const data = Uint8Array.from({ length: width * height * channels }, () => bytes.next().value ?? 0);
        assert.deepEqual(picture(png(width, height, channels, type, data, filter)), { width, height, channels, data });
      },
    ),
  );
  const whole = png(
    8,
    8,
    3,
    2,
    Uint8Array.from({ length: 192 }, (_, i) => 7 * i),
    4,
  );
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const damaged = Uint8Array.from(whole);
      damaged[at] ^= by;
      assert.equal(typeof picture(damaged), "string", "each chunk has its sum");
      assert.equal(typeof picture(whole.subarray(0, Math.min(at, whole.length - 13))), "string");
    }),
  );
});
