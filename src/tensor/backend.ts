/** Where compiled programs run. */
import type { NdArray } from "./ndarray.ts";

/** What executes a graph: "cpu", "cuda" and "webgpu" in Node, "wasm" and "webgpu" in a page. */
export type Provider = "cpu" | "cuda" | "wasm" | "webgpu";

export interface EngineOptions {
  /**
   * Default: the processor, which is "cpu" in Node and "wasm" in a page. Another that is not there is refused (Problem
   * "no-provider"), never replaced.
   */
  readonly provider?: Provider;
  /**
   * Threads inside one operation. 1 (the default) is the fastest for small networks and leaves the other cores to other
   * runs; results do not depend on it for the operations this library emits. In a page more than 1 needs cross-origin isolation.
   */
  readonly threads?: number;
  /** Without the rewrites that round a double to single precision. Programs that hold doubles are opened so. Default false. */
  readonly exact?: boolean;
}

/**
 * ONNX Runtime's rewrites (1.30) that are left out. One makes a sum over rows, a product with a vector of ones, and what is
 * added to it into a product of matrices with reshapes around it: slower, and rounded otherwise than the sum alone. Another, in
 * programs that hold doubles, takes a factor into the product beside it, where it becomes a single.
 */
export const without = (exact: boolean) => {
  const optimisers = ["MatMulAddFusion", ...(exact ? ["MatMulScaleFusion"] : [])];
  return { extra: { optimization: { disable_specified_optimizers: optimisers.join(";") } } };
};

export interface Engine {
  /**
   * @param feeds a value for every input
   * @param outputs for each wanted output, the array to write into, or null for a new one
   */
  run(
    feeds: { readonly [name: string]: NdArray },
    outputs: { readonly [name: string]: NdArray | null },
  ): Promise<{ readonly [name: string]: NdArray }>;
  /** Brings back what stayed on the device: until then only `run` knows the values of those arrays. */
  settle?(arrays: Iterable<NdArray>): Promise<void>;
  close(): Promise<void>;
}

export interface Backend {
  readonly name: string;
  /** Whether everything a call takes is copied into the runtime's own memory: large inputs are then better cut first. */
  readonly copies?: boolean;
  /** @param resident outputs that come in again at the next call: they may stay on the device, see `settle` */
  open(model: Uint8Array, options?: EngineOptions, resident?: readonly string[]): Promise<Engine>;
}
