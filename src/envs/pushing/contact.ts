/**
 * Quasi-static pushing: a block on a table moves only while it is pushed, and then as its friction with the table lets
 * it. With an ellipsoidal limit surface the block's motion is along the force, and its turn is the moment over c²
 * (Goyal, Ruina, Papadopoulos 1991; Lynch, Maekawa, Tanie 1992), c being near the block's radius of gyration.
 */

/** A block is three numbers in the state, [x, y, angle], and a shape in its own frame. */
export interface BlockShape {
  /** Rectangles [middle x, middle y, half width, half height]; a disc is a rectangle without size and its radius. */
  readonly rectangles: readonly (readonly [number, number, number, number])[];
  /** By which the rectangles are made round. */
  readonly round: number;
  /** c², in squared widths of the table. */
  readonly gyration: number;
}

export const discShape = (radius: number): BlockShape => ({
  rectangles: [[0, 0, 0, 0]],
  round: radius,
  gyration: radius ** 2 / 2,
});

export const boxShape = (halfWidth: number, halfHeight: number): BlockShape => ({
  rectangles: [[0, 0, halfWidth, halfHeight]],
  round: 0,
  gyration: (halfWidth ** 2 + halfHeight ** 2) / 3,
});

/** A box without its upper side, which can be pushed from within. */
export const cupShape = (half: number, wall: number): BlockShape => ({
  rectangles: [
    [-half + wall / 2, 0, wall / 2, half],
    [half - wall / 2, 0, wall / 2, half],
    [0, -half + wall / 2, half - wall, wall / 2],
  ],
  round: 0,
  gyration: half ** 2 * 0.8,
});

/** How deep a disc is in the block (0: not), and where: of the last call to `touch`. */
export const found = { depth: 0, px: 0, py: 0, nx: 0, ny: 0, rectangle: 0 };

/**
 * Whether the disc about (x, y) overlaps the block whose numbers start at `at`; if so `found` holds the depth, the
 * contact point relative to the block's middle and the normal into the block, both along the table's axes.
 */
export function touch(
  state: Float64Array,
  at: number,
  shape: BlockShape,
  x: number,
  y: number,
  radius: number,
): boolean {
  const cos = Math.cos(state[at + 2]);
  const sin = Math.sin(state[at + 2]);
  const dx = x - state[at];
  const dy = y - state[at + 1];
  const u = cos * dx + sin * dy;
  const v = cos * dy - sin * dx;
  const reach = radius + shape.round;
  found.depth = 0;
  for (let i = 0; i < shape.rectangles.length; i++) {
    const [cx, cy, hw, hh] = shape.rectangles[i];
    let qx = Math.max(cx - hw, Math.min(cx + hw, u));
    let qy = Math.max(cy - hh, Math.min(cy + hh, v));
    let nx = qx - u;
    let ny = qy - v;
    const distance = Math.sqrt(nx * nx + ny * ny);
    let depth = reach - distance;
    if (depth <= found.depth) continue;
    if (distance > 1e-9) {
      nx /= distance;
      ny /= distance;
    } else {
      // The middle is inside: out by the nearest side.
      const side = hw - Math.abs(u - cx);
      const end = hh - Math.abs(v - cy);
      depth = reach + Math.min(side, end);
      nx = side <= end ? (u < cx ? 1 : -1) : 0;
      ny = side <= end ? 0 : v < cy ? 1 : -1;
    }
    qx += shape.round * -nx;
    qy += shape.round * -ny;
    found.depth = depth;
    found.px = cos * qx - sin * qy;
    found.py = sin * qx + cos * qy;
    found.nx = cos * nx - sin * ny;
    found.ny = sin * nx + cos * ny;
    found.rectangle = i;
  }
  return found.depth > 0;
}

const passes = 4;
const edge = 0.05;

/**
 * The hand (state 0 … 3, just moved) pushes the block out of its way: with friction it drags the contact along with it
 * while the force stays in the friction cone, and slips at its edge. A block stops at the table's edge, and the hand at
 * the block. Returns whether they touched; `found` holds the last contact.
 */
export function pushBlock(
  state: Float64Array,
  at: number,
  shape: BlockShape,
  radius: number,
  friction: number,
): boolean {
  let touched = false;
  let drag = 1;
  for (let pass = 0; pass < passes && touch(state, at, shape, state[0], state[1], radius); pass++) {
    touched = true;
    const { depth, px, py, nx, ny } = found;
    const [tx, ty] = [-ny, nx];
    // How far a unit of force moves the contact point: A = I + m mᵀ / c² with m the moment arms along n and t.
    const armN = px * ny - py * nx;
    const armT = px * ty - py * tx;
    const [ann, ant, att] = [
      1 + armN ** 2 / shape.gyration,
      (armN * armT) / shape.gyration,
      1 + armT ** 2 / shape.gyration,
    ];
    const along = drag * 0.1 * (state[2] * tx + state[3] * ty);
    const determinant = ann * att - ant * ant;
    let forceN = (att * depth - ant * along) / determinant;
    let forceT = (ann * along - ant * depth) / determinant;
    const limit = friction * Math.max(0, forceN);
    if (Math.abs(forceT) > limit || forceN <= 0) {
      const slip = friction * (forceT < 0 ? -1 : 1);
      forceN = depth / Math.max(0.2, ann + slip * ant);
      forceT = slip * forceN;
    }
    state[at] += forceN * nx + forceT * tx;
    state[at + 1] += forceN * ny + forceT * ty;
    state[at + 2] += (armN * forceN + armT * forceT) / shape.gyration;
    drag = 0;
  }
  if (!touched) return false;
  state[at] = Math.max(edge, Math.min(1 - edge, state[at]));
  state[at + 1] = Math.max(edge, Math.min(1 - edge, state[at + 1]));
  const last = { ...found };
  if (touch(state, at, shape, state[0], state[1], radius)) {
    state[0] -= found.nx * found.depth;
    state[1] -= found.ny * found.depth;
  }
  Object.assign(found, last);
  return true;
}

/** Two discs that overlap move apart, each by half, or the second alone. Returns whether they did. */
export function partDiscs(state: Float64Array, a: number, b: number, reach: number, both: boolean): boolean {
  const dx = state[b] - state[a];
  const dy = state[b + 1] - state[a + 1];
  const distance = Math.sqrt(dx * dx + dy * dy);
  if (distance >= reach) return false;
  const [nx, ny] = distance > 1e-9 ? [dx / distance, dy / distance] : [1, 0];
  const depth = reach - distance;
  const share = both ? depth / 2 : 0;
  state[a] -= share * nx;
  state[a + 1] -= share * ny;
  state[b] += (depth - share) * nx;
  state[b + 1] += (depth - share) * ny;
  return true;
}
