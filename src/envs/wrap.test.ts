import assert from "node:assert/strict";
import { test } from "node:test";
import type { Environment } from "./environment.ts";
import { inPlaceOf } from "./in-place.ts";
import { frameStack, make, makeFrom, register, scaleReward, specOf, taskMixture, vectorise, wrap } from "./index.ts";
import { slope } from "./testing.ts";

/** One that holds something, and counts how often that was freed. */
function holding(closed: string[] = [], name = "it"): Environment & { readonly held: string } {
  return { ...slope(), held: name, close: () => void closed.push(name) };
}

test("unwrapped is what is inside all wrappers, with what only it has; close reaches it", () => {
  const closed: string[] = [];
  const bare = holding(closed);
  const wrapped = frameStack(scaleReward(bare, { scale: 2 }), 3);
  assert.equal(wrapped.unwrapped, bare);
  assert.equal((wrapped.unwrapped as typeof bare).held, "it");
  wrapped.close();
  {
    using again = wrapped;
    again.reset();
  }
  assert.deepEqual(closed, ["it", "it"]);
});

test("every environment that make returns can be closed, and has what is inside, with and without a time limit", async () => {
  const made: Environment[] = [];
  register({
    name: "Held-v0",
    about: "A slope that holds something.",
    maxSteps: 3,
    create: () => {
      made.push(holding());
      return made[made.length - 1];
    },
  });
  for (const env of [make("Held-v0"), make("Held-v0", { maxSteps: Infinity }), await makeFrom({ name: "Held-v0" })]) {
    assert.equal(env.unwrapped, made.shift());
    env.close();
  }
  make("CartPole-v1").close();
});

test("a wrapper that replaces nothing is what is inside, to the state it saves and the way it steps", () => {
  const bare = make("CartPole-v1").unwrapped;
  const same = make("CartPole-v1", { maxSteps: Infinity });
  assert.deepEqual(same.reset({ seed: 4 }), bare.reset({ seed: 4 }));
  assert.deepEqual(same.save!(), bare.save!());
  assert.notEqual(inPlaceOf(same), undefined, "it is written in place");
  assert.equal(inPlaceOf(wrap(bare, { step: (action) => bare.step(action) })), undefined);
  assert.deepEqual(specOf(same), { name: "CartPole-v1", maxSteps: null });
});

test("what holds several environments closes all of them", () => {
  const closed: string[] = [];
  const mixture = taskMixture("Mixed-v0", { a: () => holding(closed, "a"), b: () => holding(closed, "b") });
  for (let seed = 0; seed < 9; seed++) mixture.reset({ seed });
  mixture.close?.();
  {
    using vector = vectorise([() => holding(closed, "first"), () => slope(), () => holding(closed, "third")]);
    vector.reset({ seed: 1 });
  }
  assert.deepEqual(closed, ["a", "b", "first", "third"]);
});
