/**
 * `npm run bench:bundle`: what each sub-path weighs in a page's bundle, how long it takes from nothing to a first result
 * in Node and in Chromium, and training in the page beside Node. Writes results/browser/bundle.json and the tables of
 * docs/browser.md.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { z } from "zod";
import { absent, launch } from "../browser/chromium.ts";
import { cloned, recording, updatesPerSecond } from "../browser/workload.ts";
import { serve } from "../examples/browser/serve.ts";
import { commitHere, machineHere, folder as results } from "../results/store.ts";
import { writeAtomically } from "../src/files.ts";
import { quantile } from "./alternate.ts";

const bytes = z.strictObject({ minified: z.int().nonnegative(), gzipped: z.int().nonnegative() });
const milliseconds = z.strictObject({ node: z.number().positive(), page: z.number().positive() });

const schema = z.strictObject({
  /** Each sub-path alone, all of it: what a page loads before it runs, without the runtime. Null: it is for Node. */
  subPaths: z.record(z.string(), bytes.nullable()),
  /** ONNX Runtime, loaded by the first program that is opened. */
  runtime: z.record(z.string(), bytes),
  /** Medians, in a fresh process or browser context each: from the import (in a page: from asking for it) on. */
  start: z.record(z.string(), milliseconds),
  /** IQL updates a second, 17 numbers seen and 6 done, one thread, by width of networks and batch. */
  updates: z.record(z.string(), milliseconds),
  machine: z.string(),
  commit: z.string(),
});
type Bundle = z.infer<typeof schema>;

const root = join(import.meta.dirname, "..");
const rounds = 5;
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const weigh = (content: Uint8Array): Bundle["runtime"][string] => ({
  minified: content.length,
  gzipped: gzipSync(content, { level: 9 }).length,
});
const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The package as it is installed: built, with its dependencies beside it. */
function installed(): string {
  const project = mkdtempSync(join(tmpdir(), "repertoire-bundle-"));
  cpSync(join(root, "package.json"), join(project, "package.json"));
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", join(project, "dist")], { cwd: root });
  return project;
}

/** Everything a page loads before its first line runs: the entry and what it imports at once. */
function atOnce(outputs: Metafile["outputs"]): ReadonlySet<string> {
  // What is imported later is an entry of its own.
  const loaded = new Set(Object.keys(outputs).filter((path) => outputs[path].entryPoint === "<stdin>"));
  for (const path of loaded)
    for (const { path: next, kind } of outputs[path].imports) if (kind === "import-statement") loaded.add(next);
  return loaded;
}

/** A sub-path's bundle, from a project whose package is Repertoire; null where it needs Node. */
export async function weighed(
  project: string,
  subPath: string,
  conditions: readonly string[] = [],
): Promise<Bundle["subPaths"][string]> {
  const contents = `export * from "${subPath.replace(".", "repertoire")}";`;
  const bundled = await build({
    stdin: { contents, resolveDir: project },
    ...{ bundle: true, splitting: true, minify: true, format: "esm", target: "es2024", metafile: true },
    ...{ outdir: project, absWorkingDir: project, write: false, logLevel: "silent" },
    conditions: [...conditions],
  }).catch(() => undefined);
  if (bundled === undefined) return null;
  const parts = [...atOnce(bundled.metafile.outputs)].map(
    (path) => bundled.outputFiles.find((file) => file.path === join(project, path))?.contents ?? new Uint8Array(),
  );
  const each = parts.map(weigh);
  const total = (of: "minified" | "gzipped"): number => each.reduce((sum, part) => sum + part[of], 0);
  return { minified: total("minified"), gzipped: total("gzipped") };
}

/** Each does the least that ends in a number from the runtime; `policy` is what finds the file. */
const firsts = (policy: string): { readonly [name: string]: string } => ({
  "a tensor program": `
    const { ndarray, runOnce, trace } = await import("repertoire/tensor");
    const program = trace("one", { state: {}, inputs: { x: { shape: [1], dtype: "float32" } } }, (state, { x }) => ({
      state, outputs: { y: x.add(1) } }));
    const { y } = await runOnce(program, { x: ndarray([1]) });
    if (y.data[0] !== 2) throw y;`,
  "a policy's decision": `
    const { loadPolicy } = await import("repertoire/policies");
    const policy = await loadPolicy(${JSON.stringify(policy)});
    await policy.act(new Float32Array(4), { deterministic: true });`,
});

function startsInNode(project: string, policy: string): { readonly [name: string]: number } {
  const taken = (program: string): number => {
    const path = join(project, "first.mjs");
    writeFileSync(
      path,
      `const began = performance.now();${program}\nconsole.log(performance.now() - began);process.exit();`,
    );
    return Number(execFileSync(process.execPath, [path], { encoding: "utf8", cwd: project }));
  };
  return Object.fromEntries(
    Object.entries(firsts(policy)).map(([name, program]) => [
      name,
      median(Array.from({ length: rounds }, () => taken(program))),
    ]),
  );
}

type Browser = Awaited<ReturnType<typeof launch>>;
const pageOf = (script: string): Uint8Array =>
  new TextEncoder().encode(
    `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`,
  );

async function startsInPage(browser: Browser, project: string, policy: Uint8Array): Promise<readonly number[]> {
  const seen: number[] = [];
  for (const program of Object.values(firsts("policy.onnx"))) {
    const script = join(project, "first.js");
    writeFileSync(script, `${program}\nglobalThis.taken = performance.now();`);
    const files = { "policy.onnx": policy };
    await using served = await serve({ script, html: pageOf("first.js"), files, conditions: [], minify: true });
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const context = await browser.newContext();
      const tab = await context.newPage();
      await tab.goto(served.address);
      await tab.waitForFunction(() => "taken" in globalThis);
      taken.push(await tab.evaluate(() => (globalThis as never as { taken: number }).taken));
      await context.close();
    }
    seen.push(median(taken));
  }
  return seen;
}

const widths = [64, 256];
const seconds = 2;

/** In turn, so that what slows the machine for a while slows both. */
async function speeds(browser: Browser): Promise<Bundle["updates"]> {
  await using served = await serve({ script: join(root, "browser/page.ts"), html: pageOf("page.js") });
  const tab = await browser.newPage();
  await tab.goto(served.address);
  await tab.waitForFunction(() => "asked" in globalThis);
  const inPage = (width: number): Promise<number> =>
    tab.evaluate(
      ([...given]) =>
        (globalThis as never as { asked: { speed(...given: number[]): Promise<number> } }).asked.speed(...given),
      [width, seconds],
    );
  const updates: Record<string, Bundle["updates"][string]> = {};
  for (const width of widths) {
    const taken: { node: number; page: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      taken.push({ node: await updatesPerSecond(width, seconds), page: await inPage(width) });
    }
    updates[width] = { node: median(taken.map(({ node }) => node)), page: median(taken.map(({ page }) => page)) };
  }
  return updates;
}

async function measured(): Promise<Bundle> {
  const project = installed();
  try {
    const subPaths: Record<string, Bundle["subPaths"][string]> = {};
    for (const subPath of Object.keys(manifest.exports).filter((name) => name !== "./package.json")) {
      subPaths[subPath] = await weighed(project, subPath);
    }
    const runtime = (name: string) => weigh(readFileSync(join(root, "node_modules/onnxruntime-web/dist", name)));
    await using policy = await cloned(await recording());
    const file = join(project, "policy.onnx");
    writeFileSync(file, policy.bytes);
    const inNode = startsInNode(project, file);
    await using browser = await launch();
    const inPage = await startsInPage(browser, project, policy.bytes);
    const updates = await speeds(browser);
    return {
      subPaths,
      runtime: {
        "wasm: script": runtime("ort.wasm.bundle.min.mjs"),
        "wasm: code": runtime("ort-wasm-simd-threaded.wasm"),
        "webgpu: script": runtime("ort.webgpu.bundle.min.mjs"),
        "webgpu: code": runtime("ort-wasm-simd-threaded.asyncify.wasm"),
      },
      start: Object.fromEntries(Object.entries(inNode).map(([name, node], i) => [name, { node, page: inPage[i] }])),
      updates,
      machine: machineHere(),
      commit: commitHere(),
    };
  } finally {
    rmSync(project, { recursive: true });
  }
}

const kilobytes = (n: number): string => `${Math.ceil(n / 1000).toLocaleString("en")} kB`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The tables of docs/browser.md. */
export const tables = ({ subPaths, runtime, start, updates, machine, commit }: Bundle): string =>
  [
    table(
      ["a page that imports", "minified", "gzipped"],
      [...Object.entries(subPaths), ...Object.entries(runtime)].map(([name, it]) =>
        it === null
          ? [`\`${name.replace(".", "repertoire")}\``, "for Node", ""]
          : [
              name.startsWith(".") ? `\`${name.replace(".", "repertoire")}\`` : name,
              kilobytes(it.minified),
              kilobytes(it.gzipped),
            ],
      ),
    ),
    table(
      ["from nothing to", "Node", "Chromium"],
      Object.entries(start).map(([name, { node, page }]) => [name, `${node.toFixed(0)} ms`, `${page.toFixed(0)} ms`]),
    ),
    table(
      ["IQL, one thread", "Node", "Chromium"],
      Object.entries(updates).map(([width, { node, page }]) => [
        `${width} wide, batch ${width}`,
        `${node.toFixed(0)} updates a second`,
        `${page.toFixed(0)} updates a second`,
      ]),
    ),
    `Measured on ${machine}, commit ${commit}, by \`npm run bench:bundle\`.`,
  ].join("\n\n");

const begin = "<!-- bundle: made by `npm run bench:bundle`, not by hand -->";
const end = "<!-- end of bundle -->";

export const filled = (text: string, result: Bundle): string =>
  `${text.slice(0, text.indexOf(begin))}${begin}\n\n${tables(result)}\n\n${text.slice(text.indexOf(end))}`;

export const read = (): Bundle => schema.parse(JSON.parse(readFileSync(join(results, "browser/bundle.json"), "utf8")));

if (import.meta.main) {
  if (absent) {
    console.error(`Nothing was measured: ${absent}.`);
    process.exitCode = 2;
  } else {
    if (loadavg()[0] > availableParallelism() / 2) {
      console.error("This machine is busy with something else: the times will say more of that than of Repertoire.");
    }
    const result = schema.parse(await measured());
    console.log(JSON.stringify(result));
    await writeAtomically(join(results, "browser/bundle.json"), `${JSON.stringify(result, null, 2)}\n`);
    const page = join(root, "docs/browser.md");
    await writeAtomically(page, filled(readFileSync(page, "utf8"), result));
  }
}
