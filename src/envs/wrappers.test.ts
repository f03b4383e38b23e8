import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { box, contains, dict, discrete, multiDiscrete, sample, type Value } from "../spaces/index.ts";
import { generator, randomKey } from "../tensor/random.ts";
import type { Environment } from "./environment.ts";
import {
  autoreset,
  checkEnvironment,
  clipReward,
  delayObservation,
  discretiseAction,
  discretiseObservation,
  type EpisodeStatistics,
  filterObservation,
  flattenObservation,
  make,
  noisyAction,
  noisyObservation,
  oneHotObservation,
  randomiseParameters,
  recordEpisodeStatistics,
  repeatAction,
  rescaleAction,
  rescaleObservation,
  rewardFrom,
  simulate,
  stickyAction,
  timeAwareObservation,
  transformAction,
  transformObservation,
  transformReward,
} from "./index.ts";
import { parameter } from "./parameters.ts";

/** A place pushed about by chance, seen as a record; ends beyond ±3. Every parameter, picture and save is there. */
const drift = (): Environment =>
  simulate({
    name: "Drift-v0",
    observationSpace: dict({ place: box(-4, 4), cells: box(0, 2, { shape: [2] }) }),
    actionSpace: box(-1, 1, { shape: [2] }),
    stateSize: 1,
    parameters: { push: parameter(0.5, 0, 1, "length of a push") },
    start: (state, random) => {
      state[0] = random.between(-1, 1);
    },
    advance: (state, action: Float32Array, random, { push }) => {
      state[0] += push * (action[0] - action[1]) + 0.1 * random.normal();
      return state[0];
    },
    ended: ([at]) => Math.abs(at) > 3,
    observe: ([at]) => ({ place: Float32Array.of(at), cells: Float32Array.of(Number(at > 0), Number(at > 1) + 1) }),
    draw: ([at]) => ({
      x: -4,
      y: 0,
      width: 8,
      height: 1,
      shapes: [{ kind: "disc", x: at, y: 0, radius: 1, fill: "#000" }],
    }),
  });
const place = () => transformObservation(drift(), box(-4, 4), (seen) => (seen as { place: Float32Array }).place);
const cells = () =>
  transformObservation(drift(), box(0, 2, { shape: [2] }), (seen) => (seen as { cells: Float32Array }).cells);

const wrapped: { readonly [name: string]: () => Environment } = {
  transformObservation: place,
  transformAction: () =>
    transformAction(drift(), discrete(2), (action) => (action === 0 ? Float32Array.of(0, 1) : Float32Array.of(1, 0))),
  transformReward: () => transformReward(drift(), (reward, { terminated }) => reward * (terminated ? 10 : 1)),
  clipReward: () => clipReward(drift(), -0.1, 0.1),
  rewardFrom: () =>
    rewardFrom(drift(), ({ observation, nextObservation, reward }) => {
      const [before, after] = [observation, nextObservation].map((it) => (it as { place: Float32Array }).place[0]);
      return after - before + reward;
    }),
  filterObservation: () => filterObservation(drift(), ["place"]),
  rescaleObservation: () => rescaleObservation(place(), 0, 1),
  discretiseObservation: () => discretiseObservation(place(), 8),
  "discretiseObservation, joint": () => discretiseObservation(cells(), [3, 2], { joint: true }),
  oneHotObservation: () => oneHotObservation(cells()),
  "timeAwareObservation of a Dict": () => timeAwareObservation(drift(), 20),
  "timeAwareObservation of a Box": () => timeAwareObservation(place(), 20),
  delayObservation: () => delayObservation(drift(), 3),
  noisyObservation: () => noisyObservation(place(), 0.3),
  noisyAction: () => noisyAction(drift(), 0.3),
  stickyAction: () => stickyAction(drift(), 0.4),
  discretiseAction: () => discretiseAction(drift(), 3),
  "discretiseAction, separate": () => discretiseAction(drift(), [3, 1], { separate: true }),
  repeatAction: () => repeatAction(drift(), 3),
  "repeatAction, max": () => repeatAction(place(), 2, { combine: "max" }),
  recordEpisodeStatistics: () => recordEpisodeStatistics(drift()),
  autoreset: () => autoreset(drift()),
  randomiseParameters: () => randomiseParameters(drift(), { push: [0.2, 0.9] }),
  "several at once": () =>
    stickyAction(
      noisyObservation(delayObservation(flattenObservation(randomiseParameters(drift(), { push: [0, 1] })), 2), 1),
    ),
};

for (const [name, make] of Object.entries(wrapped)) {
  test(`${name}: an environment still, that saves, restores, is perturbed and drawn`, () => {
    assert.deepEqual(checkEnvironment(make()), []);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 12 }), (seed, ahead) => {
        const env = make();
        const random = generator(randomKey(seed));
        const act = () => sample(env.actionSpace, random);
        const play = (on: Environment, actions: readonly Value[]) =>
          actions.map((action) => {
            const step = on.step(action);
            return step.terminated ? [step, on.reset()] : [step];
          });
        env.reset({ seed });
        play(env, Array.from({ length: ahead }, act));
        const saved = JSON.parse(JSON.stringify(env.save!()));
        const actions = Array.from({ length: 8 }, act);
        const went = play(env, actions);
        env.restore!(saved);
        assert.deepEqual(play(env, actions), went, "back where it was");
        const other = make();
        other.restore!(saved);
        assert.deepEqual(play(other, actions), went, "in another of its kind");
      }),
      { numRuns: 15 },
    );
    const env = make();
    assert.deepEqual(Object.keys(env.parameters!), ["push"]);
    env.perturb!({ push: 0.25 });
    assert.deepEqual(env.parameterValues!(), { push: 0.25 });
    env.reset({ seed: 1 });
    assert.equal(env.scene!().shapes.length, 1);
  });
}

/** Observes 1, 2, 3 …, rewards the same, and keeps what it was given. */
function counter(last = Infinity): Environment & { readonly taken: Value[] } {
  let at = 0;
  const taken: Value[] = [];
  return {
    taken,
    name: "Counter-v0",
    observationSpace: box(0, Infinity),
    actionSpace: box(-1, 1, { shape: [2] }),
    reset: () => {
      at = 1;
      return { observation: Float32Array.of(at), info: { first: true } };
    },
    step: (action) => {
      taken.push(action);
      at++;
      return { observation: Float32Array.of(at), reward: at, terminated: at === last, truncated: false, info: { at } };
    },
  };
}
const still = Float32Array.of(0, 0);

test("rewards pass through a function, clip, or are judged from the transition", () => {
  const squared = transformReward(counter(3), (reward, { terminated }) => (terminated ? -reward : reward ** 2));
  squared.reset();
  assert.deepEqual([squared.step(still).reward, squared.step(still).reward], [4, -3]);
  const clipped = clipReward(counter(), -1, 2.5);
  clipped.reset();
  assert.deepEqual([clipped.step(still).reward, clipped.step(still).reward], [2, 2.5]);
  assert.throws(() => clipReward(counter(), 1, 1), /got "\[1, 1\]"; wanted low below high/);
  const judged = rewardFrom(counter(), (it) => {
    const [before, after] = [it.observation, it.nextObservation].map((seen) => (seen as Float32Array)[0]);
    return 100 * before + 10 * after + (it.action as Float32Array)[0];
  });
  judged.reset();
  const { reward, info } = judged.step(Float32Array.of(1, 0));
  assert.deepEqual([reward, info], [121, { at: 2, reward: 2 }]);
  assert.equal(judged.step(still).reward, 230);
});

test("what is delayed is seen later, and first of all the first", () => {
  const env = delayObservation(counter(), 2);
  const seen = [env.reset(), env.step(still), env.step(still), env.step(still)].map(({ observation }) => observation);
  assert.deepEqual(
    seen,
    [1, 1, 1, 2].map((v) => Float32Array.of(v)),
  );
  assert.notEqual(seen[0], seen[1], "each is the caller's to keep");
  assert.throws(() => delayObservation(counter(), -1), /whole number of at least 0/);
});

test("actions repeat until an episode ends, their rewards added up, and pictures may be combined", () => {
  const env = repeatAction(counter(6), 3);
  env.reset();
  const { observation, reward } = env.step(still);
  assert.deepEqual([observation, reward], [Float32Array.of(4), 2 + 3 + 4]);
  const cut = env.step(still);
  assert.deepEqual([cut.observation, cut.reward, cut.terminated], [Float32Array.of(6), 5 + 6, true]);
  const falling = transformObservation(counter(), box(-Infinity, 0), (seen) => (seen as Float32Array).map((v) => -v));
  const brightest = repeatAction(falling, 3, { combine: "max" });
  brightest.reset();
  assert.deepEqual(brightest.step(still).observation, Float32Array.of(-3));
  assert.throws(() => repeatAction(counter(), 0), /whole number of at least 1/);
  assert.throws(() => repeatAction(drift(), 2, { combine: "max" }), /wanted a Box observation for max/);
});

test("an action sticks with its chance, never into the next episode, whatever its giver does with it", () => {
  const inner = counter();
  const env = stickyAction(inner, 0.25);
  let stuck = 0;
  const action = new Float32Array(2);
  env.reset({ seed: 3 });
  for (let t = 0; t < 4000; t++) {
    action[0] = (t % 100) / 100;
    env.step(action);
    if ((inner.taken[t] as Float32Array)[0] !== action[0]) stuck++;
  }
  assert.ok(Math.abs(stuck / 4000 - 0.25) < 0.025, `${stuck}`);
  const held = counter();
  const always = stickyAction(held, 1);
  for (const first of [Float32Array.of(1, 1), still]) {
    always.reset();
    always.step(first);
    always.step(Float32Array.of(0.5, 0.5));
  }
  assert.deepEqual(
    held.taken.map((it) => (it as Float32Array)[0]),
    [1, 1, 0, 0],
  );
  assert.throws(() => stickyAction(counter(), 1.5), /wanted a chance from 0 to 1/);
  assert.throws(() => env.step(Float32Array.of(2, 0)), /wanted a value of Box\[2\]/);
});

test("real actions become choices, the bounds among them", () => {
  const inner = counter();
  const env = discretiseAction(inner, [3, 2]);
  assert.deepEqual(env.actionSpace, discrete(6));
  env.reset();
  for (let a = 0; a < 6; a++) env.step(a);
  const rows = inner.taken.map((action) => [...(action as Float32Array)]);
  assert.deepEqual(
    rows,
    [-1, 0, 1].flatMap((x) => [-1, 1].map((y) => [x, y])),
  );
  const apart = discretiseAction(counter(), [3, 1], { separate: true });
  assert.deepEqual(apart.actionSpace, multiDiscrete([3, 1]));
  assert.throws(() => discretiseAction(counter(), [3]), /got "3"; wanted whole numbers of at least 1, one or 2/);
  assert.throws(() => discretiseAction(make("CartPole-v1"), 3), /wanted a Box with finite bounds/);
});

test("observations are put into bins, onto other bounds, and one-hot", () => {
  const from = (value: number) => ({
    ...counter(),
    observationSpace: box(0, 4),
    reset: () => ({ observation: Float32Array.of(value), info: {} }),
  });
  const seen = (env: Environment) => env.reset().observation;
  const bins = [0, 0.99, 1, 3.99, 4, 9].map((v) => (seen(discretiseObservation(from(v), 4)) as Int32Array)[0]);
  assert.deepEqual(bins, [0, 0, 1, 3, 3, 3]);
  assert.equal(seen(discretiseObservation(from(2.5), 4, { joint: true })), 2);
  assert.deepEqual(seen(rescaleObservation(from(3))), Float32Array.of(0.5));
  assert.deepEqual(seen(oneHotObservation(from(3))), Float32Array.of(0, 0, 0, 1, 0));
  const several = {
    ...from(0),
    observationSpace: box([0, -1], [1, 1]),
    reset: () => ({ observation: Float32Array.of(1, 0), info: {} }),
  };
  assert.deepEqual(seen(oneHotObservation(several)), Float32Array.of(0, 1, 0, 1, 0));
  assert.equal(seen(discretiseObservation(several, [2, 3], { joint: true })), 4);
  assert.throws(() => rescaleObservation(counter()), /wanted a Box observation with finite bounds/);
  assert.throws(
    () => oneHotObservation({ ...from(0), observationSpace: box(0, 0.5) }),
    /bounds that are whole numbers/,
  );
});

test("the time that has passed is seen beside the rest", () => {
  const env = timeAwareObservation(make("CartPole-v1", { maxSteps: 4 }));
  assert.equal((env.reset({ seed: 1 }).observation as Float32Array)[4], 0);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => (env.step(1).observation as Float32Array)[4]),
    [0.25, 0.5, 0.75, 1],
  );
  assert.equal((env.reset().observation as Float32Array)[4], 0);
  assert.throws(() => timeAwareObservation(counter()), /Give the time limit, as this environment was made without one/);
  assert.throws(
    () => timeAwareObservation({ ...counter(), observationSpace: discrete(2) }, 5),
    /a Box of one axis, or a Dict/,
  );
});

test("noise stays within the space, has the spread it was given, and follows from the seed", () => {
  const env = noisyObservation({ ...counter(), observationSpace: box(-1000, 1000) }, 2);
  const play = () => {
    env.reset({ seed: 8 });
    return Array.from({ length: 500 }, (_, t) => (env.step(still).observation as Float32Array)[0] - (t + 2));
  };
  const noise = play();
  assert.deepEqual(play(), noise);
  const spread = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / noise.length);
  assert.ok(spread > 1.8 && spread < 2.2, `${spread}`);
  const inner = counter();
  const pushed = noisyAction(inner, 5);
  pushed.reset({ seed: 1 });
  for (let t = 0; t < 20; t++) pushed.step(still);
  assert.ok(inner.taken.every((action) => contains(inner.actionSpace, action)));
  assert.ok(new Set(inner.taken.map(String)).size > 3);
  assert.throws(() => noisyAction(make("CartPole-v1"), 1), /wanted a Box action/);
});

test("entries of a record are chosen by name", () => {
  const env = filterObservation(drift(), ["cells"]);
  assert.deepEqual(Object.keys(env.reset().observation), ["cells"]);
  assert.throws(() => filterObservation(drift(), ["cell"]), /there is no entry "cell"\. Known: cells, place/);
  assert.throws(() => filterObservation(counter(), ["x"]), /wanted a Dict observation/);
});

test("an episode's return and length are told with its end", () => {
  const env = recordEpisodeStatistics(counter(4));
  for (let e = 0; e < 2; e++) {
    env.reset();
    env.step(still);
    assert.equal(env.step(still).info.episode, undefined);
    const wanted: EpisodeStatistics = { return: 2 + 3 + 4, length: 3 };
    assert.deepEqual(env.step(still).info, { at: 4, episode: wanted });
  }
});

test("the next episode starts by itself, and the end of the last is not lost", () => {
  const env = autoreset(counter(3));
  env.reset();
  env.step(still);
  const { observation, reward, terminated, info } = env.step(still);
  assert.deepEqual([observation, reward, terminated], [Float32Array.of(1), 3, true]);
  assert.deepEqual(info, { first: true, finalObservation: Float32Array.of(3), finalInfo: { at: 3 } });
  assert.deepEqual(env.step(still).observation, Float32Array.of(2));
});

test("each episode has parameters of its own, from the seed, within their ranges", () => {
  const env = randomiseParameters(make("CartPole-v1"), { gravity: [5, 15], force: [8, 8] });
  const drawn = (seed?: number) =>
    env.reset(seed === undefined ? {} : { seed }).info.parameters as { gravity: number; force: number };
  const first = [drawn(1), drawn(), drawn()];
  assert.deepEqual([drawn(1), drawn(), drawn()], first);
  assert.equal(new Set(first.map(({ gravity }) => gravity)).size, 3);
  assert.ok(first.every(({ gravity, force }) => gravity >= 5 && gravity <= 15 && force === 8));
  assert.equal(env.parameterValues!().gravity, first[2].gravity);
  const two = randomiseParameters(make("CartPole-v1"), (random) => ({ gravity: [1, 30][random.integer(2)] }));
  assert.deepEqual(
    [...new Set(Array.from({ length: 20 }, () => (two.reset().info.parameters as { gravity: number }).gravity))].sort(),
    [1, 30],
  );
  assert.throws(() => randomiseParameters(make("CartPole-v1"), { gravitas: [1, 2] }), /has no option "gravitas"/);
  assert.throws(() => randomiseParameters(make("CartPole-v1"), { gravity: [1, 99] }), /gravity, m\/s², from 1 to 30/);
  assert.throws(() => randomiseParameters(make("CartPole-v1"), { gravity: [9, 8] }), /wanted low at most high/);
  assert.throws(() => randomiseParameters(counter(), {}), /without parameters/);
});

test("wrappers of chance draw apart from the environment and from each other", () => {
  const plain = rescaleAction(drift());
  const sticky = stickyAction(drift(), 0);
  const actions = Array.from({ length: 10 }, (_, t) => Float32Array.of(0, (t % 3) / 2));
  const play = (env: Environment) => [env.reset({ seed: 4 }), ...actions.map((a) => env.step(a))];
  assert.deepEqual(play(sticky), play(plain), "chance that changes nothing leaves the world's own alone");
});
