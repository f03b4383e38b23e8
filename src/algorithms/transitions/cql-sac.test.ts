import assert from "node:assert/strict";
import { test } from "node:test";
import { sac } from "../interaction/sac.ts";
import { changed, close, read, rowsOf, run, worldOf } from "../testing.ts";
import { cqlSac } from "./cql-sac.ts";

const here = [1];
// Each action stands for a piece of [−1, 1] about it, so that frequencies are a density.
const actions = Array.from({ length: 10 }, (_, i) => (i - 4.5) / 5);
const density = (counts: readonly number[]): number[] => {
  const total = counts.reduce((sum, n) => sum + n);
  return counts.map((n) => n / total);
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value / values.length, 0);
const decisions = (counts: readonly number[], earned: (action: number) => number) =>
  worldOf(
    actions.flatMap((action, i) =>
      Array.from({ length: counts[i] }, () => ({
        observation: here,
        action: [action],
        reward: earned(action),
        terminated: true,
      })),
    ),
  );
const evenly = actions.map(() => 1);
const slope = decisions(evenly, (action) => action);
// At a temperature of 1 the policy's density is that of exp Q, so that its draws are the best for the integral.
const settled = { adaptTemperature: false, policyRate: 1e-2, drawnActions: 12, hidden: [16] };

/** The first critic's values of one action after the other. */
const valuesOf = ({ nets, state }: Pick<Awaited<ReturnType<typeof cqlRun>>, "nets" | "state">, at = actions) =>
  read(nets.critic(state.critic.params, rowsOf(at.map(() => here)), rowsOf(at.map((a) => [a])))).slice(0, at.length);
const cqlRun = (options: Parameters<typeof run<"transitions", (typeof cqlSac)["options"], never, never, never>>[2]) =>
  run(cqlSac, slope, options as never);

/** Where α (softmax − p) + 2 p (Q − r) is 0, by descending it in double precision. */
function resting(alpha: number): number[] {
  const share = density(evenly);
  let q = actions.map(() => 0);
  for (let i = 0; i < 20_000; i++) {
    const sum = q.reduce((a, x) => a + Math.exp(x), 0);
    q = q.map((x, a) => x - 0.05 * (alpha * (Math.exp(x) / sum - share[a]) + 2 * share[a] * (x - actions[a])));
  }
  return q;
}

test("Q comes to rest α / 2 (softmax / p − 1) below what was earned", async () => {
  const ran = await cqlRun({ options: { ...settled, conservatism: 2 }, updates: 300 });
  close(valuesOf(ran), resting(2), 0.1, "Q");
});

test("as α grows Q's softmax becomes the recording's density: cloning", async () => {
  const counts = actions.map((_, i) => 1 + Math.floor(i / 2));
  const world = decisions(counts, (action) => -action);
  const options = { ...settled, conservatism: 100, drawnActions: 6 };
  const values = valuesOf((await run(cqlSac, world, { options, updates: 300 })) as never);
  const chance = values.map((q) => Math.exp(q));
  close(density(chance), density(counts), 0.03, "probability");
});

test("the gap is log ∫ exp Q, by draws from anywhere and from the policy, less the value of what was done", async () => {
  // A policy that is far from exp Q: its draws say what the integral is only if each is weighed by its density.
  const options = { ...settled, conservatism: 0, startTemperature: 0.3 };
  const { values } = await cqlRun({ options, updates: 100 });
  const given = { from: values.state, updates: 1, options: { ...options, drawnActions: 2000 } };
  const ran = await cqlRun(given);
  const fine = Array.from({ length: 400 }, (_, i) => (i - 199.5) / 200);
  const integral = (of: readonly number[]): number => Math.log(2 * mean(of.map(Math.exp)));
  const at = (points: readonly number[]): number[] =>
    read(ran.nets.critic(ran.start.critic.params, rowsOf(points.map(() => here)), rowsOf(points.map((a) => [a]))));
  const [everywhere, done] = [at(fine), at(actions)];
  const members = [0, 1].map(
    (m) => integral(everywhere.slice(400 * m, 400 * (m + 1))) - mean(done.slice(10 * m, 10 * (m + 1))),
  );
  close([ran.metrics.gap], [mean(members)], 0.02, "gap");
});

test("with a rate of its own α moves until the gap is the wanted one, and not without", async () => {
  const options = { ...settled, conservatism: 0.1, wantedGap: 0.8 };
  const moved = await cqlRun({ options: { ...options, dualRate: 0.1 }, updates: 300 });
  const { metrics } = await cqlRun({ options: { ...options, dualRate: 0.1 }, updates: 50, from: moved.values.state });
  close([metrics.gap], [0.8], 0.03, "gap");
  assert.ok(metrics.conservatism > 0.15, `α is ${metrics.conservatism}`);
  const still = await cqlRun({ options, updates: 50 });
  assert.ok(Math.abs(still.metrics.conservatism - 0.1) < 1e-6);
});

test("at α = 0 with the entropy in its values it is SAC, to the bit, from the same start", async () => {
  const corridor = worldOf(
    Array.from({ length: 24 }, (_, i) => {
      const x = i / 12 - 1;
      return { observation: [x, 1], action: [Math.sin(5 * x)], reward: x, next: [x + 0.1, 1], terminated: i % 5 === 0 };
    }),
  );
  const given = { updates: 4, options: { discount: 0.5, hidden: [8], targetRate: 0.1 } };
  const plain = (await run(sac, corridor, given)).values.state as Record<string, unknown>;
  const after = async (more: { readonly conservatism: number; readonly softBackup: boolean }) => {
    const options = { ...given.options, policyRate: 1e-2, normaliseObservations: false, ...more };
    const { tightened, ...state } = (await run(cqlSac, corridor, { ...given, options })).values.state as Record<
      string,
      unknown
    >;
    return state;
  };
  assert.deepEqual(changed(plain, await after({ conservatism: 0, softBackup: true })), []);
  assert.notDeepEqual(changed(plain, await after({ conservatism: 0.1, softBackup: true })), []);
  assert.notDeepEqual(changed(plain, await after({ conservatism: 0, softBackup: false })), []);
});
