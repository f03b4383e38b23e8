import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sample } from "../../spaces/sample.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { EnvironmentOptions } from "../registration.ts";
import { make } from "../registry.ts";
import { toSvg } from "../scene.ts";
import { jumpTrack, trackRunner } from "./jump-track.ts";

function run(
  options: EnvironmentOptions,
  skill = 1,
  seed = 1,
): { readonly total: number; readonly success: unknown; readonly failed: unknown } {
  const env = make("JumpTrack-v0", options);
  const runner = trackRunner({ skill, actions: options.actions === "discrete" ? "discrete" : "continuous" });
  const random = generator(randomKey(seed));
  let { observation } = env.reset({ seed });
  for (let total = 0; ; ) {
    const step = env.step(runner.decide(observation as Float32Array, new Float64Array(0), random));
    observation = step.observation;
    total += step.reward;
    if (step.terminated || step.truncated) return { total, success: step.info.success, failed: step.info.failed };
  }
}

test("the track keeps the interface, with both kinds of action", () => {
  assert.deepEqual(checkEnvironment(make("JumpTrack-v0"), { steps: 400 }), []);
  assert.deepEqual(checkEnvironment(make("JumpTrack-v0", { actions: "discrete", gap: 3 }), { steps: 400 }), []);
  const env = make("JumpTrack-v0");
  env.reset({ seed: 1 });
  assert.match(toSvg(env.scene!()), /^<svg.*<\/svg>$/);
});

test("what can be cleared is mastered, and what cannot be is not: 4 m by 1.5 m is about the border", () => {
  for (const actions of ["continuous", "discrete"]) {
    for (const [gap, hurdle] of [
      [0, 0],
      [1, 0.5],
      [3.5, 1.4],
      [0, 1.5],
    ]) {
      const { total, success } = run({ gap, hurdle, actions });
      assert.deepEqual([success, total > 230], [true, true], `${gap} × ${hurdle} ${actions}: ${total}`);
    }
    const fall = run({ gap: 5, hurdle: 0, actions });
    assert.ok(fall.failed === true && fall.total < -30, `${fall.total}`);
    assert.equal(run({ gap: 0, hurdle: 2, actions }).success, false);
  }
  assert.equal(run({ gap: 2, hurdle: 1 }, 0).failed, true, "who never jumps falls");
});

test("an episode keeps its task; perturb gives the next one's, as an option gives the first's", () => {
  const env = jumpTrack();
  env.reset({ seed: 1 });
  env.perturb!({ gap: 3, hurdle: 1 });
  assert.equal((env.save!() as { state: number[] }).state[5], 1);
  const { observation } = env.reset({ seed: 1 });
  assert.deepEqual(jumpTrack({ gap: 3, hurdle: 1 }).reset({ seed: 1 }).observation, observation);
  assert.throws(() => jumpTrack({ gap: 9 }), /width of each gap, m.*from 0 to 8/);
  assert.throws(() => make("JumpTrack-v0", { actions: "hop" }), /continuous/);
  assert.throws(() => trackRunner({ skill: -1 }), /\[0, 1\]/);
});

test("nobody runs through a hurdle or stands on nothing, whatever they do", () => {
  fc.assert(
    fc.property(fc.nat(500), fc.double({ min: 0.3, max: 3, noNaN: true }), (seed, hurdle) => {
      const env = jumpTrack({ gap: 0, hurdle });
      const random = generator(randomKey(seed));
      env.reset({ seed });
      const saved = () => (env.save!() as { state: number[] }).state;
      const first = saved()[8];
      for (let t = 0; t < 150; t++) {
        const jump = random.uniform() < 0.3 ? 1 : -1;
        const { terminated } = env.step(Float32Array.of(1, jump));
        const [x, z] = saved();
        const over = x >= first && x < first + 0.3;
        assert.ok(z <= Math.max(0, hurdle) + 1.8, `jumped in the air to ${z}`);
        assert.ok(!over || z >= hurdle - 1e-9, `inside a hurdle at ${x}, ${z}`);
        if (terminated) return;
      }
    }),
    { seed: 2, numRuns: 60 },
  );
});

test("saved and restored, it goes on as it would have", () => {
  const [env, other] = [make("JumpTrack-v0", { gap: 2 }), make("JumpTrack-v0")];
  const random = generator(randomKey(2));
  env.reset({ seed: 5 });
  for (let t = 0; t < 40; t++) env.step(sample(env.actionSpace, random));
  env.perturb!({ jump: 8 });
  other.restore!(JSON.parse(JSON.stringify(env.save!())));
  for (let t = 0; t < 40; t++) {
    const action = sample(env.actionSpace, random);
    assert.deepEqual(other.step(action), env.step(action));
  }
});
