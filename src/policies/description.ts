/** What a policy file says of itself. */
import { fromBinary } from "@bufbuild/protobuf";
import * as z from "zod";
import { specSchema } from "../data/formats/header.ts";
import { problem } from "../problems.ts";
import { spaceSchema } from "../spaces/schema.ts";
import { asType, type NdArray, ndarray } from "../tensor/index.ts";
import { ModelProtoSchema } from "../tensor/onnx/onnx_pb.ts";

/** The metadata entry of the ONNX file that holds the description. */
export const metadataKey = "repertoire";
export const formatVersion = 1;

const arraySchema = z.object({
  shape: z.array(z.int().min(0)),
  dtype: z.enum(["float32", "float64", "int32", "bool"]),
  values: z.array(z.number()),
});

const noiseSchema = z.object({
  name: z.string(),
  path: z.string(),
  shape: z.array(z.int()),
  dtype: z.enum(["float32", "int32"]),
  kind: z.union([z.enum(["normal", "uniform", "orthogonal"]), z.object({ below: z.number() })]),
  /** The paths of a loop's draws, stacked along a leading axis before the batch. */
  turns: z.array(z.string()).optional(),
});

const provenanceSchema = z.object({
  /** The method's name, e.g. "iql". */
  method: z.string(),
  options: z.record(z.string(), z.unknown()),
  /** Fingerprint of the recording it learned from. */
  recording: z.string(),
  environment: z.string(),
  /** How that environment was made, when it is known. */
  made: specSchema.exactOptional(),
  updates: z.int().min(0),
  seed: z.number(),
  /** Version of this package. */
  version: z.string(),
});

const estimateSchema = z.object({
  value: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  level: z.number(),
  n: z.number(),
  method: z.string(),
});

const testSchema = z.object({
  deterministic: z.boolean(),
  seed: z.number(),
  observation: arraySchema,
  outputs: z.record(z.string(), arraySchema),
});

const descriptionSchema = z.object({
  format: z.literal(formatVersion),
  name: z.string(),
  observationSpace: spaceSchema,
  actionSpace: spaceSchema,
  /** Whether the graph has an input that asks for the best action; a policy without chance has none. */
  stochastic: z.boolean(),
  outputs: z.array(z.string()),
  /** Shapes behind the batch of what is carried from one decision of an episode to the next. */
  memory: z.record(z.string(), z.array(z.int().min(0))).default({}),
  noise: z.array(noiseSchema),
  provenance: provenanceSchema,
  /** Last evaluation, by measure, e.g. { return: … }. */
  evaluation: z.record(z.string(), estimateSchema),
  tests: z.array(testSchema),
  /** Largest difference from a test vector that a loader may find, absolute plus relative. */
  tolerance: z.number(),
});

export type PolicyProvenance = z.infer<typeof provenanceSchema>;
export type PolicyDescription = z.infer<typeof descriptionSchema>;
type PackedArray = z.infer<typeof arraySchema>;

export const packed = ({ shape, dtype, data }: NdArray): PackedArray => ({
  shape: [...shape],
  dtype: dtype as PackedArray["dtype"],
  values: Array.from(data as Float32Array),
});

export const unpacked = ({ shape, dtype, values }: PackedArray): NdArray => ({
  ...asType(ndarray(Float64Array.from(values)), dtype),
  shape,
});

/** @throws Problem "broken-file" when the bytes are no ONNX model, "foreign-model" when they are no policy of ours */
export function describePolicy(bytes: Uint8Array, where: string): PolicyDescription {
  const text = metadataOf(bytes, where);
  const json = ((): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      throw problem("foreign-model", { path: where, reason: "its description is not JSON" });
    }
  })();
  const parsed = descriptionSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const reason = `its description is not ours (${z.prettifyError(parsed.error).replaceAll(/\s+/g, " ")})`;
  throw problem("foreign-model", { path: where, reason });
}

function metadataOf(bytes: Uint8Array, where: string): string {
  try {
    const { graph, metadataProps } = fromBinary(ModelProtoSchema, bytes);
    const entry = metadataProps.find(({ key }) => key === metadataKey);
    if (graph !== undefined && entry !== undefined) return entry.value;
  } catch (error) {
    throw problem("broken-file", { path: where, what: "ONNX file", reason: (error as Error).message });
  }
  throw problem("foreign-model", { path: where, reason: "it does not describe itself" });
}
