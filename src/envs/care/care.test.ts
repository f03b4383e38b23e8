import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { checkEnvironment } from "../check.ts";
import { toSvg } from "../scene.ts";
import { solve, startValue, valuesOf } from "../toy/solve.ts";
import { care } from "./index.ts";
import { type DosingStyle, dosing } from "./policies.ts";
import { icuSepsis, sepsisModel } from "./sepsis.ts";
import { readSepsis, type SepsisFiles, sepsisTables } from "./tables.ts";

const folder = fileURLToPath(new URL("../../../../shared/data/icu-sepsis", import.meta.url));
const present = { skip: existsSync(folder) ? false : "needs ../shared/data/icu-sepsis" };

const golden = JSON.parse(readFileSync(new URL("care.golden.json", import.meta.url), "utf8")) as {
  readonly admissible: number;
  readonly cases: readonly {
    readonly style: DosingStyle;
    readonly inadmissible: "mean" | "terminate";
    readonly start: number;
    readonly values: readonly number[];
  }[];
};

test("values of policies agree with the package's tables solved as linear equations, to 1e-8", present, () => {
  const tables = readSepsis(folder);
  assert.equal(
    tables.admissible!.reduce((sum, one) => sum + one, 0),
    golden.admissible,
  );
  const models = { mean: sepsisModel(tables), terminate: sepsisModel(tables, { inadmissible: "terminate" }) };
  for (const { style, inadmissible, start, values } of golden.cases) {
    const model = models[inadmissible];
    const got = valuesOf(model, dosing(tables, style), 1);
    assert.ok(Math.abs(startValue(model, got) - start) < 1e-8, `${style}, ${inadmissible}: ${startValue(model, got)}`);
    for (const [i, value] of values.entries())
      assert.ok(Math.abs(got[71 * i] - value) < 1e-8, `${style}, state ${71 * i}`);
  }
  const published = { random: 0.78, clinicians: 0.78, best: 0.88 };
  for (const [style, value] of Object.entries(published)) {
    const { start } = golden.cases.find((one) => one.style === style && one.inadmissible === "mean")!;
    assert.equal(Math.round(start * 100) / 100, value, style);
  }
});

test("episodes follow the tables: outcomes, survival, and what is said of them", present, () => {
  const env = care[0].create({ folder });
  assert.deepEqual(checkEnvironment(env, { steps: 300 }), []);
  assert.match(toSvg(env.scene!()), /SOFA|died|survived/);
  const { tables } = icuSepsis({ folder });
  const rows = dosing(tables, "best");
  const best = (state: number): number => rows.subarray(25 * state, 25 * state + 25).indexOf(1);
  let survived = 0;
  for (let episode = 0; episode < 2000; episode++) {
    let { observation } = env.reset(episode === 0 ? { seed: 1 } : {});
    for (;;) {
      const { observation: next, reward, terminated, info } = env.step(best(observation as number));
      observation = next;
      assert.equal(reward, info.success === true ? 1 : 0);
      assert.equal(info.sofa, tables.sofa![next as number]);
      survived += reward;
      if (terminated) break;
    }
  }
  const { start } = golden.cases.find(({ style }) => style === "best")!;
  assert.ok(Math.abs(survived / 2000 - start) < 0.022, `${survived / 2000} for ${start}`); // three standard errors
});

/** Three states of illness and the three at the end, two doses; the second heals unless it was never given there. */
const small = (changes: { readonly [file: string]: string } = {}): SepsisFiles => {
  const texts: { readonly [file: string]: string } = {
    transitionFunction: [
      "0.0,0.5,0.0,0.5,0.0,0.0\n0.0,0.5,0.0,0.0,0.5,0.0",
      "0.0,0.0,0.5,0.25,0.25,0.0\n0.0,0.0,0.5,0.25,0.25,0.0",
      "0.5,0.0,0.0,0.2,0.3,0.0\n0.0,0.0,0.0,0.1,0.9,0.0",
      ...Array<string>(6).fill("0.0,0.0,0.0,0.0,0.0,1.0"),
    ].join("\n"),
    rewardFunction: "0.0,0.0,0.0,0.0,1.0,0.0\n",
    initialStateDistribution: "0.5,0.25,0.25,0.0,0.0,0.0\r\n",
    expertPolicy: "0.5,0.5\n1.0,0.0\n0.2,0.8\n0.0,0.0\n0.0,0.0\n0.0,0.0\n",
    admissibleActions: "2 1 2 2 2 2\n0 1\n0\n0 1\n0 1\n0 1\n0 1\n",
    sofaScores: "3.0,6.0,12.0,0.0,0.0,0.0",
    stateClusterCenters: "0.1,0.2\n0.3,0.4\n0.5,0.6\n0.0,0.0\n0.0,0.0\n0.0,0.0\n",
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(texts).map(([file, text]) => [file, new TextEncoder().encode(text)]),
  ) as unknown as SepsisFiles;
};

test("parameters, treatments and observations of a small table", () => {
  const tables = sepsisTables(small());
  const worth = (options: Parameters<typeof sepsisModel>[1]): number => {
    const model = sepsisModel(tables, options);
    return startValue(model, solve(model, 1).values);
  };
  // By hand: v3 = 0.9; v2 = 0.5 · 0.9 + 0.25; v1 = 0.5 · v2 + 0.5.
  const [v3, v2] = [0.9, 0.7];
  assert.ok(Math.abs(worth({}) - (0.5 * (0.5 * v2 + 0.5) + 0.25 * v2 + 0.25 * v3)) < 1e-9);
  assert.ok(worth({ harm: 3 }) < worth({}) && worth({ disturbance: 0.5 }) < worth({}));
  assert.deepEqual(dosing(tables, "admissible").slice(0, 4), Float64Array.of(0.5, 0.5, 1, 0));
  assert.ok(Math.abs(dosing(tables, "clinicians", { skill: 0.5 })[5] - (0.5 * 0.8 + 0.25)) < 1e-12);

  const env = icuSepsis({ tables, inadmissible: "refuse", observe: "features" });
  const { observation, info } = env.reset({ seed: 3 });
  const state = info.state as number;
  assert.deepEqual(observation, Float32Array.from(tables.centres!.subarray(2 * state, 2 * state + 2)));
  const ill = { ...(env.save!() as object), state: [1] };
  env.restore!(ill);
  assert.throws(() => env.step(1), /state 1: 0/);
  const deadly = icuSepsis({ tables, inadmissible: "terminate" });
  deadly.restore!(ill);
  const { terminated, reward, info: after } = deadly.step(1);
  assert.deepEqual([terminated, reward, after.state], [true, 0, 3]);
  assert.deepEqual(checkEnvironment(icuSepsis({ tables })), []);

  const harmful = icuSepsis({ tables });
  harmful.perturb!({ harm: 10, disturbance: 1 });
  let deaths = 0;
  for (let i = 0; i < 2000; i++) {
    harmful.restore!({ ...(harmful.save!() as object), state: [0], running: true });
    deaths += Number(harmful.step(1).info.state === 3);
  }
  // A random dose: the first kills with 5 / 5.5, the second never.
  assert.ok(Math.abs(deaths / 2000 - 5 / 11) < 0.035, String(deaths / 2000));
  assert.ok(Math.abs(harmful.model().probability[1] - 5 / 11) < 1e-12);
  harmful.perturb!({ harm: 1, disturbance: 0 });
  assert.equal(harmful.model().probability[1], 0.5);
});

test("tables that are missing or broken are refused in one sentence", () => {
  assert.throws(() => care[0].create({}), /folder.*github\.com\/icu-sepsis/);
  assert.throws(() => care[0].create({ folder: "/nowhere" }), /transitionFunction\.csv\.gz: no such file.*github/);
  const tables = sepsisTables(small());
  assert.throws(() => icuSepsis({ tables, observe: "pixels" as "state" }), /observe.*"state" or "features"/);
  const { centres, admissible, ...bare } = tables;
  assert.ok(centres !== undefined && admissible !== undefined);
  assert.throws(() => icuSepsis({ tables: bare, inadmissible: "refuse" }), /admissibleActions/);
  assert.throws(() => icuSepsis({ tables: bare, observe: "features" }), /stateClusterCenters/);
  assert.throws(() => dosing(bare, "admissible"), /admissibleActions/);
  assert.throws(() => dosing(bare, "best", { skill: -1 }), /skill/);
  const refused = (changes: { readonly [file: string]: string }, said: RegExp) =>
    assert.throws(() => sepsisTables(small(changes)), said);
  refused({ rewardFunction: "0.0,1.0" }, /rewardFunction.*2 numbers.*6/);
  refused({ initialStateDistribution: "0.5,0.25,0.1,0.0,0.0,0.0" }, /sums to 0\.85/);
  refused({ transitionFunction: "0.0,0.5,x,0.5,0.0,0.0" }, /row 1, column 3: "x"/);
  refused({ transitionFunction: "0.5,0.5\n0.5" }, /row 2 has 1 numbers/);
  refused({ transitionFunction: "0.5,0.5\n0.5,0.5" }, /2 rows of 2/);
  refused({ admissibleActions: "1 1\n0\n" }, /2 counts for 6 states/);
  refused({ admissibleActions: "2 1 2 2 2 2\n0 7\n" }, /line 2 does not list 2 actions from 0 to 1/);
  const root = mkdtempSync(join(tmpdir(), "sepsis-"));
  const [place, other] = [join(root, "a"), join(root, "b")];
  mkdirSync(place);
  try {
    for (const [file, bytes] of Object.entries(small())) {
      if (file.includes("Function") || file.includes("initial"))
        writeFileSync(join(place, `${file}.csv.gz`), gzipSync(bytes));
    }
    assert.equal(readSepsis(place).clinicians, undefined);
    assert.deepEqual(readSepsis(place).probability, tables.probability);
    cpSync(place, other, { recursive: true });
    writeFileSync(join(other, "expertPolicy.csv.gz"), "no gzip");
    assert.throws(() => readSepsis(other), /expertPolicy\.csv\.gz: not a readable table/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
