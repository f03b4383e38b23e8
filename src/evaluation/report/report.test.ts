import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { cleanDrawing } from "./drawing.ts";
import { type Block, checkReport, type Report, reportHtml } from "./index.ts";
import { html } from "./markup.ts";
import { estimateText, number } from "./numbers.ts";

/** What the tests read of a page. */
interface Element {
  readonly textContent: string;
  readonly attributes: Iterable<{ readonly name: string }>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
}
const pageOf = (report: Report): Element => parseHTML(reportHtml(report)).document as unknown as Element;
const all = (page: Element, selector: string): Element[] => [...page.querySelectorAll(selector)];

const estimate = (value: number, low: number, high: number) => ({
  value,
  interval: [low, high] as const,
  level: 0.95,
  n: 40,
  method: "mean, Student t",
});
const refusal = { refused: true as const, method: "IPS", reason: "the rows weigh too little." };
const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="#eee"/></svg>';

type Blocks = Report["sections"][number]["blocks"];
const withBlocks = (blocks: Blocks): Report => ({
  title: "t",
  sections: [{ title: "s", blocks }],
  provenance: { command: "c" },
});

/** One block of every kind, `text` in every place that takes any. */
const everything = (text: string): Report => ({
  title: `T${text}`,
  subtitle: text,
  verdict: { status: "collect more", sentence: text },
  headlines: [
    { label: text, estimate: estimate(0.31, 0.28, 0.34), format: "percent", note: text },
    { label: text, estimate: { ...refusal, reason: text } },
  ],
  sections: [
    {
      title: text,
      blocks: [
        { kind: "paragraph", text },
        { kind: "list", items: [text, text] },
        {
          kind: "table",
          caption: `c${text}`,
          columns: [{ label: text }, { label: "v", format: "percent" }],
          rows: [
            [text, 0.5],
            [text, estimate(1, 0, 2)],
            [text, refusal],
            [text, null],
            [text, true],
          ],
        },
        {
          kind: "intervals",
          caption: `c${text}`,
          x: { label: text },
          items: [
            { label: text, estimate: estimate(3, 1, 5) },
            { label: text, estimate: refusal },
          ],
          reference: { value: 2, label: text },
        },
        {
          kind: "curves",
          caption: `c${text}`,
          x: { label: text },
          y: { label: text },
          series: [
            {
              name: text,
              points: [
                { x: 0, y: 1, low: 0, high: 2 },
                { x: 1, y: 2 },
              ],
            },
            { name: text, points: [] },
          ],
          reference: { value: 1, label: text },
        },
        {
          kind: "histograms",
          caption: `c${text}`,
          x: { label: text },
          series: [
            { name: text, values: [1, 2, 2, 3] },
            { name: text, values: [2] },
          ],
        },
        {
          kind: "scatter",
          caption: `c${text}`,
          x: { label: text },
          y: { label: text },
          points: [
            { x: 1, y: 2, interval: [1, null], series: text, label: text },
            { x: 2, y: 1, series: "b" },
          ],
        },
        {
          kind: "bars",
          caption: `c${text}`,
          x: { label: text },
          series: [
            {
              name: text,
              values: [
                { label: text, value: -1 },
                { label: "b", value: 2 },
              ],
            },
          ],
        },
        { kind: "drawings", caption: `c${text}`, items: [{ svg: picture, label: text }] },
      ],
    },
  ],
  provenance: { command: text, seed: 3, date: text, fingerprints: { [text]: text }, versions: { [text]: text } },
});

test("text stays text, whatever it is, and the report can be read back from the page", () => {
  const nasty = fc.oneof(
    fc.constantFrom(
      "</script><script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "<!--",
      "]]>",
      "&amp;",
      "' onload='x",
      "a`b",
      "\u2028",
    ),
    fc.string({ unit: "grapheme", maxLength: 12 }),
  );
  fc.assert(
    fc.property(nasty, (text) => {
      const report = everything(text);
      const page = pageOf(report);
      assert.equal(all(page, "script").length, 1);
      assert.equal(all(page, "img").length, 0);
      for (const element of all(page, "*")) {
        for (const { name } of element.attributes)
          assert.ok(!/^(on|src)/i.test(name), `${name} on a page with ${text}`);
      }
      assert.deepEqual(
        JSON.parse(page.querySelector("#report")?.textContent ?? ""),
        JSON.parse(JSON.stringify(report)),
      );
      assert.equal(page.querySelector(".verdict p")?.textContent, text);
      assert.equal(page.querySelector("h1")?.textContent, `T${text}`);
    }),
    { numRuns: 14 },
  );
});

test("the page needs nothing outside itself and is a function of the report", () => {
  const text = reportHtml(everything("x"));
  assert.equal(text, reportHtml(everything("x")));
  const visible = text.slice(0, text.indexOf('<script type="application/json"'));
  assert.deepEqual(
    visible
      .replaceAll("http://www.w3.org/", "")
      .match(/https?:|@import|\ssrc=|<link|<iframe|<script|\sstyle="[^"]*url\(/g),
    null,
  );
  assert.doesNotMatch(visible, /NaN|undefined|\[object|Infinity/);
});

test("every figure has a caption, a name for those who cannot see it, and its numbers as a table", () => {
  const page = pageOf(everything("x"));
  const figures = all(page, "figure").filter((figure) => figure.querySelector("details") !== null);
  assert.equal(figures.length, 5);
  for (const figure of figures) {
    assert.equal(figure.querySelector("figcaption")?.textContent, "cx");
    assert.ok(
      figure.querySelector("table caption") &&
        figure.querySelector('th[scope="col"]') &&
        figure.querySelector('th[scope="row"]'),
    );
    for (const svg of [...figure.querySelectorAll(".chart > svg")]) {
      assert.equal(svg.getAttribute("role"), "img");
      assert.match(svg.getAttribute("aria-label") ?? "", /chart|Histogram/);
    }
  }
});

test("marks lie where the numbers are", () => {
  const items = [
    { label: "a", estimate: estimate(2, 1, 5) },
    { label: "b", estimate: estimate(8, 7, 10) },
  ];
  const page = pageOf(withBlocks([{ kind: "intervals", caption: "c", x: { label: "v" }, items }]));
  const svg = page.querySelector("svg.wide");
  const dots = [...(svg?.querySelectorAll("circle") ?? [])].map((c) => Number(c.getAttribute("cx")));
  const lines = [...(svg?.querySelectorAll('g[aria-label="rule"] line') ?? [])].map((l) => [
    Number(l.getAttribute("x1")),
    Number(l.getAttribute("x2")),
  ]);
  assert.equal(dots.length, 2);
  const unit = (dots[1] - dots[0]) / 6;
  assert.ok(unit > 0);
  for (const [i, { estimate: e }] of items.entries()) {
    for (const end of [0, 1] as const) {
      assert.ok(Math.abs(lines[i][end] - (dots[0] + (e.interval[end] - 2) * unit)) < 1e-6, `${lines[i]}`);
    }
  }
});

test("histogram bars hold the share of values between round edges", () => {
  const values = [0, 0.5, 1, 1.5, 1.9, 2, 10];
  const page = pageOf(
    withBlocks([{ kind: "histograms", caption: "c", x: { label: "v" }, series: [{ name: "a", values }], bins: 10 }]),
  );
  const heights = [...(page.querySelector("svg.wide")?.querySelectorAll("rect") ?? [])].map((r) =>
    Number(r.getAttribute("height")),
  );
  assert.equal(heights.length, 11);
  const share = (i: number) => heights[i] / heights.reduce((a, b) => a + b);
  assert.ok(
    Math.abs(share(0) - 2 / 7) < 1e-9 && Math.abs(share(1) - 3 / 7) < 1e-9 && Math.abs(share(10) - 1 / 7) < 1e-9,
  );
});

test("odd data still make a page", () => {
  const unbounded = { ...estimate(3, 0, 0), interval: [-Infinity, null] as const };
  const blocks: Blocks = [
    { kind: "intervals", caption: "c", x: { label: "v" }, items: [{ label: "one episode", estimate: unbounded }] },
    { kind: "intervals", caption: "c", x: { label: "v" }, items: [{ label: "none", estimate: refusal }] },
    { kind: "intervals", caption: "c", x: { label: "v" }, items: [{ label: "point", estimate: estimate(0, 0, 0) }] },
    {
      kind: "curves",
      caption: "c",
      x: { label: "x" },
      y: { label: "y" },
      series: [{ name: "one", points: [{ x: 5, y: 5 }] }],
    },
    {
      kind: "histograms",
      caption: "c",
      x: { label: "v" },
      series: [
        { name: "a", values: [4, 4, 4] },
        { name: "none", values: [] },
      ],
    },
    {
      kind: "histograms",
      caption: "c",
      x: { label: "v" },
      series: [{ name: "many", values: Array.from({ length: 200_000 }, (_, i) => i % 97) }],
    },
    { kind: "scatter", caption: "c", x: { label: "x" }, y: { label: "y" }, points: [{ x: 1, y: 1 }] },
    { kind: "bars", caption: "c", x: { label: "x" }, series: [{ name: "a", values: [{ label: "none", value: 0 }] }] },
    { kind: "table", caption: "c", columns: [{ label: "a" }], rows: [] },
    { kind: "drawings", caption: "c", items: [] },
  ];
  for (const block of blocks) {
    const text = reportHtml(withBlocks([block]));
    assert.doesNotMatch(
      text.slice(0, text.indexOf('<script type="application/json"')),
      /NaN|undefined|\[object|Infinity/,
      block.kind,
    );
  }
  assert.match(reportHtml(withBlocks([blocks[0]])), /−∞ to ∞/);
});

test("a drawing keeps its shapes and loses what runs, loads or reaches outside", () => {
  const { markup } = cleanDrawing(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)" style="position:fixed">
      <script>alert(1)</script><style>body{display:none}</style><foreignObject><b>x</b></foreignObject>
      <a href="https://example.org"><rect width="3" height="3"/></a><image href="https://example.org/x.png"/>
      <defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient><clipPath id="k"><circle r="2"/></clipPath></defs>
      <rect id="r" x="1" width="3" height="3" fill="url(#g)" clip-path="url( '#k' )" stroke="url(https://example.org/#x)" onclick="alert(1)"/>
      <use href="#r"/><use href="https://example.org/#r"/><text x="1" y="2">1 &lt; 2</text></svg>`,
    'maze "7"',
    "p-",
  );
  assert.doesNotMatch(markup, /alert|example\.org|style|foreignObject|image/);
  assert.match(markup, /viewBox="0 0 9 9"/);
  assert.match(markup, /<rect id="p-r" x="1" width="3" height="3" fill="url\(#p-g\)" clip-path="url\(#p-k\)">/);
  assert.match(markup, /<linearGradient id="p-g"/);
  assert.match(markup, /<use href="#p-r">/);
  assert.match(markup, /1 &lt; 2/);
  assert.match(markup, /aria-label="maze &quot;7&quot;"/);
  assert.match(cleanDrawing(picture, "l", "").markup, /viewBox="0 0 20 10"/);
  assert.throws(() => cleanDrawing("<p>no</p>", "l", ""), /drawing "l": wanted an SVG/);
});

test("a part that does not fit is named", () => {
  const broken = { ...withBlocks([]), sections: [{ title: "s", blocks: [{ kind: "paragraph" }] }] };
  assert.throws(() => checkReport(broken), /sections\.0\.blocks\.0\.text/);
  assert.throws(() => checkReport({ ...withBlocks([]), extra: 1 }), /the report itself/);
  const empty: Block = { kind: "bars", caption: "c", x: { label: "x" }, series: [] };
  assert.throws(() => reportHtml(withBlocks([empty])), /sections\.0\.blocks\.0\.series/);
  assert.throws(() => checkReport(undefined), /the report itself/);
});

test("numbers are written with the digits they deserve", () => {
  const text = (value: number, low: number, high: number, format?: "percent") => {
    const written = estimateText(estimate(value, low, high), format);
    return `${written.value} | ${written.interval}`;
  };
  assert.equal(text(0.312345, 0.28, 0.344), "0.312 | 0.280 to 0.344");
  assert.equal(text(0.312345, 0.28, 0.344, "percent"), "31.2% | 28.0% to 34.4%");
  assert.equal(text(12345.678, 11000, 13000), "12,346 | 11,000 to 13,000");
  assert.equal(text(-1.5, -2.25, -0.75), "−1.50 | −2.25 to −0.75");
  assert.equal(text(1, 1, 1), "1 | 1 to 1");
  assert.equal(number(1234567), "1,234,567");
  assert.equal(number(0.00001234), "1.23e−5");
  assert.equal(number(-0), "0");
  assert.equal(number(0.123456, "percent"), "12.35%");
  assert.equal(html`<b>${"<&>"}</b>${[html`<i></i>`]}${undefined}`.markup, "<b>&lt;&amp;&gt;</b><i></i>");
});
