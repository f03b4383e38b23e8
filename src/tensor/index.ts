/** repertoire/tensor: symbolic tensors, gradients, programs, optimisers, random keys, files of state. */
export type { Backend, Engine, EngineOptions } from "./backend.ts";
export { grad, hvp, valueAndGrad } from "./grad.ts";
export { evaluate } from "./interpret.ts";
export type { Key, NoiseKind } from "./key.ts";
export {
  asType,
  concatRows,
  type Data,
  type Dtype,
  type NdArray,
  ndarray,
  type Shape,
  sizeOf,
  sliceRows,
  takeRows,
  zeros,
} from "./ndarray.ts";
export { toOnnx } from "./onnx/model.ts";
export { onnxRuntime } from "./onnxruntime.ts";
export {
  type AdamOptions,
  adam,
  adamw,
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
export { type Program, type Traced, trace } from "./program.ts";
export {
  bits,
  fillIntegers,
  fillNormal,
  fillUniform,
  fold,
  type Generator,
  generator,
  permutation,
  type RandomKey,
  randomKey,
} from "./random.ts";
export { Compiled, type OpenOptions, open, type RunAt, runOnce, Store } from "./runtime.ts";
export { decode, encode, loadTree, type Metadata, saveTree } from "./safetensors.ts";
export {
  type Axis,
  apply,
  concat,
  constant,
  full,
  lift,
  maximum,
  minimum,
  type Operand,
  onesOf,
  scalar,
  stack,
  Tensor,
  zerosOf,
} from "./tensor.ts";
export { checkSameSpecs, isLeaf, type Leaf, leavesOf, mapTree, type Spec, type TreeOf, zipTree } from "./tree.ts";
export { type Columns, type UpdateRule, Updates } from "./updates.ts";
