/** Letters as strokes, for pictures without a browser: capitals, figures and signs on a grid 4 wide and 6 high. */
import type { Point } from "./scene.ts";

/** Strokes apart by spaces; each point is two figures, x to the right and y down. */
const glyphs: { readonly [sign: string]: string } = {
  A: "062046 1434",
  B: "003041423303 334445360600",
  C: "4130100105163645",
  D: "00304145360600",
  E: "40000646 0333",
  F: "400006 0333",
  G: "41301001051636454323",
  H: "0006 4046 0343",
  I: "1030 2026 1636",
  J: "4045361605",
  K: "0006 400346",
  L: "000646",
  M: "0600234046",
  N: "06004640",
  O: "103041453616050110",
  P: "06003041423303",
  Q: "103041453616050110 2446",
  R: "06003041423303 2346",
  S: "413010010213334445361605",
  T: "0040 2026",
  U: "000516364540",
  V: "002640",
  W: "0016233640",
  X: "0046 4006",
  Y: "002340 2326",
  Z: "00400646",
  0: "103041453616050110 1432",
  1: "112026 1636",
  2: "01103041420646",
  3: "01103041423313 334445361605",
  4: "36300444",
  5: "400003334445361605",
  6: "413010010516364544331304",
  7: "004016",
  8: "103041423313020110 3344453616050413",
  9: "423313020110304145361605",
  ".": "2626",
  ",": "2617",
  ":": "2222 2525",
  ";": "2222 2516",
  "!": "2024 2626",
  "?": "01103041422324 2626",
  "-": "1333",
  "−": "1333",
  "+": "0343 2125",
  "×": "1135 3115",
  "*": "0343 1135 3115",
  "=": "0242 0444",
  "/": "4006",
  "%": "4006 0010110100 3545463635",
  "(": "30212536",
  ")": "10212516",
  "[": "30101636",
  "]": "10303616",
  "<": "410345",
  ">": "014305",
  "#": "1016 3036 0242 0444",
  "'": "2021",
  "°": "1020211110",
  _: "0646",
  "|": "2026",
  " ": "",
};
const unknown = "0040460600";
const [wide, high, advance] = [4, 6, 6];

/**
 * The strokes of a text centred on (x, y), in pixels with y down; `size` is the height of a capital. Small letters are
 * drawn as capitals, what has no sign as a box.
 */
export function strokes(text: string, x: number, y: number, size: number): readonly (readonly Point[])[] {
  const unit = size / high;
  const signs = [...text.toUpperCase()];
  const left = x - ((signs.length * advance - (advance - wide)) * unit) / 2;
  return signs.flatMap((sign, i) =>
    (glyphs[sign] ?? unknown)
      .split(" ")
      .filter((stroke) => stroke !== "")
      .map((stroke) =>
        (stroke.match(/../g) ?? []).map(
          ([dx, dy]): Point => [left + (i * advance + Number(dx)) * unit, y + (Number(dy) - high / 2) * unit],
        ),
      ),
  );
}
