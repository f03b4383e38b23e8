import assert from "node:assert/strict";
import { test } from "node:test";
import { checkEnvironment } from "../check.ts";
import type { Demonstrator } from "../demonstrator.ts";
import { toSvg } from "../scene.ts";
import { fishery, fisheryRule } from "./fishery.ts";

const quiet = { noise: 0 };
const close = (got: number, wanted: number, what: string) =>
  assert.ok(Math.abs(got - wanted) < 1e-12, `${what}: ${got} for ${wanted}`);

test("a year without noise is the equations of P082", () => {
  const env = fishery({ fished: 2 });
  env.perturb!({ ...quiet, cost: 0.02 });
  env.reset({ seed: 1 });
  env.restore!({ ...(env.save!() as object), state: [0.5, 0.6, 0.7, 9, 0, 0] });
  const { reward, terminated, info, observation } = env.step(Float32Array.of(0.5, 0.25));
  const [x, y, z] = [0.25, 0.45, 0.7];
  const hollingX = x ** 2 / (0.3 ** 2 + x ** 2);
  const hollingY = y ** 2 / (0.3 ** 2 + y ** 2);
  const [nextX, nextY, nextZ] = info.populations as number[];
  close(nextX, x + x * (1 - x) - 0.3 * z * hollingX - 0.1 * x * y, "X");
  close(nextY, y + y * (1 - y) - 1.1 * 0.3 * z * hollingY - 0.1 * x * y, "Y");
  close(nextZ, z + z * (0.1 * (hollingX + 1.1 * hollingY) - 0.1), "Z");
  close(reward, 0.25 + 0.15 - 0.02 * 0.75, "catch less cost");
  assert.equal(terminated, false);
  assert.deepEqual(observation, Float32Array.of(nextX / 4, nextY / 4, nextZ / 4));

  // RXDRIFT of the paper's repository: half of the growth is gone after 100 years, and no more after that.
  for (const [drift, year, growth] of [
    [1, 50, 0.5],
    [0.5, 100, 0.5],
    [0.5, 150, 0.5],
  ]) {
    const one = fishery({ species: 1, drift });
    one.perturb!(quiet);
    one.reset({ seed: 1 });
    one.restore!({ ...(one.save!() as object), state: [0.7, year, 0, 0] });
    const [after] = one.step(Float32Array.of(0)).info.populations as number[];
    close(after, 0.7 + growth * 0.7 * 0.3 - 0.1 * (0.49 / (0.09 + 0.49)), `drift ${drift}, year ${year}`);
  }
});

test("fishing a species out ends the episode, dearer the sooner", () => {
  const costs = [0, 9].map((year) => {
    const env = fishery();
    env.reset({ seed: 2 });
    env.restore!({ ...(env.save!() as object), state: [0.5, 0.5, 0.7, year, 0, 0] });
    const { reward, terminated, info } = env.step(Float32Array.of(1));
    assert.deepEqual([terminated, info.collapsed], [true, true]);
    return 0.5 - reward;
  });
  assert.ok(Math.abs(costs[0] - 100) < 1e-9 && Math.abs(costs[1] - 10) < 1e-9, String(costs));
});

/** Mean catch over 200 years, and the share of episodes in which a species collapsed. */
function managed(rule: Demonstrator<Float32Array, Float32Array>, options: Parameters<typeof fishery>[0]) {
  const env = fishery(options);
  let total = 0;
  let collapses = 0;
  for (let seed = 0; seed < 40; seed++) {
    let { observation } = env.reset({ seed });
    for (let year = 0; year < 200; year++) {
      const step = env.step(rule.decide(observation, new Float64Array(0), undefined));
      observation = step.observation;
      total += step.reward;
      collapses += Number(step.terminated);
      if (step.terminated) break;
    }
  }
  return { mean: total / 40, collapses: collapses / 40 };
}

test("escapement is best for one species, must be lower beside a predator, and greed ends in collapse", () => {
  const one = { species: 1 } as const;
  const mean = (options: Parameters<typeof fishery>[0], kind: "escapement" | "mortality", level: number): number =>
    managed(fisheryRule(fishery(options), kind, [level]), options).mean;
  const escapement = Math.max(...[0.4, 0.45].map((level) => mean(one, "escapement", level)));
  const mortality = Math.max(...[0.2, 0.25, 0.3, 0.35, 0.4].map((level) => mean(one, "mortality", level)));
  assert.ok(escapement > mortality && mortality > 30, `${escapement} ${mortality}`);
  assert.ok(mean({}, "escapement", 0.15) > 12 && mean({}, "escapement", 0.45) < 4);
  for (const options of [one, {}]) {
    assert.ok(managed(fisheryRule(fishery(options), "mortality", [0.7]), options).collapses > 0.9);
  }
});

test("the interface, options and rules", () => {
  for (const options of [{ species: 1 }, {}, { fished: 2, drift: 0.5 }] as const) {
    const env = fishery(options);
    assert.deepEqual(checkEnvironment(env), []);
    assert.match(toSvg(env.scene!()), /^<svg.*<\/svg>$/);
  }
  assert.throws(() => fishery({ species: 1, fished: 2 }), /fished.*1, or 2 of three species/);
  assert.throws(() => fishery({ species: 2 as 3 }), /species.*1 or 3/);
  assert.throws(() => fishery({ drift: 2 }), /drift/);
  assert.throws(() => fisheryRule(fishery(), "mortality", [0.2, 0.2]), /1 shares/);
  assert.throws(() => fisheryRule(fishery(), "mortality", [1.2]), /shares in \[0, 1\]/);
});
