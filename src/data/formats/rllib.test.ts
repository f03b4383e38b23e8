/** Files under fixtures/ are made by RLlib itself: benchmarks/golden/formats.py. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { box, discrete } from "../../spaces/make.ts";
import { unpackedLz4 } from "./lz4.ts";
import { pickledArray } from "./pickled.ts";
import { readRllib } from "./rllib.ts";

const folder = await mkdtemp(join(tmpdir(), "rllib-"));
test.after(() => rm(folder, { recursive: true }));
const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);

const read = async (...batches: readonly object[]) => {
  const path = join(folder, "batches.json");
  await writeFile(path, batches.map((batch) => JSON.stringify({ type: "SampleBatch", ...batch })).join("\n"));
  return readRllib(path);
};

test("a file of RLlib's own, plain and packed", async () => {
  const t = await readRllib(fixture("rllib.json"));
  assert.deepEqual([...t.offsets], [0, 3, 5]);
  assert.deepEqual([...t.terminated], [0, 0, 1, 0, 0]);
  assert.deepEqual([...t.truncated], [0, 0, 0, 0, 1]);
  assert.deepEqual([...t.observation.data], [0, 0, 0, 1 / 3, 0, 2 / 3, 1, 0, 1, 1 / 3].map(Math.fround));
  assert.deepEqual([...t.finalObservation.data], [0, 1, 1, 2 / 3].map(Math.fround));
  assert.deepEqual([...t.extras.propensity.data], [0.5, 0.5, 0.5, 0.5, 0.5]);
  assert.deepEqual(t.actionSpace, discrete(2));
  assert.deepEqual(t.tags, { eps_id: [1000, 1001], agent_index: [0, 0] });
  const packed = await readRllib(fixture("rllib-packed.json"));
  assert.equal(packed.provenance.fingerprint, t.provenance.fingerprint);
});

test("an episode goes on over batches, and older files say dones", async () => {
  const part = (obs: number[][], actions: number[], eps_id: number, over: boolean) => ({
    obs,
    actions,
    rewards: actions.map(() => 1),
    dones: actions.map((_, i) => over && i === actions.length - 1),
    eps_id: actions.map(() => eps_id),
    infos: actions.map(() => ({ any: "thing" })),
  });
  const t = await read(
    part([[1], [2]], [0.5, 2], 7, false),
    part([[9]], [1], 8, true),
    part([[3], [4]], [3, 1], 7, false),
    part([[7]], [1], 7, true),
    part([[5], [6]], [3, 1], 9, false),
  );
  assert.deepEqual([...t.offsets], [0, 5, 6, 7]);
  assert.deepEqual([...t.observation.data], [1, 2, 3, 4, 7, 9, 5]);
  assert.deepEqual([...t.finalObservation.data], [7, 9, 6]);
  assert.deepEqual([...t.truncated], [0, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(t.actionSpace, box(-Infinity, Infinity, { shape: [] }));
});

test("each way a file can be wrong is a sentence with its line and column", async () => {
  const good = { obs: [[1]], actions: [0], rewards: [1], terminateds: [true] };
  const refused = (batches: readonly object[], words: RegExp): Promise<void> =>
    assert.rejects(read(...batches), (error) => {
      assert.ok(error instanceof Problem, String((error as Error).stack));
      return words.test(error.message) || assert.fail(error.message);
    });
  await refused([good, { ...good, rewards: undefined }], /line 2, field "rewards": missing/);
  await refused([good, { ...good, obs: [[1], [2]] }], /line 2, field "obs": 2 rows; the rewards have 1/);
  await refused([good, { ...good, obs: [[1, 2]] }], /line 2, field "obs": rows of shape \[2\]/);
  await refused([{ ...good, obs: [["far"]] }], /line 1, field "obs": it is not an array of numbers/);
  await refused([{ ...good, obs: "bm90IGx6NA==" }], /line 1, field "obs": a packed column: it is not an LZ4 frame/);
  await refused([{ ...good, new_obs: [1] }], /field "new_obs": an array of shape \[1\]/);
  await refused([{ type: "MultiAgentBatch", count: 1 }], /batches of several agents/);
  await refused([{ type: "Other" }], /field "type": "Other"/);
  await refused([], /the file is empty/);
});

/** pickle.dumps(…), by numpy 2.2.6. */
test("arrays from pickles of older protocols, in any byte order", () => {
  const read = (base64: string) => pickledArray(Buffer.from(base64, "base64"));
  const bigEndian =
    "gAJjbnVtcHkuX2NvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQBjbnVtcHkKbmRhcnJheQpxAUsAhXECY19jb2RlY3MKZW5jb2RlCnEDWAEAAABicQRYBgAAAGxhdGluMXEFhnEGUnEHh3EIUnEJKEsBSwJLAoZxCmNudW1weQpkdHlwZQpxC1gCAAAAaTJxDImIh3ENUnEOKEsDWAEAAAA+cQ9OTk5K/////0r/////SwB0cRBiiWgDWAoAAAAAAcO/w74AAwAEcRFoBYZxElJxE3RxFGIu";
  assert.deepEqual(read(bigEndian), { shape: [2, 2], dtype: "int32", data: Int32Array.of(1, -2, 3, 4) });
  const protocol4 =
    "gASVmQAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsChZRoA4wFZHR5cGWUk5SMAmY4lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGKJQxAAAAAAAADgPwAAAAAAAPg/lHSUYi4=";
  assert.deepEqual(read(protocol4), { shape: [2], dtype: "float64", data: Float64Array.of(0.5, 1.5) });
});

test("damaged packed columns are refused or read, never more", async () => {
  const [line] = (await readFile(fixture("rllib-packed.json"), "utf8")).split("\n");
  const packed = Buffer.from(JSON.parse(line).obs, "base64");
  const whole = unpackedLz4(packed);
  assert.ok(typeof whole !== "string");
  const array = pickledArray(whole);
  assert.ok(typeof array !== "string");
  assert.deepEqual(array.shape, [3, 2]);
  const harmed = fc.tuple(fc.nat(packed.length - 1), fc.nat(255), fc.integer({ min: 1, max: packed.length }));
  fc.assert(
    fc.property(harmed, ([at, byte, length]) => {
      const changed = Uint8Array.from(packed.subarray(0, length));
      if (at < changed.length) changed[at] = byte;
      const unpacked = unpackedLz4(changed);
      if (typeof unpacked !== "string") assert.ok(typeof pickledArray(unpacked) === "string" || unpacked.length < 1e6);
      assert.ok(["string", "object"].includes(typeof pickledArray(changed)));
    }),
    { numRuns: 300 },
  );
  // os.system("true"), pickled: a name that is called for no array.
  const call = Buffer.from(
    "80049520000000000000008c05706f736978948c0673797374656d9493948c04747275659485945294 2e".replaceAll(" ", ""),
    "hex",
  );
  assert.match(String(pickledArray(call)), /no array of numbers/);
});
