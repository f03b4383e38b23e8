/** When the loop plays, when it learns, and what it hands to a method: seen by methods that only report. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Environment, simulate, timeLimit } from "../../envs/index.ts";
import { box, discrete } from "../../spaces/index.ts";
import { concat } from "../../tensor/index.ts";
import type { AnyAlgorithm, JudgedSteps, Rollout, Transitions } from "../define.ts";
import { dqn } from "../interaction/dqn.ts";
import { greedy } from "../interaction/greedy.ts";
import { ppo } from "../interaction/ppo.ts";
import { ppoRecurrent } from "../interaction/ppo-recurrent.ts";
import { reinforce } from "../interaction/reinforce.ts";
import { sac } from "../interaction/sac.ts";
import { changed } from "../testing.ts";
import { trainOnline } from "./train-online.ts";

/** Counts its steps; ends after `length` of them, or is cut off there. The last step of an end earns 1. */
const counting = (length: number, how: "ended" | "cut") => (): Environment =>
  timeLimit(
    simulate<Float32Array, number>({
      name: "Counting-v0",
      observationSpace: box([0], [100]),
      actionSpace: discrete(2),
      stateSize: 1,
      start(state) {
        state[0] = 0;
      },
      advance: (state) => Number(++state[0] === length && how === "ended"),
      ended: (state) => how === "ended" && state[0] === length,
      observe: (state) => Float32Array.of(state[0]),
    }),
    how === "cut" ? length : 1000,
  );

const small = { hidden: [4], batchSize: 8 };

test("rounds fall due by the steps alone: every so many after the warm-up, however many worlds step at once", async () => {
  for (const schedule of [
    { steps: 60, worlds: 1, warmup: 20, every: 1, updates: 1 },
    { steps: 60, worlds: 1, warmup: 20, every: 8, updates: 3 },
    { steps: 66, worlds: 3, warmup: 10, every: 2, updates: 1 },
    { steps: 64, worlds: 4, warmup: 7, every: 16, updates: 5 },
  ]) {
    const { steps, updates, policy } = await trainOnline(dqn, counting(5, "ended"), { options: small, schedule });
    // What methods take for the length of the run.
    const { warmup, every, updates: round } = schedule;
    assert.equal(policy.description.provenance.options.steps, Math.floor((schedule.steps - warmup) / every) * round);
    let [played, learned] = [0, 0];
    while (played < schedule.steps) {
      const before = Math.floor(played / schedule.every);
      played += schedule.worlds;
      if (played >= schedule.warmup) learned += (Math.floor(played / schedule.every) - before) * schedule.updates;
    }
    assert.deepEqual([steps, updates], [played, learned]);
  }
});

test("it plays by lot in the warm-up, and then as the method explores at that share of the run", async () => {
  const late: AnyAlgorithm = {
    ...dqn,
    online: {
      ...dqn.online!,
      // The second choice from the middle of the run on.
      explore(_: unknown, __: unknown, observation: Transitions["observation"], progress: Transitions["reward"]) {
        const none = observation.mul(0);
        return greedy(concat([none, none.add(progress.sub(0.4999))]));
      },
    } as never,
  };
  const schedule = { steps: 200, worlds: 2, warmup: 60, every: 50 };
  const { played } = await trainOnline(late, counting(1000, "cut"), {
    options: small,
    schedule,
    record: true,
    seed: 3,
  });
  for (const world of [0, 1]) {
    const actions = Array.from(played!.action.data.slice(100 * world, 100 * (world + 1)), Number);
    const chance = actions.slice(0, 30).reduce((a, b) => a + b) / 30;
    assert.ok(chance > 0.2 && chance < 0.8, `${chance}`);
    assert.deepEqual(actions.slice(30), [...Array(20).fill(0), ...Array(50).fill(1)]);
  }
});

/** Says the means of what its batches hold. */
const reporting: AnyAlgorithm = {
  ...dqn,
  step(_: unknown, state: unknown, { continues, span, reward, observation, nextObservation, weight }: Transitions) {
    const further = nextObservation.sub(observation).squeeze(-1).sub(span).abs();
    const metrics = {
      ends: continues.from(1).mean(),
      span: span.mean(),
      earned: reward.mean(),
      astray: further.mean(),
      ...(weight ? { least: weight.min() } : {}),
    };
    return { state, metrics, surprise: reward } as never;
  },
};
const schedule = { steps: 240, warmup: 30, every: 30, updates: 40 };

test("an end is an end in every transition that reaches it, a cut in none; both lead to what was seen last", async () => {
  for (const lookAhead of [1, 3]) {
    for (const how of ["ended", "cut"] as const) {
      const options = { ...small, lookAhead, discount: 1 };
      const given = { options, schedule, logEvery: 240, seed: 1 };
      const { metrics } = await trainOnline(reporting, counting(3, how), given);
      // Episodes of three steps: looking three ahead, spans are 3, 2 and 1, and each ends.
      const close = (name: string, wanted: number, within: number): void => {
        assert.ok(Math.abs(metrics[name] - wanted) <= within, `${name} is ${metrics[name]}, wanted ${wanted}`);
      };
      close("span", lookAhead === 1 ? 1 : 2, lookAhead === 1 ? 0 : 0.1);
      close("ends", how === "cut" ? 0 : lookAhead === 1 ? 1 / 3 : 1, how === "cut" || lookAhead === 3 ? 0 : 0.05);
      close("astray", 0, 0);
    }
  }
});

test("what learns beside a run is called at every line of its logs, and waited for", async () => {
  const told: number[] = [];
  let busy = false;
  await trainOnline(reporting, counting(8, "ended"), {
    ...{ options: small, schedule, logEvery: 60, seed: 1 },
    async each(steps, metrics) {
      assert.equal(busy, false);
      busy = true;
      await new Promise(setImmediate);
      busy = false;
      assert.equal(metrics.span, 1);
      told.push(steps);
    },
  });
  assert.deepEqual(told, [60, 120, 180, 240]);
});

test("what surprises is drawn more often, where that is asked for", async () => {
  const given = { options: small, logEvery: 40, seed: 1 };
  const world = counting(8, "ended");
  const alike = await trainOnline(reporting, world, { ...given, schedule });
  assert.ok(Math.abs(alike.metrics.earned - 1 / 8) < 0.06, `${alike.metrics.earned}`);
  const often = await trainOnline(reporting, world, { ...given, schedule: { ...schedule, prioritised: true } });
  assert.ok(often.metrics.earned > 0.75, `${often.metrics.earned}`);
});

test("what is drawn more often weighs less, the more so the further the run is", async () => {
  // A reward surprises by 1 and nothing else does at all: β goes from 0.4 to 1, and the weight is (1e-6 ** 0.6) ** β.
  for (const [stop, progress] of [
    [90, 90 / 240],
    [240, 1],
  ]) {
    const controller = new AbortController();
    const { metrics } = await trainOnline(reporting, counting(8, "ended"), {
      ...{ options: small, seed: 1, logEvery: 30, evaluateEvery: stop },
      schedule: { ...schedule, prioritised: true },
      signal: controller.signal,
      async evaluate() {
        controller.abort();
        return {};
      },
    });
    const wanted = 1e-6 ** (0.6 * (0.4 + 0.6 * progress));
    assert.ok(Math.abs(metrics.least / wanted - 1) < 0.1, `${metrics.least}, wanted ${wanted}`);
  }
});

/** Hands on what a rollout says of ends, cuts and padding, and says their sums over the rollout. */
const telling = (method: AnyAlgorithm): AnyAlgorithm => ({
  ...method,
  step(_: unknown, state: unknown, { advantage, value, played, target }: JudgedSteps) {
    const metrics = { ends: advantage.sum(), cuts: value.sum(), played: played.sum(), astray: target.sum() };
    return { state, metrics } as never;
  },
  online: {
    ...method.online!,
    judge(_: unknown, state: unknown, rollout: Rollout) {
      const { observation, nextObservation, action, reward, continues, truncated, played } = rollout;
      const astray = nextObservation.sub(observation).squeeze(-1).sub(1).abs().mul(played);
      const advantage = continues.from(1).mul(played);
      const steps = {
        observation,
        action,
        logProb: reward,
        advantage,
        value: truncated.mul(played),
        target: astray,
        played,
      };
      return { state, steps };
    },
  } as never,
});

test("rollouts say where episodes ended and where they were cut, and go on behind both", async () => {
  const plan = { hidden: [4], steps: 60, worlds: 2, horizon: 15, epochs: 1, batchSize: 30 };
  const whole = { ends: 0, cuts: 0, played: 30, astray: 0 };
  for (const [world, wanted] of [
    [counting(3, "ended"), { ...whole, ends: 10 }],
    [counting(5, "cut"), { ...whole, cuts: 6 }],
    // Longer than a rollout: the second goes on where the first stopped, and alone has both cuts.
    [counting(20, "cut"), { ...whole, cuts: 2 / 2 }],
  ] as const) {
    const { steps, updates, metrics } = await trainOnline(telling(ppo), world, {
      options: plan,
      logEvery: 60,
      seed: 1,
    });
    assert.deepEqual([steps, updates], [60, 2]);
    const { return: _, length: __, ...sums } = metrics;
    assert.deepEqual(sums, wanted);
  }
});

test("episodes of different lengths: rows behind an end are told from rows that were played", async () => {
  const world = (): Environment =>
    simulate<Float32Array, number>({
      name: "Lengths-v0",
      observationSpace: box([0], [100]),
      actionSpace: discrete(2),
      stateSize: 2,
      start(state, random) {
        state.set([0, 1 + random.integer(6)]);
      },
      advance: (state) => Number(++state[0] > 0),
      ended: (state) => state[0] === state[1],
      observe: (state) => Float32Array.of(state[0]),
    });
  const options = { hidden: [4], steps: 1, worlds: 5, horizon: 8 };
  for (const seed of [1, 2, 3]) {
    const { steps, updates, metrics } = await trainOnline(telling(reinforce), world, { options, logEvery: 1, seed });
    assert.equal(updates, 1);
    assert.deepEqual([metrics.ends, metrics.played, metrics.length * 5, metrics.return * 5], [5, steps, steps, steps]);
    assert.ok(steps > 5 && steps < 30);
  }
});

test("where whole episodes are played each world plays one, and only its steps count", async () => {
  const plan = { hidden: [4], steps: 24, worlds: 3, horizon: 7 };
  const { steps, updates, metrics } = await trainOnline(telling(reinforce), counting(4, "ended"), {
    options: plan,
    logEvery: 24,
    seed: 1,
  });
  assert.deepEqual([steps, updates], [24, 2]);
  assert.deepEqual(metrics, { return: 1, length: 4, ends: 3, cuts: 0, played: 12, astray: 0 });
  // An episode longer than the horizon stops there.
  const long = await trainOnline(telling(reinforce), counting(50, "ended"), { options: plan, logEvery: 24, seed: 1 });
  assert.equal(long.metrics.played, 21);
  assert.equal(long.metrics.ends, 0);
});

test("a run goes on with what another learned, with optimisers of its own", async () => {
  const world = counting(5, "ended");
  const still = { learningRate: 1e-20 };
  for (const [method, options, schedule] of [
    [ppo, { hidden: [4], horizon: 8, worlds: 2, batchSize: 8, epochs: 1, steps: 32 }, undefined],
    [dqn, small, { steps: 64, warmup: 8 }],
  ] as const) {
    const run = async (seed: number, more: Record<string, unknown>, from?: unknown): Promise<unknown> => {
      const given = {
        options: { ...options, ...more },
        seed,
        ...(schedule ? { schedule } : {}),
        ...(from ? { from } : {}),
      };
      return (await trainOnline(method as AnyAlgorithm, world, given)).state;
    };
    const ofNetworks = (path: string): boolean => path.includes("/params/");
    const learned = await run(1, { learningRate: 1e-2 });
    assert.ok(changed(learned, await run(2, still)).some(ofNetworks));
    assert.deepEqual(changed(learned, await run(2, still, learned)).filter(ofNetworks), []);
    assert.ok(changed(learned, await run(2, still, learned)).some((path) => path.includes("/memory/")));
    await assert.rejects(run(2, { hidden: [5] }, learned), /from: the leaf.*wanted/);
  }
});

test("what a user can get wrong is said in a sentence", async () => {
  const world = counting(3, "ended");
  const refused = async (method: AnyAlgorithm, given: Record<string, unknown>, wanted: RegExp): Promise<void> => {
    await assert.rejects(trainOnline(method, world, given as never), wanted);
  };
  await refused(
    dqn,
    { schedule: { steps: 500 } },
    /dqn: option "warmup" is 1000; wanted less than the 500 steps of the run/,
  );
  await refused(dqn, { options: { steps: 500 } }, /dqn: option "steps" is 500; wanted it in the schedule/);
  await refused(dqn, { schedule: { step: 500 } }, /dqn has no option "step"/);
  await refused(ppo, { schedule: { steps: 500 } }, /ppo: option "schedule" is "steps"; wanted none/);
  await refused(sac, { schedule: { prioritised: true } }, /sac: option "prioritised" is true; wanted false/);
  await refused(
    ppoRecurrent,
    { options: { stretch: 7, horizon: 16 } },
    /ppo-recurrent: option "stretch" is 7; wanted .*divides the horizon of 16/,
  );
  await assert.rejects(trainOnline(ppo, "Cartpole-v1"), /no environment "Cartpole-v1".*CartPole-v1/);
});
