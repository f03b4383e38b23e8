import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { Problem } from "../problems.ts";
import { type Dtype, type NdArray, ndarray, zeros } from "./ndarray.ts";
import golden from "./safetensors.golden.json" with { type: "json" };
import { decode, encode, loadTree, type Metadata, saveTree } from "./safetensors.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-"));
});
after(() => rm(folder, { recursive: true }));

/** What benchmarks/golden/safetensors.py holds. */
const tree = {
  critic: {
    params: [
      {
        weight: ndarray([
          [0, 0.25, 0.5],
          [0.75, 1, 1.25],
        ]),
        bias: ndarray([-1.5, Infinity, 1e-40]),
      },
    ],
    step: { shape: [], dtype: "int32", data: Int32Array.of(7) } as NdArray,
  },
  moments: ndarray([Math.PI, -0], { dtype: "float64" }),
  ids: ndarray(BigInt64Array.of(2n ** 53n + 1n, -1n)),
  mask: ndarray([true, false, true], { dtype: "bool" }),
  empty: zeros([0, 4]),
};
const metadata: Metadata = { note: 'a "quoted" ünïcode note', method: "iql" };

/** A file of this header and this many bytes of data. */
function file(header: string, size = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

test("a tree comes back to the bit, with its metadata", async () => {
  const path = join(folder, "state.safetensors");
  await saveTree(path, tree, metadata);
  const loaded = await loadTree(path, { like: tree });
  assert.deepStrictEqual(loaded.tree, tree);
  assert.ok(Object.is(loaded.tree.moments.data[1], -0));
  assert.deepStrictEqual(loaded.metadata, metadata);
  assert.deepStrictEqual((await loadTree(path)).tree, tree);
  assert.deepStrictEqual(await readdir(folder), ["state.safetensors"]);
});

test("a file written by the format's own package reads the same", () => {
  const { leaves, metadata: notes } = decode(Buffer.from(golden.file, "base64"), "golden");
  assert.deepStrictEqual(leaves, decode(encode(tree), "ours").leaves);
  assert.equal(leaves.size, 7);
  assert.deepStrictEqual(leaves.get("critic/params/0/bias"), tree.critic.params[0].bias);
  assert.deepStrictEqual(notes, metadata);
});

test("equal trees are equal bytes, whatever the order of their names", () => {
  const { critic, ...rest } = tree;
  assert.deepStrictEqual(encode({ ...rest, critic }, { method: "iql", note: metadata.note }), encode(tree, metadata));
  assert.notDeepStrictEqual(encode(tree, { method: "iql" }), encode(tree, metadata));
});

test("the header's names are in order, and every array starts at a multiple of its element's width", () => {
  const bytes = encode(
    { b: zeros([1], "bool"), a: zeros([1]), 2: zeros([1], "int64"), 10: zeros([1]) },
    { z: "", 1: "" },
  );
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.equal(length % 8, 0);
  assert.equal(
    new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd(),
    '{"10":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"2":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},' +
      '"__metadata__":{"1":"","z":""},' +
      '"a":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},"b":{"dtype":"BOOL","shape":[1],"data_offsets":[16,17]}}',
  );
});

test("any tree of any shapes comes back", () => {
  const leaf = fc
    .record({
      dtype: fc.constantFrom<Dtype>("float32", "float64", "int32", "int64", "bool"),
      shape: fc.array(fc.nat(3), { maxLength: 3 }),
      seed: fc.nat(),
    })
    .map(({ dtype, shape, seed }) => {
      const value = zeros(shape, dtype);
      for (let i = 0; i < value.data.length; i++) {
        const v = (seed + i * 7919) % (dtype === "bool" ? 2 : 100_003);
        value.data[i] = (value.data instanceof BigInt64Array ? BigInt(v) : v) as never;
      }
      return value;
    });
  const name = fc.string({ minLength: 1 }).filter((key) => !key.includes("/") && !(key in {}) && key !== "prototype");
  const notes = fc.dictionary(
    fc.string().filter((key) => !(key in {}) && key !== "prototype"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.dictionary(name, leaf), notes, (values, meta) => {
      const back = decode(encode(values, meta), "memory");
      assert.deepStrictEqual(Object.fromEntries([...back.leaves]), { ...values });
      assert.deepStrictEqual({ ...back.metadata }, { ...meta });
    }),
    { numRuns: 100 },
  );
});

test("a leaf too many, too few, or of another shape or type is refused by name", async () => {
  const path = join(folder, "small.safetensors");
  await saveTree(path, { policy: { w: zeros([2, 3]), b: zeros([3]) } });
  const load = (like: unknown) => loadTree(path, { like });
  const w = { shape: [2, 3], dtype: "float32" };
  const b = { shape: [3], dtype: "float32" };
  await load({ policy: { w, b } });
  await assert.rejects(load({ policy: { w } }), {
    code: "tree-mismatch",
    message: /small\.safetensors: unexpected policy\/b\. /,
  });
  await assert.rejects(load({ policy: { w, b, c: b } }), { code: "tree-mismatch", message: /missing policy\/c\. / });
  await assert.rejects(load({ policy: { w: { ...w, shape: [3, 2] }, b } }), {
    code: "tree-leaf",
    message: /"policy\/w" is float32\[2,3\]; wanted float32\[3,2\]/,
  });
  await assert.rejects(load({ policy: { w: { ...w, dtype: "float64" }, b } }), { code: "tree-leaf" });
  await assert.rejects(loadTree(join(folder, "none")), { code: "missing-file" });
});

const good = '"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';
const hostile: { readonly [what: string]: readonly [bytes: Uint8Array, reason: RegExp] } = {
  "nothing at all": [new Uint8Array(0), /it has 0 bytes/],
  "half a length": [new Uint8Array(7), /it has 7 bytes/],
  "an absurd header length": [new Uint8Array(16).fill(0xff), /should take 18446744073709551615 bytes, and 8 are left/],
  "a header one byte too long": [file("{}").subarray(0, 9), /should take 2 bytes, and 1 are left/],
  "no JSON": [file("{]"), /not JSON/],
  "no UTF-8": [new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0xff]), /not JSON/],
  "a list": [file("[]"), /not a JSON object/],
  "a number": [file("1"), /not a JSON object/],
  null: [file("null"), /not a JSON object/],
  "deep nesting": [file(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), /"a" is not described by an object/],
  "deep nesting inside a shape": [
    file(`{"a":{"dtype":"F32","shape":${"[".repeat(100_000)}${"]".repeat(100_000)},"data_offsets":[0,8]}}`, 8),
    /the shape of another kind/,
  ],
  "a type nobody knows": [file(good.replace("F32", "F16").replace(/.*/, "{$&}"), 8), /element type F16; known are F32/],
  "a type from a prototype": [file(`{${good.replace("F32", "constructor")}}`, 8), /element type constructor/],
  "no type": [file('{"a":{"shape":[2],"data_offsets":[0,8]}}', 8), /element type missing/],
  "a negative size": [file(`{${good.replace("[2]", "[-2]")}}`, 8), /the shape \[-2\]/],
  "a size of one and a half": [file(`{${good.replace("[2]", "[1.5]")}}`, 8), /the shape \[1\.5\]/],
  "sizes that overflow": [file(`{${good.replace("[2]", "[4294967296,4294967296]")}}`, 8), /which takes/],
  "offsets beyond the end": [file(`{${good}}`, 4), /take 8 bytes of data, and the file holds 4/],
  "offsets of another length": [
    file(`{${good.replace("[0,8]", "[0,4]")}}`, 8),
    /takes 8 bytes, and its offsets span 4/,
  ],
  "offsets of a longer array": [
    file(`{${good.replace("[0,8]", "[0,12]")}}`, 12),
    /takes 8 bytes, and its offsets span 12/,
  ],
  "offsets backwards": [file(`{${good.replace("[0,8]", "[8,0]")}}`, 8), /the offsets \[8, 0\]/],
  "offsets before the start": [file(`{${good.replace("[0,8]", "[-8,0]")}}`, 8), /the offsets \[-8, 0\]/],
  "arrays that overlap": [
    file(`{${good},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12),
    /"b" starts at byte 4 of the data; the one before it ends at 8/,
  ],
  "a hole": [file(`{${good.replace("[0,8]", "[8,16]")}}`, 16), /"a" starts at byte 8/],
  "data nobody names": [file(`{${good}}`, 12), /take 8 bytes of data, and the file holds 12/],
  "a name twice": [file(`{${good},${good}}`, 8), /says "a" twice/],
  "a name twice, spelt otherwise": [file(`{${good}, ${good.replace('"a"', '"\\u0061"')}}`, 8), /says "a" twice/],
  "a type twice": [file(`{${good.replace("{", '{"dtype" : "F64",')}}`, 8), /says "dtype" twice/],
  "no name": [file(`{${good.replace('"a"', '""')}}`, 8), /has no name/],
  "the name __proto__": [
    file(`{${good.replace('"a"', '"__proto__"')}}`, 8),
    /"__proto__" means something to JavaScript/,
  ],
  "a path through constructor": [file(`{${good.replace('"a"', '"constructor/prototype/x"')}}`, 8), /means something/],
  "metadata that is no object": [file('{"__metadata__":[]}'), /__metadata__ is not an object/],
  "metadata that is no string": [file('{"__metadata__":{"a":1}}'), /other than a string under "a"/],
  "metadata called __proto__": [file('{"__metadata__":{"__proto__":"x"}}'), /the key "__proto__"/],
  "a truth beyond 1": [
    Buffer.concat([file('{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}'), Uint8Array.of(2)]),
    /neither 0 nor 1/,
  ],
};

for (const [what, [bytes, reason]] of Object.entries(hostile)) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => decode(bytes, "it.safetensors"),
      (error: Problem) => {
        assert.ok(error instanceof Problem, String(error));
        assert.equal(error.code, "broken-file");
        assert.match(error.message, reason);
        assert.ok(error.message.length < 400);
        return true;
      },
    );
  });
}

test("a leaf beside a record of its own name is refused, and so is saving a name the format keeps", async () => {
  const path = join(folder, "both.safetensors");
  const b = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
  for (const header of [`{"a":${b},"a/b":${b}}`, `{"a/b":${b},"a":${b}}`]) {
    await writeFile(path, file(header));
    await assert.rejects(loadTree(path), { code: "broken-file", message: /both an array and a record/ });
  }
  assert.throws(() => encode({ __metadata__: zeros([1]) }), { code: "bad-value" });
  assert.throws(() => encode({ a: { constructor: zeros([1]) } }), { code: "bad-value" });
});

test("bytes flipped or cut off: the file is read or refused with a reason, and nothing else happens", () => {
  const whole = encode(tree, metadata);
  const length = 8 + Number(new DataView(whole.buffer).getBigUint64(0, true));
  const position = fc.oneof(fc.nat(length - 1), fc.nat(whole.length - 1));
  const damage = fc.record({
    flips: fc.array(fc.tuple(position, fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
    size: fc.oneof(fc.constant(whole.length), fc.nat(whole.length)),
  });
  let refused = 0;
  fc.assert(
    fc.property(damage, ({ flips, size }) => {
      const bytes = whole.slice(0, size);
      for (const [at, by] of flips) if (at < size) bytes[at] ^= by;
      try {
        decode(bytes, "damaged");
      } catch (error) {
        assert.ok(error instanceof Problem && error.code === "broken-file", String(error));
        refused++;
      }
      if (size < whole.length) assert.throws(() => decode(whole.slice(0, size), "cut"), { code: "broken-file" });
    }),
    { numRuns: 2000 },
  );
  assert.ok(refused > 1000);
});
