import * as Plot from "@observablehq/plot";
import { quantile } from "../../data/summaries.ts";
import { colour, dash, draw, legend } from "./charts.ts";
import { figure, ink, xAxis, yAxis } from "./figure.ts";
import type { Markup } from "./markup.ts";
import { number } from "./numbers.ts";
import type { BlockOf } from "./schema.ts";
import { dataTable } from "./tables.ts";

/** Edges at round numbers, about as many bins as asked for. */
function edgesOf(values: readonly number[], bins: number): readonly number[] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(low <= high)) return [0, 1];
  const rough = (high - low) / bins || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
  const first = Math.floor(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

/** Overlaid histograms with one set of bins. */
export function histogramsFigure({ caption, x, series, bins = 24 }: BlockOf<"histograms">): Markup {
  const edges = edgesOf(
    series.flatMap(({ values }) => [...values]),
    bins,
  );
  const binned = series.map(({ name, values }) => {
    const counts = new Array<number>(edges.length - 1).fill(0);
    for (const v of values)
      counts[
        Math.max(
          0,
          Math.min(
            counts.length - 1,
            edges.findLastIndex((edge) => edge <= v),
          ),
        )
      ]++;
    return {
      name,
      values,
      bars: counts.map((count, i) => ({ from: edges[i], to: edges[i + 1], share: count / Math.max(1, values.length) })),
    };
  });
  const outline = (bars: (typeof binned)[number]["bars"]) => [
    { at: edges[0], share: 0 },
    ...bars.flatMap(({ from, to, share }) => [
      { at: from, share },
      { at: to, share },
    ]),
    { at: edges[edges.length - 1], share: 0 },
  ];
  const chart = draw(
    (room) => ({
      height: 300,
      marginLeft: 58,
      marginRight: 20,
      marginTop: 30,
      marginBottom: 42,
      marks: [
        ...xAxis(x, room),
        ...yAxis({ label: "share", format: "percent" }),
        ...binned.map(({ bars }, i) =>
          Plot.rectY(bars, { x1: "from", x2: "to", y: "share", fill: colour(i), fillOpacity: 0.28, inset: 0 }),
        ),
        ...binned.map(({ bars }, i) =>
          Plot.line(outline(bars), {
            x: "at",
            y: "share",
            stroke: colour(i),
            strokeWidth: 2,
            strokeDasharray: dash(i),
          }),
        ),
        Plot.ruleY([0], { stroke: ink }),
      ],
    }),
    `Histogram of ${x.label}. ${series.map(({ name, values }) => `${name}: ${values.length} values, median ${number(quantile(sorted(values), 0.5), x.format)}`).join("; ")}`,
  );
  const columns = [
    { label: "Series" },
    { label: "Values" },
    ...["Least", "Quarter", "Median", "Three quarters", "Greatest"].map((label) => ({ label, format: x.format })),
  ];
  const rows = series.map(({ name, values }) => [
    name,
    values.length,
    ...[0, 0.25, 0.5, 0.75, 1].map((q) => (values.length === 0 ? null : quantile(sorted(values), q))),
  ]);
  return figure(
    caption,
    chart,
    legend(
      series.map(({ name }) => name),
      "area",
    ),
    dataTable(caption, columns, rows),
  );
}
