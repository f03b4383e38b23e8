import * as Plot from "@observablehq/plot";
import { colour, dash, draw, legend } from "./charts.ts";
import { domainOf, figure, ink, rimmed, xAxis, yAxis } from "./figure.ts";
import type { Markup } from "./markup.ts";
import { number } from "./numbers.ts";
import type { BlockOf } from "./schema.ts";
import { dataTable } from "./tables.ts";

/** Lines with their bands. */
export function curvesFigure({ caption, x, y, series, reference }: BlockOf<"curves">): Markup {
  const all = series.flatMap(({ points }) => points);
  const chart = draw(
    (room) => ({
      height: 320,
      marginLeft: 58,
      marginRight: 20,
      marginTop: 30,
      marginBottom: 42,
      y: { domain: domainOf([...all.flatMap(({ y, low, high }) => [y, low, high]), reference?.value]) },
      marks: [
        ...xAxis(x, room),
        ...yAxis(y),
        ...series.map(({ points }, i) =>
          Plot.areaY(
            points.filter(({ low, high }) => low !== undefined && high !== undefined),
            { x: "x", y1: "low", y2: "high", fill: colour(i), fillOpacity: 0.18 },
          ),
        ),
        ...series.map(({ points }, i) =>
          Plot.lineY(points, { x: "x", y: "y", stroke: colour(i), strokeWidth: 2.2, strokeDasharray: dash(i) }),
        ),
        ...(reference === undefined
          ? []
          : [
              Plot.ruleY([reference.value], { stroke: ink, strokeDasharray: "4 3" }),
              Plot.text([reference], {
                y: "value",
                text: "label",
                frameAnchor: "right",
                textAnchor: "end",
                dy: -8,
                ...rimmed,
              }),
            ]),
      ],
    }),
    `Line chart of ${y.label} over ${x.label}. ${series.map(({ name, points }) => `${name} ends at ${number(points.at(-1)?.y ?? Number.NaN, y.format)}`).join("; ")}`,
  );
  const columns = [
    { label: "Series" },
    { label: x.label },
    { label: y.label, format: y.format },
    { label: "From", format: y.format },
    { label: "To", format: y.format },
  ];
  const rows = series.flatMap(({ name, points }) =>
    thinned(points, 12).map((p) => [name, p.x, p.y, p.low ?? null, p.high ?? null]),
  );
  return figure(
    caption,
    chart,
    legend(
      series.map(({ name }) => name),
      "line",
    ),
    dataTable(caption, columns, rows),
  );
}

/** At most `most` of the items, evenly spaced, the first and the last among them. */
function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]);
}
