/** card and curate as a user has them. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromEpisodes, readRecording, recipeOf, writeRecording } from "../data/index.ts";
import { box } from "../spaces/index.ts";
import { repertoire, workplace } from "./testing.ts";

const place = workplace(after);
const walk = (who: string, reward: number) => ({
  observations: Array.from({ length: 5 }, (_, i) => [i * reward]),
  actions: Array.from({ length: 4 }, (_, i) => [i / 4]),
  rewards: [0, 0, 0, reward],
  terminated: true,
  tags: { who },
});
const play = fromEpisodes([walk("ann", 4), walk("bob", 1), walk("ann", 3), walk("bob", 1)], {
  observationSpace: box(-Infinity, Infinity),
  actionSpace: box(-1, 1),
});
await writeRecording(join(place, "play.parquet"), play);
const recipe = {
  kind: "recipe",
  sources: [{ name: "all", file: "play.parquet" }],
  steps: [{ do: "dedupe" }, { do: "select", by: "return", top: 2 }],
};
writeFileSync(join(place, "recipe.json"), JSON.stringify(recipe));

test("curate writes what the recipe makes, says each step, and makes it again", async () => {
  const first = await repertoire(place, "curate", "recipe.json", "-o", "best.parquet");
  assert.equal(first.code, 0, first.stderr);
  assert.equal(
    first.stdout,
    "recipe, step 1 (dedupe): 4 episodes, 16 steps → 3 episodes, 12 steps\nrecipe, step 2 (select): 3 episodes, 12 steps → 2 episodes, 8 steps\nbest.parquet: 2 episodes, 8 steps.\nNext: repertoire card best.parquet\n",
  );
  const made = await readRecording(join(place, "best.parquet"));
  const carried = recipeOf(made);
  assert.equal(carried?.sources[0].fingerprint, play.provenance.fingerprint);
  writeFileSync(join(place, "again.json"), JSON.stringify(carried));
  const again = await repertoire(place, "curate", "again.json", "-o", "again.parquet", "--json");
  assert.equal(again.code, 0, again.stderr);
  assert.equal(JSON.parse(again.stdout).fingerprint, made.provenance.fingerprint);
  assert.deepEqual(readFileSync(join(place, "again.parquet")), readFileSync(join(place, "best.parquet")));
  const other = await repertoire(place, "curate", "again.json", "-o", "other.parquet", "--source", "all=best.parquet");
  assert.equal(other.code, 2);
  assert.match(other.stderr, /source all: the recipe was made for contents with the fingerprint/);
});

test("a recipe that is wrong, or has no file, is one sentence", async () => {
  writeFileSync(
    join(place, "wrong.json"),
    JSON.stringify({ ...recipe, steps: [{ do: "select", by: "return", most: 2 }] }),
  );
  const wrong = await repertoire(place, "curate", "wrong.json", "-o", "x.parquet");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^wrong\.json: step 1.*"most"[^\n]*\n$/);
  writeFileSync(join(place, "nowhere.json"), JSON.stringify({ kind: "recipe", sources: [{ name: "all" }] }));
  const nowhere = await repertoire(place, "curate", "nowhere.json", "-o", "x.parquet");
  assert.match(nowhere.stderr, /does not say where the source "all" is\. Say --source all=FILE/);
});

test("card measures against a reference and writes a page", async () => {
  const flags = [
    "--reference",
    "play.parquet",
    "--random",
    "0",
    "--best",
    "8",
    "--html",
    "card.html",
    "--axes",
    "state 0,action 0",
  ];
  const { code, stdout, stderr } = await repertoire(place, "card", "play.parquet", ...flags);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /quality {7}TQ 0\.2813, where 0 is chance \(0\) and 1 the best \(8\)/);
  assert.match(stdout, /SACo 1 of the reference's/);
  assert.match(stdout, /source {8}who {10}ann {18}quality 0\.4375/);
  assert.match(stdout, /beware {8}1 of 4 episodes repeats an earlier one exactly/);
  const page = readFileSync(join(place, "card.html"), "utf8");
  assert.match(page, /^<!doctype html>/);
  assert.match(page, /repertoire card play\.parquet --reference play\.parquet --random 0 --best 8 --axes/);
  const kept = await repertoire(place, "card", "play.parquet", "--html", "card.html");
  assert.match(kept.stderr, /card\.html: the file exists already/);
  const shared = await repertoire(place, "card", "play.parquet", "--test", "play.parquet", "--json");
  assert.deepEqual(JSON.parse(shared.stdout).overlap, { shared: 4, of: 4, later: null });
});
