/** HTML built from text: everything interpolated is escaped unless it is markup already. */

/** Markup that is safe to put into a page. Only `html`, `raw` and `joined` make it. */
export interface Markup {
  readonly markup: string;
}

type Hole = string | number | Markup | undefined | readonly Markup[];

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c] ?? c);

const isList = (hole: Hole): hole is readonly Markup[] => Array.isArray(hole);

function filled(hole: Hole): string {
  if (hole === undefined) return "";
  if (typeof hole === "string" || typeof hole === "number") return escaped(String(hole));
  return isList(hole) ? hole.map((m) => m.markup).join("") : (hole as Markup).markup;
}

/** @example html`<p>${"a < b"}</p>`.markup // => "<p>a &lt; b</p>" */
export function html(parts: TemplateStringsArray, ...holes: readonly Hole[]): Markup {
  return { markup: parts.reduce((text, part, i) => text + filled(holes[i - 1]) + part) };
}

/** Markup from a trusted maker (a chart, a cleaned drawing, the style sheet). */
export const raw = (markup: string): Markup => ({ markup });
