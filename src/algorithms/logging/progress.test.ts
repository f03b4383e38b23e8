import assert from "node:assert/strict";
import test from "node:test";
import { duration, openProgress } from "./progress.ts";

const clearLine = "\r\x1b[2K";

/** A progress of 1,000 steps that takes a second for each ten, with what it drew. */
function drawn(isTTY: boolean, from: number, columns = 120): string[] {
  const written: string[] = [];
  let now = 0;
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  using progress = openProgress({ label: "iql", total: 1000, from, stream, clock: () => now });
  for (let done = from + 1; done <= 1000; done++) {
    now += 100;
    progress.update(done, "loss 0.25");
  }
  return written;
}

test("without a terminal: a line about every ten seconds, the last one at the end, no control characters", () => {
  const lines = drawn(false, 500);
  assert.equal(lines.length, 5);
  assert.equal(lines[0], "iql 60%  600/1000 steps, 10.0/s, 40 s left  loss 0.25\n");
  assert.equal(lines.at(-1), "iql 100%  1000/1000 steps, 10.0/s, took 50 s  loss 0.25\n");
});

test("on a terminal: one line that redraws itself, never wider than the terminal, and ends", () => {
  const draws = drawn(true, 0, 60);
  assert.equal(draws.pop(), "\n");
  assert.equal(draws.length, 1000);
  for (const draw of draws) {
    assert.ok(draw.startsWith(clearLine));
    assert.match(draw.slice(clearLine.length), /^[█░]{20} iql .{0,34}$/u);
  }
});

test("nothing is drawn where nothing was done", () => {
  const written: string[] = [];
  openProgress({ label: "x", total: 3, stream: { isTTY: true, write: (text) => written.push(text) } }).close();
  assert.deepEqual(written, []);
});

test("durations read as a person says them", () => {
  assert.deepEqual([3.6, 60, 125, 3780, Number.POSITIVE_INFINITY].map(duration), [
    "4 s",
    "1 min 0 s",
    "2 min 5 s",
    "1 h 3 min",
    "?",
  ]);
});
