import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { Problem } from "../../problems.ts";
import { openJsonl, readJsonl } from "./jsonl.ts";
import type { LogOptions, MetricsLog } from "./log.ts";
import golden from "./tensorboard.golden.json" with { type: "json" };
import { openEventFile } from "./tensorboard.ts";

const folder = mkdtempSync(join(tmpdir(), "repertoire-log-"));
test.after(() => rmSync(folder, { recursive: true }));

/** Golden events were read back by TensorBoard at these times; a clock of the step makes resumed files comparable. */
const formats = {
  jsonl: openJsonl,
  events: (path: string, o?: LogOptions) => openEventFile(path, { ...o, clock: () => 7 }),
};
type Open = (path: string, options?: LogOptions) => MetricsLog;

function writeSteps(open: Open, path: string, steps: readonly number[], options?: LogOptions): void {
  using log = open(path, options);
  for (const step of steps) log.write(step, { loss: 1 / step, "eval/return": step * 2 });
  log.sync();
}

for (const [name, open] of Object.entries<Open>(formats)) {
  test(`${name}: killed at any byte and resumed at any step, the log equals that of a run never stopped`, () => {
    const whole = join(folder, `whole.${name}`);
    const steps = [1, 2, 2, 5, 9, 12];
    writeSteps(open, whole, steps);
    const wanted = readFileSync(whole);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: wanted.length }), fc.integer({ min: 0, max: 12 }), (bytes, afterStep) => {
        const path = join(folder, `cut.${name}`);
        writeFileSync(path, wanted);
        // The checkpoint of `afterStep` was written after its metrics, so they are in the file whole.
        const kept = lengthUpTo(open, steps, afterStep);
        truncateSync(path, Math.max(bytes, kept));
        writeSteps(
          open,
          path,
          steps.filter((step) => step > afterStep),
          { afterStep },
        );
        assert.deepEqual(readFileSync(path), wanted);
      }),
      { numRuns: 60 },
    );
  });

  test(`${name}: a new run in an old folder starts its log afresh`, () => {
    const path = join(folder, `again.${name}`);
    writeSteps(open, path, [1, 2, 3]);
    const first = readFileSync(path);
    writeSteps(open, path, [1, 2, 3]);
    assert.deepEqual(readFileSync(path), first);
  });

  test(`${name}: resuming onto a file that is no such log says so and leaves it as it was`, () => {
    const path = join(folder, `foreign.${name}`);
    const content = `${"not a log at all, but long enough to look like one ".repeat(3)}\n{"step":1}\n`;
    writeFileSync(path, content);
    assert.throws(
      () => open(path, { afterStep: 1 }),
      (error) => error instanceof Problem && error.code === "broken-file",
    );
    assert.equal(readFileSync(path, "utf8"), content);
  });
}

function lengthUpTo(open: Open, steps: readonly number[], afterStep: number): number {
  const path = join(folder, "prefix");
  writeSteps(
    open,
    path,
    steps.filter((step) => step <= afterStep),
  );
  return readFileSync(path).length;
}

test("a metrics log reads back as written, numbers that are not finite included, without its torn last line", async () => {
  const path = join(folder, "metrics.jsonl");
  using log = openJsonl(path);
  log.write(3, { loss: Number.NaN, best: Number.NEGATIVE_INFINITY, rate: 1e-300 });
  log.write(4, { loss: 0.1 });
  appendFileSync(path, '{"step":5,"lo');
  assert.deepEqual(await readJsonl(path), [
    { step: 3, loss: Number.NaN, best: Number.NEGATIVE_INFINITY, rate: 1e-300 },
    { step: 4, loss: 0.1 },
  ]);
});

test("a broken line before the last is named", async () => {
  const path = join(folder, "broken.jsonl");
  writeFileSync(path, '{"step":1}\n{"step":"x\n{"step":3}\n');
  await assert.rejects(readJsonl(path), /broken\.jsonl: not a readable metrics log: line 2 /);
});

test("a log that goes back in time is a fault", () => {
  using log = openJsonl(join(folder, "back.jsonl"));
  log.write(2, {});
  assert.throws(() => log.write(1, {}), /step 1 was logged after step 2/);
});

test("the event file is, byte for byte, the one TensorBoard read the golden scalars from", () => {
  const path = join(folder, "events.out.tfevents.golden");
  const times = golden.scalars.map((scalar) => scalar.time);
  using log = openEventFile(path, { clock: () => times.shift() ?? 0 });
  for (const { step, metrics } of golden.scalars) log.write(step, metrics);
  assert.equal(readFileSync(path).toString("base64"), golden.file);
});

test("an event file with a flipped bit is refused", () => {
  const path = join(folder, "flipped");
  writeSteps(formats.events, path, [1, 2, 3]);
  const bytes = readFileSync(path);
  bytes[bytes.length - 20] ^= 1;
  writeFileSync(path, bytes);
  assert.throws(() => formats.events(path, { afterStep: 3 }), /fails its checksum/);
});
