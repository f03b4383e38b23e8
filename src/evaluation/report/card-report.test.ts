import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHTML } from "linkedom";
import { card, cardPictures, decisionLog, fromEpisodes, type Recording, takeEpisodes } from "../../data/index.ts";
import { box } from "../../spaces/index.ts";
import { cardReport } from "./card-report.ts";
import { reportHtml } from "./page.ts";
import { checkReport, type Report } from "./schema.ts";

const walk = (who: string, reward: number, step: number) => ({
  observations: Array.from({ length: 9 }, (_, i) => [i * step, reward]),
  actions: Array.from({ length: 8 }, () => [step / 2]),
  rewards: [0, 0, 0, 0, 0, 0, 0, reward],
  terminated: true,
  tags: { who, success: reward > 1 },
});
const play = fromEpisodes([walk("ann", 4, 1), walk("ann", 3, 1), walk("bob", 1, 0.5), walk("bob", 2, -1)], {
  observationSpace: box(-Infinity, Infinity, { shape: [2] }),
  actionSpace: box(-1, 1),
  environment: "Line-v0",
});
const log = decisionLog({
  context: Array.from({ length: 60 }, (_, i) => [i, i % 7]),
  actions: { count: 3, names: ["tea", "milk", "<b>"] },
  action: Array.from({ length: 60 }, (_, i) => i % 3),
  propensity: new Array(60).fill(1 / 3),
  reward: Array.from({ length: 60 }, (_, i) => i % 2),
});

const reported = (recording: Recording, options: Parameters<typeof card>[1] = {}): Report => {
  const made = card(recording, options);
  return cardReport(made, cardPictures(recording, made), {
    name: "play.parquet",
    command: "repertoire card play.parquet",
  });
};
const blocksOf = ({ sections }: Report) => sections.flatMap(({ blocks }) => blocks);
const textOf = (report: Report): string => parseHTML(reportHtml(report)).document.body.textContent ?? "";

test("a card of trajectories has its numbers and its pictures", () => {
  const report = checkReport(reported(play, { reference: play, random: 0, best: 5 }));
  assert.deepEqual(
    blocksOf(report).map(({ kind }) => kind),
    ["table", "table", "histograms", "density", "table", "table", "plane", "table", "table"],
  );
  const plane = blocksOf(report).find((b) => b.kind === "plane");
  assert.ok(plane?.kind === "plane");
  assert.deepEqual(plane.points, [
    { x: 0.5, y: 0.7, series: "ann" },
    { x: 0.5, y: 0.3, series: "bob" },
  ]);
  const text = textOf(report);
  assert.match(text, /Quality \(TQ\)\s*0\.5.*0 and 1 are chance and the best policy: 0 and 5/);
  assert.match(text, /Action variance.*1.*among the nearest states/);
  assert.match(text, /4 episodes, 32 steps in Line-v0/);
  assert.match(text, /repertoire card play\.parquet/);
});

test("without a reference there is no column for it, and what is missing says so", () => {
  const text = textOf(reported(play));
  assert.doesNotMatch(text, /Of the reference/);
  assert.match(text, /a share needs a reference/);
  assert.match(text, /the lowest and highest return in it: 1 and 4/);
});

test("a card of a decision log has actions, propensities and rewards, and escapes what it did not write", () => {
  const report = checkReport(reported(log));
  assert.deepEqual(
    blocksOf(report).map(({ kind }) => kind),
    ["table", "table", "paragraph", "histograms", "density", "bars", "table"],
  );
  assert.equal(parseHTML(reportHtml(report)).document.querySelectorAll("b").length, 0);
  assert.match(textOf(report), /milk/);
});

test("what to beware of comes first: one in the banner, many in a list", () => {
  const one = reported(takeEpisodes(play, [0, 1, 2, 3]));
  assert.equal(one.verdict?.label, "Nothing to beware of");
  const many = reported(takeEpisodes(play, [0, 0, 0]));
  assert.match(many.verdict?.label ?? "", /things to beware of/);
  assert.equal(many.sections[0].title, "What to beware of");
  assert.match(textOf(many), /2 of 3 episodes repeat an earlier one exactly/);
  assert.match(textOf(reported(takeEpisodes(play, []))), /The recording is empty/);
});

test("the density's cells and the plane's points are drawn, each with its numbers as a table", () => {
  const { document } = parseHTML(reportHtml(reported(play)));
  const figures = [...document.querySelectorAll("figure")];
  const density = figures.find((f) => /Density of 32 rows/.test(f.innerHTML));
  assert.ok(density);
  const cells = density.querySelectorAll("svg.wide rect[fill-opacity]").length;
  assert.ok(cells > 4 && cells <= 32, `${cells}`);
  const plane = figures.find((f) => /Scatter chart of 2 points/.test(f.innerHTML));
  assert.equal(plane?.querySelectorAll("tbody tr").length, 2);
  assert.ok(plane?.querySelectorAll("svg.wide path").length);
});

test("a density whose counts do not fit its axes is refused", () => {
  const axis = { label: "a", low: 0, high: 1, bins: 2 };
  const report = (counts: number[][], y = axis): Report => ({
    title: "t",
    sections: [{ title: "s", blocks: [{ kind: "density", caption: "c", x: axis, y, counts }] }],
    provenance: { command: "x" },
  });
  assert.doesNotThrow(() =>
    reportHtml(
      report([
        [1, 0],
        [0, 0],
      ]),
    ),
  );
  assert.throws(() => reportHtml(report([[1, 0]])), /one row of counts for each bin of y/);
  assert.throws(
    () =>
      reportHtml(
        report(
          [
            [1, 0],
            [0, 0],
          ],
          { ...axis, high: 0 },
        ),
      ),
    /low is below high/,
  );
});
