import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { make, registered, toPixels } from "./index.ts";
import type { Pixels } from "./pixels.ts";
import type { Scene, Shape } from "./scene.ts";
import { block, disc, label, line, polygon } from "./scene.ts";

const sheet = (shapes: readonly Shape[], more: Partial<Scene> = {}): Scene => ({
  x: 0,
  y: 0,
  width: 10,
  height: 10,
  shapes,
  ...more,
});
/** How dark a pixel is, 0 white … 1 black. */
const ink = ({ rgba, width }: Pixels, column: number, row: number): number =>
  1 - rgba[4 * (row * width + column)] / 255;
const total = (pixels: Pixels): number => {
  let sum = 0;
  for (let i = 0; i < pixels.width * pixels.height; i++)
    sum += ink(pixels, i % pixels.width, Math.floor(i / pixels.width));
  return sum;
};

test("a polygon covers of each pixel what it covers of its area, whatever its form and place", () => {
  const half = toPixels(sheet([block(2.25, 5, 0.5, 10, "#000")]), { width: 10 });
  for (let row = 0; row < 10; row++) assert.ok(Math.abs(ink(half, 2, row) - 0.5) < 0.01, `${ink(half, 2, row)}`);
  assert.equal(ink(half, 1, 5), 0);
  assert.equal(ink(half, 3, 5), 0);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 3, max: 17, noNaN: true }), fc.double({ min: 3, max: 17, noNaN: true })), {
        minLength: 3,
        maxLength: 3,
      }),
      (points) => {
        const [[ax, ay], [bx, by], [cx, cy]] = points;
        const area = Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2;
        const drawn = total(toPixels(sheet([polygon(points, "#000")], { width: 20, height: 20 }), { width: 20 }));
        assert.ok(Math.abs(drawn - area) < 0.002 * 100 + 0.01, `${drawn} for ${area}`);
      },
    ),
  );
});

test("a shape half out of sight is cut at the edge, and one that is out leaves nothing", () => {
  const cut = toPixels(sheet([block(0, 5, 6, 4, "#000")]), { width: 10 });
  assert.ok(Math.abs(total(cut) - 12) < 0.1, `${total(cut)}`);
  const large = toPixels(
    sheet([
      polygon(
        [
          [-100, -50],
          [200, -60],
          [30, 300],
        ],
        "#000",
      ),
    ]),
    { width: 10 },
  );
  assert.equal(total(large), 100);
  assert.equal(
    total(
      toPixels(
        sheet([
          block(30, 5, 6, 4, "#000"),
          disc(-9, 0, 2, "#000"),
          line(
            [
              [40, 0],
              [40, 9],
            ],
            1,
            "#000",
          ),
        ]),
        { width: 10 },
      ),
    ),
    0,
  );
});

test("discs and lines have their areas, and y grows upwards unless the scene says downwards", () => {
  const round = total(toPixels(sheet([disc(5, 5, 3, "#000")]), { width: 100 }));
  assert.ok(Math.abs(round - Math.PI * 30 ** 2) < 12, `${round}`);
  const path = toPixels(
    sheet([
      line(
        [
          [2, 2],
          [8, 2],
          [8, 8],
        ],
        1,
        "#000",
      ),
    ]),
    { width: 100 },
  );
  const wanted = 2 * 60 * 10 + Math.PI * 25 - 100 / 4 + (25 * Math.PI) / 4;
  assert.ok(Math.abs(total(path) - wanted) < 30, `${total(path)} for ${wanted}`);
  assert.equal(ink(path, 50, 79), 1, "y = 2 is near the bottom");
  assert.equal(ink(toPixels(sheet([disc(5, 2, 2, "#000")], { yDown: true }), { width: 10 }), 4, 1), 1);
  const thin = total(
    toPixels(
      sheet([
        line(
          [
            [0, 5.05],
            [10, 5.05],
          ],
          0.01,
          "#000",
        ),
      ]),
      { width: 100 },
    ),
  );
  assert.ok(thin > 5 && thin < 20, `a line of a tenth of a pixel is faint, and there: ${thin}`);
});

test("colours, opacity, background and proportions", () => {
  const scene = sheet([{ ...block(5, 5, 10, 10, "#f00"), opacity: 0.5 } as Shape], { background: "#0000ff" });
  const { rgba } = toPixels(scene, { width: 1 });
  assert.deepEqual([...rgba], [128, 0, 128, 255]);
  const wide = toPixels({ ...scene, shapes: [block(5, 5, 10, 10, "#000")] }, { width: 30, height: 10 });
  assert.deepEqual([wide.width, wide.height, total(wide) > 100], [30, 10, true]);
  assert.deepEqual([...wide.rgba.slice(0, 4), ...wide.rgba.slice(60, 64)], [0, 0, 255, 255, 0, 0, 0, 255]);
  assert.equal(toPixels({ ...scene, height: 5 }, { width: 20 }).height, 10);
  assert.throws(() => toPixels(scene, { width: 0 }), /wanted a whole number of pixels from 1 to 8192/);
});

test("letters differ from each other, and a text is centred on its place", () => {
  const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?-+*=/%()[]<>#'°_|";
  const drawn = [...signs].map((sign) => toPixels(sheet([label(5, 5, 8, sign, "#000")]), { width: 20 }).rgba.join());
  assert.equal(new Set(drawn).size, signs.length);
  const pixels = toPixels(sheet([label(5, 5, 2, "HOH", "#000")]), { width: 60 });
  for (let i = 0; i < 3600; i++) {
    const [column, row] = [i % 60, Math.floor(i / 60)];
    assert.ok(Math.abs(ink(pixels, column, row) - ink(pixels, 59 - column, row)) < 0.02);
  }
  const at = (text: string) => toPixels(sheet([label(5, 5, 8, text, "#000")]), { width: 20 }).rgba;
  assert.deepEqual(at("a"), at("A"));
  assert.notDeepEqual(at("漢"), at(" "));
});

test("every world that can be drawn is drawn, the same from the same state", () => {
  let drawable = 0;
  for (const { name, needs } of registered()) {
    if (needs !== undefined) continue;
    const env = make(name);
    if (env.scene === undefined) continue;
    env.reset({ seed: 1 });
    const pixels = toPixels(env.scene(), { width: 48 });
    const colours = new Set(
      Array.from({ length: pixels.rgba.length / 4 }, (_, i) => pixels.rgba.slice(4 * i, 4 * i + 3).join()),
    );
    assert.ok(colours.size > 1, `${name} is all of one colour`);
    drawable++;
  }
  assert.ok(drawable > 10);
});
