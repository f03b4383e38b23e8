import assert from "node:assert/strict";
import { test } from "node:test";
import { bc } from "../demonstrations/bc.ts";
import { changed, close, flat, read, rowsOf, run, worldOf } from "../testing.ts";
import { crr } from "./crr.ts";

const [first, second] = [
  [1, 0],
  [0, 1],
];
const made = (times: number, action: number, reward: number) =>
  Array.from({ length: times }, () => ({ observation: second, action, reward, terminated: true }));

// The first room leads to the second, where the choice that was made three times of four earns nothing and the other 1.
const rooms = worldOf(
  [{ observation: first, action: 0, next: second, terminated: false }, ...made(3, 0, 0), ...made(1, 1, 1)],
  { choices: 2 },
);
const fast = { discount: 0.5, targetEvery: 20, drawnActions: 8, hidden: [16] };
const chances = (policy: (rows: number[][]) => { logProb(a: ReturnType<typeof rowsOf>): ReturnType<typeof rowsOf> }) =>
  read(
    policy([second, second])
      .logProb(
        rowsOf([[0, 1]])
          .squeeze(0)
          .cast("int32"),
      )
      .exp(),
  );

test("the binary filter imitates what is better than the policy alone: the rare good choice, until it is always made", async () => {
  const { nets, state, policy, columns } = await run(crr, rooms, {
    options: { ...fast, filter: "binary" },
    updates: 600,
  });
  close(chances(policy as never), [0, 1], 0.03, "probability");
  const action = columns.action.oneHot(2);
  const q = read(nets.critic(state.critic.params, columns.observation, action).mean("member"));
  // The first room is worth γ times what the policy does in the second, not what the recording did.
  close(q, [0.5, 0, 0, 0, 1], 0.04, "Q");
});

test("the filter exp weighs by exp(A / β): the odds come to rest at e^(1/β) to 3, or where the cap has it", async () => {
  const odds = async (maxWeight: number) => {
    const { policy } = await run(crr, rooms, {
      options: { ...fast, filter: "exp", maxWeight },
      updates: 500,
    });
    const [poor, good] = chances(policy as never);
    return Math.log(good / poor);
  };
  // Both weights share the policy's own mean, so it leaves the odds: exp(1 / β) once against exp(0) three times.
  close([await odds(1e6)], [1 - Math.log(3)], 0.15, "log odds at β = 1");
  // Capped at a millionth every weight is the same.
  close([await odds(1e-6)], [-Math.log(3)], 0.1, "log odds where the cap is reached by all");
});

test("as β grows its policy is cloning's", async () => {
  const options = { ...fast, filter: "exp", temperature: 1e6 } as const;
  const { policy, metrics } = await run(crr, rooms, { options, updates: 500 });
  const cloned = await run(bc, rooms, { options: { hidden: [16] }, updates: 500 });
  close([metrics.weight], [1], 1e-4, "weight");
  close(chances(policy as never), chances(cloned.policy as never), 0.02, "probability");
});

test("vectors: of two actions the mean leans by tanh(1 / 2β) to the one that earned 1 more", async () => {
  const corridor = worldOf([
    { observation: first, action: [0.8], reward: 1, terminated: true },
    { observation: first, action: [-0.8], reward: 0, terminated: true },
  ]);
  const options = { ...fast, filter: "exp", temperature: 2, maxWeight: 1e6 } as const;
  const { policy } = await run(crr, corridor, { options, updates: 600 });
  close(read(policy([first]).mode()), [0.8 * Math.tanh(0.25)], 0.05, "action");
});

test("the targets stand still until their copy is due, and then are the networks", async () => {
  const after = async (updates: number) =>
    (await run(crr, rooms, { options: { ...fast, targetEvery: 5 }, updates })).values as never as Record<
      "start" | "state",
      { policy: { params: unknown }; critic: { params: unknown }; targets: unknown }
    >;
  const { start, state } = await after(4);
  assert.deepEqual(changed(start.targets, state.targets), []);
  const { state: copied } = await after(5);
  const wanted = new Map(flat({ policy: copied.policy.params, critic: copied.critic.params }));
  for (const [path, value] of flat(copied.targets))
    close(Array.from(value.data, Number), Array.from(wanted.get(path)!.data, Number), 1e-6, path);
});
