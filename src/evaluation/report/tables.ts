/** Tables with a caption, headers and numbers that line up. */
import { html, type Markup } from "./markup.ts";
import { estimateText, isRefused, number } from "./numbers.ts";
import type { Answer, Axis } from "./schema.ts";

type Cell = string | number | boolean | null | Answer;
interface Column {
  readonly label: string;
  readonly format?: Axis["format"];
}

const isNumeric = (cell: Cell): boolean => typeof cell === "number" || (typeof cell === "object" && cell !== null);

function cellOf(cell: Cell, format: Axis["format"]): Markup {
  if (cell === null) return html`<span class="none">–</span>`;
  if (typeof cell === "number") return html`${number(cell, format)}`;
  if (typeof cell === "boolean") return html`${cell ? "yes" : "no"}`;
  if (typeof cell === "string") return html`${cell}`;
  if (isRefused(cell)) return html`<span class="none" title="${cell.reason}">no answer</span>`;
  const { value, interval } = estimateText(cell, format);
  return html`${value} <span class="interval">${interval}</span>`;
}

/** The first column names its row. A column of numbers is set right. */
export function dataTable(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Markup {
  const numeric = columns.map((_, c) => rows.some((row) => isNumeric(row[c] ?? null)));
  const kind = (c: number): Markup => (numeric[c] ? html` class="number"` : html``);
  const head = columns.map(({ label }, c) => html`<th scope="col"${kind(c)}>${label}</th>`);
  const body = rows.map((row) => {
    const cells = columns.map(({ format }, c) => {
      const content = cellOf(row[c] ?? null, format);
      return c === 0 ? html`<th scope="row"${kind(c)}>${content}</th>` : html`<td${kind(c)}>${content}</td>`;
    });
    return html`<tr>${cells}</tr>`;
  });
  return html`<div class="table" tabindex="0" role="group" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
