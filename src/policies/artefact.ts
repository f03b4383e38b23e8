/**
 * The artefact: a policy as one ONNX file that holds the whole decision function, for any batch size, and describes
 * itself: spaces, provenance, last evaluation, and test vectors that every loader runs again before it trusts the file.
 */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { readBytes, writeAtomically } from "../files.ts";
import { problem, unreachable } from "../problems.ts";
import type { Value } from "../spaces/space.ts";
import { readRow, stackValues } from "../spaces/stored.ts";
import type { Engine } from "../tensor/backend.ts";
import { fold, type NdArray, onnxRuntime, randomKey, sliceRows, toOnnx, zeros } from "../tensor/index.ts";
import { fillRow, noiseFor } from "../tensor/noise.ts";
import { ModelProtoSchema } from "../tensor/onnx/onnx_pb.ts";
import { type DecisionFunction, decisionProgram } from "./decision.ts";
import {
  describePolicy,
  formatVersion,
  metadataKey,
  type PolicyDescription,
  type PolicyProvenance,
  packed,
  unpacked,
} from "./description.ts";
import type { ActOptions, Decisions, Policy } from "./policy.ts";

/** A policy that came from an ONNX file, or from the bytes of one. */
export interface OnnxPolicy extends Policy {
  readonly description: PolicyDescription;
  readonly bytes: Uint8Array;
  /** Writes the file, whole or not at all. */
  save(path: string): Promise<void>;
}

export interface ExportOptions {
  readonly provenance: PolicyProvenance;
  readonly evaluation?: PolicyDescription["evaluation"];
  /** Observations in their stored form [n, …] for the test vectors; the first eight are used. */
  readonly examples: NdArray;
  /** Largest difference a loader may find, absolute plus relative. Default 1e-4. */
  readonly tolerance?: number;
}

/**
 * Traces, runs and seals a decision function; the policy it returns has already passed its own tests.
 * @throws Problem "bad-value" when it draws anything but rows
 */
export async function exportPolicy(
  f: DecisionFunction,
  { provenance, evaluation = {}, examples, tolerance = 1e-4 }: ExportOptions,
): Promise<OnnxPolicy> {
  const program = decisionProgram(f);
  checkDraws(f.name, program.noise);
  const untested: PolicyDescription = {
    format: formatVersion,
    name: f.name,
    observationSpace: f.observationSpace,
    actionSpace: f.actionSpace,
    stochastic: program.noise.length > 0,
    outputs: [...program.graph.keys()],
    memory: Object.fromEntries(Object.entries(f.memory ?? {}).map(([name, shape]) => [name, [...shape]])),
    noise: program.noise.map(({ name, path, shape, dtype, kind, turns }) => ({
      name,
      path,
      shape: [...shape],
      dtype: dtype as "float32",
      kind,
      ...(turns ? { turns: turns.map((turn) => turn.path) } : {}),
    })),
    provenance,
    evaluation,
    tests: [],
    tolerance,
  };
  const sealed = (description: PolicyDescription): Uint8Array =>
    toOnnx(program, { [metadataKey]: JSON.stringify(description) });
  const observation = sliceRows(examples, 0, Math.min(8, examples.shape[0]));
  const engine = await onnxRuntime.open(sealed(untested));
  const tests: PolicyDescription["tests"] = [];
  for (const deterministic of untested.stochastic ? [true, false] : [true]) {
    const outputs = await run(engine, untested, observation, { deterministic, key: randomKey(testSeed) });
    const wanted = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, packed(value)]));
    tests.push({ deterministic, seed: testSeed, observation: packed(observation), outputs: wanted });
  }
  await engine.close();
  return await openPolicy(sealed({ ...untested, tests }), f.name);
}

/** A row's action may depend on its own key alone, so every draw has a row for each. */
function checkDraws(where: string, noise: ReturnType<typeof decisionProgram>["noise"]): void {
  for (const { path, shape, turns } of noise) {
    if (shape[turns ? 1 : 0] < 0) continue;
    const given = `a draw of fixed shape [${shape}] at "${path}"`;
    throw problem("bad-value", { where, given, wanted: "draws whose first axis is the batch, as key.normal(-1, 3)" });
  }
}

const testSeed = 7;
/** Where the names of outputs begin that the next decision takes. */
const carriedName = "carried/";

/**
 * A policy from a file: checked, and its test vectors run again.
 * @throws Problem "missing-file", "broken-file" (not ONNX), "foreign-model" (ONNX, but no policy of ours), "policy-drift"
 * (its test vectors come out differently here)
 */
export const loadPolicy = async (path: string): Promise<OnnxPolicy> =>
  await openPolicy(await readBytes(path, "a policy (.onnx)"), path);

/** The same policy with an evaluation written into its file: graph and test vectors stay to the byte. */
export async function withEvaluation(
  policy: OnnxPolicy,
  evaluation: PolicyDescription["evaluation"],
): Promise<OnnxPolicy> {
  const model = fromBinary(ModelProtoSchema, policy.bytes);
  const entry = model.metadataProps.find(({ key }) => key === metadataKey);
  if (entry === undefined) return unreachable("a loaded policy describes itself");
  entry.value = JSON.stringify({ ...policy.description, evaluation });
  return await openPolicy(toBinary(ModelProtoSchema, model), policy.name);
}

/** The same from bytes; `where` names them in messages. */
export async function openPolicy(bytes: Uint8Array, where = "policy"): Promise<OnnxPolicy> {
  const description = describePolicy(bytes, where);
  const engine = await onnxRuntime.open(bytes).catch((error: Error) => {
    throw problem("broken-file", { path: where, what: "policy", reason: error.message });
  });
  try {
    await checkTests(engine, description, where);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return policyOf(engine, description, bytes);
}

async function checkTests(engine: Engine, description: PolicyDescription, where: string): Promise<void> {
  for (const { deterministic, seed, observation, outputs } of description.tests) {
    const got = await run(engine, description, unpacked(observation), { deterministic, key: randomKey(seed) }).catch(
      (error: Error) => {
        throw problem("broken-file", { path: where, what: "policy", reason: error.message });
      },
    );
    for (const [output, { values }] of Object.entries(outputs)) {
      values.forEach((wanted, element) => {
        const found = Number(got[output]?.data[element]);
        // Written so that a NaN fails.
        if (!(Math.abs(found - wanted) <= description.tolerance * (1 + Math.abs(wanted)))) {
          throw problem("policy-drift", { path: where, output, element, wanted, got: found });
        }
      });
    }
  }
}

/** One pass through the graph. A row's noise depends on its own key alone, so its action does not depend on the batch. */
async function run(
  engine: Engine,
  description: PolicyDescription,
  observation: NdArray,
  { deterministic = false, key, keys, memory = {} }: ActOptions,
) {
  const rows = observation.shape[0];
  const feeds: Record<string, NdArray> = { observation };
  for (const [name, behind] of Object.entries(description.memory)) {
    feeds[`memory/${name}`] = memory[name] ?? zeros([rows, ...behind], "float32");
  }
  if (description.stochastic)
    feeds.deterministic = { shape: [], dtype: "bool", data: Uint8Array.of(Number(deterministic)) };
  for (const { name, path, shape, dtype, kind, turns } of description.noise) {
    const noise = noiseFor({ shape, dtype }, rows);
    const draw = { kind, path, update: 0, ...(turns ? { turns: turns.map((own) => ({ path: own, update: 0 })) } : {}) };
    for (let row = 0; row < rows && !deterministic; row++) {
      const own = keys?.[row] ?? (key && fold(key, row));
      if (own === undefined) throw problem("needs-key", { where: description.name });
      fillRow(noise, draw, row, own);
    }
    feeds[name] = noise;
  }
  return await engine.run(feeds, Object.fromEntries(description.outputs.map((name) => [name, null])));
}

function policyOf(engine: Engine, description: PolicyDescription, bytes: Uint8Array): OnnxPolicy {
  const { name, observationSpace, actionSpace, stochastic } = description;
  const remembers = Object.keys(description.memory).length > 0;
  const actBatch = async (observations: NdArray, options: ActOptions = {}): Promise<Decisions> => {
    const { action, probability, ...others } = await run(engine, description, observations, options);
    // A vector chosen without chance has no density.
    const known = probability && !(options.deterministic && actionSpace.kind === "box");
    const carried = Object.entries(others).filter(([output]) => output.startsWith(carriedName));
    return {
      action,
      ...(known ? { probability: Float64Array.from(probability.data as Float32Array) } : {}),
      ...(remembers
        ? { memory: Object.fromEntries(carried.map(([o, value]) => [o.slice(carriedName.length), value])) }
        : {}),
      info: Object.fromEntries(Object.entries(others).filter(([output]) => !output.startsWith(carriedName))),
    };
  };
  return {
    name,
    observationSpace,
    actionSpace,
    description,
    bytes,
    actBatch,
    async act(observation: Value, { key, ...options }: ActOptions = {}) {
      if (key === undefined && stochastic && !options.deterministic) throw problem("needs-key", { where: name });
      const batch = await actBatch(stackValues(observationSpace, [observation]), {
        ...options,
        ...(key ? { keys: [key] } : {}),
      });
      const action = readRow(actionSpace, batch.action, 0);
      return {
        action,
        ...(batch.probability ? { probability: batch.probability[0] } : {}),
        ...(batch.memory ? { memory: batch.memory } : {}),
        info: batch.info,
      };
    },
    save: (path) => writeAtomically(path, bytes),
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
