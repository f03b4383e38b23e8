import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fromEpisodes, type Trajectories } from "../data/index.ts";
import { Problem } from "../problems.ts";
import { box } from "../spaces/index.ts";
import { generator, randomKey } from "../tensor/index.ts";
import {
  compatibilityBase,
  type DemonstrationRequest,
  elicit,
  judgeDemonstrations,
  judgeSteps,
} from "./elicitation.ts";

const spaces = { observationSpace: box(-10, 10, { shape: [2] }), actionSpace: box(-1, 1, { shape: [2] }) };

/** Five steps in a place, all with one action, a little shaken. */
function episode(at: readonly [number, number], action: readonly [number, number], seed: number) {
  const random = generator(randomKey(seed));
  const near = (): Float32Array => Float32Array.from(at, (x) => x + random.between(-0.3, 0.3));
  return {
    observations: Array.from({ length: 6 }, near),
    actions: Array.from({ length: 5 }, () => Float32Array.from(action, (a) => a + random.between(-0.1, 0.1))),
    rewards: [0, 0, 0, 0, 1],
    terminated: true,
  };
}
const recordingOf = (...episodes: readonly ReturnType<typeof episode>[]): Trajectories =>
  fromEpisodes(episodes, spaces);

// The base goes left in one place and right in another.
const base = await compatibilityBase(
  recordingOf(
    ...Array.from({ length: 6 }, (_, i) => episode([0, 0], [-0.6, 0], i)),
    ...Array.from({ length: 6 }, (_, i) => episode([2, 0], [0.6, 0], 10 + i)),
  ),
  { options: { hidden: [32, 32], steps: 300, batchSize: 32, learningRate: 3e-3 }, seed: 1 },
);
after(() => base[Symbol.asyncDispose]());

const alike = recordingOf(episode([0, 0], [-0.6, 0], 100));
const contrary = recordingOf(episode([2, 0], [-0.6, 0], 101));
const elsewhere = recordingOf(episode([-8, 9], [0.6, -0.9], 102));

test("what the base does is accepted, what it would not do is not, and where it knows nothing anything is", async () => {
  const acceptance = { mostBad: 0.2 };
  const [kept] = await judgeDemonstrations(base, alike, acceptance);
  assert.ok(kept.accepted && kept.mean > 0.3, `mean ${kept.mean}`);
  const [refused] = await judgeDemonstrations(base, contrary, acceptance);
  assert.ok(!refused.accepted && refused.bad > 0.5, `bad ${refused.bad}`);
  assert.ok(refused.moments.length > 0);
  const [novel] = await judgeDemonstrations(base, elsewhere, acceptance);
  assert.deepEqual([novel.accepted, novel.bad, novel.mean], [true, 0, 1]);
  // Without the gate the same demonstration is turned away: the gate is what lets it in.
  const ungated = { ...base, thresholds: { ...base.thresholds, novelty: Number.POSITIVE_INFINITY } };
  assert.equal((await judgeDemonstrations(ungated, elsewhere, acceptance))[0].accepted, false);
});

test("steps are judged one by one as they are together", async () => {
  const together = await judgeSteps(base, contrary);
  for (const row of [0, 3]) {
    const one = await judgeSteps(base, {
      observation: {
        ...contrary.observation,
        shape: [1, 2],
        data: contrary.observation.data.slice(2 * row, 2 * row + 2),
      },
      action: { ...contrary.action, shape: [1, 2], data: contrary.action.data.slice(2 * row, 2 * row + 2) },
    } as Parameters<typeof judgeSteps>[1]);
    assert.ok(Math.abs(one.error[0] - together.error[row]) < 1e-5);
    assert.ok(Math.abs(one.novelty[0] - together.novelty[row]) < 1e-5);
  }
  // By hand: the mean square of what the members fall short by.
  const { info } = await base.policy.actBatch(contrary.observation, { deterministic: true });
  const members = Array.from(info.members.data, Number).slice(0, 10);
  const done = [contrary.action.data[0], contrary.action.data[1]].map(Number);
  const error = members.reduce((sum, m, i) => sum + (m - done[i % 2]) ** 2, 0) / 10;
  assert.ok(Math.abs(error - together.error[0]) < 1e-5);
});

test("a rejected person is shown why and what is near, tries again, and what is accepted joins the base", async () => {
  const requests: DemonstrationRequest[] = [];
  const found = await elicit(
    base,
    async (request) => {
      requests.push(request);
      if (request.number === 1) return undefined;
      return request.attempt < 2 ? contrary : alike;
    },
    { episodes: 3, attempts: 3, examples: 4, mostBad: 0.2 },
  );
  assert.deepEqual(
    requests.map(({ number, attempt, rejected }) => [number, attempt, rejected !== undefined]),
    [
      [0, 0, false],
      [0, 1, true],
      [0, 2, true],
      [1, 0, false],
      [2, 0, false],
      [2, 1, true],
      [2, 2, true],
    ],
  );
  assert.equal(requests[0].examples.offsets.length - 1, 4);
  const shown = requests[1].rejected;
  assert.ok(shown && shown.moments.length > 0 && shown.recording === contrary);
  // The nearest demonstration began in the same place, not in the other one.
  assert.ok(Math.abs(Number(shown.nearest.observation.data[0]) - 2) < 0.5);
  assert.equal(found.accepted, 2);
  assert.equal(found.recording.offsets.length - 1, 14);
  assert.deepEqual(
    found.judged.map(({ accepted }) => accepted),
    [false, false, true, false, false, true],
  );
  const given = await elicit(base, async () => contrary, { episodes: 1, attempts: 2, mostBad: 0.2 });
  assert.deepEqual([given.accepted, given.judged.length], [0, 2]);
});

test("examples are the demonstrations that the policy follows most closely", async () => {
  let examples: Trajectories | undefined;
  const look = async (request: DemonstrationRequest) => {
    ({ examples } = request);
    return undefined;
  };
  await elicit(base, look, { episodes: 1, examples: 2 });
  const { error } = await judgeSteps(base, base.recording);
  const means = Array.from({ length: 12 }, (_, e) => error.slice(5 * e, 5 * e + 5).reduce((a, b) => a + b, 0) / 5);
  const shown = (await judgeSteps(base, examples as Trajectories)).error;
  const first = shown.slice(0, 5).reduce((a, b) => a + b, 0) / 5;
  assert.ok(Math.abs(first - Math.min(...means)) < 1e-6, `${first} is not the least of ${means}`);
});

test("two episodes at once, no attempts and another world are refused in a sentence", async () => {
  const two = recordingOf(episode([0, 0], [0, 0], 1), episode([0, 0], [0, 0], 2));
  await assert.rejects(
    elicit(base, async () => two, { episodes: 1 }),
    /2 episodes.*one episode/,
  );
  await assert.rejects(
    elicit(base, async () => alike, { episodes: 0 }),
    Problem,
  );
  await assert.rejects(
    elicit(base, async () => alike, { episodes: 1, attempts: 0 }),
    Problem,
  );
  const other = { ...alike, actionSpace: box(-2, 2, { shape: [2] }) };
  await assert.rejects(judgeDemonstrations(base, other), /another action space/);
});
