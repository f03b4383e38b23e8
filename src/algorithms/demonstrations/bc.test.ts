import { test } from "node:test";
import { close, read, rowsOf, run, worldOf } from "../testing.ts";
import { bc } from "./bc.ts";

const [here, there] = [
  [1, 0],
  [0, 1],
];

test("choices: the policy's probabilities are the frequencies of the recording, in each state", async () => {
  const seen = [
    [here, [0, 0, 0, 1]],
    [there, [2, 2, 1, 0]],
  ] as const;
  const recording = worldOf(
    seen.flatMap(([observation, choices]) =>
      choices.map((action) => ({ observation, action, terminated: true as boolean })),
    ),
    { choices: 3 },
  );
  const { policy } = await run(bc, recording);
  for (const [observation, frequencies] of [
    [here, [0.75, 0.25, 0]],
    [there, [0.25, 0.25, 0.5]],
  ]) {
    const choices = rowsOf([[0, 1, 2]])
      .squeeze(0)
      .cast("int32");
    const chance = policy([observation, observation, observation]).logProb(choices).exp();
    close(read(chance), frequencies, 0.01, "probability");
  }
});

test("several choices at once: each has the frequencies of the recording, as if the others were not there", async () => {
  const recording = worldOf(
    [
      [0, 2],
      [0, 2],
      [0, 1],
      [1, 0],
    ].map((action) => ({ observation: here, action, terminated: true })),
    { choices: [2, 3] },
  );
  const { policy } = await run(bc, recording);
  const both = rowsOf([
    [0, 2],
    [0, 0],
    [1, 1],
  ]).cast("int32");
  close(read(policy([here, here, here]).logProb(both).exp()), [0.75 * 0.5, 0.75 * 0.25, 0.25 * 0.25], 0.01, "chance");
});

test("vectors: the mean is each state's, the standard deviation that of the actions around their state's mean", async () => {
  const around = (observation: readonly number[], mean: readonly number[], by: readonly number[]) =>
    [-1, 1].map((sign) => ({ observation, action: mean.map((m, i) => m + sign * by[i]), terminated: true }));
  const { policy } = await run(
    bc,
    worldOf([...around(here, [0.5, -0.2], [0.1, 0.3]), ...around(there, [-0.4, 0.6], [0.3, 0.1])]),
  );
  const distribution = policy([here, there]);
  const mean = distribution.mode();
  close(read(mean), [0.5, -0.2, -0.4, 0.6], 0.01, "mean");
  // One spread for all states: √((0.1² + 0.3²) / 2) along both axes. The density at the mean is 1 / (2π σ²).
  const peak = 1 / (2 * Math.PI * ((0.1 ** 2 + 0.3 ** 2) / 2));
  close(read(distribution.logProb(mean)), [Math.log(peak), Math.log(peak)], 0.02, "log density at the mean");
});
