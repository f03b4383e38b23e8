import * as Plot from "@observablehq/plot";
import { colour, draw, legend } from "./charts.ts";
import { figure, ink, rimmed, rowNames, xAxis } from "./figure.ts";
import type { Markup } from "./markup.ts";
import { number } from "./numbers.ts";
import type { BlockOf } from "./schema.ts";
import { dataTable } from "./tables.ts";

/** Bars side by side for each label. */
export function barsFigure({ caption, x, series }: BlockOf<"bars">): Markup {
  const labels = [...new Set(series.flatMap(({ values }) => values.map(({ label }) => label)))];
  const bars = series.flatMap(({ name, values }, i) =>
    values.map(({ label, value }) => ({ label, value, place: String(i), name, text: number(value, x.format) })),
  );
  const chart = draw(
    (room) => ({
      height: 60 + labels.length * (16 + 18 * series.length),
      marginLeft: rowNames(labels, room).left,
      marginRight: 56,
      marginTop: 10,
      marginBottom: 42,
      x: {
        domain: [Math.min(0, ...bars.map(({ value }) => value)), Math.max(0, ...bars.map(({ value }) => value)) || 1],
      },
      y: { axis: null, type: "band", domain: series.map((_, i) => String(i)), padding: 0.12 },
      fy: { domain: labels, padding: 0.22 },
      marks: [
        ...xAxis(x, room),
        Plot.axisFy({ label: null, anchor: "left", lineWidth: rowNames(labels, room).lineWidth }),
        ...series.map((_, i) =>
          Plot.barX(
            bars.filter(({ place }) => place === String(i)),
            {
              fy: "label",
              y: "place",
              x: "value",
              fill: colour(i),
              fillOpacity: 0.85,
            },
          ),
        ),
        // The number stands where the bar ends, on the side away from zero.
        ...[1, -1].map((side) =>
          Plot.text(
            bars.filter(({ value }) => value >= 0 === side > 0),
            {
              fy: "label",
              y: "place",
              x: "value",
              text: "text",
              textAnchor: side > 0 ? "start" : "end",
              dx: 5 * side,
              fontSize: 11,
              ...rimmed,
            },
          ),
        ),
        Plot.ruleX([0], { stroke: ink }),
      ],
    }),
    `Bar chart of ${x.label}. ${bars
      .slice(0, 24)
      .map(({ label, name, text }) => `${label}${series.length > 1 ? `, ${name}` : ""}: ${text}`)
      .join("; ")}`,
  );
  const columns = [{ label: "" }, ...series.map(({ name }) => ({ label: name, format: x.format }))];
  const rows = labels.map((label) => [
    label,
    ...series.map(({ values }) => values.find((v) => v.label === label)?.value ?? null),
  ]);
  return figure(
    caption,
    chart,
    legend(
      series.map(({ name }) => name),
      "bar",
    ),
    dataTable(caption, columns, rows),
  );
}
