import assert from "node:assert/strict";
import { test } from "node:test";
import { scalar } from "../../tensor/index.ts";
import { changed, close, read, rowsOf, run, worldOf } from "../testing.ts";
import { td3 } from "./td3.ts";

const [here, there] = [[1], [0]];

// The first place leads to the second, whatever is done; there the reward is 1 − (a − 0.3)², and the episode ends.
const hill = worldOf([
  ...[-1, -0.5, 0, 0.5, 1].map((a) => ({ observation: here, action: [a], next: there, terminated: false })),
  ...Array.from({ length: 21 }, (_, i) => {
    const action = i / 10 - 1;
    return { observation: there, action: [action], reward: 1 - (action - 0.3) ** 2, terminated: true };
  }),
]);

test("the policy finds the top of a hill, and the place before is worth γ of what it earns there", async () => {
  const options = { discount: 0.5, smoothing: 0.1, targetRate: 0.05, hidden: [24, 24] };
  const { nets, state, policy } = await run(td3, hill, { options, updates: 500 });
  close(read(policy([there]).mode()), [0.3], 0.06, "action");
  const first = nets.critic(state.critic.params, rowsOf([here, here]), rowsOf([[-0.5], [0.5]])).min("member");
  // Smoothed: 1 − σ².
  close(read(first), [0.495, 0.495], 0.03, "Q");
});

test("policy and targets move with every d-th update only, the critics with each", async () => {
  for (const policyDelay of [1, 2, 3]) {
    for (let updates = 1; updates <= 4; updates++) {
      const { values } = await run(td3, hill, { options: { policyDelay, hidden: [8] }, updates });
      const parts = new Set(changed(values.start, values.state).map((path) => path.split("/").slice(0, 2).join("/")));
      const due = updates >= policyDelay;
      assert.equal(parts.has("critic/params"), true);
      for (const part of ["policy/params", "targets/policy", "targets/critic"])
        assert.equal(parts.has(part), due, `${part} after ${updates}, d = ${policyDelay}`);
      const step = Number((values.state as { policy: { step: { data: ArrayLike<number> } } }).policy.step.data[0]);
      assert.equal(step, Math.floor(updates / policyDelay));
    }
  }
});

test("it explores by a normal of the stated spread around what it would do", async () => {
  const { nets, options, state, policy } = await run(td3, hill, { updates: 1, options: { exploration: 0.25 } });
  const sizes = { observation: 1, action: { kind: "continuous", size: 1 } } as const;
  const explored = td3.online!.explore!({ nets, options, sizes }, state, rowsOf([here, there]), scalar(0));
  assert.deepEqual(read(explored.mode()), read(policy([here, there]).mode()));
  const beside = rowsOf(read(explored.mode()).map((a) => [a + 0.25]));
  const fall = read(explored.logProb(explored.mode()).sub(explored.logProb(beside)));
  close(fall, [0.5, 0.5], 1e-4, "one spread away");
});
