/** What a user gets: the package as npm packs it, installed into an empty project. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import test from "node:test";

const root = import.meta.dirname;
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "repertoire-pack-"));
const project = join(folder, "project");
test.after(() => rmSync(folder, { recursive: true }));

// The pinned Node first on the path, and nothing of the npm or the conditions that this test itself runs under.
const inherited = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$/i.test(name));
const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
const env = { ...Object.fromEntries(inherited), PATH: path, ONNXRUNTIME_NODE_INSTALL: "skip" };
const run = (cwd: string, program: string, ...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
};

const has = (source: string): boolean => existsSync(join(root, source));
const doors = Object.entries<Record<string, string>>(manifest.exports).filter(([, to]) => typeof to !== "string");
// The public face is written last: from then on every door must lead somewhere.
const open = doors.filter(([, to]) => has("src/index.ts") || has(to["repertoire-source"])).map(([sub]) => sub.slice(1));

test.before(() => {
  run(root, "npm", "pack", "--silent", "--pack-destination", folder);
  const [packed] = readdirSync(folder);
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  const quietly = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run(project, "npm", "install", ...quietly, join(folder, packed));
});

test("every public sub-path of the installed package imports what was built", () => {
  const script = `
    const seen = {};
    for (const name of ${JSON.stringify(open.map((sub) => `repertoire${sub}`))})
      seen[name] = [import.meta.resolve(name), Object.keys(await import(name)).length];
    console.log(JSON.stringify(seen));`;
  writeFileSync(join(project, "imports.js"), script);
  const seen = JSON.parse(run(project, process.execPath, "imports.js"));
  for (const sub of open) {
    const [url, exported] = seen[`repertoire${sub}`];
    assert.match(url, /\/node_modules\/repertoire\/dist\//);
    assert.ok(exported > 0, `repertoire${sub} exports nothing`);
  }
});

test("what only pages need is left out, and asking for it says how to get it", () => {
  assert.ok(!existsSync(join(project, "node_modules/onnxruntime-web")));
  const script = `
    import { ndarray, open, runOnce, trace, webRuntime } from "repertoire/tensor";
    const x = { shape: [2], dtype: "float32" };
    const program = trace("twice", { state: {}, inputs: { x } }, (state, given) => ({ state, outputs: { y: given.x.mul(2) } }));
    const { y } = await runOnce(program, { x: ndarray([1, 2]) });
    const refused = await open(program, { backend: webRuntime }).catch(({ code, message }) => code + ": " + message);
    console.log([...y.data].join(), refused);`;
  writeFileSync(join(project, "web.js"), script);
  assert.equal(
    run(project, process.execPath, "web.js").trim(),
    '2,4 missing-package: onnxruntime-web: the package "onnxruntime-web" is not installed; wanted for programs in a page, or in WebAssembly, and left out otherwise because it is large. Install it: npm install onnxruntime-web@^1.30.0.',
  );
});

test("a user's TypeScript finds the types of every sub-path", () => {
  const lines = open.map(
    (sub, i) => `import * as door${i} from "repertoire${sub}";\nexport type Door${i} = typeof door${i};`,
  );
  writeFileSync(join(project, "imports.ts"), lines.join("\n"));
  const options = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--skipLibCheck",
    "--types",
    "",
  ];
  assert.equal(run(project, join(root, "node_modules/.bin/tsc"), ...options, "imports.ts"), "");
});

test("the package holds what is built and no sources, tests or golden values", () => {
  const within = readdirSync(join(project, "node_modules/repertoire"), { recursive: true, encoding: "utf8" });
  const strays = within.filter((it) => !it.startsWith("node_modules"));
  assert.deepEqual(
    strays.filter((it) => /\.test\.|\.golden\.|(?<!\.d)\.ts$|^src\b/.test(it)),
    [],
  );
  assert.ok(strays.includes("README.md") && strays.includes("LICENSE"));
});

test("the command line runs", { skip: has("src/cli/main.ts") ? false : "src/cli/main.ts is not there" }, () => {
  assert.equal(run(project, "npx", "--no-install", "repertoire", "--version").trim(), manifest.version);
  assert.match(run(project, "npx", "--no-install", "repertoire", "--help"), /usage/i);
});
