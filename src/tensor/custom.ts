/** Slopes other than the ones the operations have. */
import { problem } from "../problems.ts";
import { withoutSlopes } from "./grad.ts";
import { sameShape, userLine } from "./shape.ts";
import { apply, type Tensor } from "./tensor.ts";

/** Slopes of the arguments, one each, from the slope of the output; null where none flows. */
export type Pullback<In extends readonly Tensor[]> = (
  slope: Tensor,
  inputs: In,
  output: Tensor,
) => { readonly [K in keyof In]: Tensor | null };

/**
 * The function f with a pullback of one's own in place of the one its operations have. Slopes flow to the arguments alone,
 * not to what f closes over. The pullback is written in operations, so that it is differentiated again where a gradient of
 * a gradient asks for it.
 * @example customGradient((x: Tensor) => x.sign(), (slope) => [slope]) // the sign, with the slope of the identity
 */
export function customGradient<const In extends readonly Tensor[]>(
  f: (...inputs: In) => Tensor,
  pullback: Pullback<In>,
): (...inputs: In) => Tensor {
  return (...inputs) => {
    const checked = (slope: Tensor, given: readonly Tensor[], output: Tensor): readonly (Tensor | null)[] => {
      const slopes: readonly (Tensor | null)[] = pullback(slope, given as unknown as In, output);
      if (slopes.length !== given.length || slopes.some((s, i) => s && !sameShape(s.shape, given[i].shape))) {
        throw problem("shape", {
          where: "customGradient",
          wanted: `slopes shaped like the arguments, ${given.map(({ shape }) => `[${shape}]`).join(" and ")}`,
          got: slopes.map((s) => s?.shape ?? []),
          ...userLine(),
        });
      }
      return slopes;
    };
    return apply("custom", [withoutSlopes(() => f(...inputs)), ...inputs], { pullback: checked });
  };
}

/** The value of `forward` with the slope of `backward`: Bengio, Léonard, Courville (2013), arXiv:1308.3432. */
export function straightThrough(forward: Tensor, backward: Tensor): Tensor {
  if (!sameShape(forward.shape, backward.shape) || forward.dtype !== backward.dtype) {
    const got = [forward.shape, backward.shape];
    throw problem("shape", { where: "straightThrough", wanted: "two tensors alike", got, ...userLine() });
  }
  return apply("custom", [forward, backward], { pullback: (slope) => [slope] });
}
