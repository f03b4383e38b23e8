/** A picture of a world as plain data: drawn as SVG or pixels here, or sent as JSON to be drawn in a page. */

/** Colours are CSS hex colours ("#c33"); lengths are in the world's units. */
export type Shape =
  | {
      readonly kind: "disc";
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      readonly fill: string;
      readonly opacity?: number;
    }
  | { readonly kind: "polygon"; readonly points: readonly Point[]; readonly fill: string; readonly opacity?: number }
  /** An open line with round ends. */
  | {
      readonly kind: "line";
      readonly points: readonly Point[];
      readonly width: number;
      readonly stroke: string;
      readonly opacity?: number;
    }
  /** Centred on its place; `size` is the height of a capital. */
  | {
      readonly kind: "text";
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly text: string;
      readonly fill: string;
    };

export type Point = readonly [x: number, y: number];

export interface Scene {
  /** The corner with the smallest coordinates, and the size of what is seen. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Whether y grows downwards, as in mazes and grids. Default: upwards. */
  readonly yDown?: boolean;
  /** Default "#fff". */
  readonly background?: string;
  /** Later ones cover earlier ones. */
  readonly shapes: readonly Shape[];
}

export const disc = (x: number, y: number, radius: number, fill: string): Shape => ({
  kind: "disc",
  x,
  y,
  radius,
  fill,
});

export const polygon = (points: readonly Point[], fill: string): Shape => ({ kind: "polygon", points, fill });

export const line = (points: readonly Point[], width: number, stroke: string): Shape => ({
  kind: "line",
  points,
  width,
  stroke,
});

/** A rectangle about its middle, turned by `angle` radians anticlockwise (where y grows upwards). */
export function block(x: number, y: number, width: number, height: number, fill: string, angle = 0): Shape {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const corners = [
    [-width / 2, -height / 2],
    [width / 2, -height / 2],
    [width / 2, height / 2],
    [-width / 2, height / 2],
  ];
  return polygon(
    corners.map(([dx, dy]): Point => [x + cos * dx - sin * dy, y + sin * dx + cos * dy]),
    fill,
  );
}

export const label = (x: number, y: number, size: number, text: string, fill: string): Shape => ({
  kind: "text",
  x,
  y,
  size,
  text,
  fill,
});

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);

/** What a colour may hold; anything else in it is dropped, so that a scene from outside cannot carry markup. */
const colour = (css: string): string => css.replace(/[^#\w(),.% -]/g, "");

/** The scene as an SVG document, `pixels` wide. */
export function toSvg(scene: Scene, pixels = 600): string {
  const { x, y, width, height, yDown = false, background = "#fff", shapes } = scene;
  const scale = pixels / width;
  const n = (value: number): string => String(Math.round(value * 100) / 100);
  const h = (at: number): string => n((at - x) * scale);
  const v = (at: number): string => n((yDown ? at - y : y + height - at) * scale);
  const places = (points: readonly Point[]): string => points.map(([px, py]) => `${h(px)},${v(py)}`).join(" ");
  const faded = (opacity: number | undefined): string => (opacity === undefined ? "" : ` opacity="${n(opacity)}"`);
  const draw = (shape: Shape): string => {
    switch (shape.kind) {
      case "disc":
        return `<circle cx="${h(shape.x)}" cy="${v(shape.y)}" r="${n(shape.radius * scale)}" fill="${colour(shape.fill)}"${faded(shape.opacity)}/>`;
      case "polygon":
        return `<polygon points="${places(shape.points)}" fill="${colour(shape.fill)}"${faded(shape.opacity)}/>`;
      case "line":
        return `<polyline points="${places(shape.points)}" fill="none" stroke="${colour(shape.stroke)}" stroke-width="${n(shape.width * scale)}" stroke-linecap="round" stroke-linejoin="round"${faded(shape.opacity)}/>`;
      case "text":
        return `<text x="${h(shape.x)}" y="${v(shape.y)}" font-family="sans-serif" font-size="${n(shape.size * scale * 1.4)}" text-anchor="middle" dominant-baseline="central" fill="${colour(shape.fill)}">${escaped(shape.text)}</text>`;
    }
  };
  const [w, tall] = [n(pixels), n(height * scale)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${tall}" viewBox="0 0 ${w} ${tall}">`,
    `<rect width="${w}" height="${tall}" fill="${colour(background)}"/>`,
    ...shapes.map(draw),
    "</svg>",
  ].join("");
}
