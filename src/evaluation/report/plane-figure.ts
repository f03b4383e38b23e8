import * as Plot from "@observablehq/plot";
import { colour, draw, legend, symbol } from "./charts.ts";
import { domainOf, figure, ink, rimmed, xAxis, yAxis } from "./figure.ts";
import type { Markup } from "./markup.ts";
import type { BlockOf } from "./schema.ts";
import { dataTable } from "./tables.ts";

/** Points on two axes that measure different things, each on its own scale. */
export function planeFigure({ caption, x, y, points }: BlockOf<"plane">): Markup {
  const names = [...new Set(points.map(({ series }) => series ?? ""))];
  const of = (name: string) => points.filter(({ series }) => (series ?? "") === name);
  const domain = { x: domainOf(points.map((p) => p.x)), y: domainOf(points.map((p) => p.y)) };
  const middle = (domain.x[0] + domain.x[1]) / 2;
  const chart = draw(
    (room) => ({
      height: 340,
      marginLeft: 58,
      marginRight: 24,
      marginTop: 30,
      marginBottom: 42,
      x: { domain: domain.x },
      y: { domain: domain.y },
      marks: [
        ...xAxis(x, room),
        ...yAxis(y),
        Plot.frame({ stroke: "var(--rule)" }),
        ...names.map((name, i) =>
          Plot.dot(of(name), { x: "x", y: "y", symbol: symbol(i), r: 5.5, fill: colour(i), stroke: "var(--paper)" }),
        ),
        // A name stands on the side where there is room for it.
        ...([1, -1] as const).map((side) =>
          Plot.text(
            points.filter((p) => p.label !== undefined && p.x <= middle === side > 0),
            {
              x: "x",
              y: "y",
              text: "label",
              dx: 10 * side,
              textAnchor: side > 0 ? "start" : "end",
              fontSize: 12,
              ...rimmed,
              fill: ink,
            },
          ),
        ),
      ],
    }),
    `Scatter chart of ${points.length} points, ${y.label} against ${x.label}. ${points
      .slice(0, 24)
      .map((p, i) => `${p.label ?? i + 1}: ${p.x.toPrecision(3)}, ${p.y.toPrecision(3)}`)
      .join("; ")}`,
  );
  const columns = [{ label: "Point" }, { label: x.label, format: x.format }, { label: y.label, format: y.format }];
  const rows = points.map((p, i) => [p.label ?? String(i + 1), p.x, p.y]);
  return figure(caption, chart, legend(names, "symbol"), dataTable(caption, columns, rows));
}
