import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
} from "../tensor/onnx/onnx_pb.ts";
import { run } from "./run.ts";
import { repertoire, workplace } from "./testing.ts";

const place = workplace(after);
const file = (name: string, content: Uint8Array | string): void => writeFileSync(join(place, name), content);

/** A model that another program could have made: one input passed through, and perhaps a word in our name. */
function foreignModel(metadata?: string): Uint8Array {
  const node = [create(NodeProtoSchema, { opType: "Identity", input: ["x"], output: ["y"] })];
  const metadataProps =
    metadata === undefined ? [] : [create(StringStringEntryProtoSchema, { key: "repertoire", value: metadata })];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 9n, graph: create(GraphProtoSchema, { name: "g", node }), metadataProps }),
  );
}

const csv = (propensity: string): string =>
  `age,shown,p,bought\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 2},${i === 13 ? propensity : 0.5},${i % 3 === 0 ? 1 : 0}`).join("\n")}\n`;
const columns = JSON.stringify({ context: ["age"], action: "shown", propensity: "p", reward: "bought" });

before(async () => {
  process.chdir(place);
  for (const args of [
    ["record", "CartPole-v1", "-o", "log.parquet", "--steps", "200"],
    ["record", "CartPole-v1", "-o", "log.jsonl", "--episodes", "2"],
    ["train", "bc", "log.parquet", "-o", "run", "--steps", "8", "--set", "hidden=8"],
  ]) {
    const { code, stderr } = await repertoire(place, ...args);
    assert.equal(code, 0, stderr);
  }
  file("cut.parquet", readFileSync(join(place, "log.parquet")).subarray(0, 2000));
  file("cut.onnx", readFileSync(join(place, "run/policy.onnx")).subarray(0, 2000));
  file("foreign.onnx", foreignModel());
  file("disguised.onnx", foreignModel('{"format":1,"name":"bc"}'));
  file("nan.jsonl", readFileSync(join(place, "log.jsonl"), "utf8").replace('"reward":1', '"reward":null'));
  file("zero.csv", csv("0"));
  file("above.csv", csv("1.5"));
  file("broken.json", '{ "steps":\n  1,\n  "hidden": [\n    @\n  ] }');
  file("colour.json", '{ "colour": "red" }');
  mkdirSync(join(place, "busy"));
  file("busy/thesis.txt", "mine");
});

/** Everything below the folder, with its times, so that a change shows. */
const snapshot = (): readonly string[] =>
  readdirSync(place, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(place, name));
      return statSync(join(place, name)).isDirectory() ? name : `${name} ${size} ${mtimeMs}`;
    });

const cases: readonly (readonly [what: string, args: readonly string[], sentence: RegExp])[] = [
  ["an unknown command", ["trian", "bc"], /no command "trian"\. Known: train,/],
  ["an unknown flag", ["train", "bc", "log.parquet", "--sede", "3"], /no option "--sede"\. It has: --seed,/],
  ["a flag without its value", ["train", "bc", "log.parquet", "-o"], /-o, --out <folder> has no value/],
  ["an argument too few", ["card"], /card: file is missing\. Wanted: repertoire card/],
  [
    "neither a recording nor a world",
    ["train", "sac", "-o", "run"],
    /neither a recording to learn from nor an environment to play in\. Name a recording, or an environment with --env/,
  ],
  ["play from a method without it", ["train", "bc", "-o", "run", "--env", "CartPole-v1"], /learns from recordings/],
  ["an argument too many", ["card", "log.parquet", "run"], /more arguments than it takes/],
  ["no place to write to", ["train", "bc", "log.parquet"], /no folder was named for the run/],
  ["an unknown method", ["train", "bd", "log.parquet", "-o", "new"], /no method "bd"\. Known: bc,/],
  ["an unknown option", ["train", "bc", "log.parquet", "-o", "new", "--set", "step=3"], /bc has no option "step"/],
  [
    "an option of another type",
    ["train", "bc", "log.parquet", "-o", "new", "--set", "batchSize=many"],
    /option "batchSize" is "many"; wanted a whole number of at least 1/,
  ],
  ["a flag of another type", ["record", "CartPole-v1", "-o", "n.parquet", "--seed", "x"], /"--seed" is "x"/],
  ["half a configuration", ["train", "bc", "log.parquet", "-o", "new", "--config", "broken.json"], /broken\.json: not/],
  [
    "a strange configuration",
    ["record", "CartPole-v1", "-o", "n.parquet", "--config", "colour.json"],
    /repertoire record has no option "colour"/,
  ],
  ["no such recording", ["train", "bc", "none.parquet", "-o", "new"], /^none\.parquet: no such file/],
  ["a recording cut short", ["train", "bc", "cut.parquet", "-o", "new"], /^cut\.parquet: not a readable Parquet file/],
  ["a reward that is no number", ["card", "nan.jsonl"], /^nan\.jsonl, line \d+.*"reward"/],
  ["a propensity of 0", ["card", "zero.csv", "--columns", columns], /^zero\.csv, line 15, field "propensity": 0/],
  ["a propensity above 1", ["card", "above.csv", "--columns", columns], /^above\.csv, line 15, .*1\.5/],
  ["a column map that is none", ["card", "zero.csv", "--columns", "{}"], /"--columns" is "\{\}"/],
  ["actions a method cannot make", ["train", "td3-bc", "log.parquet", "-o", "new"], /^td3-bc makes actions in a Box/],
  [
    "a recording of another kind",
    ["train", "dr-policy", "log.parquet", "-o", "new"],
    /^dr-policy learns from decisions/,
  ],
  ["a folder with other things", ["train", "bc", "log.parquet", "-o", "busy"], /^busy: the folder holds files/],
  ["another run's folder", ["train", "bc", "log.parquet", "-o", "run", "--steps", "9"], /^run: holds another run/],
  ["an output that exists", ["record", "CartPole-v1", "-o", "log.parquet"], /^log\.parquet: the file exists already/],
  ["an output of no known kind", ["record", "CartPole-v1", "-o", "n.txt"], /got "n\.txt"; wanted a name that ends in/],
  [
    "an unknown environment",
    ["record", "CartPole-v2", "-o", "n.parquet"],
    /environment "CartPole-v2"\. Known: CartPole-v1,/,
  ],
  ["an unknown performer", ["record", "CartPole-v1", "-o", "n.parquet", "--policy", "me"], /--policy: got "me"/],
  ["shares that do not add up", ["record", "CartPole-v1", "-o", "n.parquet", "--mix", "expert:0.5"], /sum to 0\.5/],
  ["help for an unknown command", ["help", "trian"], /no command "trian"\. Known: train,/],
  ["a discount above 1", ["evaluate", "run/policy.onnx", "--discount", "1.1"], /"--discount" is "1\.1"/],
  ["no such policy", ["evaluate", "none.onnx"], /^none\.onnx: no such file; wanted a policy/],
  ["a policy cut short", ["evaluate", "cut.onnx"], /^cut\.onnx: not a readable ONNX file/],
  ["another program's model", ["export", "foreign.onnx"], /^foreign\.onnx: an ONNX file, but not a Repertoire policy/],
  [
    "a model in disguise",
    ["export", "disguised.onnx", "-o", "n.onnx"],
    /^disguised\.onnx: .*its description is not ours/,
  ],
  [
    "a policy for another world",
    ["evaluate", "run/policy.onnx", "--env", "Pendulum-v1"],
    /observation space is Box\[4\]/,
  ],
  [
    "a log of other decisions",
    ["compare", "logging", "run/policy.onnx", "--log", "zero.csv", "--columns", columns.replace('"p"', '"bought"')],
    /^zero\.csv, line \d+, field "propensity"/,
  ],
];

test("bad input at every door: exit code 2, one sentence, nothing written", async () => {
  const untouched = snapshot();
  const wrong: string[] = [];
  for (const [what, args, sentence] of cases) {
    const { code, said } = await run(args);
    if (code !== 2 || !/^[^\n]+\n$/.test(said) || !sentence.test(said)) wrong.push(`${what}: code ${code}, ${said}`);
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(snapshot(), untouched);
});

test("the process says that sentence on standard error and nothing on standard output", async () => {
  for (const what of [
    "an unknown command",
    "a recording cut short",
    "another program's model",
    "an output that exists",
  ]) {
    const [, args, sentence] = cases.find(([name]) => name === what)!;
    const { code, stdout, stderr } = await repertoire(
      place,
      ...args,
      ...(what === "an unknown command" ? [] : ["--json"]),
    );
    assert.equal(code, 2, what);
    assert.equal(stdout, "", what);
    assert.match(stderr, sentence);
    assert.match(stderr, /^[^\n]+\n$/);
  }
});

test("a fault of ours asks for a report and ends with 1", async (t) => {
  t.mock.method(Float32Array, "of", () => {
    throw new RangeError("mocked");
  });
  const { code, said } = await run([
    "record",
    "Pendulum-v1",
    "-o",
    "n.parquet",
    "--policy",
    "expert",
    "--episodes",
    "1",
  ]);
  assert.equal(code, 1);
  assert.match(said, /please report it.*\n {2}repertoire record Pendulum-v1 .*\nRangeError: mocked\n {4}at /);
});

test("--overwrite replaces what exists", async () => {
  const { code, stderr } = await repertoire(
    place,
    ...["record", "CartPole-v1", "-o", "log.jsonl", "--episodes", "1", "--overwrite"],
  );
  assert.equal(code, 0, stderr);
});
