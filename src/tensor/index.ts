/** repertoire/tensor: symbolic tensors, gradients, programs, optimisers, random keys, files of state. */
export type { Backend, Engine, EngineOptions, Provider } from "./backend.ts";
export { repeat, type ScanOptions, scan } from "./control.ts";
export {
  averagePool,
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  maxPool,
  type PerAxis,
  type WindowOptions,
} from "./convolution.ts";
export { customGradient, type Pullback, straightThrough } from "./custom.ts";
export { type Eigen, eigenSymmetric } from "./eigenvalues.ts";
export { einsum } from "./einsum.ts";
export {
  type CmaEsOptions,
  type CmaEsState,
  cmaEs,
  type EvolutionStrategy,
  type OpenAiEsOptions,
  type OpenAiEsState,
  openAiEs,
} from "./evolution/index.ts";
export { grad, hvp, valueAndGrad, vjp } from "./grad.ts";
export { evaluate } from "./interpret.ts";
export { concat, split, stack } from "./joining.ts";
export type { Key, NoiseKind } from "./key.ts";
export {
  cholesky,
  determinant,
  eye,
  inverse,
  logdet,
  solve,
  type TriangularOptions,
  triangularSolve,
} from "./linear-algebra.ts";
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
export { nodeRuntime } from "./onnxruntime-node.ts";
export { serveRuntimeFrom, webRuntime } from "./onnxruntime-web.ts";
export {
  type AdamOptions,
  accumulating,
  adagrad,
  adam,
  adamax,
  adamw,
  amsgrad,
  averageOf,
  averaging,
  blend,
  chain,
  climbWith,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  constantRate,
  cosineDecay,
  cosineRestarts,
  decayWeights,
  descendWith,
  exponentialDecay,
  frozen,
  type Learner,
  lamb,
  learner,
  linearDecay,
  type MuonOptions,
  matrices,
  muon,
  nadam,
  type ObgdOptions,
  type Optimiser,
  obgd,
  orthogonalised,
  partition,
  piecewise,
  type Rate,
  rmsprop,
  type Schedule,
  type Surprise,
  scaleByAdam,
  scaleByTrust,
  scaledDown,
  sequence,
  sgd,
  skipNonFinite,
  type TraceOptimiser,
  type Where,
  warmUp,
  warmUpThen,
} from "./optimisers/index.ts";
export { argsort, type SortOptions, sort, type TopK, topK } from "./order.ts";
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
  constant,
  full,
  lift,
  maximum,
  minimum,
  type Operand,
  onesOf,
  scalar,
  Tensor,
  zerosOf,
} from "./tensor.ts";
export { checkSameSpecs, isLeaf, type Leaf, leavesOf, mapTree, type Spec, type TreeOf, zipTree } from "./tree.ts";
export { type ColumnSource, type Columns, type UpdateRule, Updates } from "./updates.ts";
