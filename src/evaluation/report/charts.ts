/** What all charts share: a DOM to draw into, colours and marks that stay apart for every reader, axes. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { html, type Markup, raw } from "./markup.ts";
import { number } from "./numbers.ts";
import type { Axis } from "./schema.ts";

/** A chart is drawn twice, for a wide and a narrow page, and the style sheet shows one: letters stay legible on a phone. */
export interface Room {
  /** In the chart's own units; the page scales it. */
  readonly width: number;
  /** Most that labels left of the axis may take. */
  readonly labels: number;
  /** About how many ticks an axis has room for. */
  readonly ticks: number;
}
const wide: Room = { width: 600, labels: 210, ticks: 6 };
const narrow: Room = { width: 360, labels: 112, ticks: 4 };

/**
 * Colours by place, defined for light and dark in the style sheet: blue, vermilion, green, purple, ochre, grey (after Okabe
 * and Ito). Series also differ in dash and symbol, so that colour is never the only sign.
 */
export const colour = (i: number): string => `var(--series-${(i % 6) + 1})`;
const dashes = ["none", "7 3", "2 3", "9 3 2 3", "4 2", "1 2"] as const;
export const dash = (i: number): string => dashes[i % dashes.length];
const symbols = ["circle", "triangle", "square", "diamond", "star", "wye"] as const;
export const symbol = (i: number): (typeof symbols)[number] => symbols[i % symbols.length];

export type Options = Plot.PlotOptions;

/** A plot's two drawings. The label is read in their place by those who cannot see them. */
export function draw(options: (room: Room) => Options, label: string): Markup {
  return html`${drawn(options(wide), wide, "wide", label)}${drawn(options(narrow), narrow, "narrow", label)}`;
}

function drawn(options: Options, room: Room, name: string, label: string): Markup {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    document,
    width: room.width,
    style: { fontSize: "12px", background: "none" },
    ...options,
  } as Options);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("class", name);
  // A unit is as large in a small chart as in a large one, so that their letters are.
  const share = (options.width ?? room.width) / room.width;
  svg.setAttribute("style", `max-width:${Math.round(4400 * share) / 100}rem;font-size:12px`);
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  return raw(svg.outerHTML.replace(/<style>[\s\S]*?<\/style>/, ""));
}

/** Ticks as the page writes numbers, so that a chart and the table below it agree. */
export const tick =
  (format: Axis["format"]) =>
  (value: number): string =>
    number(Number(value.toPrecision(10)), format);

type Swatch = "line" | "area" | "bar" | "symbol";

/** Names beside their colour and dash. One series needs none. */
export function legend(names: readonly string[], swatch: Swatch): Markup | undefined {
  if (names.length < 2) return undefined;
  return html`<ul class="legend">${names.map((name, i) => html`<li>${swatchOf(i, swatch)}${name}</li>`)}</ul>`;
}

function swatchOf(i: number, kind: Swatch): Markup {
  const c = colour(i);
  const shape =
    kind === "line"
      ? html`<line x1="1" y1="7" x2="27" y2="7" stroke="${c}" stroke-width="2.5" stroke-dasharray="${dash(i)}"/>`
      : kind === "area"
        ? html`<rect x="6" y="1.5" width="16" height="11" fill="${c}" fill-opacity="0.35" stroke="${c}" stroke-width="1.5" stroke-dasharray="${dash(i)}"/>`
        : kind === "bar"
          ? html`<rect x="4" y="2" width="20" height="10" fill="${c}" fill-opacity="0.85"/>`
          : html`<path transform="translate(14,7)" d="${paths[symbol(i)]}" fill="${c}"/>`;
  return html`<svg viewBox="0 0 28 14" width="28" height="14" aria-hidden="true">${shape}</svg>`;
}

const paths = {
  circle: "M5,0A5,5,0,1,1,-5,0A5,5,0,1,1,5,0",
  triangle: "M0,-6L5.5,4H-5.5Z",
  square: "M-4.5,-4.5H4.5V4.5H-4.5Z",
  diamond: "M0,-7L4.5,0L0,7L-4.5,0Z",
  star: "M0,-7L1.7,-2.3L6.6,-2.2L2.7,0.9L4.1,5.6L0,2.8L-4.1,5.6L-2.7,0.9L-6.6,-2.2L-1.7,-2.3Z",
  wye: "M-1.6,6V1.2L-5.8,-1.2L-4.2,-4L0,-1.6L4.2,-4L5.8,-1.2L1.6,1.2V6Z",
} as const;
