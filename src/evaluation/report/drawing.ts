/** Foreign SVG made harmless: shapes and text are kept, everything that runs, loads or links is dropped. */
import { DOMParser } from "linkedom";
import { problem } from "../../problems.ts";
import { escaped, type Markup, raw } from "./markup.ts";

const elements = new Set(
  "svg g path rect circle ellipse line polyline polygon text tspan title desc defs clipPath linearGradient radialGradient stop pattern marker use symbol mask".split(
    " ",
  ),
);
const attributes = new Set(
  `id class viewBox x y x1 y1 x2 y2 cx cy r rx ry fx fy width height d points transform dx dy rotate offset
  fill fill-opacity fill-rule clip-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-dasharray stroke-dashoffset
  stroke-miterlimit opacity font-size font-family font-weight font-style text-anchor dominant-baseline alignment-baseline letter-spacing
  clip-path mask marker-start marker-mid marker-end markerWidth markerHeight refX refY orient markerUnits gradientUnits gradientTransform
  patternUnits patternTransform patternContentUnits clipPathUnits stop-color stop-opacity spreadMethod href preserveAspectRatio shape-rendering
  vector-effect paint-order display visibility`.split(/\s+/),
);

/** What this file needs of a DOM node. */
interface Node {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<Node>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  getAttribute(name: string): string | null;
}

/**
 * The drawing as markup that can stand in any page. Names inside it get the prefix, so that two drawings on one page do
 * not share gradients; `class` and `style` are dropped with everything else that could reach outside it.
 * @throws Problem "bad-report" when it is not an SVG document
 */
export function cleanDrawing(svg: string, label: string, prefix: string): Markup {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement as unknown as Node | null;
  if (root?.nodeName !== "svg")
    throw problem("bad-report", { part: `the drawing "${label}"`, reason: "wanted an SVG document" });
  const size = (name: string): number => Number.parseFloat(root.getAttribute(name) ?? "");
  const viewBox =
    root.getAttribute("viewBox") ??
    (size("width") > 0 && size("height") > 0 ? `0 0 ${size("width")} ${size("height")}` : undefined);
  const inner = [...root.childNodes].map((child) => clean(child, prefix)).join("");
  const box = viewBox === undefined ? "" : ` viewBox="${escaped(viewBox)}"`;
  const kept = keptAttributes(root, prefix, new Set(["viewBox", "width", "height", "x", "y"]));
  return raw(
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escaped(label)}"${box}${kept}>${inner}</svg>`,
  );
}

function clean(node: Node, prefix: string): string {
  if (node.nodeType === 3) return escaped(node.textContent ?? "");
  if (node.nodeType !== 1 || !elements.has(node.nodeName)) return "";
  const inner = [...node.childNodes].map((child) => clean(child, prefix)).join("");
  return `<${node.nodeName}${keptAttributes(node, prefix)}>${inner}</${node.nodeName}>`;
}

function keptAttributes(node: Node, prefix: string, besides: ReadonlySet<string> = new Set()): string {
  let text = "";
  for (const { name, value } of node.attributes) {
    if (!attributes.has(name) || name === "class" || besides.has(name)) continue;
    const safe = harmless(name, value, prefix);
    if (safe !== undefined) text += ` ${name}="${escaped(safe)}"`;
  }
  return text;
}

/** References may only point inside the drawing. */
function harmless(name: string, value: string, prefix: string): string | undefined {
  if (name === "id") return prefix + value;
  if (name === "href") return value.startsWith("#") ? `#${prefix}${value.slice(1)}` : undefined;
  if (!/url|\\|expression|javascript/i.test(value)) return value;
  const inside = /^url\(\s*["']?#([\w-]+)["']?\s*\)$/.exec(value.trim());
  return inside === null ? undefined : `url(#${prefix}${inside[1]})`;
}
