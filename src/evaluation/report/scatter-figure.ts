import * as Plot from "@observablehq/plot";
import { colour, draw, legend, symbol } from "./charts.ts";
import { domainOf, figure, ink, xAxis, yAxis } from "./figure.ts";
import type { Markup } from "./markup.ts";
import type { BlockOf } from "./schema.ts";
import { dataTable } from "./tables.ts";

/** Points around the diagonal, on one scale for both axes, so that on it estimate and outcome agree. */
export function scatterFigure({ caption, x, y, points }: BlockOf<"scatter">): Markup {
  const names = [...new Set(points.map(({ series }) => series ?? ""))];
  // Both axes have one scale, so that the diagonal is where estimate and outcome agree.
  const domain = domainOf(points.flatMap((p) => [p.x, p.y, ...(p.interval ?? [])]));
  const of = (name: string) => points.filter(({ series }) => (series ?? "") === name);
  const whiskers = points.flatMap((p) =>
    p.interval === undefined
      ? []
      : [
          {
            x: p.x,
            low: p.interval[0] ?? domain[0],
            high: p.interval[1] ?? domain[1],
            place: names.indexOf(p.series ?? ""),
          },
        ],
  );
  const chart = draw(
    (room) => ({
      width: Math.min(460, room.width),
      height: Math.min(440, room.width - 15),
      marginLeft: 62,
      marginRight: 20,
      marginTop: 30,
      marginBottom: 42,
      x: { domain },
      y: { domain },
      marks: [
        ...xAxis(x, room),
        ...yAxis(y),
        Plot.line(
          [domain, domain].map((_, i) => ({ at: domain[i] })),
          { x: "at", y: "at", stroke: ink, strokeDasharray: "5 4" },
        ),
        ...names.map((_, i) =>
          Plot.ruleX(
            whiskers.filter(({ place }) => place === i),
            { x: "x", y1: "low", y2: "high", stroke: colour(i), strokeOpacity: 0.6, strokeWidth: 1.5 },
          ),
        ),
        ...names.map((name, i) =>
          Plot.dot(of(name), { x: "x", y: "y", symbol: symbol(i), r: 4.5, fill: colour(i), stroke: "var(--paper)" }),
        ),
        Plot.text(
          points.filter(({ label }) => label !== undefined),
          { x: "x", y: "y", text: "label", dx: 9, textAnchor: "start", fill: ink, fontSize: 11 },
        ),
      ],
    }),
    `Scatter chart of ${points.length} points, ${y.label} against ${x.label}, with the diagonal on which both agree.`,
  );
  const columns = [
    ...(names.length > 1 ? [{ label: "Series" }] : []),
    { label: "Point" },
    { label: x.label, format: x.format },
    { label: y.label, format: y.format },
  ];
  const rows = points.map((p, i) => [
    ...(names.length > 1 ? [p.series ?? ""] : []),
    p.label ?? String(i + 1),
    p.x,
    p.y,
  ]);
  return figure(caption, chart, legend(names, "symbol"), dataTable(caption, columns, rows));
}
