/** How numbers are written for people: as many digits as the interval supports, a true minus sign, thousands apart. */
import type { Answer, Axis, ShownEstimate } from "./schema.ts";

type Format = Axis["format"];

const written = (value: number, options: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat("en-GB", options).format(value === 0 ? 0 : value).replace("-", "−");

/** A bare number, to four significant digits; whole numbers in full. */
export function number(value: number, format?: Format): string {
  if (format === "percent") return `${written(100 * value, { maximumSignificantDigits: 4 })}%`;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  if (Math.abs(value) >= 1e9 || (value !== 0 && Math.abs(value) < 1e-4))
    return value.toExponential(2).replaceAll("-", "−");
  return Number.isInteger(value) ? written(value, {}) : written(value, { maximumSignificantDigits: 4 });
}

/** Decimals that show two digits of the interval's half-width, so that no digit is shown that is noise. */
function decimalsOf({ value, interval: [low, high] }: ShownEstimate, scale: number): number | undefined {
  const half = (scale * ((high ?? Infinity) - (low ?? -Infinity))) / 2;
  const size = Number.isFinite(half) && half > 0 ? half : undefined;
  if (size === undefined) return Number.isInteger(value * scale) ? 0 : undefined;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(size))));
}

/** An estimate's value and its interval, written with the same decimals. */
export function estimateText(
  estimate: ShownEstimate,
  format?: Format,
): { readonly value: string; readonly interval: string } {
  const percent = format === "percent";
  const scale = percent ? 100 : 1;
  const decimals = decimalsOf(estimate, scale);
  const unit = percent ? "%" : "";
  const write = (value: number): string =>
    decimals === undefined
      ? number(value, format)
      : written(scale * value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }) + unit;
  const bound = (v: number | null, none: string): string => (v === null || !Number.isFinite(v) ? none : write(v));
  const [low, high] = estimate.interval;
  return { value: write(estimate.value), interval: `${bound(low, "−∞")} to ${bound(high, "∞")}` };
}

export const isRefused = (answer: Answer): answer is Extract<Answer, { refused: true }> => "refused" in answer;

/** One line: "0.31 (0.28 to 0.34)". */
export function answerText(answer: Answer, format?: Format): string {
  if (isRefused(answer)) return `no answer: ${answer.reason}`;
  const { value, interval } = estimateText(answer, format);
  return `${value} (${interval})`;
}
