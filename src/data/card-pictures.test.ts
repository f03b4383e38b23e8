import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { box } from "../spaces/make.ts";
import { generator, randomKey } from "../tensor/random.ts";
import { card } from "./card.ts";
import { cardPictures } from "./card-pictures.ts";
import { fromEpisodes } from "./episodes.ts";
import { anyRecording } from "./formats/testing.ts";
import { choices } from "./measures/testing.ts";
import { tag } from "./views.ts";

const random = generator(randomKey(3));
/** Two state numbers that move as one, and an action on its own. */
const together = fromEpisodes(
  Array.from({ length: 40 }, () => {
    const observations = Array.from({ length: 6 }, () => {
      const v = random.normal();
      return [v, 100 - 5 * v];
    });
    return {
      observations,
      actions: Array.from({ length: 5 }, () => [random.between(-1, 1)]),
      rewards: [0, 0, 0, 0, random.integer(3)],
      terminated: true,
    };
  }),
  { observationSpace: box(-Infinity, Infinity, { shape: [2] }), actionSpace: box(-1, 1) },
);

test("the first direction is the one in which numbers move together", () => {
  const { density } = cardPictures(together, card(together), { bins: 8 });
  assert.ok(density);
  assert.match(density.x.label, /^direction 1: 6\d% of variance, mostly (state 0, −state 1|state 1, −state 0)$/);
  assert.match(density.y.label, /^direction 2: 3\d% of variance, mostly action 0/);
  assert.equal(
    density.counts.flat().reduce((a, b) => a + b),
    200,
  );
  assert.deepEqual([density.counts.length, density.counts[0].length], [8, 8]);
});

test("chosen columns are shown as they are", () => {
  const { density } = cardPictures(together, card(together), { axes: ["state 0", "action 0"], bins: 4 });
  const states = Array.from({ length: 200 }, (_, i) => Number(together.observation.data[2 * i]));
  assert.equal(density?.x.low, Math.min(...states));
  const quarter = density ? density.x.low + (density.x.high - density.x.low) / 4 : 0;
  const first = density?.counts.reduce((sum, row) => sum + row[0], 0);
  assert.equal(first, states.filter((v) => v < quarter).length);
  assert.throws(
    () => cardPictures(together, card(together), { axes: ["state 0", "push"] }),
    /no column "push". Known: /,
  );
});

test("choices in numbered states are a table", () => {
  const t = choices([
    {
      steps: [
        [3, 1],
        [3, 1],
        [4, 2],
      ],
    },
  ]);
  const { density } = cardPictures(t, card(t));
  assert.deepEqual([density?.x.bins, density?.y.bins], [50, 4]);
  assert.deepEqual([density?.counts[1][3], density?.counts[2][4]], [2, 1]);
});

test("returns are by source, the largest first", () => {
  const t = tag(
    together,
    "who",
    Array.from({ length: 40 }, (_, e) => (e % 4 === 0 ? "ann" : "bob")),
  );
  const { returns } = cardPictures(t, card(t));
  assert.deepEqual(
    returns.map(({ name, values }) => [name, values.length]),
    [
      ["bob", 30],
      ["ann", 10],
    ],
  );
});

test("any recording has pictures whose cells add up to its rows", () => {
  fc.assert(
    fc.property(anyRecording, (recording) => {
      const { density } = cardPictures(recording, card(recording));
      const rows = recording.reward.length;
      if (rows === 0) assert.equal(density, null);
      else
        assert.equal(
          density?.counts.flat().reduce((a, b) => a + b),
          rows,
        );
      assert.doesNotMatch(JSON.stringify(density), /null,/);
    }),
    { numRuns: 50 },
  );
});
