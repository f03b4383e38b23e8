/** The back end where this runs: native code in Node, WebAssembly in a page. */
import { inNode } from "../files.ts";
import type { Backend } from "./backend.ts";
import { nodeRuntime } from "./onnxruntime-node.ts";
import { webRuntime } from "./onnxruntime-web.ts";

export const onnxRuntime: Backend = inNode ? nodeRuntime : webRuntime;
