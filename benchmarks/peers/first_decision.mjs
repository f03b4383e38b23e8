/** A fresh process that loads a policy and decides once. node first_decision.mjs POLICY.onnx dist/policies/index.js */
import { pathToFileURL } from "node:url";

const [, , path, index] = process.argv;
const { loadPolicy } = await import(pathToFileURL(index).href);
const policy = await loadPolicy(path);
const observation = new Float32Array(policy.observationSpace.shape[0]).fill(0.1);
const { action } = await policy.act(observation, { deterministic: true });
process.stdout.write(`${action}\n`);
