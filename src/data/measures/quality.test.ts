import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { trajectories } from "../build.ts";
import { concat } from "../concat.ts";
import { countOf, takeEpisodes } from "../views.ts";
import { trajectoryQuality } from "./quality.ts";
import { anyPushes, choices, close } from "./testing.ts";

const step = [[0, 0]] as const;

test("quality is the mean return between chance and the best", () => {
  const t = choices([
    { steps: step, return: 10 },
    { steps: step, return: 30 },
  ]);
  assert.equal(trajectoryQuality(t, { random: 0, best: 40 }), 0.5);
  assert.equal(trajectoryQuality(t, { random: 20, best: 40 }), 0);
  assert.equal(trajectoryQuality(t, { random: -20, best: 0 }), 2);
});

test("a fragment that stops before the time limit is not counted", () => {
  const t = trajectories({
    ...choices([
      {
        steps: [
          [0, 0],
          [0, 0],
        ],
        return: 10,
      },
      {
        steps: [
          [0, 0],
          [0, 0],
        ],
        return: 30,
      },
      { steps: step, return: 100 },
    ]),
    terminated: [0, 1, 0, 0, 0],
    truncated: [0, 0, 0, 1, 1],
    made: { name: "Line-v0", maxSteps: 2 },
  });
  assert.equal(trajectoryQuality(t, { random: 0, best: 40 }), 0.5);
  assert.equal(trajectoryQuality(t, { random: 0, best: 40, limit: 3 }), 0.25, "only the one that ended");
  assert.equal(trajectoryQuality(t, { random: 0, best: 140, limit: 1 }), 1 / 3);
});

test("quality commutes with joining and reordering", () => {
  const scale = { random: -1, best: 2 };
  fc.assert(
    fc.property(anyPushes, anyPushes, (a, b) => {
      const [n, m] = [countOf(a), countOf(b)];
      const wanted = (n * trajectoryQuality(a, scale) + m * trajectoryQuality(b, scale)) / (n + m);
      assert.ok(close(trajectoryQuality(concat(a, b), scale), wanted));
      const turned = takeEpisodes(
        a,
        Array.from({ length: n }, (_, e) => n - 1 - e),
      );
      assert.ok(close(trajectoryQuality(turned, scale), trajectoryQuality(a, scale)));
    }),
    { numRuns: 60 },
  );
});

test("a wrong question is one sentence", () => {
  const t = choices([{ steps: step }]);
  assert.throws(
    () => trajectoryQuality(t, { random: 1, best: 1 }),
    /"best" is 1; wanted a return above that of chance \(1\)/,
  );
  assert.throws(() => trajectoryQuality(takeEpisodes(t, []), { random: 0, best: 1 }), /nothing to measure/);
});
