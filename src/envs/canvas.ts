/** Scenes drawn in a page. */
import type { Scene } from "./scene.ts";

/** What is used of a CanvasRenderingContext2D. */
interface Canvas {
  readonly canvas: { readonly width: number; readonly height: number };
  fillStyle: unknown;
  strokeStyle: unknown;
  globalAlpha: number;
  lineWidth: number;
  lineCap: string;
  lineJoin: string;
  font: string;
  textAlign: string;
  textBaseline: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  beginPath(): void;
  closePath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  fill(): void;
  stroke(): void;
  fillText(text: string, x: number, y: number): void;
}

/**
 * Draws the scene over the whole canvas, in its own proportions, centred.
 * @example drawScene(document.querySelector("canvas").getContext("2d"), env.scene())
 */
export function drawScene(context: unknown, scene: Scene): void {
  const c = context as Canvas;
  const { width, height } = c.canvas;
  const scale = Math.min(width / scene.width, height / scene.height);
  const [left, top] = [(width - scale * scene.width) / 2, (height - scale * scene.height) / 2];
  const h = (x: number): number => left + (x - scene.x) * scale;
  const v = (y: number): number => top + (scene.yDown ? y - scene.y : scene.y + scene.height - y) * scale;
  c.globalAlpha = 1;
  c.fillStyle = scene.background ?? "#fff";
  c.fillRect(0, 0, width, height);
  for (const shape of scene.shapes) {
    c.globalAlpha = "opacity" in shape ? (shape.opacity ?? 1) : 1;
    c.beginPath();
    if (shape.kind === "disc") c.arc(h(shape.x), v(shape.y), shape.radius * scale, 0, 2 * Math.PI);
    if (shape.kind === "polygon" || shape.kind === "line") {
      for (const [i, [x, y]] of shape.points.entries()) {
        if (i === 0) c.moveTo(h(x), v(y));
        else c.lineTo(h(x), v(y));
      }
    }
    if (shape.kind === "line") {
      [c.strokeStyle, c.lineWidth, c.lineCap, c.lineJoin] = [shape.stroke, shape.width * scale, "round", "round"];
      c.stroke();
      continue;
    }
    c.fillStyle = shape.fill;
    if (shape.kind === "text") {
      // A capital is about 0.7 of a font's size high, as in toSvg.
      [c.font, c.textAlign, c.textBaseline] = [`${shape.size * scale * 1.4}px sans-serif`, "center", "middle"];
      c.fillText(shape.text, h(shape.x), v(shape.y));
      continue;
    }
    if (shape.kind === "polygon") c.closePath();
    c.fill();
  }
}
