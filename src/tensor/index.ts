/** repertoire/tensor: symbolic tensors, gradients, programs, optimisers, random keys, files of state. */
export type { Backend, Engine, EngineOptions } from "./backend.ts";
export { grad, hvp, valueAndGrad } from "./grad.ts";
export { evaluate } from "./interpret.ts";
export type { Key, NoiseKind } from "./key.ts";
export { asType, concatRows, type Data, type Dtype, type NdArray, ndarray, type Shape, sizeOf, sliceRows, takeRows, zeros } from "./ndarray.ts";
export { toOnnx } from "./onnx/model.ts";
export { onnxRuntime } from "./onnxruntime.ts";
export {
  adam,
  adamw,
  type AdamOptions,
  blend,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  decayWeights,
  descendWith,
  type Learner,
  learner,
  type Optimiser,
  type Rate,
  rmsprop,
  scaleByAdam,
  scaledDown,
  sgd,
  warmUp,
} from "./optimisers.ts";
export { type Program, trace, type Traced } from "./program.ts";
export { bits, fillIntegers, fillNormal, fillUniform, fold, type Generator, generator, permutation, type RandomKey, randomKey } from "./random.ts";
export { Compiled, open, type OpenOptions, runOnce, type RunAt, Store } from "./runtime.ts";
export { apply, type Axis, concat, constant, full, lift, maximum, minimum, onesOf, type Operand, scalar, stack, Tensor, zerosOf } from "./tensor.ts";
export { checkSameSpecs, isLeaf, type Leaf, leavesOf, mapTree, type Spec, type TreeOf, zipTree } from "./tree.ts";
