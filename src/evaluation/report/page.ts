/** A report as one HTML file that needs nothing else: no network, no script. */

import { barsFigure } from "./bars-figure.ts";
import { curvesFigure } from "./curves-figure.ts";
import { densityFigure } from "./density-figure.ts";
import { cleanDrawing } from "./drawing.ts";
import { histogramsFigure } from "./histograms-figure.ts";
import { intervalsFigure } from "./intervals-figure.ts";
import { html, type Markup, raw } from "./markup.ts";
import { estimateText, isRefused, number } from "./numbers.ts";
import { planeFigure } from "./plane-figure.ts";
import { scatterFigure } from "./scatter-figure.ts";
import { type Block, type BlockOf, checkReport, type Report } from "./schema.ts";
import { style } from "./style.ts";
import { dataTable } from "./tables.ts";

/**
 * The page: title, verdict, headline numbers with their intervals, sections, and how to get the numbers again. Readable on
 * a telephone and on paper, in light and dark, and by screen readers; every chart has its numbers as a table. The report
 * itself is kept inside the file as JSON (`<script type="application/json" id="report">`), for programs.
 * @throws Problem "bad-report" naming the part that does not fit `reportSchema`
 */
export function reportHtml(report: Report): string {
  const { title, subtitle, verdict, headlines = [], sections, provenance } = checkReport(report);
  const contents =
    sections.length < 4
      ? undefined
      : html`<nav aria-label="Contents"><ol>${sections.map((s, i) => html`<li><a href="#section-${i + 1}">${s.title}</a></li>`)}</ol></nav>`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header><h1>${title}</h1>${subtitle === undefined ? undefined : html`<p class="subtitle">${subtitle}</p>`}</header>
<main>
${verdict === undefined ? undefined : banner(verdict)}
${headlines.length === 0 ? undefined : html`<section class="headlines" aria-label="Headline numbers">${headlines.map(headline)}</section>`}
${contents}
${sections.map((s, i) => html`<section aria-labelledby="section-${i + 1}"><h2 id="section-${i + 1}">${s.title}</h2>${s.blocks.map((block, j) => blockMarkup(block, `d${i + 1}-${j + 1}-`))}</section>`)}
</main>
${footer(provenance)}
<script type="application/json" id="report">${raw(JSON.stringify(report).replaceAll("<", "\\u003c"))}</script>
</body>
</html>
`;
  return page.markup;
}

const signs = { ship: "✓", hold: "✕", "collect more": "+", information: "i" } as const;
const words = { ship: "Ship", hold: "Hold", "collect more": "Collect more", information: "Result" } as const;

function banner({ status, label, sentence }: NonNullable<Report["verdict"]>): Markup {
  return html`<section class="verdict ${status.replace(" ", "-")}" aria-label="Verdict"><span class="sign" aria-hidden="true">${signs[status]}</span><div><strong>${label ?? words[status]}</strong><p>${sentence}</p></div></section>`;
}

const sentence = (clause: string): string => clause.charAt(0).toUpperCase() + clause.slice(1);

function headline({ label, estimate, format, note }: NonNullable<Report["headlines"]>[number]): Markup {
  const remark = note === undefined ? undefined : html`<p class="note">${note}</p>`;
  if (isRefused(estimate)) {
    return html`<div class="headline"><h3>${label}</h3><p class="value none">No answer</p><p class="note">${sentence(estimate.reason)}</p>${remark}</div>`;
  }
  const { value, interval } = estimateText(estimate, format);
  return html`<div class="headline"><h3>${label}</h3><p class="value">${value}</p><p class="interval">${interval}</p><p class="note">${number(estimate.level, "percent")} interval, n = ${number(estimate.n)}, ${estimate.method}</p>${remark}</div>`;
}

function blockMarkup(block: Block, prefix: string): Markup {
  switch (block.kind) {
    case "paragraph":
      return html`<p>${block.text}</p>`;
    case "list":
      return html`<ul>${block.items.map((item) => html`<li>${item}</li>`)}</ul>`;
    case "table":
      return dataTable(block.caption, block.columns, block.rows);
    case "intervals":
      return intervalsFigure(block);
    case "curves":
      return curvesFigure(block);
    case "histograms":
      return histogramsFigure(block);
    case "scatter":
      return scatterFigure(block);
    case "plane":
      return planeFigure(block);
    case "density":
      return densityFigure(block);
    case "bars":
      return barsFigure(block);
    case "drawings":
      return drawings(block, prefix);
  }
}

function drawings({ caption, items }: BlockOf<"drawings">, prefix: string): Markup {
  const pictures = items.map(
    ({ svg, label }, i) =>
      html`<figure class="drawing">${cleanDrawing(svg, label, `${prefix}${i + 1}-`)}<figcaption>${label}</figcaption></figure>`,
  );
  return html`<figure><div class="drawings">${pictures}</div><figcaption>${caption}</figcaption></figure>`;
}

function footer({ command, seed, date, fingerprints = {}, versions = {} }: Report["provenance"]): Markup {
  const entry = (name: string, value: Markup): Markup => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const pairs = (of: { readonly [name: string]: string }): Markup =>
    html`${Object.entries(of).map(([name, value]) => html`<span class="pair">${name} <code>${value}</code></span>`)}`;
  return html`<footer><h2>Where these numbers come from</h2><dl>${entry("Command", html`<code>${command}</code>`)}${seed === undefined ? undefined : entry("Seed", html`<code>${seed}</code>`)}${date === undefined ? undefined : entry("Date", html`${date}`)}${Object.keys(fingerprints).length === 0 ? undefined : entry("Fingerprints", pairs(fingerprints))}${Object.keys(versions).length === 0 ? undefined : entry("Versions", pairs(versions))}</dl></footer>`;
}
