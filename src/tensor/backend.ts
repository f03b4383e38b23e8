/** Where compiled programs run. */
import type { NdArray } from "./ndarray.ts";

export interface EngineOptions {
  /**
   * Threads inside one operation. 1 (the default) is the fastest for small networks and leaves the other cores to other
   * runs; results do not depend on it for the operations this library emits.
   */
  readonly threads?: number;
}

export interface Engine {
  /**
   * @param feeds a value for every input
   * @param outputs for each wanted output, the array to write into, or null for a new one
   */
  run(
    feeds: { readonly [name: string]: NdArray },
    outputs: { readonly [name: string]: NdArray | null },
  ): Promise<{ readonly [name: string]: NdArray }>;
  close(): Promise<void>;
}

export interface Backend {
  readonly name: string;
  open(model: Uint8Array, options?: EngineOptions): Promise<Engine>;
}
