/** Optimisers that move on some steps and not on others: `where` chooses, leaf by leaf, so a program stays one graph. */
import { scalar, type Tensor } from "../tensor.ts";
import { leavesOf, mapTree, zipTree } from "../tree.ts";
import { type Optimiser, zerosLike } from "./optimiser.ts";

/** The largest float32: above it, and where there is no number, `≤` fails. */
const largest = 3.4028234663852886e38;

/** One tree or the other, whole. */
const chosen = (when: Tensor, yes: unknown, no: unknown): unknown =>
  zipTree(yes, no, (a: Tensor, b: Tensor) => when.where(a, b));

function allFinite(tree: unknown): Tensor {
  const counts = [...leavesOf<Tensor>(tree).values()].map((g) =>
    g.abs().lessEqual(largest).not().cast("float32").sum(),
  );
  return counts.reduce((a, b) => a.add(b)).equal(0);
}

/**
 * The mean of the slopes of `count` steps moves the parameters once, at the last of them; the inner optimiser counts
 * these moves as its steps. Learns as with a batch `count` times as large, in the memory of one.
 */
export const accumulating = (inner: Optimiser, count: number): Optimiser => ({
  init: (params) => ({ inner: inner.init(params), sum: zerosLike(params) }),
  update(slopes, memory, params, step) {
    const before = memory as { readonly inner: unknown; readonly sum: unknown };
    const moves = step.div(count).floor();
    const full = step.sub(moves.mul(count)).equal(count - 1);
    const sum = zipTree(before.sum, slopes, (a: Tensor, g: Tensor) => a.add(g));
    const mean = mapTree(sum, (a: Tensor) => a.div(count));
    const next = inner.update(mean, before.inner, params, moves);
    return {
      updates: chosen(full, next.updates, zerosLike(next.updates)),
      memory: { inner: chosen(full, next.memory, before.inner), sum: chosen(full, zerosLike(sum), sum) },
    };
  },
});

/**
 * A step whose slopes hold a NaN or an infinity is not taken: parameters and memory stay as they are, and `skipped`
 * counts it. The learner's step number goes on.
 */
export const skipNonFinite = (inner: Optimiser): Optimiser => ({
  init: (params) => ({ inner: inner.init(params), skipped: scalar(0, "int32") }),
  update(slopes, memory, params, step) {
    const before = memory as { readonly inner: unknown; readonly skipped: Tensor };
    const sound = allFinite(slopes);
    const next = inner.update(slopes, before.inner, params, step);
    return {
      updates: chosen(sound, next.updates, zerosLike(next.updates)),
      memory: {
        inner: chosen(sound, next.memory, before.inner),
        skipped: before.skipped.add(sound.not().cast("int32")),
      },
    };
  },
});
