import assert from "node:assert/strict";
import { test } from "node:test";
import { gridExpert } from "../envs/grid/expert.ts";
import { make } from "../envs/registry.ts";
import { demonstrate } from "./demonstrate.ts";

const unlock = () => make("MiniGrid-Unlock-v0", { observation: "flat" });

test("demonstrations are the expert's, labelled, with the chance of each action, and the same for the same seed", () => {
  const careless = (env: Parameters<typeof gridExpert>[0], { seed }: { readonly seed: number }) =>
    gridExpert(env, { skill: 0.7, seed });
  const played = demonstrate("grid-expert-0.7", unlock, careless, { episodes: 6, seed: 3, tags: { level: "unlock" } });
  assert.equal(played.offsets.length, 7);
  assert.deepEqual(played.tags.policy, new Array(6).fill("grid-expert-0.7"));
  assert.deepEqual(played.tags.level, new Array(6).fill("unlock"));
  assert.equal(played.provenance.environment, "MiniGrid-Unlock-v0");
  const chances = Array.from(played.extras.propensity.data as Float64Array, (chance) => chance.toFixed(6));
  assert.deepEqual([...new Set(chances)].sort(), [(0.3 / 7).toFixed(6), (0.7 + 0.3 / 7).toFixed(6)]);
  for (let e = 0; e < 6; e++) assert.ok(played.reward[played.offsets[e + 1] - 1] > 0.5, "each one wins");
  const again = demonstrate("grid-expert-0.7", unlock, careless, { episodes: 6, seed: 3, tags: { level: "unlock" } });
  assert.equal(again.provenance.fingerprint, played.provenance.fingerprint);
  const other = demonstrate("grid-expert-0.7", unlock, careless, { episodes: 6, seed: 4, tags: { level: "unlock" } });
  assert.notEqual(other.provenance.fingerprint, played.provenance.fingerprint);
});

test("an expert without probabilities gives a recording without propensities; no episodes are refused", () => {
  const turner = () => ({ act: () => ({ action: 0 }) });
  const played = demonstrate("turner", () => make("MiniGrid-Empty-5x5-v0", { maxSteps: 4 }), turner, { episodes: 2 });
  assert.equal(played.extras.propensity, undefined);
  assert.deepEqual([...played.truncated], [0, 0, 0, 1, 0, 0, 0, 1]);
  assert.throws(() => demonstrate("turner", unlock, turner, { episodes: 0 }), /a whole number of at least 1/);
});
