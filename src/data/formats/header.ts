/** What every file of ours says of itself: the first line of a JSONL file, the footer of a Parquet file. */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { parseSpace } from "../../spaces/schema.ts";
import type { Space } from "../../spaces/space.ts";
import type { NdArray } from "../../tensor/ndarray.ts";
import type { Stored } from "../columns.ts";
import { canonicalJson } from "../fingerprint.ts";
import type { Recording } from "../trajectories.ts";

const version = 1;

const dtypes = ["float32", "float64", "int32", "int64", "bool"] as const;
const extra = z.strictObject({ dtype: z.enum(dtypes), shape: z.array(z.int().min(0)) });
const tagValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** How an environment was made (EnvironmentSpec), from JSON. */
export const specSchema = z.strictObject({
  name: z.string(),
  options: z.record(z.string(), z.unknown()).exactOptional(),
  parameters: z.record(z.string(), z.number()).exactOptional(),
  maxSteps: z.int().min(1).nullable().exactOptional(),
  module: z.string().exactOptional(),
  export: z.string().exactOptional(),
});

const shared = {
  format: z.literal("repertoire").default("repertoire"),
  version: z.literal(version).default(version),
  extras: z.record(z.string(), extra).default({}),
  tags: z.union([z.record(z.string(), z.array(tagValue)), z.array(z.string())]).default({}),
  provenance: z
    .strictObject({
      environment: z.string().default(""),
      made: specSchema.exactOptional(),
      lineage: z.array(z.string()).exactOptional(),
      license: z.string().exactOptional(),
      fingerprint: z.string().exactOptional(),
    })
    .default({ environment: "" }),
};

const headerSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("trajectories"),
    observationSpace: z.unknown(),
    actionSpace: z.unknown(),
    ...shared,
  }),
  z.strictObject({
    kind: z.literal("decisions"),
    contextSpace: z.unknown().optional(),
    contextNames: z.array(z.string()).exactOptional(),
    actions: z.union([
      z.int().min(1).max(1e7),
      z.strictObject({
        count: z.int().min(1).max(1e7),
        names: z.array(z.string()).exactOptional(),
        features: z.array(z.array(z.number())).exactOptional(),
      }),
    ]),
    available: z.boolean().default(false),
    loggingPolicy: z.boolean().default(false),
    ...shared,
  }),
]);

type Given = z.output<typeof headerSchema>;

export type TrajectoriesHeader = Omit<Extract<Given, { kind: "trajectories" }>, "observationSpace" | "actionSpace"> & {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
};
export type DecisionsHeader = Omit<Extract<Given, { kind: "decisions" }>, "contextSpace"> & {
  readonly contextSpace?: Space;
};

/** @throws Problem "not-a-recording" naming the entry that is missing or wrong, "bad-space" for a space */
export function parseHeader(text: string, source: string): TrajectoriesHeader | DecisionsHeader {
  const refuse = (reason: string): never => {
    throw problem("not-a-recording", {
      source,
      reason: `its header ${reason}`,
      wanted: `a header of kind "trajectories" with observationSpace and actionSpace, or of kind "decisions" with actions`,
      next: "See docs/recordings.md for a complete example of each format.",
    });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    refuse("is not JSON");
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`has a wrong entry${issue.path.length > 0 ? ` "${issue.path.join(".")}"` : ""} (${issue.message})`);
  }
  const header = parsed.data;
  if (header.kind === "trajectories") {
    return {
      ...header,
      observationSpace: parseSpace(header.observationSpace, `${source}, observationSpace`),
      actionSpace: parseSpace(header.actionSpace, `${source}, actionSpace`),
    };
  }
  const { contextSpace, ...rest } = header;
  if (contextSpace === undefined) return rest;
  return { ...rest, contextSpace: parseSpace(contextSpace, `${source}, contextSpace`) };
}

const rowsOf = (array: NdArray): number[][] =>
  Array.from({ length: array.shape[0] }, (_, i) =>
    Array.from(array.data.subarray(i * array.shape[1], (i + 1) * array.shape[1]) as Float32Array),
  );

/**
 * The header of a recording, as one line of JSON. Tags of a decision log are named here and stand in its rows. Files that
 * people edit by hand go without the fingerprint, which no edit would survive.
 */
export function headerOf(
  recording: Recording,
  options: { readonly fingerprint: boolean } = { fingerprint: true },
): string {
  const { environment, made, lineage, license } = recording.provenance;
  const fingerprint = options.fingerprint ? recording.provenance.fingerprint : undefined;
  const extras = Object.fromEntries(
    Object.entries(recording.extras).map(([name, { dtype, shape }]) => [name, { dtype, shape: shape.slice(1) }]),
  );
  const common = {
    format: "repertoire",
    version,
    extras,
    provenance: { environment, made, lineage, license, fingerprint },
  };
  if (recording.kind === "trajectories") {
    const { kind, observationSpace, actionSpace, tags } = recording;
    return canonicalJson({ ...common, kind, observationSpace, actionSpace, tags });
  }
  const { kind, contextSpace, contextNames, actions } = recording;
  return canonicalJson({
    ...common,
    kind,
    contextSpace,
    contextNames,
    actions: { ...actions, features: actions.features && rowsOf(actions.features) },
    available: recording.available !== undefined,
    loggingPolicy: recording.loggingPolicy !== undefined,
    tags: Object.keys(recording.tags),
  });
}

/** Checks the contents against the fingerprint that their file carries. @throws Problem "broken-file" when they differ */
export function checkFingerprint<R extends Recording>(recording: R, written: string | undefined, path: string): R {
  if (written === undefined || written === recording.provenance.fingerprint) return recording;
  throw problem("broken-file", {
    path,
    what: "recording",
    reason:
      "its contents do not have the fingerprint they were written with: it was damaged, or changed by another program",
    next: "Take it again from where it was made, or from a copy.",
  });
}

/** Extras in the header's order, with the form of one value of each. */
export const extrasOf = (header: TrajectoriesHeader | DecisionsHeader): readonly (readonly [string, Stored])[] =>
  Object.entries(header.extras);

export const originOf = (header: TrajectoriesHeader | DecisionsHeader, path: string) => {
  const { environment, made, lineage = [path], license } = header.provenance;
  const known = { ...(made === undefined ? {} : { made }), ...(license === undefined ? {} : { license }) };
  return { environment, lineage, ...known };
};
