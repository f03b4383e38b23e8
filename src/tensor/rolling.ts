/** Turns that are alike, found by comparing their graphs, and made one body that the runtime turns. */
import { problem } from "../problems.ts";
import { carrySlopes } from "./grad.ts";
import { concat } from "./joining.ts";
import { type Draw, type Noise, stackedDraws } from "./key.ts";
import { insideLoops, labelOf, loopOf } from "./loop.ts";
import { concatRows, type NdArray } from "./ndarray.ts";
import { optimise } from "./passes.ts";
import { sameShape } from "./shape.ts";
import { apply, constant, scalar, Tensor } from "./tensor.ts";

/** What one turn makes: the state after it, and what it gives out. */
export interface Turn {
  readonly state: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export interface Turns {
  readonly where: string;
  readonly count: number;
  /** Before the first turn. */
  readonly state: readonly Tensor[];
  /** Each turn takes one row of each, the first turn the first. */
  readonly rows: readonly Tensor[];
  readonly turn: (state: readonly Tensor[], rows: readonly Tensor[], turn: number) => Turn;
}

/** Fewer turns than this, or smaller programs, are unrolled: see docs/tensor-programs.md for what was measured. */
const leastTurns = 8;
/** A body so small that handing it its values costs more than the body itself pays only by what it saves in opening. */
const smallBody = 12;
const pays = (turns: number, operations: number): boolean =>
  turns >= leastTurns && turns * operations >= (operations < smallBody ? 4096 : 256);

/** More operations than this make a graph that takes minutes to open. */
const mostUnrolled = 200_000;

/**
 * All turns, one after another: those that are alike as a loop where it pays and no slope flows through them, the others
 * unrolled. @returns the last state, and what the turns gave out, stacked
 * @throws Problem "bad-value" when too many would be unrolled
 */
export function inTurns(turns: Turns): Turn {
  const pieces: (readonly Tensor[])[] = [];
  let now = turns.state;
  for (const { from, to, enter } of stretches(turns)) {
    if (enter) {
      const looped = enter(now);
      now = looped.state;
      pieces.push(looped.outputs);
      continue;
    }
    for (let turn = from; turn < to; turn++) {
      const row = turns.rows.map((rows) => rows.at(0, turn));
      const { state, outputs } = turns.turn(now, row, turn);
      now = state;
      pieces.push(outputs.map((output) => output.unsqueeze(0)));
    }
  }
  const outputs = (pieces[0] ?? []).map((_, i) =>
    concat(
      pieces.map((piece) => piece[i]),
      0,
    ),
  );
  return { state: now, outputs };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Absent for turns that are unrolled. */
  readonly enter?: (state: readonly Tensor[]) => Turn;
}

function stretches(turns: Turns): readonly Stretch[] {
  const { where, count, rows, turn } = turns;
  const unrolled: Stretch = { from: 0, to: count };
  if (count < leastTurns) return [unrolled];
  const standIns = {
    state: turns.state.map((leaf, i) => standIn(`state${i}`, leaf)),
    rows: rows.map((leaf, i) => standIn(`row${i}`, { ...leaf, shape: leaf.shape.slice(1), axes: leaf.axes.slice(1) })),
  };
  const oldest = scalar(0).id;
  const traced = (at: number): readonly Tensor[] => {
    const since = scalar(0).id;
    const { state, outputs } = turn(standIns.state, standIns.rows, at);
    const results = [...state, ...outputs];
    if (madeIn(results, oldest).some(({ id, inputs }) => id < since && inputs.length > 0)) {
      const [given, wanted] = ["a turn that uses a tensor of another", "a pure function of its arguments"];
      throw problem("bad-value", { where, given, wanted, next: "Carry it in the state." });
    }
    return results;
  };
  const first = traced(0);
  const size = operationsIn(first, oldest);
  const check = (operations: number, reason: string): void => {
    if (operations <= mostUnrolled) return;
    const given = `${count} turns of ${size} operations that must be unrolled, because ${reason}`;
    const next = "Take fewer turns, or make them alike and free of slopes, so that they become one loop.";
    throw problem("bad-value", { where, given, wanted: `at most ${mostUnrolled} operations in all`, next });
  };
  if (carrySlopes([...turns.state, ...rows, ...first])) {
    check(count * size, "a slope flows through them");
    return [unrolled];
  }
  if (!pays(count, size)) return [unrolled];

  const found: Stretch[] = [];
  let run = new Run({ ...standIns, oldest }, first, 0);
  let loose = 0;
  for (let at = 1; at <= count; at++) {
    const next = at < count ? traced(at) : undefined;
    if (next && run.takes(next)) continue;
    const worthwhile = pays(run.length, operationsIn(run.results, oldest));
    const [from, to] = [run.from, run.from + run.length];
    const body = run;
    if (worthwhile) found.push({ from, to, enter: (state) => body.enter(state, rows) });
    else found.push({ from, to });
    if (!worthwhile) loose += run.length;
    check(loose * size, "one differs from the next");
    if (next) run = new Run({ ...standIns, oldest }, next, at);
  }
  return found;
}

interface StandIns {
  readonly state: readonly Tensor[];
  readonly rows: readonly Tensor[];
  /** What has a smaller id was there before the turns, or stands in for what they are given. */
  readonly oldest: number;
}

let made = 0;
const standIn = (name: string, { shape, dtype, axes }: Pick<Tensor, "shape" | "dtype" | "axes">): Tensor =>
  apply("input", [], { name: `${name}#${made++}`, shape, dtype, axes });

/** Marks that change no value. */
const marks: ReadonlySet<string> = new Set(["identity", "stopGradient", "custom"]);
function bare(tensor: Tensor): Tensor {
  let inner = tensor;
  while (marks.has(inner.operation)) [inner] = inner.inputs;
  return inner;
}

/** What was traced in a turn, inputs before results: nothing of what was there before. */
function madeIn(results: readonly Tensor[], oldest: number): Tensor[] {
  const seen = new Set<Tensor>();
  const work = [...results];
  while (work.length > 0) {
    const tensor = work.pop() as Tensor;
    if (tensor.id < oldest || seen.has(tensor)) continue;
    seen.add(tensor);
    work.push(...tensor.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** How large the graph of a turn is, those of the loops in it included. */
function operationsIn(results: readonly Tensor[], oldest: number): number {
  const own = madeIn(results, oldest);
  return [...own, ...insideLoops(own)].filter(({ operation, inputs }) => inputs.length > 0 && !marks.has(operation))
    .length;
}

const noiseOf = (tensor: Tensor): Noise | undefined => (tensor.attributes as { noise?: Noise }).noise;
const heldBy = (tensor: Tensor): NdArray => (tensor.attributes as { value: NdArray }).value;

/** Turns that have the graph of the first of them, but for constants and draws. */
class Run {
  readonly from: number;
  readonly results: readonly Tensor[];
  readonly #standIns: StandIns;
  /** Constants and draws of the first turn, and what stands in their place in each. */
  readonly #leaves = new Map<Tensor, Tensor[]>();
  length = 1;

  constructor(standIns: StandIns, results: readonly Tensor[], from: number) {
    this.#standIns = standIns;
    this.results = results;
    this.from = from;
  }

  /** Takes the next turn in, where it is alike. */
  takes(results: readonly Tensor[]): boolean {
    const pairs = new Map<Tensor, Tensor>();
    const work = this.results.map((result, i) => [result, results[i]] as const);
    while (work.length > 0) {
      const [mine, other] = (work.pop() as readonly [Tensor, Tensor]).map(bare);
      const before = pairs.get(mine);
      if (before === other) continue;
      if (before !== undefined) return false;
      pairs.set(mine, other);
      if (mine === other) continue;
      // Of what was there before the turns, constants and draws may differ, not what was made of them.
      if (!alike(mine, other) || (mine.inputs.length > 0 && mine.id < this.#standIns.oldest)) return false;
      mine.inputs.forEach((input, i) => {
        work.push([input, other.inputs[i]]);
      });
    }
    for (const [mine, other] of pairs) {
      if (mine.inputs.length > 0 || mine === other) continue;
      const places = this.#leaves.get(mine) ?? Array<Tensor>(this.length).fill(mine);
      places.push(other);
      this.#leaves.set(mine, places);
    }
    this.length++;
    for (const [mine, places] of this.#leaves) while (places.length < this.length) places.push(mine);
    return true;
  }

  /** The loop, from a state. @param rows of all turns */
  enter(state: readonly Tensor[], rows: readonly Tensor[]): Turn {
    const { from, length: turns, results } = this;
    const { scanned, captured, made } = this.#body(rows.map((all) => all.slice(0, from, from + turns)));
    const loop = loopOf({
      turns,
      carried: this.#standIns.state,
      scanned: [...scanned.keys()],
      captured: [...captured.values()],
      results: optimise(made),
    });
    const given = [...state, ...scanned.values(), ...captured.keys()];
    const out = results.map((result, which) => {
      const last = apply("loop", given, { loop, which });
      const axes = which < state.length ? result.axes : ["", ...result.axes];
      return axes.some((name) => name !== "") ? last.named(...axes) : last;
    });
    return { state: out.slice(0, state.length), outputs: out.slice(state.length) };
  }

  /**
   * The body's results on stand-ins. What differs from turn to turn is scanned; what does not is worked out before the loop,
   * constants and what is made of them aside.
   */
  #body(rows: readonly Tensor[]) {
    const { state, rows: rowStandIns, oldest } = this.#standIns;
    const scanned = new Map(rowStandIns.map((row, i) => [row, rows[i]]));
    const captured = new Map<Tensor, Tensor>();
    const inside = new Map<Tensor, Tensor>([...state, ...rowStandIns].map((tensor) => [tensor, tensor]));
    const inBody = (tensor: Tensor): Tensor => {
      const own = inside.get(tensor) ?? captured.get(tensor);
      if (own) return own;
      if (tensor.operation === "constant") return tensor;
      const named = standIn("captured", tensor);
      captured.set(tensor, named);
      return named;
    };
    for (const [leaf, places] of this.#leaves) {
      const stacked = stackedOf(places);
      if (stacked === undefined) continue;
      const row = standIn("varied", leaf);
      scanned.set(row, stacked);
      inside.set(leaf, row);
    }
    const fixed = (tensor: Tensor): boolean => tensor.operation === "constant" && !inside.has(tensor);
    const fromConstants = new Set<Tensor>();
    for (const tensor of madeIn(this.results, oldest)) {
      const { inputs, operation, attributes } = tensor;
      if (inputs.length === 0) continue;
      const constant = inputs.every((input) => fixed(input) || fromConstants.has(input));
      if (constant) fromConstants.add(tensor);
      if (!constant && !inputs.some((input) => inside.has(input) && !fromConstants.has(input))) continue;
      const given = (marks.has(operation) ? inputs.slice(0, 1) : inputs).map(inBody);
      inside.set(tensor, marks.has(operation) ? given[0] : new Tensor(operation, given, attributes, tensor));
    }
    return { scanned, captured, made: this.results.map(inBody) };
  }
}

/** Whether two tensors do the same, but for what a constant or a draw holds. */
function alike(a: Tensor, b: Tensor): boolean {
  if (a.operation !== b.operation || a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return false;
  if (a.inputs.length !== b.inputs.length) return false;
  if (a.operation === "constant") return true;
  const [mine, other] = [noiseOf(a), noiseOf(b)];
  if (a.operation === "input" && mine && other) {
    return labelOf(a) === labelOf(b) || (!mine.turns && !other.turns && sameKind(mine, other));
  }
  return labelOf(a) === labelOf(b);
}

const sameKind = (a: Draw & Noise, b: Draw & Noise): boolean => JSON.stringify(a.kind) === JSON.stringify(b.kind);

/** A leaf's values turn by turn along a new leading axis, or nothing where they are all the same. */
function stackedOf(places: readonly Tensor[]): Tensor | undefined {
  const labels = new Set(places.map(labelOf));
  if (labels.size === 1) return undefined;
  const [first] = places;
  if (first.operation === "input") return stackedDraws(places);
  return constant(concatRows(places.map(heldBy).map((value) => ({ ...value, shape: [1, ...value.shape] }))));
}
