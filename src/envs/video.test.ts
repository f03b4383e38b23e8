import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";
import {
  block,
  disc,
  drawScene,
  type Frame,
  label,
  line,
  make,
  type Pixels,
  readFrames,
  recordVideo,
  type Scene,
  sceneStream,
  toApng,
  toPixels,
  toPng,
  type Video,
} from "./index.ts";
import { slope } from "./testing.ts";

interface Chunk {
  readonly kind: string;
  readonly data: Buffer;
}

/** A PNG's chunks, their checksums as zlib computes them. */
function chunks(png: Uint8Array): readonly Chunk[] {
  const bytes = Buffer.from(png);
  assert.equal(bytes.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
  const found: Chunk[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const named = bytes.subarray(at + 4, at + 8 + length);
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(named));
    found.push({ kind: named.subarray(0, 4).toString("latin1"), data: named.subarray(4) });
    at += 12 + length;
  }
  return found;
}

function unfiltered(data: Uint8Array, { width, height }: Pixels): Uint8Array {
  const raw = inflateSync(data);
  const rgba = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    assert.equal(raw[y * (4 * width + 1)], 1);
    for (let i = 0; i < 4 * width; i++) {
      rgba[y * 4 * width + i] = raw[y * (4 * width + 1) + 1 + i] + (i < 4 ? 0 : rgba[y * 4 * width + i - 4]);
    }
  }
  return rgba;
}

const pictures = (n: number): readonly Pixels[] => {
  const env = make("CartPole-v1");
  env.reset({ seed: 1 });
  return Array.from({ length: n }, () => {
    env.step(1);
    return toPixels(env.scene!(), { width: 60 });
  });
};

test("a PNG holds the pixels, byte for byte", () => {
  const [picture] = pictures(1);
  const [ihdr, idat, iend, ...more] = chunks(toPng(picture));
  assert.deepEqual([ihdr.kind, idat.kind, iend.kind, more.length], ["IHDR", "IDAT", "IEND", 0]);
  assert.deepEqual(
    [ihdr.data.readUInt32BE(0), ihdr.data.readUInt32BE(4), ...ihdr.data.subarray(8)],
    [60, picture.height, 8, 6, 0, 0, 0],
  );
  assert.deepEqual(unfiltered(idat.data, picture), picture.rgba);
});

test("a PNG that moves holds every picture, numbered and timed", () => {
  const moving = pictures(3);
  const found = chunks(toApng(moving, { fps: 20 }));
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"],
  );
  assert.deepEqual([...found[1].data], [0, 0, 0, 3, 0, 0, 0, 0]);
  const controls = found
    .filter(({ kind }) => kind === "fcTL")
    .map(({ data }) => [data.readUInt32BE(0), data.readUInt16BE(20), data.readUInt16BE(22)]);
  assert.deepEqual(controls, [
    [0, 1, 20],
    [1, 1, 20],
    [3, 20, 20],
  ]);
  assert.deepEqual(
    found.filter(({ kind }) => kind === "fdAT").map(({ data }) => data.readUInt32BE(0)),
    [2, 4],
  );
  const [first, second, third] = [found[3].data, found[5].data.subarray(4), found[7].data.subarray(4)];
  for (const [i, data] of [first, second, third].entries())
    assert.deepEqual(unfiltered(data, moving[i]), moving[i].rgba);
  assert.throws(() => toApng([]), /wanted at least one/);
  assert.throws(
    () => toApng([...moving, toPixels(make("Pendulum-v1").scene!(), { width: 60 })]),
    /wanted pictures of 60 ×/,
  );
  assert.throws(() => toApng(moving, { fps: 0 }), /wanted a whole number from 1 to 1000/);
});

test("chosen episodes are filmed whole, and nothing else is", () => {
  const videos: Video[] = [];
  const env = recordVideo(make("CartPole-v1", { maxSteps: 6 }), (video) => videos.push(video), { width: 40, most: 5 });
  for (let episode = 0; episode < 10; episode++) {
    env.reset({ seed: episode });
    for (let t = 0; t < (episode === 1 ? 2 : 6); t++) env.step(0);
  }
  assert.deepEqual(
    videos.map((it) => [it.episode, it.return, it.pictures.length]),
    [
      [0, 6, 5],
      [1, 2, 3],
      [8, 6, 5],
    ],
  );
  assert.equal(videos[0].environment, "CartPole-v1");
  assert.equal(chunks(videos[1].apng()).filter(({ kind }) => kind === "fcTL").length, 3);
  assert.throws(() => recordVideo(slope(), () => {}), /recordVideo\(Slope-v0\): got "Slope-v0, which has no scene"/);
});

test("moments travel as lines and arrive as they were, however the stream is cut", async () => {
  const lines: string[] = [];
  const env = sceneStream(make("GridMaze-umaze-v0", { maxSteps: 3 }), (it) => lines.push(it));
  const sent: Omit<Frame, "scene">[] = [];
  for (const episode of [0, 1]) {
    env.reset({ seed: 1 });
    sent.push({ episode, step: 0, reward: 0, ended: false });
    for (let step = 1; step <= 3; step++) sent.push({ episode, step, reward: env.step(1).reward, ended: step === 3 });
  }
  assert.ok(lines.every((it) => it.endsWith("\n") && !it.slice(0, -1).includes("\n")));
  const bytes = new TextEncoder().encode(lines.join(""));
  const cut = async function* () {
    for (let at = 0; at < bytes.length; at += 97) yield bytes.subarray(at, at + 97);
  };
  const arrived: Frame[] = [];
  for await (const frame of readFrames(cut())) arrived.push(frame);
  assert.deepEqual(
    arrived.map(({ scene: _, ...rest }) => rest),
    sent,
  );
  assert.deepEqual(arrived[7].scene, env.scene!());
});

test("a canvas is asked for each shape in its place, y as the scene has it", () => {
  const calls: string[] = [];
  const told: Record<string, unknown> = { canvas: { width: 200, height: 100 } };
  const context = new Proxy(told, {
    get: (target, name: string) =>
      target[name] ?? ((...given: unknown[]) => calls.push(`${name}(${given.join(" ")}) ${target.fillStyle}`)),
  });
  const shapes = [
    disc(1, 2, 3, "#111"),
    line(
      [
        [0, 0],
        [10, 10],
      ],
      2,
      "#222",
    ),
    block(5, 5, 2, 2, "#333"),
    label(5, 1, 2, "go", "#444"),
  ];
  const scene: Scene = { x: 0, y: 0, width: 10, height: 10, shapes };
  drawScene(context, scene);
  assert.deepEqual(
    calls.filter((it) => !it.startsWith("beginPath")),
    [
      "fillRect(0 0 200 100) #fff",
      `arc(60 80 30 0 ${2 * Math.PI}) #fff`,
      "fill() #111",
      "moveTo(50 100) #111",
      "lineTo(150 0) #111",
      "stroke() #111",
      ...["moveTo(90 60)", "lineTo(110 60)", "lineTo(110 40)", "lineTo(90 40)"].map((it) => `${it} #111`),
      "closePath() #333",
      "fill() #333",
      "fillText(go 100 90) #444",
    ],
  );
  assert.deepEqual([told.strokeStyle, told.lineWidth, told.font], ["#222", 20, "28px sans-serif"]);
  calls.length = 0;
  drawScene(context, { ...scene, yDown: true });
  assert.ok(calls.includes(`arc(60 20 30 0 ${2 * Math.PI}) #fff`));
});
