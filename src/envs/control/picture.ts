/** SVG pictures of the control tasks. */

const n = (value: number): string => String(Math.round(value * 100) / 100);

/** A document of the given size in world units, y upwards, drawn 600 pixels wide. */
export function picture(
  left: number,
  bottom: number,
  width: number,
  height: number,
  shapes: readonly string[],
): string {
  const pixels = Math.round((600 * height) / width);
  const top = -(bottom + height);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="${pixels}" viewBox="${left} ${top} ${width} ${height}">`,
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="#fff"/>`,
    ...shapes,
    "</svg>",
  ].join("");
}

export const line = (x1: number, y1: number, x2: number, y2: number, width: number, colour: string): string =>
  `<line x1="${n(x1)}" y1="${n(-y1)}" x2="${n(x2)}" y2="${n(-y2)}" stroke="${colour}" stroke-width="${width}" stroke-linecap="round"/>`;

export const disc = (x: number, y: number, radius: number, colour: string): string =>
  `<circle cx="${n(x)}" cy="${n(-y)}" r="${radius}" fill="${colour}"/>`;

export const block = (x: number, y: number, width: number, height: number, colour: string): string =>
  `<rect x="${n(x - width / 2)}" y="${n(-y - height / 2)}" width="${width}" height="${height}" fill="${colour}"/>`;

export const curve = (points: readonly (readonly [number, number])[], width: number, colour: string): string =>
  `<polyline fill="none" stroke="${colour}" stroke-width="${width}" points="${points.map(([x, y]) => `${n(x)},${n(-y)}`).join(" ")}"/>`;

const hill = (x: number): number => Math.sin(3 * x) * 0.45 + 0.55;

/** The valley of both mountain cars. */
export function valley(position: number, goal: number): string {
  const ground = Array.from({ length: 91 }, (_, i): [number, number] => [-1.2 + i * 0.02, hill(-1.2 + i * 0.02)]);
  return picture(-1.2, 0, 1.8, 1.2, [
    curve(ground, 0.01, "#444"),
    line(goal, hill(goal), goal, hill(goal) + 0.15, 0.01, "#2a7"),
    disc(position, hill(position) + 0.04, 0.04, "#c33"),
  ]);
}
