import * as Plot from "@observablehq/plot";
import { draw } from "./charts.ts";
import { figure, xAxis, yAxis } from "./figure.ts";
import { html, type Markup } from "./markup.ts";
import { number } from "./numbers.ts";
import type { BlockOf } from "./schema.ts";
import { dataTable } from "./tables.ts";

/** How many rows lie in each cell of two axes: the darker (in the dark: the brighter), the more, by the root of the share. */
export function densityFigure({ caption, x, y, counts }: BlockOf<"density">): Markup {
  const most = counts.reduce((top, row) => row.reduce((a, b) => Math.max(a, b), top), 0);
  const total = counts.reduce((sum, row) => row.reduce((a, b) => a + b, sum), 0);
  const edge = ({ low, high, bins }: typeof x, i: number): number => low + ((high - low) * i) / bins;
  const cells = counts.flatMap((row, j) =>
    row.flatMap((count, i) =>
      count === 0
        ? []
        : [
            {
              x1: edge(x, i),
              x2: edge(x, i + 1),
              y1: edge(y, j),
              y2: edge(y, j + 1),
              count,
              // Few must be told from none, and much from more.
              ink: 0.12 + 0.88 * Math.sqrt(count / most),
            },
          ],
    ),
  );
  const chart = draw(
    (room) => ({
      height: Math.min(430, room.width),
      marginLeft: 58,
      marginRight: 20,
      marginTop: 30,
      marginBottom: 42,
      x: { domain: [x.low, x.high] },
      y: { domain: [y.low, y.high] },
      marks: [
        ...xAxis({ label: room.width < 500 ? short(x.label) : x.label }, room),
        ...yAxis({ label: room.width < 500 ? short(y.label) : y.label }),
        Plot.rect(cells, {
          x1: "x1",
          x2: "x2",
          y1: "y1",
          y2: "y2",
          fill: "var(--series-1)",
          fillOpacity: { value: "ink", scale: null } as never,
          inset: 0,
        }),
        Plot.frame({ stroke: "var(--rule)" }),
      ],
    }),
    `Density of ${number(total)} rows over ${x.label} and ${y.label}; ${cells.length} of ${x.bins * y.bins} cells are not empty.`,
  );
  const columns = [
    { label: `${short(x.label)}, from` },
    { label: "to" },
    { label: `${short(y.label)}, from` },
    { label: "to" },
    { label: "Rows" },
  ];
  const fullest = cells.toSorted((a, b) => b.count - a.count).slice(0, 20);
  const rows = fullest.map((c) => [c.x1, c.x2, c.y1, c.y2, c.count]);
  const key = html`<ul class="legend"><li>${swatch()}none to ${number(most)} of ${number(total)} rows a cell</li></ul>`;
  return figure(caption, chart, key, dataTable("The fullest cells", columns, rows));
}

/** What a long label says before it explains itself. */
const short = (label: string): string => label.split(":")[0];

function swatch(): Markup {
  const steps = [0, 0.12, 0.34, 0.56, 0.78, 1];
  return html`<svg viewBox="0 0 72 14" width="72" height="14" aria-hidden="true"><rect x="0.5" y="1.5" width="71" height="11" fill="none" stroke="var(--rule)"/>${steps.map((ink, i) => html`<rect x="${12 * i}" y="2" width="12" height="10" fill="var(--series-1)" fill-opacity="${ink}"/>`)}</svg>`;
}
