import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Running, repertoire, start, workplace } from "./testing.ts";

const place = workplace(after);
const training = (folder: string): string[] =>
  ["train", "bc", "log.parquet", "-o", folder, "--steps", "12000", "--set", "hidden=8", "--set", "batchSize=8"].concat(
    ["--log-every", "40"],
    ["--checkpoint-every", "80"],
  );

/** Waits for the run's next checkpoint: the first, or one younger than what is there. */
async function nextCheckpoint(folder: string, { child }: Running): Promise<void> {
  const path = join(place, folder, "checkpoint.safetensors");
  const made = (): number => (existsSync(path) ? statSync(path).ino : 0);
  const before = made();
  while (made() === before) {
    assert.equal(child.exitCode, null, "the run ended before it could be stopped");
    await wait(2);
  }
}

/** What a run left, without the temporary file that a killed writer may leave behind. */
const contents = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(join(place, folder))
      .filter((name) => !name.startsWith("."))
      .sort()
      .map((name) => [name, readFileSync(join(place, folder, name)).toString("base64")]),
  );

test("a run that is killed, resumed, stopped by Ctrl-C and resumed leaves the files of one that never stopped", async () => {
  const recorded = await repertoire(place, "record", "CartPole-v1", "-o", "log.parquet", "--steps", "300");
  assert.equal(recorded.code, 0, recorded.stderr);
  const whole = repertoire(place, ...training("whole"));

  const first = start(place, ...training("broken"));
  await nextCheckpoint("broken", first);
  first.child.kill("SIGKILL");
  assert.equal((await first.ended).signal, "SIGKILL");
  assert.ok(!existsSync(join(place, "broken/policy.onnx")));

  const second = start(place, ...training("broken"));
  await nextCheckpoint("broken", second);
  second.child.kill("SIGINT");
  const { code, stdout, stderr } = await second.ended;
  assert.equal(code, 130, stderr);
  assert.match(stdout, /^$/);
  assert.match(stderr, /Stopped after \d+ of 12000 updates, saved in broken\/checkpoint\.safetensors/);
  assert.ok(stderr.includes(`To go on: repertoire ${training("broken").join(" ")}`), stderr);
  assert.ok(!existsSync(join(place, "broken/policy.onnx")));

  assert.equal((await repertoire(place, ...training("broken"))).code, 0);
  assert.equal((await whole).code, 0);
  assert.deepEqual([...contents("broken").keys()], [...contents("whole").keys()]);
  assert.ok(contents("whole").has("policy.onnx"));
  for (const [name, bytes] of contents("whole")) assert.ok(contents("broken").get(name) === bytes, `${name} differs`);
});

test("a checkpoint that was cut short or damaged is refused, and the run is left as it is", async () => {
  const path = join(place, "whole/checkpoint.safetensors");
  const sound = readFileSync(path);
  const countless = Buffer.from(sound);
  countless.write('"12x00"', countless.indexOf('"12000"'));
  for (const damaged of [countless, sound.subarray(0, 500)]) {
    writeFileSync(path, damaged);
    const before = contents("whole");
    const { code, stdout, stderr } = await repertoire(place, ...training("whole"));
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^whole\/checkpoint\.safetensors: not a readable (safetensors file|checkpoint): .*\n$/);
    assert.deepEqual(contents("whole"), before);
  }
});
