/** Rates as functions of a learner's step number (float32, 0 at the first). */
import { problem } from "../../problems.ts";
import { ndarray } from "../ndarray.ts";
import { constant as constantOf, lift, type Operand, scalar, type Tensor } from "../tensor.ts";

export type Schedule = (step: Tensor) => Tensor;

/** Always `rate`. */
export const constantRate =
  (rate: Operand): Schedule =>
  (step) =>
    lift(rate, step);

/** From `rate` to `last` in a straight line over `steps`, and flat after. */
export const linearDecay =
  (rate: Operand, steps: number, last: Operand = 0): Schedule =>
  (step) => {
    const from = lift(rate, step);
    return from.add(lift(last, step).sub(from).mul(step.div(steps).atMost(1)));
  };

/** From `rate` to `rate · floor` along half a cosine over `steps`, and flat after. */
export const cosineDecay =
  (rate: Operand, steps: number, floor = 0): Schedule =>
  (step) =>
    halfCosine(step.div(steps).atMost(1), floor).mul(rate);

const halfCosine = (share: Tensor, floor: number): Tensor =>
  share
    .mul(Math.PI)
    .cos()
    .add(1)
    .mul((1 - floor) / 2)
    .add(floor);

/** The step numbers that a float32 holds exactly end here. */
const furthest = 2 ** 24;

/**
 * Half a cosine from `rate` to `rate · floor` over `steps`, again and again, each time over `grow` times as many steps:
 * Loshchilov, Hutter (2017), arXiv:1608.03983.
 * @throws Problem "bad-option" for a period below 1 step or a `grow` below 1
 */
export function cosineRestarts(
  rate: Operand,
  steps: number,
  { grow = 1, floor = 0 }: { grow?: number; floor?: number } = {},
): Schedule {
  const refuse = (name: string, given: number, wanted: string): never => {
    throw problem("bad-option", { where: "cosineRestarts", name, given, wanted });
  };
  if (!(steps >= 1)) refuse("steps", steps, "at least 1");
  if (!(grow >= 1)) refuse("grow", grow, "at least 1");
  if (grow === 1) {
    return (step) => {
      const periods = step.div(steps);
      return halfCosine(periods.sub(periods.floor()), floor).mul(rate);
    };
  }
  const starts: number[] = [];
  for (let start = 0, length = steps; start <= furthest; start += length, length *= grow) starts.push(start);
  const lengths = starts.map((_, i) => steps * grow ** i);
  return (step) => {
    const period = passed(step, starts.slice(1));
    const start = table(starts, step).gather(period);
    return halfCosine(step.sub(start).div(table(lengths, step).gather(period)).atMost(1), floor).mul(rate);
  };
}

/** How many of these step numbers have been reached, int32. */
const passed = (step: Tensor, numbers: readonly number[]): Tensor =>
  table(numbers, step).lessEqual(step).cast("float32").sum().cast("int32");

const table = (numbers: readonly number[], { dtype }: Tensor): Tensor => constantOf(ndarray(numbers, { dtype }));

/** `rate · factor^(step / steps)`; with `steps` 1, a factor a step. */
export const exponentialDecay =
  (rate: Operand, factor: number, steps = 1): Schedule =>
  (step) =>
    scalar(factor, step.dtype).pow(step.div(steps)).mul(rate);

/**
 * Rates that hold from one step number to the next: `rates[i]` before `boundaries[i]`, the last for good.
 * @example piecewise([1e-3, 1e-4], [10_000]) // a tenth from step 10,000 on
 * @throws Problem "bad-option" when there is not one rate more than boundaries, or these do not rise
 */
export function piecewise(rates: readonly number[], boundaries: readonly number[]): Schedule {
  checkBoundaries("piecewise", "rates", rates.length, boundaries);
  if (boundaries.length === 0) return constantRate(rates[0]);
  return (step) => table(rates, step).gather(passed(step, boundaries));
}

function checkBoundaries(where: string, name: string, given: number, boundaries: readonly number[]): void {
  if (given !== boundaries.length + 1) {
    throw problem("bad-option", { where, name, given, wanted: `${boundaries.length + 1}, one more than boundaries` });
  }
  if (boundaries.some((b, i) => !(b > (boundaries[i - 1] ?? 0)))) {
    const wanted = "step numbers above 0, each above the one before";
    throw problem("bad-option", { where, name: "boundaries", given: boundaries, wanted });
  }
}

/** From 0 to `rate` over `steps`, and flat after. */
export const warmUp =
  (rate: Operand, steps: number): Schedule =>
  (step) =>
    step.add(1).div(steps).atMost(1).mul(rate);

/** Up to `after`'s first rate in a straight line over `steps`, then `after`, which counts from 0 there. */
export const warmUpThen = (steps: number, after: Schedule): Schedule =>
  sequence([(step) => warmUp(after(step.mul(0)), steps)(step), after], [steps]);

/**
 * Schedules one after another: `schedules[i]` before `boundaries[i]`, each counting from 0 where it begins.
 * @throws Problem "bad-option" when there is not one schedule more than boundaries, or these do not rise
 */
export function sequence(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  checkBoundaries("sequence", "schedules", schedules.length, boundaries);
  return (step) =>
    schedules
      .map((schedule, i) => schedule(i === 0 ? step : step.sub(boundaries[i - 1]).atLeast(0)))
      .reduceRight((later, earlier, i) => step.less(boundaries[i]).where(earlier, later));
}
