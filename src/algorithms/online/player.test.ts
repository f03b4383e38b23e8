/** Worlds as a method sees them while it plays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Environment, simulate, timeLimit, vectorise } from "../../envs/index.ts";
import { box, dict, discrete, multiDiscrete, type Space } from "../../spaces/index.ts";
import { type NdArray, ndarray, randomKey } from "../../tensor/index.ts";
import { ppo } from "../interaction/ppo.ts";
import { sac } from "../interaction/sac.ts";
import { player } from "./player.ts";
import { recorder } from "./recorder.ts";

const seen: unknown[] = [];

/** Counts its steps from a chance beginning; ends after three where `ends`, and is cut after five. */
function counting(actionSpace: Space, { ends = false }: { readonly ends?: boolean } = {}): Environment {
  return timeLimit(
    simulate<Float32Array, never>({
      name: "Counting-v0",
      observationSpace: box(-Infinity, Infinity, { shape: [2] }),
      actionSpace,
      stateSize: 2,
      start(state, random) {
        state.set([0, Math.fround(random.uniform())]);
      },
      advance(state, action) {
        seen.push(action);
        state[0]++;
        return state[0];
      },
      ended: (state) => ends && state[0] === 3,
      observe: (state) => Float32Array.of(state[0], state[1]),
    }),
    5,
  );
}

const playing = (method: typeof ppo | typeof sac, worlds: readonly Environment[]) =>
  player(method, vectorise(worlds.map((world) => () => world)), { key: randomKey(3) });

const rows = ({ data, shape }: NdArray): number[][] =>
  Array.from({ length: shape[0] }, (_, row) => {
    const width = data.length / shape[0];
    return Array.from(data.slice(row * width, (row + 1) * width), Number);
  });

test("a step leads to what was truly seen last, at ends and at cuts; the next begins from what is new", async () => {
  const choices = discrete(2);
  const play = await playing(ppo, [counting(choices, { ends: true }), counting(choices)]);
  const action = ndarray(Int32Array.of(0, 1));
  const [first, second] = rows(play.observation);
  for (let t = 1; t <= 5; t++) {
    const before = rows(play.observation);
    const step = await play.step(action);
    assert.deepEqual(rows(step.observation), before);
    const [ending, cutting] = rows(step.nextObservation);
    // The first world ends with its third step, and is in its second episode after it.
    assert.deepEqual(Array.from(step.terminated), [Number(t === 3), 0]);
    assert.deepEqual(Array.from(step.truncated), [0, Number(t === 5)]);
    assert.equal(ending[0], t <= 3 ? t : t - 3);
    assert.equal(ending[1] === first[1], t <= 3);
    assert.deepEqual(cutting, [t, second[1]]);
    assert.deepEqual(Array.from(step.reward), [ending[0], t]);
    const now = rows(play.observation);
    assert.equal(now[0][0], t === 3 ? 0 : ending[0]);
    assert.equal(now[1][0], t === 5 ? 0 : t);
  }
  assert.notEqual(rows(play.observation)[1][1], second[1]);
  assert.deepEqual(play.finished(), [
    { before: 0, return: 6, length: 3 },
    { before: 0, return: 15, length: 5 },
  ]);
  assert.deepEqual(play.finished(), []);
  await play.step(action);
  assert.deepEqual(play.finished(), [{ before: 1, return: 6, length: 3 }]);
});

test("vectors in ±1 are stretched to the bounds and cut there; the method's own are what it learns from", async () => {
  const space = box([-1, 0], [3, 10]);
  const play = await playing(sac, [counting(space)]);
  for (const [made, done] of [
    [
      [0, 0],
      [1, 5],
    ],
    [
      [-1, 1],
      [-1, 10],
    ],
    [
      [-7, 0.5],
      [-1, 7.5],
    ],
  ]) {
    const action = ndarray(Float32Array.from(made), { shape: [1, 2] });
    const step = await play.step(action);
    assert.deepEqual(Array.from(seen.at(-1) as Float32Array), done);
    assert.deepEqual(rows(step.action), [made]);
  }
});

test("actions of any shape and choices that begin elsewhere reach the world in its own form", async () => {
  const square = await playing(ppo, [counting(box(-2, 2, { shape: [2, 2] }))]);
  assert.deepEqual(square.sizes.action, { kind: "continuous", size: 4 });
  await square.step(ndarray(Float32Array.of(1, -1, 0.5, 0), { shape: [1, 4] }));
  assert.deepEqual(Array.from(seen.at(-1) as Float32Array), [2, -2, 1, 0]);
  const shifted = await playing(ppo, [counting(discrete(3, { start: 5 }))]);
  const step = await shifted.step(ndarray(Int32Array.of(2)));
  assert.equal(seen.at(-1), 7);
  assert.deepEqual(Array.from(step.action.data, Number), [2]);
  const several = await playing(ppo, [counting(multiDiscrete([3, 2]))]);
  assert.deepEqual(several.sizes.action, { kind: "multi-discrete", size: 5, sizes: [3, 2] });
  await several.step(ndarray(Int32Array.of(2, 1), { shape: [1, 2] }));
  assert.deepEqual(Array.from(seen.at(-1) as Int32Array), [2, 1]);
});

test("chance makes every action of the space alike, from the key alone", async () => {
  const spaces = [discrete(3, { start: 5 }), multiDiscrete([3, 2]), box(-4, 0, { shape: [2] })];
  for (const space of spaces) {
    const play = await playing(ppo, [counting(space), counting(space)]);
    const drawn = Array.from({ length: 600 }, (_, i) => rows(play.random(randomKey(i)))).flat();
    assert.deepEqual(rows(play.random(randomKey(7))), rows(play.random(randomKey(7))));
    const each = (i: number): number[] => drawn.map((row) => row[i]);
    const share = (numbers: readonly number[], is: (x: number) => boolean): number =>
      numbers.filter(is).length / numbers.length;
    if (space.kind === "box") {
      assert.ok(drawn.flat().every((x) => Math.abs(x) <= 1));
      assert.ok(Math.abs(share(each(1), (x) => x < -0.5) - 0.25) < 0.05);
      continue;
    }
    const sizes = space.kind === "discrete" ? [3] : [3, 2];
    for (const [i, size] of sizes.entries())
      for (let c = 0; c < size; c++) assert.ok(Math.abs(share(each(i), (x) => x === c) - 1 / size) < 0.06);
  }
});

test("observations with parts are seen as one row of numbers", async () => {
  const world = simulate<{ readonly here: number; readonly speed: Float32Array }, number>({
    name: "Parts-v0",
    observationSpace: dict({ here: discrete(3), speed: box(-1, 1, { shape: [2] }) }),
    actionSpace: discrete(2),
    stateSize: 1,
    start(state) {
      state[0] = 0;
    },
    advance(state) {
      state[0] = (state[0] + 1) % 3;
      return 0;
    },
    ended: (state) => state[0] === 2,
    observe: (state) => ({ here: state[0], speed: Float32Array.of(0.5, -state[0] / 2) }),
  });
  const play = await playing(ppo, [world]);
  assert.equal(play.sizes.observation, 5);
  assert.deepEqual(rows(play.observation), [[1, 0, 0, 0.5, -0]]);
  await play.step(ndarray(Int32Array.of(0)));
  const { nextObservation } = await play.step(ndarray(Int32Array.of(0)));
  assert.deepEqual(rows(nextObservation), [[0, 0, 1, 0.5, -1]]);
  assert.deepEqual(rows(play.observation), [[1, 0, 0, 0.5, -0]]);
});

test("worlds taken up again go on where they were, in the middle of episodes", async () => {
  for (const observationSpace of ["numbers", "a number of rooms"] as const) {
    const world = (): Environment =>
      observationSpace === "numbers"
        ? counting(discrete(2), { ends: true })
        : simulate<number, number>({
            name: "Rooms-v0",
            observationSpace: discrete(4),
            actionSpace: discrete(2),
            stateSize: 1,
            start(state, random) {
              state[0] = random.integer(3);
            },
            advance: (state, _, random) => (state[0] = random.integer(4)),
            ended: (state) => state[0] === 3,
            observe: (state) => state[0],
          });
    const action = ndarray(Int32Array.of(1, 0));
    const straight = await playing(ppo, [world(), world()]);
    for (let t = 0; t < 4; t++) await straight.step(action);
    straight.finished();
    const saved = JSON.parse(JSON.stringify(await straight.save()));
    const again = await playing(ppo, [world(), world()]);
    await again.restore(saved);
    assert.deepEqual(again.observation, straight.observation);
    for (let t = 0; t < 6; t++) assert.deepEqual(await again.step(action), await straight.step(action));
    const ends = (of: typeof again) => of.finished().map(({ return: total, length }) => [total, length]);
    assert.deepEqual(ends(again), ends(straight));
  }
});

test("what is kept of two worlds' play is each world's episodes, cut where they were begun anew", async () => {
  const worlds = [counting(discrete(2), { ends: true }), counting(discrete(2))];
  const vector = vectorise(worlds.map((world) => () => world));
  const play = await player(ppo, vector, { key: randomKey(3), kept: (all) => recorder(all) });
  const action = ndarray(Int32Array.of(1, 0));
  for (let t = 0; t < 3; t++) await play.step(action);
  await play.restart(randomKey(4));
  await play.step(action);
  const kept = play.recorder!.recording("test", play.stored);
  assert.deepEqual(Array.from(kept.offsets), [0, 3, 6, 7, 8]);
  assert.deepEqual(Array.from(kept.reward), [1, 2, 3, 1, 2, 3, 1, 1]);
  assert.deepEqual(Array.from(kept.terminated), [0, 0, 1, 0, 0, 0, 0, 0]);
  assert.deepEqual(Array.from(kept.truncated), [0, 0, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual(
    rows(kept.finalObservation).map(([count]) => count),
    [3, 3, 1, 1],
  );
  assert.deepEqual(kept.tags.step, [0, 0, 6, 6]);
});

test("a world whose numbers are not finite is named, with the step; so are actions without bounds", async () => {
  const broken = (reward: number, place: number, ends = false): Environment =>
    simulate<Float32Array, number>({
      name: "Broken-v0",
      observationSpace: box(-Infinity, Infinity, { shape: [1] }),
      actionSpace: discrete(2),
      stateSize: 1,
      start(state) {
        state[0] = 0;
      },
      advance: (state) => (++state[0] === 2 ? reward : 0),
      ended: (state) => ends && state[0] === 2,
      observe: (state) => Float32Array.of(state[0] === 2 ? place : 0),
    });
  const action = ndarray(Int32Array.of(0));
  for (const world of [broken(Number.NaN, 0), broken(0, Infinity), broken(0, Number.NaN, true)]) {
    const play = await playing(ppo, [world]);
    await play.step(action);
    await assert.rejects(play.step(action), /^Problem: Broken-v0: after 2 steps a .* is (NaN|Infinity)/);
  }
  await assert.rejects(
    playing(sac, [counting(box(-1, Infinity, { shape: [1] }))]),
    /Counting-v0.*bounds.*rescaleAction/,
  );
  await assert.rejects(playing(sac, [counting(discrete(2))]), /sac makes actions in a Box; these are in Discrete\(2\)/);
});
