import assert from "node:assert/strict";
import { test } from "node:test";
import type { Estimate } from "../../evaluation/index.ts";
import { heldAgainst } from "./verdict.ts";

const estimate = (value: number, half: number): Estimate => ({
  value,
  interval: [value - half, value + half],
  level: 0.95,
  n: 50,
  method: "a test",
});
const ship = { verdict: "ship", why: "It gains." } as const;

test("a policy that gains nothing when played is held, whatever the log says", () => {
  const { verdict, why } = heldAgainst(ship, estimate(0.3, 0.1), estimate(-0.2, 0.1), 0);
  assert.equal(verdict, "hold");
  assert.match(why, /^It gains\. But played in the environment it gains -0\.2 \(-0\.3 to -0\.1\), and that outweighs/);
  assert.equal(heldAgainst(ship, estimate(0.3, 0.1), estimate(0.05, 0.1), 0.2).verdict, "hold");
});

test("an outcome beside the estimate is said, and one outside its interval is said to be", () => {
  assert.deepEqual(heldAgainst(ship, estimate(0.3, 0.1), undefined, 0), ship);
  const near = heldAgainst(ship, estimate(0.3, 0.1), estimate(0.25, 0.1), 0);
  assert.equal(near.verdict, "ship");
  assert.match(near.why, /in keeping with the estimate\.$/);
  const far = heldAgainst(ship, estimate(0.5, 0.1), estimate(0.2, 0.1), 0);
  assert.equal(far.verdict, "ship");
  assert.match(far.why, /outside the estimate's interval: trust this/);
  const refused = { refused: true, method: "", reason: "too little", diagnostics: {} } as const;
  assert.match(
    heldAgainst({ verdict: "collect more", why: "?" }, refused, estimate(0.2, 0.1), 0).why,
    /0\.2 \(0\.1 to 0\.3\)\.$/,
  );
});
