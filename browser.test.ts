/** Repertoire in a page: the same numbers as in Node, the same files, the same refusals; and an example that learns. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { label, make, toApng, toPixels, toPng } from "repertoire/envs";
import { openPolicy } from "repertoire/policies";
import { absent, launch } from "./browser/chromium.ts";
import { actions, cloned, hopping, offline, recording, regression, updates } from "./browser/workload.ts";
import { serve } from "./examples/browser/serve.ts";

const root = import.meta.dirname;
const skip = { skip: absent };
const complaints: string[] = [];
let browser: Browser;
let served: Awaited<ReturnType<typeof serve>>;
let page: Page;

const pageOf = (script: string): Uint8Array =>
  new TextEncoder().encode(
    `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`,
  );

async function opened(address: string, by = browser): Promise<Page> {
  const tab = await by.newPage({ viewport: { width: 900, height: 760 } });
  tab.on("pageerror", ({ message }) => complaints.push(message));
  await tab.goto(address);
  return tab;
}

async function asking(by = browser): Promise<Page> {
  const tab = await opened(served.address, by);
  await tab.waitForFunction(() => "asked" in globalThis);
  return tab;
}

/** Calls what browser/page.ts offers under that name. */
const ask = <T>(name: string, argument?: unknown, tab = page): Promise<T> =>
  tab.evaluate(
    ([what, given]) =>
      (globalThis as never as { asked: Record<string, (it: unknown) => never> }).asked[what as string](given),
    [name, argument],
  );

before(async () => {
  if (absent) return;
  await using policy = await cloned(await recording());
  // Its first test vector now says the other action.
  const altered = Buffer.from(policy.bytes)
    .toString("latin1")
    .replace(/("action":\{[^}]*"values":\[)([01])/, (_, before, action) => `${before}${1 - action}`);
  browser = await launch();
  const files = { "policy.onnx": policy.bytes, "altered.onnx": Buffer.from(altered, "latin1") };
  served = await serve({ script: join(root, "browser/page.ts"), html: pageOf("page.js"), files });
  page = await asking();
});
after(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

/** The largest difference between two lists of numbers. */
function apart(a: readonly number[], b: readonly number[]): number {
  assert.equal(a.length, b.length);
  assert.ok([...a, ...b].every(Number.isFinite));
  return Math.max(...a.map((x, i) => Math.abs(x - b[i])));
}

test("a regression has the losses it has in Node, update by update", skip, async () => {
  const [here, there] = [await regression(), await ask<number[]>("regression")];
  assert.equal(there.length, updates);
  assert.ok(apart(here, there) < 1e-4, `${apart(here, there)}`);
  assert.ok(here[updates - 1] < here[0] / 4, "it learned something");
});

test("IQL on a recording made in the page has the losses it has in Node", skip, async () => {
  const [here, there] = [await offline(await recording()), await ask<Record<string, number[]>>("offline")];
  assert.deepEqual(Object.keys(there), Object.keys(here));
  assert.ok(Object.keys(here).length >= 3);
  for (const [name, values] of Object.entries(here)) {
    assert.equal(values.length, updates / 4);
    assert.ok(apart(values, there[name]) < 1e-4, `${name}: ${apart(values, there[name])}`);
  }
});

test("a policy file made in Node passes its own tests in the page, and acts as it does in Node", skip, async () => {
  await using policy = await cloned(await recording());
  const here = await actions(policy, await recording());
  const there = await ask<typeof here>("actionsOf", "policy.onnx");
  assert.deepEqual(there.best, here.best);
  assert.deepEqual(there.drawn, here.drawn);
  assert.ok(new Set(here.drawn).size === 2 && here.drawn.join() !== here.best.join(), "chance was at work");
  assert.ok(apart(here.probability, there.probability) < 1e-5);
  assert.ok(apart(here.probabilities, there.probabilities) < 1e-5);
});

test("the program of docs/browser.md plays an episode", skip, async () => {
  const [, script] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, "docs/browser.md"), "utf8")) ?? [];
  const program = join(root, "browser", ".documented.js");
  try {
    writeFileSync(program, `${script}\nglobalThis.over = observation;`);
    await using policy = await cloned(await recording());
    const own = await serve({
      script: program,
      html: pageOf(".documented.js"),
      files: { "policy.onnx": policy.bytes },
    });
    await using _ = own;
    const tab = await opened(own.address);
    await tab.waitForFunction(() => "over" in globalThis);
    assert.match(await tab.locator("body").innerHTML(), /^<svg/);
    await tab.close();
  } finally {
    rmSync(program, { force: true });
  }
});

test("a policy learned in the page is a file that Node opens, and acts as the one learned in Node", skip, async () => {
  await using own = await cloned(await recording());
  await using policy = await openPolicy(Uint8Array.from(await ask<number[]>("learned")), "from the page");
  assert.deepEqual(policy.description.provenance, own.description.provenance);
  const [here, there] = [await actions(own, await recording()), await actions(policy, await recording())];
  assert.ok(apart(here.probabilities, there.probabilities) < 1e-4);
});

test("what cannot be done in a page is refused in a sentence", skip, async () => {
  const said = await ask<Record<string, string>>("refusals", "altered.onnx");
  assert.match(said.missing, /^Problem: nowhere\.onnx: no such file; wanted a policy/);
  assert.match(said.altered, /^Problem: altered\.onnx: .*does not run the policy as it was tested/);
  assert.match(said.broken, /^Problem: policy: /);
  assert.match(said.saving, /^Problem: This needs node:.*, and a page has none\./);
  assert.match(said.cuda, /^Problem: onnxruntime-web: the execution provider "cuda" cannot be used here/);
  assert.match(said.webgpu, /^Problem: onnxruntime-web: the execution provider "webgpu" cannot be used here/);
});

test("two threads give the losses of one, in a page that is isolated", skip, async () => {
  const tab = await asking();
  assert.equal(await ask("isolated", undefined, tab), true);
  const [here, there] = [await regression(), await ask<number[]>("regression", { threads: 2 }, tab)];
  assert.ok(apart(here, there) < 1e-4);
  assert.ok(tab.workers().length > 0, "a thread beside the page's own");
  await tab.close();
});

test("a worker trains as its page does, and leaves the page free", skip, async () => {
  const tab = await opened(served.address);
  const [worker] = await Promise.all([
    tab.waitForEvent("worker"),
    tab.evaluate(() => {
      const { Worker } = globalThis as never as { Worker: new (script: string, options: object) => unknown };
      new Worker("page.js", { type: "module" });
    }),
  ]);
  const there = await worker.evaluate(async () => {
    const inside = globalThis as never as { asked: { regression(options: object): Promise<number[]> } };
    while (!("asked" in globalThis)) await new Promise((tick) => setTimeout(tick, 10));
    return await inside.asked.regression({ count: 20 });
  });
  assert.ok(apart(await regression({ count: 20 }), there) < 1e-4);
  await tab.close();
});

test("WebGPU gives the losses of the processor", skip, async (t) => {
  await using other = await launch({ gpu: true });
  const tab = await asking(other);
  if (!(await ask("adapter", undefined, tab))) return t.skip("this Chromium has no WebGPU, not even in software");
  // State stays on the device for three calls of two programs, is read, and goes back.
  const cut = { count: 10, every: 5, unroll: 2 };
  const there = await ask<number[]>("regression", { ...cut, provider: "webgpu" }, tab);
  const here = await regression(cut);
  assert.equal(there.length, 2);
  assert.ok(apart(here, there) < 1e-4, `${apart(here, there)}`);
});

test(
  "a hopper moves in the page as in Node, to the bit; a page without the engine is told what to serve",
  skip,
  async () => {
    const folder = dirname(fileURLToPath(import.meta.resolve("@mujoco/mujoco")));
    const files = ["mujoco.js", "mujoco.wasm"].map((name) => [name, readFileSync(join(folder, name))]);
    await using own = await serve({
      script: join(root, "browser/page.ts"),
      html: pageOf("page.js"),
      files: Object.fromEntries(files),
      evaluates: true,
    });
    const tab = await opened(own.address);
    await tab.waitForFunction(() => "asked" in globalThis);
    const [here, there] = [await hopping(), await ask<number[][]>("hopping", undefined, tab)];
    assert.equal(there.length, 50);
    assert.deepEqual(there, here);
    assert.ok(
      here.every((row, t) => t === 0 || row.join() !== here[t - 1].join()),
      "it moves",
    );
    await tab.close();
    const said = await ask<string>("engineMissing");
    assert.match(said, /^Problem: http:.*mujoco\.js: not a readable copy of MuJoCo's mujoco\.js .* Serve both files/);
  },
);

test(
  "a scene on a canvas is the one that is drawn without a browser, and our PNG is read as it was written",
  skip,
  async () => {
    const env = make("CartPole-v1");
    env.reset({ seed: 1 });
    const { shapes, ...sheet } = env.scene!();
    const scene = { ...sheet, shapes: [...shapes, label(1, 1, 0.2, "x", "#123456")] };
    const here = toPixels(scene, { width: 200, height: 100 });
    const there = await ask<number[]>("drawn", scene);
    const mean = here.rgba.reduce((sum, value, i) => sum + Math.abs(value - there[i]), 0) / there.length;
    const blank = there.reduce((sum, value) => sum + 255 - value, 0) / there.length;
    assert.ok(blank > 3 && mean < 0.6, `${mean} of ${blank} on average, letters apart`);
    assert.deepEqual(await ask<number[]>("decoded", Array.from(toPng(here))), Array.from(here.rgba));
    assert.deepEqual(await ask<number[]>("decoded", Array.from(toApng([here, here]))), Array.from(here.rgba));
  },
);

test("CartPole is learned in the page, and seen", skip, async () => {
  const example = join(root, "examples/browser");
  await using own = await serve({ script: join(example, "page.js"), html: join(example, "index.html") });
  const tab = await opened(own.address);
  await tab.waitForSelector("body[data-solved=true]", { timeout: 50_000 });
  const { score, steps } = await tab.evaluate(() => ({
    ...(globalThis as never as { document: { body: { dataset: Record<string, string> } } }).document.body.dataset,
  }));
  assert.ok(Number(score) >= 475, `${score} of 500`);
  assert.ok(Number(steps) <= 150_000, `${steps} steps`);
  assert.match(await tab.locator("#picture").innerHTML(), /^<svg.*<rect.*<polyline/s);
  if (process.env.SCREENSHOT) await tab.screenshot({ path: process.env.SCREENSHOT });
  await tab.close();
});

test("no page complained", skip, () => assert.deepEqual(complaints, []));
