import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEpisodes } from "../../data/index.ts";
import { box, discrete } from "../../spaces/index.ts";
import { leavesOf, type NdArray, scalar } from "../../tensor/index.ts";
import { numbersOf } from "../../tensor/testing.ts";
import { close, read, rowsOf, run, worldOf } from "../testing.ts";
import { dqn } from "./dqn.ts";
import { epsilonGreedy, everyNth, exploration, greedy } from "./greedy.ts";
import { qrDqn } from "./qr-dqn.ts";

const places = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

// Three places in a row. One choice stays, the other goes on; going on from the last earns 1 and ends the episode.
const chain = worldOf(
  places.flatMap((observation, i) => [
    { observation, action: 0, terminated: false },
    i === 2
      ? { observation, action: 1, reward: 1, terminated: true }
      : { observation, action: 1, next: places[i + 1], terminated: false },
  ]),
  { choices: 2 },
);
const known = [0.125, 0.25, 0.25, 0.5, 0.5, 1];

for (const duelling of [false, true]) {
  test(`a chain's values are γ to the number of steps before the end (${duelling ? "double, duelling" : "plain"})`, async () => {
    const options = { double: duelling, duelling, discount: 0.5, targetEvery: 20, hidden: [16, 16] };
    const { nets, state, policy } = await run(dqn, chain, { options, updates: 300 });
    close(read(nets.value(state.value.params, rowsOf(places))), known, 0.01, "Q");
    assert.deepEqual(read(policy(places).mode()), [1, 1, 1]);
  });
}

/** An episode of three steps that earns 1, 2 and 4. */
const threeSteps = (terminated: boolean) =>
  fromEpisodes(
    [
      {
        observations: [...places, [1, 1, 1]].map((row) => Float32Array.from(row)),
        actions: [0, 0, 0],
        rewards: [1, 2, 4],
        terminated,
      },
    ],
    { observationSpace: box(0, 1, { shape: [3] }), actionSpace: discrete(1) },
  );

for (const method of [dqn, qrDqn]) {
  const value = async (lookAhead: number, terminated: boolean) => {
    // The target stays what it was at the start, so that everything but rewards comes from one known number.
    const options = { lookAhead, discount: 0.5, targetEvery: 100_000, hidden: [16, 16] };
    const ran = await run(method as typeof dqn, threeSteps(terminated), { options, updates: 300 });
    const mean = (params: typeof ran.state.target, rows: readonly (readonly number[])[]) => {
      const all = read(ran.nets.value(params, rowsOf(rows)));
      const each = all.length / rows.length;
      return rows.map((_, row) => all.slice(row * each, (row + 1) * each).reduce((a, b) => a + b) / each);
    };
    return { got: mean(ran.state.value.params, places), later: mean(ran.state.target, [...places, [1, 1, 1]]) };
  };

  test(`${method.name} looking three steps ahead sees an episode's rewards whole, and nothing behind its end`, async () => {
    const { got } = await value(3, true);
    close(got, [1 + 1 + 1, 2 + 2, 4], 0.02, "Q");
  });

  test(`${method.name}: behind a cut the last observation's value counts, by the steps in between`, async () => {
    const { got, later } = await value(3, false);
    close(got, [3 + later[3] / 8, 4 + later[3] / 4, 4 + later[3] / 2], 0.02, "Q");
    const two = await value(2, false);
    close(two.got, [2 + two.later[2] / 4, 4 + two.later[3] / 4, 4 + two.later[3] / 2], 0.02, "Q, two steps");
  });
}

test("the target is the network of every third update, and stands still between", async () => {
  interface Learned<T> {
    readonly target: T;
    readonly value: { readonly params: T };
  }
  const numbers = (tree: unknown): number[] => [...leavesOf<NdArray>(tree).values()].flatMap(numbersOf);
  const after = async (updates: number) => {
    const { values } = await run(dqn, chain, { options: { targetEvery: 3, hidden: [8] }, updates });
    const { target, value } = values.state as Learned<unknown>;
    return {
      target: numbers(target),
      value: numbers(value.params),
      start: numbers((values.start as Learned<unknown>).target),
    };
  };
  const [second, third, fifth, sixth] = [await after(2), await after(3), await after(5), await after(6)];
  assert.deepEqual(second.target, second.start);
  close(third.target, third.value, 1e-6, "target");
  assert.deepEqual(fifth.target, third.target);
  assert.notDeepEqual(fifth.value, third.value);
  close(sixth.target, sixth.value, 1e-6, "target");
});

test("with probability ε any choice is made, the best one among them; ties go to the first", () => {
  const values = rowsOf([
    [0, 3, 1, 2],
    [5, 5, 5, 5],
  ]);
  close(read(epsilonGreedy(values, 0.2).probabilities()), [0.05, 0.85, 0.05, 0.05, 0.85, 0.05, 0.05, 0.05], 1e-6);
  close(read(epsilonGreedy(values, scalar(1)).probabilities()), Array(8).fill(0.25), 1e-6);
  close(read(greedy(values).probabilities()), [0, 1, 0, 0, 1, 0, 0, 0], 0);
  assert.deepEqual(read(greedy(values).mode()), [1, 0]);
});

test("ε falls along a line from 1 to its last value over its share of the run", () => {
  const at = (progress: number, share = 0.2) => read(exploration(scalar(progress), 0.1, share))[0];
  close(
    [0, 0.1, 0.2, 0.6, 1].map((p) => at(p)),
    [1, 0.55, 0.1, 0.1, 0.1],
    1e-6,
  );
  close([at(0.75, 1.5)], [0.55], 1e-6);
});

test("every n-th update is due", () => {
  let since = scalar(0);
  const seen: number[] = [];
  for (let update = 0; update < 7; update++) {
    const [due, next] = everyNth(since, 3);
    seen.push(read(due)[0]);
    since = next;
  }
  assert.deepEqual(seen, [0, 0, 1, 0, 0, 1, 0]);
});
