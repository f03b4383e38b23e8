/** Tests that walk the tree: the rules of the house, each of which can be broken by one line anywhere. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join, normalize, relative, sep } from "node:path";
import test from "node:test";

const root = import.meta.dirname;
const notOurs = new Set(["node_modules", "dist", "runs", ".git", ".venv", "__pycache__"]);
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** From the ground up: a file imports from its own floor and the floors before it. */
const floors = [
  "problems.ts",
  "files.ts",
  "version.ts",
  "tensor",
  "nn",
  "formulas",
  "spaces",
  "data",
  "envs",
  "policies",
].concat(["evaluation", "algorithms", "guards", "serving", "cli"], "index.ts");
/** What a user of the package could have written: it sees the public sub-paths and nothing behind them. */
const outside = ["studio", "reproductions", "examples"];

const paths = walk(root);
const sources = paths
  .filter((path) => /\.(?:ts|tsx|mts|mjs)$/.test(path) && !path.endsWith("_pb.ts"))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const library = sources.filter(({ path }) => path.startsWith("src/"));
const isTest = (path: string): boolean => /(?:\.test|\/testing)\.ts$/.test(path);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (notOurs.has(entry.name)) return [];
    return entry.isDirectory() ? walk(path) : [relative(root, path).split(sep).join("/")];
  });
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

/** The module names a file imports, types included. */
function imports(text: string): string[] {
  const statement =
    /(?:^import\s+|^(?:import|export)\b[^;"'`]*?\bfrom\s+|\bimport\(\s*|\bimport\.meta\.resolve\(\s*)["']([^"'\n]+)["']/gm;
  return [...withoutComments(text).matchAll(statement)].map((match) => match[1]);
}

/** A relative import as a path from the root. */
const target = (path: string, name: string): string =>
  normalize(join(dirname(path), name))
    .split(sep)
    .join("/");
const none = (broken: string[]): void => assert.deepEqual(broken, []);

test("a file in src imports from its own floor and the floors below it only", () => {
  none(
    library.flatMap(({ path, text }) => {
      const level = (name: string): number => floors.indexOf(name.split("/")[1]);
      if (level(path) < 0) return [`${path} is on no floor of the house: ${floors.join(", ")}`];
      return imports(text)
        .filter((name) => name.startsWith("."))
        .map((name) => target(path, name))
        .filter((to) => !to.startsWith("src/") || level(to) < 0 || level(to) > level(path))
        .map((to) => `${path} may not import ${to}`);
    }),
  );
});

test("src imports only its own files, Node's modules and declared dependencies", () => {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const aliases = Object.entries<Record<string, string>>(manifest.imports);
  // What package.json's "imports" stand for must be declared, and then counts as declared.
  for (const [name, to] of aliases) if (Object.values(to).every((it) => declared.includes(it))) declared.push(name);
  const inTests = [...declared, ...Object.keys(manifest.devDependencies)];
  none(
    library.flatMap(({ path, text }) =>
      imports(text)
        .filter((name) => !name.startsWith(".") && !name.startsWith("node:"))
        .filter((name) => !(isTest(path) ? inTests : declared).some((it) => name === it || name.startsWith(`${it}/`)))
        .map((name) => `${path} imports ${name}${builtinModules.includes(name) ? `; write node:${name}` : ""}`),
    ),
  );
});

test("studio, reproductions and examples import only public sub-paths of the package", () => {
  const open = Object.keys(manifest.exports).map((sub) => sub.replace(".", "repertoire"));
  none(
    sources
      .filter(({ path }) => outside.includes(path.split("/")[0]))
      .flatMap(({ path, text }) =>
        imports(text)
          .filter((name) => (name.startsWith("repertoire") ? !open.includes(name) : reachesInside(path, name)))
          .map((name) => `${path} imports ${name}; the public sub-paths are ${open.join(", ")}`),
      ),
  );
});

// The results of the repository (their schema and their files) are no part of the package, so any folder may use them.
function reachesInside(path: string, name: string): boolean {
  if (!name.startsWith(".")) return false;
  return ![path.split("/")[0], "results"].includes(target(path, name).split("/")[0]);
}

test("each public sub-path leads to a source and to what is built from it", () => {
  for (const [sub, to] of Object.entries<Record<string, string>>(manifest.exports)) {
    if (typeof to === "string") continue;
    // A door that leads to files in Node has a narrower one for pages.
    const inNode = /^"(.+)"$|"default":"(.+?)"/.exec(JSON.stringify(to["repertoire-source"]));
    const source = inNode?.[1] ?? inNode?.[2] ?? "";
    assert.match(source, /^\.\/src\/.+\.ts$/, sub);
    const built = source.replace(/^\.\/src\//, "./dist/");
    const wanted = { types: built.replace(/\.ts$/, ".d.ts"), default: built.replace(/\.ts$/, ".js") };
    if (to.browser === undefined) assert.deepEqual(to, { "repertoire-source": source, ...wanted }, sub);
    else {
      const browser = source.replace(/\.ts$/, ".browser.ts");
      const sources = { browser, default: source };
      const page = wanted.default.replace(/\.js$/, ".browser.js");
      assert.deepEqual(to, { "repertoire-source": sources, ...wanted, browser: page }, sub);
    }
  }
});

test("no folder or file is called utils, helpers, common or misc", () => {
  none(paths.filter((path) => path.split("/").some((part) => /^(?:utils?|helpers?|common|misc)(?:\.|$)/i.test(part))));
});

test("every error sentence lives in problems.ts: src throws problems, or what it caught, and makes no other error", () => {
  none(
    library
      .filter(({ path }) => path !== "src/problems.ts" && !isTest(path))
      .flatMap(({ path, text }) =>
        withoutComments(text)
          .split("\n")
          .filter((line) => /\bnew \w*(?:Error|Exception)\((?!\))|\bthrow (?:["'`]|\{|new (?!Problem\())/.test(line))
          .map(
            (line) =>
              `${path}: ${line.trim()} — throw problem(code, facts), or call unreachable() where no input leads`,
          ),
      ),
  );
});

test("nothing is left to be done in a comment, no type is escaped, no test runs alone", () => {
  const forbidden =
    /\bTO[D]O\b|\bFIX[M]E\b|\bX[X]X\b|@ts-(?:ignor[e]|nocheck)|\bas an[y]\b|\b(?:test|it|describe)\.onl[y]\b|skip: tru[e]/;
  none(sources.flatMap(({ path, text }) => (forbidden.test(text) ? [`${path}: ${forbidden.exec(text)?.[0]}`] : [])));
});

test("every test asserts something, itself or through a function of its file that does", () => {
  none(sources.filter(({ path }) => path.endsWith(".test.ts")).flatMap(({ path, text }) => idleTests(path, text)));
});

/** The formatter puts each top-level statement at the margin, so lines that begin there cut a file into statements. */
function idleTests(path: string, text: string): string[] {
  const statements = withoutComments(text).split(
    /^(?=(?:import|export|async|function|const|let|for|if|await|test|it|describe)\b)/m,
  );
  const asserting = new Set(["assert", "fc.assert", "t.assert"]);
  for (const { length } of statements)
    for (const statement of statements.slice(0, length)) {
      const name = /^import (?:type )?\{([^}]*)\} from ".*testing\.ts"|^(?:async )?(?:function|const) (\w+)/.exec(
        statement,
      );
      if (name?.[1]) for (const part of name[1].split(",")) asserting.add(part.trim());
      if (name?.[2] && uses(statement.slice(name[0].length), asserting)) asserting.add(name[2]);
    }
  const tests = statements.flatMap((statement) =>
    statement.split(/(?<![\w.])(?=(?:test|it)\()/).filter((it) => /^(?:test|it)\(/.test(it)),
  );
  if (tests.length === 0) return [`${path} holds no test`];
  return tests.filter((it) => !uses(it, asserting)).map((it) => `${path}: ${it.split("\n")[0]} asserts nothing`);
}

const uses = (text: string, names: ReadonlySet<string>): boolean =>
  [...names].some((name) => new RegExp(`(?<![\\w.])${name.replace(".", "\\.")}\\b`).test(text));

test("every algorithm has its page beside it", () => {
  const algorithms = library.filter(
    ({ path, text }) => path.startsWith("src/algorithms/") && !isTest(path) && /= defineAlgorithm\(/.test(text),
  );
  none(
    algorithms
      .map(({ path }) => path.replace(/\.ts$/, ".md"))
      .filter((page) => !paths.includes(page) && basename(page) !== "define.md")
      .map((page) => `${page} is missing`),
  );
});
