import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import {
  type DecisionLog,
  decisionLog,
  type Recording,
  readDecisionLog,
  type Trajectories,
  takeEpisodes,
} from "../../data/index.ts";
import { make } from "../../envs/index.ts";
import { isRefusal, meanEstimate } from "../../evaluation/index.ts";
import { collect, controlExpert, loadPolicy } from "../../policies/index.ts";
import { generator, randomKey } from "../../tensor/index.ts";
import { type Improvement, type ImproveOptions, improve } from "./improve.ts";

const folder = await mkdtemp(join(tmpdir(), "repertoire-improve-"));
after(() => rm(folder, { recursive: true, force: true }));

const world = () => make("CartPole-v1");
const episodes = await collect(controlExpert("CartPole-v1", { skill: 0.5 }), world, { episodes: 60, seed: 1 });
const quick = { steps: 48, episodes: 4 };

async function finished(recording: Recording, options: ImproveOptions): Promise<Improvement> {
  const found = await improve(recording, options);
  assert.equal(found.interrupted, false);
  return found as Improvement;
}

/** Every file below a folder, with its bytes. */
async function contents(of: string): Promise<Map<string, Buffer>> {
  const files = await readdir(of, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return new Map(
    await Promise.all(paths.sort().map(async (path) => [path.slice(of.length), await readFile(path)] as const)),
  );
}

test("episodes: leaves a policy that carries its evaluation, a report, a result and a card", async () => {
  const found = await finished(episodes, { ...quick, folder: join(folder, "straight"), command: "a test" });
  assert.deepEqual(
    found.candidates.map(({ label }) => label),
    ["bc", "iql-careful", "iql-greedy"],
  );
  await using policy = await loadPolicy(found.files.policy);
  assert.deepEqual(policy.description.evaluation.logged, {
    ...found.behaviour,
    interval: [...found.behaviour.interval],
  });
  assert.equal(policy.description.provenance.environment, "CartPole-v1");
  const html = await readFile(found.files.report, "utf8");
  assert.ok(html.includes(found.decision.why.replaceAll("'", "&#39;")) || html.includes(found.decision.why));
  assert.equal(JSON.parse(await readFile(found.files.card, "utf8")).episodes, 60);
  assert.deepEqual(JSON.parse(await readFile(found.files.result, "utf8")).decision, found.decision);
});

test("stopped anywhere and taken up again, it leaves the same bytes", async () => {
  for (const stopAt of [2, 5]) {
    const controller = new AbortController();
    const stopped = join(folder, `stopped-${stopAt}`);
    let told = 0;
    const options = { ...quick, folder: stopped, command: "a test" };
    const part = await improve(episodes, {
      ...options,
      signal: controller.signal,
      tell: () => {
        told++;
        if (told === stopAt) controller.abort();
      },
    });
    assert.equal(part.interrupted, true);
    assert.equal(existsSync(join(stopped, "policy.onnx")), false);
    await finished(episodes, options);
    assert.deepEqual(await contents(stopped), await contents(join(folder, "straight")));
  }
});

test("a log in which something can be gained: the gain is found, and its interval holds the truth", async () => {
  const random = generator(randomKey(5));
  const rows = 3000;
  const context = Array.from({ length: rows }, () => [random.between(-1, 1)]);
  const action = context.map(() => random.integer(2));
  // Right pays where the context is positive, left where it is negative: 1 for the better choice, 0 for the other.
  const reward = context.map(([x], i) => (x > 0 === (action[i] === 1) ? 1 : 0));
  const log = decisionLog({ context, actions: 2, action, propensity: new Float64Array(rows).fill(0.5), reward });
  const { decision, value, improvement } = await finished(log, { folder: join(folder, "gain") });
  assert.equal(decision.verdict, "ship");
  assert.ok(!isRefusal(value) && !isRefusal(improvement));
  assert.ok(
    value.value > 0.9 && value.interval[0] <= 1 && improvement.interval[0] > 0.3,
    JSON.stringify({ value, improvement }),
  );
});

test("nothing to gain: it does not ship", async () => {
  const random = generator(randomKey(6));
  const rows = 2000;
  const log = decisionLog({
    context: Array.from({ length: rows }, () => [random.normal()]),
    actions: 3,
    action: Array.from({ length: rows }, () => random.integer(3)),
    propensity: new Float64Array(rows).fill(1 / 3),
    reward: Array.from({ length: rows }, () => (random.uniform() < 0.3 ? 1 : 0)),
  });
  const { decision } = await finished(log, { folder: join(folder, "nothing") });
  assert.notEqual(decision.verdict, "ship");
});

test("too short a recording, and a folder that holds another run or a broken stage, are refused in a sentence", async () => {
  const short = takeEpisodes(episodes as Trajectories, [0, 1, 2]);
  await assert.rejects(
    improve(short, { folder: join(folder, "short") }),
    /3 episodes are too few .* wanted at least 50/,
  );
  await assert.rejects(
    improve(episodes, { ...quick, seed: 9, folder: join(folder, "straight") }),
    /holds another run: its seed is 0, this one's 9/,
  );
  const stage = join(folder, "stopped-2", "stages", "test.json");
  await writeFile(stage, "{");
  await assert.rejects(
    improve(episodes, { ...quick, folder: join(folder, "stopped-2"), command: "a test" }),
    /test\.json: not a readable stage of a run/,
  );
});

const openBandit = resolve(import.meta.dirname, "../../../../shared/data/open-bandit");
const absent = existsSync(openBandit) ? false : "needs ../shared/data/open-bandit";

test("Open Bandit: random choices in, a better policy out, beside what Thompson sampling earned", {
  skip: absent,
}, async (t) => {
  const random: DecisionLog = await readDecisionLog(join(openBandit, "random"));
  const thompson = await readDecisionLog(join(openBandit, "bts"));
  const { value, improvement, behaviour, decision } = await finished(random, { folder: join(folder, "open-bandit") });
  const earned = meanEstimate(thompson.reward);
  const shown = (x: { value: number; interval: readonly [number, number] }) =>
    `${(100 * x.value).toFixed(2)}% [${x.interval.map((end) => (100 * end).toFixed(2)).join(", ")}]`;
  assert.ok(!isRefusal(value) && !isRefusal(improvement));
  t.diagnostic(
    `clicks: random ${shown(behaviour)}, ours ${shown(value)}, Thompson sampling ${shown(earned)}; ${decision.verdict}`,
  );
  assert.ok(improvement.value > 0);
  assert.ok(value.interval[0] < earned.value && earned.value < value.interval[1]);
  // Ten thousand rows with fifty clicks cannot settle it, and it must say so.
  assert.equal(decision.verdict, "collect more");
});
