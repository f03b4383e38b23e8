import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { generator, loadTree, type NdArray, randomKey } from "../tensor/index.ts";
import { version } from "../version.ts";
import { examples } from "./program.ts";
import { type Ended, repertoire, workplace } from "./testing.ts";

const place = workplace(after);
const run = (...args: string[]): Promise<Ended> => repertoire(place, ...args);

async function json(...args: string[]): Promise<Record<string, never>> {
  const { code, stdout, stderr } = await run(...args, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

test("the examples of --help run as they stand", async () => {
  const help = await run("--help");
  assert.equal(help.code, 0);
  assert.equal(help.stderr, "");
  for (const example of examples) {
    assert.ok(help.stdout.includes(example), example);
    const { code, stderr } = await run(...example.split(" ").slice(1));
    assert.equal(code, 0, stderr);
  }
  assert.ok(readFileSync(join(place, "runs/bc/policy.onnx")).length > 1000);
});

test("help and version load neither the tables nor the runtime", async () => {
  const spy = `process.on("exit", () => process.stderr.write(process.report.getReport().sharedObjects.join("\\n")))`;
  for (const flag of ["--help", "--version"]) {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [`--import=data:text/javascript,${encodeURIComponent(spy)}`, join(import.meta.dirname, "main.ts"), flag],
      { encoding: "utf8" },
    );
    assert.ok(stdout.length > 0);
    assert.ok(stderr.includes("."), "the report lists what is loaded");
    assert.doesNotMatch(stderr, /duckdb|onnxruntime/);
    if (flag === "--version") assert.equal(stdout, `${version}\n`);
  }
});

test("methods lists what can learn, and one's options with their defaults", async () => {
  const all = (await json("methods")) as unknown as { name: string }[];
  assert.ok(all.some(({ name }) => name === "iql"));
  const { options } = await json("methods", "iql");
  assert.deepEqual((options as Record<string, unknown>).expectile, {
    default: 0.7,
    wanted: "a number from 0 to 1",
    meaning: "τ in the paper: 0.5 gives Q's mean over the log, near 1 its maximum",
  });
});

test("recorded, described, learned from, evaluated, compared, exported", async () => {
  const maze = ["PointMaze-umaze-v0", "--env-set", "maxSteps=60", "--seed", "3", "--tag", "who=me"];
  const shares = ["--mix", "maze:skill=0.9,noise=0.3:0.75,random:0.25", "--episodes", "16"];
  const recorded = await json("record", ...maze, ...shares, "-o", "maze.parquet");
  assert.equal(recorded.episodes, 16);
  const again = await json("record", ...maze, ...shares, "-o", "again.parquet");
  assert.deepEqual(readFileSync(join(place, "again.parquet")), readFileSync(join(place, "maze.parquet")));
  assert.equal(again.fingerprint, recorded.fingerprint);

  const card = (await json("card", "maze.parquet")) as unknown as {
    tags: Record<string, { value: string; episodes: number }[]>;
    provenance: { environment: string };
  };
  assert.deepEqual(
    card.tags.policy.map(({ episodes }) => episodes),
    [12, 4],
  );
  assert.equal(card.provenance.environment, "PointMaze-umaze-v0");

  const small = ["--set", "hidden=16,16", "--set", "batchSize=32"];
  const trained = (await json("train", "bc", "maze.parquet", "-o", "a", "--steps", "300", ...small)) as unknown as {
    path: string;
    metrics: Record<string, number>;
  };
  assert.equal(trained.path, join("a", "policy.onnx"));
  assert.ok(Number.isFinite(trained.metrics.policyLoss));
  const other = await run("train", "td3-bc", "maze.parquet", "-o", "b", "--steps", "16", ...small);
  assert.equal(other.code, 0, other.stderr);
  assert.match(other.stdout, /b\/policy\.onnx/);

  const play = ["--episodes", "10", "--env-set", "maxSteps=60"];
  const { estimates } = (await json("evaluate", "a/policy.onnx", ...play, "-o", "judged.onnx")) as unknown as {
    estimates: { return: { value: number; interval: number[]; n: number }; success: unknown };
  };
  assert.equal(estimates.return.n, 10);
  assert.ok(estimates.return.interval[0] <= estimates.return.value);
  assert.ok(estimates.success);

  const judged = (await json("export", "judged.onnx")) as unknown as { evaluation: { return: unknown } };
  assert.deepEqual(judged.evaluation.return, estimates.return);

  const compared = await run("compare", "b/policy.onnx", "a/policy.onnx", ...play);
  assert.equal(compared.code, 0, compared.stderr);
  assert.match(compared.stdout, /^(SHIP|HOLD|COLLECT MORE): The challenger/m);

  const exported = await json("export", "a/policy.onnx", "-o", "c.onnx", "--safetensors", "c.safetensors");
  assert.deepEqual(exported.written, ["c.onnx", "c.safetensors"]);
  assert.deepEqual(readFileSync(join(place, "c.onnx")), readFileSync(join(place, "a/policy.onnx")));
  const { tree, metadata } = await loadTree<Record<string, NdArray>>(join(place, "c.safetensors"));
  const shapes = Object.values(tree).map(({ shape }) => shape.join());
  // The weights of 6 → 16 → 16 → 2, and the biases and scales beside them.
  for (const shape of ["6,16", "16,16", "16,2", "16", "2"]) assert.ok(shapes.includes(shape), `${shape} in ${shapes}`);
  assert.deepEqual(metadata, { policy: "bc" });
  const ofRun = await run("export", "--run", "a", "--recording", "maze.parquet", "-o", "d.onnx");
  assert.equal(ofRun.code, 0, ofRun.stderr);
  assert.deepEqual(readFileSync(join(place, "d.onnx")), readFileSync(join(place, "a/policy.onnx")));
});

test("a policy learned from logged decisions is judged on others, and never shipped on its own", async () => {
  const random = generator(randomKey(5));
  const decisions = (rows: number): string =>
    ["age,shown,p,bought"]
      .concat(
        Array.from({ length: rows }, () => {
          const [age, shown] = [random.uniform(), random.integer(3)];
          return `${age},${shown},${1 / 3},${random.uniform() < (shown === 2 ? 0.8 : 0.1) ? 1 : 0}`;
        }),
      )
      .join("\n");
  writeFileSync(join(place, "may.csv"), decisions(600));
  writeFileSync(join(place, "june.csv"), decisions(600));
  writeFileSync(
    join(place, "map.json"),
    JSON.stringify({ context: ["age"], action: "shown", propensity: "p", reward: "bought" }),
  );
  const map = ["--columns", "map.json"];
  const options = ["--set", "hidden=8", "--set", "learningRate=0.02", "--steps", "200"];
  const trained = await run("train", "dr-policy", "may.csv", "-o", "shop", ...map, ...options);
  assert.equal(trained.code, 0, trained.stderr);

  const june = (await json("evaluate", "shop/policy.onnx", "--log", "june.csv", ...map)) as unknown as {
    estimates: Record<string, { value: number; interval: number[] }>;
    logged: { value: number };
    notes: string[];
  };
  assert.deepEqual(Object.keys(june.estimates), ["SNIPS", "doubly robust", "IPS", "clipped IPS"]);
  for (const { value, interval } of Object.values(june.estimates)) {
    assert.ok(interval[0] <= value && value <= interval[1]);
    assert.ok(value > june.logged.value);
  }
  assert.deepEqual(june.notes, []);

  const shipped = await run("compare", "logging", "shop/policy.onnx", "--log", "june.csv", ...map);
  assert.match(shipped.stdout, /^SHIP: The challenger gains/m);
  const own = await run("compare", "logging", "shop/policy.onnx", "--log", "may.csv", ...map);
  assert.match(own.stdout, /^COLLECT MORE: The challenger learned from this very recording/m);
});
