import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as distributions from "../distributions.ts";
import * as generative from "../generative/index.ts";

test("docs/distributions.md names every distribution and generative head, and nothing that is not there", () => {
  const page = readFileSync(new URL("../../../docs/distributions.md", import.meta.url), "utf8");
  const named = [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const makers = [
    ...Object.keys(distributions).filter((name) => !["lgamma", "digamma", "logNormalCdf"].includes(name)),
    ...["generated", "vae", "cvae", "diffusion", "karrasDiffusion", "flowMatching", "couplingFlow", "energyHead"],
  ];
  assert.deepEqual([...named].sort(), makers.sort());
  for (const name of Object.keys(generative).filter((name) => /Denoiser$/.test(name))) {
    assert.ok(page.includes(`\`${name}\``), name);
  }
});
