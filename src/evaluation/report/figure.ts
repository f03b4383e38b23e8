/** What the figures share: the frame with caption, legend and data, axes, and the room that labels take. */
import * as Plot from "@observablehq/plot";
import { type Room, tick } from "./charts.ts";
import { html, type Markup } from "./markup.ts";
import type { Axis } from "./schema.ts";

/** A chart with its caption, its legend, and its data behind a fold. */
export function figure(caption: string, chart: Markup, key: Markup | undefined, data: Markup): Markup {
  return html`<figure>${key}<div class="chart">${chart}</div><figcaption>${caption}</figcaption><details><summary>The numbers</summary>${data}</details></figure>`;
}

/** Ink that follows the page's theme. */
export const ink = "var(--ink)";
const faint = "var(--rule)";

/** An axis with its grid. */
export const xAxis = (axis: Axis, { ticks }: Room) => [
  Plot.gridX({ stroke: faint, strokeOpacity: 1, ticks }),
  Plot.axisX({
    label: axis.label,
    labelAnchor: "center",
    labelArrow: "none",
    tickFormat: tick(axis.format),
    tickSize: 4,
    ticks,
  }),
];
export const yAxis = (axis: Axis) => [
  Plot.gridY({ stroke: faint, strokeOpacity: 1, ticks: 6 }),
  Plot.axisY({ label: axis.label, labelArrow: "none", tickFormat: tick(axis.format), tickSize: 4, ticks: 6 }),
];

/** Names of rows, broken into lines where they are longer than the room for them. */
export const rowNames = (labels: readonly string[], room: Room) => {
  const left = Math.min(room.labels, 20 + 7 * Math.max(...labels.map((label) => label.length)));
  return { left, lineWidth: Math.max(5, (left - 16) / 11.5) };
};

/** Smallest and largest with a margin on both sides, so that no mark touches the frame. */
export function domainOf(values: readonly (number | null | undefined)[]): [number, number] {
  const finite = values.filter((v): v is number => typeof v === "number" && Number.isFinite(v));
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return finite.length === 0 ? [0, 1] : [low - margin, high + margin];
}

/** Words over marks, with a rim of the page's colour so that they can be read there. */
export const rimmed = { fill: ink, stroke: "var(--paper)", strokeWidth: 4 } as const;
