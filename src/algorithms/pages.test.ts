import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Problem } from "../problems.ts";
import { catalogue } from "./catalogue.ts";
import * as face from "./index.ts";
import { catalogueSource, methodPage, methodPages, methods, methodsIndex } from "./pages.ts";

const root = join(import.meta.dirname, "../..");
const all = await methods();

test("the catalogue, the index and each page's options and departures are what the methods say (else: npm run results)", async () => {
  // What is said of results comes from outside the sources; results/pages.test.ts holds that part.
  const resultsOf = (_: unknown, page: string) =>
    /<!-- generated:results -->\n\n([\s\S]*?)\n\n<!-- \/generated -->/.exec(
      readFileSync(join(root, page), "utf8"),
    )?.[1] ?? "";
  for (const [path, text] of await methodPages(resultsOf))
    assert.equal(readFileSync(join(root, path), "utf8"), text, path);
});

test("every method is in the catalogue and in the public face, under a name of its own", () => {
  assert.deepEqual(new Set(catalogue), new Set(all.map(({ algorithm }) => algorithm)));
  assert.equal(new Set(catalogue.map(({ name }) => name)).size, catalogue.length);
  for (const { exported, algorithm, path } of all) {
    assert.equal((face as { readonly [name: string]: unknown })[exported], algorithm, `${exported} of ${path}`);
    assert.ok(path.endsWith(`/${algorithm.name}.ts`), `${path} is not named for ${algorithm.name}`);
  }
});

for (const { path, algorithm } of all) {
  test(`the program on the page of ${algorithm.name} is complete, short, and runs`, async () => {
    const page = readFileSync(join(root, path.replace(/\.ts$/, ".md")), "utf8");
    const programs = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, program]) => program.trimEnd());
    assert.equal(programs.length, 1);
    const [program] = programs;
    assert.ok(program.split("\n").length <= 15, `${program.split("\n").length} lines`);
    for (const [, from] of program.matchAll(/from "([^"]+)"/g)) assert.match(from, /^repertoire\//);
    const options = ["--conditions=repertoire-source", "--input-type=module-typescript", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: root });
    assert.match(stdout, /\d/);
  });
}

test("a page's generated parts are replaced and nothing else; made again, it stays", () => {
  const [{ algorithm }] = all;
  const place = (part: string) => `<!-- generated:${part} -->\nold\n<!-- /generated -->`;
  const text = `before\n${place("options")}\nbetween\n${place("departures")}\n${place("results")}\nafter\n`;
  const page = methodPage(text, "bc.md", { ...algorithm, departures: ["One.", "Two."] }, "| a result |");
  assert.match(
    page,
    /^before\n.*\n\n\| option[\s\S]*\nbetween\n[\s\S]*- One\.\n- Two\.\n[\s\S]*\| a result \|\n[\s\S]*\nafter\n$/,
  );
  assert.ok(!page.includes("old"));
  for (const [name, { meaning }] of Object.entries<{ meaning: string }>(algorithm.options))
    assert.ok(page.includes(`| \`${name}\` |`) && page.includes(meaning.replaceAll("|", "\\|")), name);
  assert.equal(methodPage(page, "bc.md", { ...algorithm, departures: ["One.", "Two."] }, "| a result |"), page);
  assert.throws(() => methodPage("no place", "bc.md", algorithm, ""), Problem);
  assert.match(methodPage(text, "bc.md", { ...algorithm, departures: [] }, ""), /None\./);
});

test("the index and the catalogue name every method", () => {
  const [index, source] = [methodsIndex(all), catalogueSource(all)];
  for (const { path, exported } of all) {
    assert.ok(index.includes(`(../${path.replace(/\.ts$/, ".md")})`), path);
    assert.match(source, new RegExp(`import \\{ ${exported} \\} from "\\./`));
  }
  const many = Array.from({ length: 20 }, (_, i) => ({ ...all[0], exported: `method${i}` }));
  assert.ok(
    catalogueSource(many)
      .split("\n")
      .every((line) => line.length <= 120),
  );
});
