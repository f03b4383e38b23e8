import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Command } from "commander";
import fc from "fast-check";
import { type Environment, make, prepare } from "../envs/index.ts";
import { randomPolicy } from "../policies/index.ts";
import { Problem } from "../problems.ts";
import { assignment, oneOf, wholeNumber } from "./flags.ts";
import { commandLine, interruptible } from "./interruption.ts";
import { mixture, performer } from "./performers.ts";
import { settle, settleFlags } from "./settings.ts";
import { workplace } from "./testing.ts";

const place = workplace(after);
const refused = (code: string, sentence: RegExp) => (error: unknown) =>
  error instanceof Problem && error.code === code && sentence.test(error.message);

/** A command with these arguments, and a configuration file with this content. */
async function given(config: unknown, ...args: string[]) {
  const path = join(place, "config.json");
  writeFileSync(path, JSON.stringify(config));
  const command = new Command("train")
    .option("--seed <n>", "", wholeNumber("--seed", 0), 0)
    .option("--evaluate-every <n>", "", wholeNumber("--evaluate-every"))
    .option("--env-set <key=value>", "", assignment("--env-set"))
    .option("--measure <name>", "", oneOf("--measure", ["return", "length"]))
    .option("--json", "")
    .option("--set <key=value>", "", assignment("--set"))
    .option("--config <file>", "");
  await command.parseAsync([...args, "--config", path], { from: "user" });
  const others = await settle(command);
  return { command, others, flags: command.opts() };
}

test("a flag wins over --set, which wins over --config, which wins over the default", async () => {
  const config = { seed: 1, evaluateEvery: 10, expectile: 0.8, hidden: [8, 8], json: true, envSet: { noise: 0.5 } };
  const { flags, others } = await given(config, "--seed", "3", "--set", "seed=2", "--set", "evaluateEvery=20");
  assert.equal(flags.seed, 3);
  assert.equal(flags.evaluateEvery, 20);
  assert.equal(flags.json, true);
  assert.deepEqual(flags.envSet, { noise: 0.5 });
  assert.deepEqual(others, { expectile: 0.8, hidden: [8, 8] });
  assert.deepEqual((await given(config, "--set", "expectile=0.9", "--set", "hidden=4,4")).others, {
    expectile: 0.9,
    hidden: [4, 4],
  });
  assert.equal((await given({})).flags.seed, 0);
});

test("a configuration is held to what its flags take", async () => {
  await assert.rejects(given({ seed: -1 }), refused("bad-option", /--seed/));
  await assert.rejects(given({ json: "yes" }), refused("bad-option", /true or false/));
  await assert.rejects(given({ measure: "height" }), refused("bad-option", /one of return, length/));
  await assert.rejects(given({ seed: { n: 1 } }), refused("bad-option", /a number or a text/));
  await assert.rejects(given([1]), refused("broken-file", /no JSON object/));
  const { command } = await given({ sede: 1 });
  await assert.rejects(settleFlags(command), refused("unknown-option", /no option "sede"\. It has: seed,/));
});

test("a mixture shares out every episode, each part within one of its exact share", () => {
  assert.deepEqual(mixture("maze:skill=0.7,style=left:0.5,random:0.5", 10), [
    { policy: "maze:skill=0.7,style=left", episodes: 5 },
    { policy: "random", episodes: 5 },
  ]);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 100, max: 1000 }),
      (parts, episodes) => {
        const total = parts.reduce((a, b) => a + b, 0);
        const shares = parts.map((part) => (part / total).toFixed(12));
        const made = mixture(shares.map((share, i) => `policy${i}:${share}`).join(","), episodes);
        assert.equal(
          made.reduce((sum, part) => sum + part.episodes, 0),
          episodes,
        );
        made.forEach((part, i) => {
          assert.ok(Math.abs(part.episodes - (parts[i] / total) * episodes) < 1 + 1e-6);
        });
      },
    ),
  );
  assert.throws(() => mixture("random", 10), refused("bad-option", /each policy with its share/));
  assert.throws(() => mixture("random:0.999,expert:0.001", 10), refused("bad-option", /at least one of the 10/));
});

const nameOf = async (written: string, env: Environment, options = {}): Promise<string> => {
  const expert = await performer(written, env, options);
  return "policy" in expert ? expert.policy.name : expert.name;
};

test("performers are made as written, and their dials are checked", async () => {
  const maze = make("PointMaze-umaze-v0");
  assert.equal(await nameOf("maze:skill=0.7,style=left,noise=0.2", maze), "maze-left-skill-0.7-noise-0.2");
  assert.equal(await nameOf("expert", maze), "maze-shortest-skill-1");
  const cartPole = make("CartPole-v1");
  assert.equal(await nameOf("expert:skill=0.5", cartPole), "cartpole-expert-skill-0.5");
  assert.equal(await nameOf("random", cartPole), "random");
  await prepare("Arm-Push-v0");
  const arm = make("Arm-Push-v0", { taskId: "MT10" });
  const hand = await nameOf("expert:skill=0.8,speed=0.5,human=true", arm, { taskId: "MT10" });
  assert.equal(hand, "arm-push-any-skill-0.8-speed-0.5-human");
  assert.equal(await nameOf("expert:skill=0.5", make("MiniGrid-Empty-5x5-v0")), "grid-expert-skill-0.5");
  await assert.rejects(
    performer("expert:zeal=1", make("Arm-Push-v0")),
    refused("unknown-option", /skill, speed, style/),
  );
  await assert.rejects(performer("random:skill=1", cartPole), refused("unknown-option", /skill/));
  await assert.rejects(performer("maze:skill", maze), refused("bad-option", /skill=value/));
  await assert.rejects(performer("maze", cartPole), refused("bad-value", /PointMaze or GridMaze/));
});

test("a policy that never waits lets Ctrl-C be heard", async () => {
  const env = make("CartPole-v1");
  const policy = interruptible(randomPolicy(env));
  let heard = false;
  setImmediate(() => {
    heard = true;
  });
  const observations = { shape: [1, 4], dtype: "float32", data: new Float32Array(4) } as const;
  const patience = performance.now() + 5000;
  while (!heard && performance.now() < patience) await policy.actBatch(observations, { deterministic: true });
  assert.ok(heard);
});

test("a command line can be typed again", () => {
  assert.equal(
    commandLine(["train", "my log.parquet", "--columns", `{"a":"it's"}`, "--set", "hidden=8,8"]),
    `repertoire train 'my log.parquet' --columns '{"a":"it'\\''s"}' --set hidden=8,8`,
  );
});
