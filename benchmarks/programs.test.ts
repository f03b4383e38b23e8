import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { InferenceSession } from "onnxruntime-node";
import { ModelProtoSchema } from "../src/tensor/onnx/onnx_pb.ts";
import { keepAlike, limitModel, openLimit } from "./limit.ts";
import { isProduct, multiplications, productsOf } from "./products.ts";
import { diffusion } from "./programs/diffusion.ts";
import { encoder } from "./programs/encoder.ts";
import { languageModel } from "./programs/language-model.ts";
import type { TrainingProgram } from "./programs/program.ts";
import { sac } from "./programs/sac.ts";
import { openTraining } from "./training.ts";

const small = { width: 8, batch: 4, observations: 3, actions: 2, rows: 64 };

async function assertLearns(program: TrainingProgram, parameters: number, updates: number) {
  await using side = await openTraining(program, 1);
  assert.ok((await side.run(0.01)) > 0);
  const found = await side.check?.(updates);
  assert.equal(found?.parameters, parameters);
  assert.ok(found.last < found.first, `${program.name}: ${found.first} to ${found.last}`);
}

test("soft actor-critic's critics learn; policy, critics and temperature are trained", async () => {
  const policy = 3 * 8 + 8 + (8 * 8 + 8) + (8 * 4 + 4);
  const critic = 5 * 8 + 8 + (8 * 8 + 8) + (8 + 1);
  await assertLearns(sac(small), policy + 2 * critic + 1, 800);
});

test("the denoiser learns", async () => {
  const parameters = (3 + 4 + 32) * 8 + 8 + 2 * (8 * 8 + 8) + (8 * 4 + 4);
  await assertLearns(diffusion({ ...small, chunk: 4 }), parameters, 2000);
});

test("the language model learns; its head is its table of tokens", async () => {
  const sizes = { vocabulary: 8, length: 6, size: 8, heads: 2, layers: 1, batch: 4, rows: 64 };
  const block = 2 * 16 + (8 * 24 + 24) + (8 * 8 + 8) + (8 * 32 + 32) + (32 * 8 + 8);
  // Until then it is on a plateau at log 8, and how far along it begins depends on how fast the machine is.
  await assertLearns(languageModel(sizes), 8 * 8 + 6 * 8 + block + 16, 1000);
});

test("the encoder learns", async () => {
  const convolutions = 3 * 64 * 32 + 32 + (32 * 16 * 64 + 64) + (64 * 9 * 64 + 64);
  await assertLearns(encoder({ batch: 2, outputs: 2, rows: 4 }), convolutions + 1024 * 512 + 512 + 1024 + 2, 30);
});

test("the products of an update are found, at the shapes they have in it", async () => {
  const program = diffusion({ ...small, chunk: 4 });
  const products = await productsOf(program);
  // Forward, and backward for the weights: one product a layer each; for what comes in: all layers but the first.
  const layers = [39 * 8, 8 * 8, 8 * 8, 8 * 4];
  const wanted = 4 * (3 * layers.reduce((a, b) => a + b) - layers[0]);
  const counted = products.map(multiplications).reduce((a, b) => a + b);
  // The biases' slopes are products with ones, which are products too.
  const biases = 4 * (8 + 8 + 8 + 4);
  assert.ok(counted === wanted || counted === wanted + biases, `${counted}, not ${wanted} or ${wanted + biases}`);
});

test("the limit is those products, all of them: none is folded into another or left out", async () => {
  const program = diffusion({ ...small, chunk: 4 });
  const products = await productsOf(program);
  const { model } = await limitModel(program);
  const folder = await mkdtemp(join(tmpdir(), "limit-"));
  const path = join(folder, "optimised.onnx");
  const session = await InferenceSession.create(model, {
    ...keepAlike,
    logSeverityLevel: 3,
    optimizedModelFilePath: path,
  });
  await session.release();
  const { graph } = fromBinary(ModelProtoSchema, await readFile(path));
  await rm(folder, { recursive: true });
  assert.equal(graph?.node.filter(isProduct).length, 4 * products.length);
  await using limit = await openLimit(program, 1);
  assert.ok((await limit.run(0.01)) > 0);
});
