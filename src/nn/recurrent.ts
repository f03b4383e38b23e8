/** Recurrent cells, one step at a time (acting) or over a whole sequence (learning). */
import { mapTree, stack, type Tensor, zerosOf } from "../tensor/index.ts";
import { type Linear, linear, rowsByMatrix, within } from "./layers.ts";
import { beside, type Net, net } from "./net.ts";

/** What comes in and what is carried, each projected to all gates side by side. */
export interface Recurrent {
  readonly input: Linear;
  readonly hidden: Linear;
}

/** One step: [batch, inputs] and the carried state → the next state. */
export interface Cell<S> extends Net<Recurrent, [x: Tensor, state: S], S> {
  readonly size: number;
  /** The state before anything was seen, for `rows` rows; one row broadcasts against any batch. */
  start(rows?: number): S;
  /** What a state shows to the layers above: [batch, size]. */
  shown(state: S): Tensor;
  /** The same state where keep is 1, the start where it is 0. @param keep [batch, 1] */
  kept(state: S, keep: Tensor): S;
  /** The input's share of the gates, which for a whole sequence is one product: [… inputs] → [… gates]. */
  project(params: Recurrent, x: Tensor): Tensor;
  /** A step from a projected input. */
  advance(params: Recurrent, projected: Tensor, state: S): S;
}

type Parts<S> = Pick<Cell<S>, "start" | "shown" | "kept" | "advance">;

function cellOf<S>(inputs: number, size: number, gates: number, parts: Parts<S>): Cell<S> {
  const input = linear(inputs, gates * size);
  const project = (params: Recurrent, x: Tensor): Tensor => input(params.input, x);
  const hidden = linear(size, gates * size);
  // Both projections start in ±1/√size, as PyTorch's do.
  const start = linear(inputs, gates * size, { weight: within(1 / Math.sqrt(size)), bias: "zero" });
  const call = net<Recurrent, [x: Tensor, state: S], S>(
    (key) => {
      const own = hidden.init(key.at("hidden"));
      const { weight } = start.init(key.at("input"));
      return { input: { weight, bias: hidden.init(key.at("input")).bias }, hidden: own };
    },
    (params, x, state) => parts.advance(params, project(params, x), state),
  );
  return Object.assign(call, { size, project, ...parts });
}

/** hidden W + b, for [batch, size] or, with members, [member, batch, size]. */
const fromHidden = ({ hidden }: Recurrent, h: Tensor): Tensor => {
  const out = rowsByMatrix(h, hidden.weight);
  return out.add(beside(hidden.bias, 1, out));
};

/** Gated recurrent unit: Cho et al. (2014), arXiv:1406.1078, with PyTorch's order of gates (reset, update, new). */
export const gru = (inputs: number, size: number): Cell<Tensor> =>
  cellOf<Tensor>(inputs, size, 3, {
    start: (rows = 1) => zerosOf([rows, size]),
    shown: (state) => state,
    kept: (state, keep) => state.mul(keep),
    advance(params, projected, state) {
      const past = fromHidden(params, state);
      const both = projected
        .slice(-1, 0, 2 * size)
        .add(past.slice(-1, 0, 2 * size))
        .sigmoid();
      const reset = both.slice(-1, 0, size);
      const update = both.slice(-1, size);
      const fresh = projected
        .slice(-1, 2 * size)
        .add(reset.mul(past.slice(-1, 2 * size)))
        .tanh();
      return fresh.add(update.mul(state.sub(fresh)));
    },
  });

export interface LstmState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/** Long short-term memory: Hochreiter, Schmidhuber (1997), with PyTorch's order of gates (input, forget, cell, output). */
export const lstm = (inputs: number, size: number): Cell<LstmState> =>
  cellOf<LstmState>(inputs, size, 4, {
    start: (rows = 1) => ({ hidden: zerosOf([rows, size]), cell: zerosOf([rows, size]) }),
    shown: ({ hidden }) => hidden,
    kept: ({ hidden, cell }, keep) => ({ hidden: hidden.mul(keep), cell: cell.mul(keep) }),
    advance(params, projected, { hidden, cell }) {
      const all = projected.add(fromHidden(params, hidden));
      const gate = (i: number): Tensor => all.slice(-1, i * size, (i + 1) * size);
      const held = gate(1)
        .sigmoid()
        .mul(cell)
        .add(gate(0).sigmoid().mul(gate(2).tanh()));
      return { hidden: gate(3).sigmoid().mul(held.tanh()), cell: held };
    },
  });

export interface OverTime<S> {
  /** [batch, time, size]: what the state shows after each step */
  readonly outputs: Tensor;
  /** After the last step. */
  readonly state: S;
}

export interface OverTimeOptions<S> {
  /** Before the first step. Default: the start. */
  readonly state?: S;
  /** [batch, time], 1 where an episode begins at that step: the state is the start again before it is used. */
  readonly begins?: Tensor;
  /** Slopes reach at most so many steps back: truncated backpropagation, Williams, Peng (1990). Default: all the way. */
  readonly truncate?: number;
}

/** A cell over a sequence [batch, time, inputs], unrolled in the graph; the inputs of all steps are projected at once. */
export const overTime = <S>(cell: Cell<S>): Net<Recurrent, [xs: Tensor, options?: OverTimeOptions<S>], OverTime<S>> =>
  net(
    (key) => cell.init(key),
    (params, xs, { state: given, begins, truncate } = {}) => {
      const projected = cell.project(params, xs);
      const length = xs.shape[xs.rank - 2];
      let state = given ?? cell.start();
      const shown: Tensor[] = [];
      for (let t = 0; t < length; t++) {
        if (truncate && t > 0 && t % truncate === 0) {
          state = mapTree(state, (leaf: Tensor) => leaf.stopGradient()) as S;
        }
        if (begins) state = cell.kept(state, begins.slice(-1, t, t + 1).from(1));
        state = cell.advance(params, projected.at(-2, t), state);
        shown.push(cell.shown(state));
      }
      return { outputs: stack(shown, -2), state };
    },
  );
