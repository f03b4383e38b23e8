/** The same without Repertoire: ONNX Runtime, and what this one file is known to need. */
import { InferenceSession, Tensor } from "onnxruntime-node";

const session = await InferenceSession.create(process.argv[2], { intraOpNumThreads: 1, interOpNumThreads: 1 });
const feeds = {};
for (const { name, type, shape } of session.inputMetadata) {
  const dims = shape.map((size) => (typeof size === "number" ? size : 1));
  const count = dims.reduce((a, b) => a * b, 1);
  feeds[name] = new Tensor(type, type === "bool" ? Uint8Array.of(1) : new Float32Array(count).fill(0.1), dims);
}
const { action } = await session.run(feeds, ["action"]);
process.stdout.write(`${action.data}\n`);
