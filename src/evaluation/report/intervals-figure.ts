import * as Plot from "@observablehq/plot";
import { colour, draw } from "./charts.ts";
import { domainOf, figure, ink, rimmed, rowNames, xAxis } from "./figure.ts";
import type { Markup } from "./markup.ts";
import { answerText, estimateText, isRefused, number } from "./numbers.ts";
import type { BlockOf } from "./schema.ts";
import { dataTable } from "./tables.ts";

/** Dot and whisker, one line an estimate. */
export function intervalsFigure({ caption, x, items, reference }: BlockOf<"intervals">): Markup {
  const shown = items.map(({ label, estimate }, i) => ({ row: String(i), label, estimate }));
  const found = shown.flatMap(({ row, estimate }) => (isRefused(estimate) ? [] : [{ row, estimate }]));
  const refused = shown.filter(({ estimate }) => isRefused(estimate));
  const labels = items.map(({ label }) => label);
  const domain = domainOf([...found.flatMap(({ estimate: e }) => [e.value, ...e.interval]), reference?.value]);
  const inside = (v: number | null, bound: number): number => (v === null || !Number.isFinite(v) ? bound : v);
  const whiskers = found.map(({ row, estimate: e }) => ({
    row,
    value: e.value,
    text: estimateText(e, x.format).value,
    low: inside(e.interval[0], domain[0]),
    high: inside(e.interval[1], domain[1]),
  }));
  const chart = draw(
    (room) => ({
      height: 62 + 40 * items.length,
      marginLeft: rowNames(labels, room).left,
      marginRight: 20,
      marginTop: reference === undefined ? 12 : 26,
      marginBottom: 42,
      x: { domain },
      y: { type: "band", domain: shown.map(({ row }) => row), padding: 0 },
      marks: [
        ...xAxis(x, room),
        Plot.axisY({
          label: null,
          tickSize: 0,
          tickFormat: (row: string) => items[Number(row)].label,
          lineWidth: rowNames(labels, room).lineWidth,
        }),
        ...(reference === undefined
          ? []
          : [
              Plot.ruleX([reference.value], { stroke: ink, strokeDasharray: "4 3" }),
              Plot.text([reference], { x: "value", text: "label", frameAnchor: "top", dy: -16, fill: ink }),
            ]),
        Plot.ruleY(whiskers, { y: "row", x1: "low", x2: "high", stroke: colour(0), strokeWidth: 3 }),
        Plot.tickX(whiskers, { y: "row", x: "low", stroke: colour(0), strokeWidth: 2, inset: 14 }),
        Plot.tickX(whiskers, { y: "row", x: "high", stroke: colour(0), strokeWidth: 2, inset: 14 }),
        Plot.dot(whiskers, { y: "row", x: "value", r: 5, fill: colour(0), stroke: "var(--paper)" }),
        Plot.text(whiskers, {
          y: "row",
          x: "value",
          text: "text",
          dy: -13,
          fontSize: 11,
          ...rimmed,
        }),
        Plot.text(refused, {
          y: "row",
          text: () => "no answer",
          fontStyle: "italic",
          frameAnchor: "middle",
          ...rimmed,
          fill: "var(--muted)",
        }),
      ],
    }),
    `Dot and whisker chart. ${items.map(({ label, estimate }) => `${label}: ${answerText(estimate, x.format)}`).join("; ")}`,
  );
  const columns = [{ label: "" }, { label: x.label, format: x.format }, { label: "Observations" }, { label: "Method" }];
  const rows = items.map(({ label, estimate: e }) =>
    isRefused(e)
      ? [label, e, null, `${e.method}: ${e.reason}`]
      : [label, e, e.n, `${e.method}, ${number(e.level, "percent")} interval`],
  );
  return figure(caption, chart, undefined, dataTable(caption, columns, rows));
}
