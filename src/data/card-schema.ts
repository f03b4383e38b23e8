/** What a card says, as plain JSON. */
import * as z from "zod";
import { summarySchema } from "./summaries.ts";

const actionsSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("choices"),
    counts: z.array(
      z.object({ name: z.string(), rows: z.int(), share: z.number(), meanReward: z.number().nullable() }),
    ),
    /** Share of the actions that at least `enough` rows chose. */
    support: z.object({ enough: z.int(), share: z.number() }),
  }),
  z.object({
    kind: z.literal("dimensions"),
    dimensions: z.array(
      z.object({
        low: z.number(),
        high: z.number(),
        /** Rows in each of the equal parts between low and high. */
        histogram: z.array(z.int()),
        mean: z.number(),
        std: z.number(),
        /** Share of rows at the space's low or high; 0 where there is no bound. */
        atBounds: z.number(),
      }),
    ),
  }),
]);

const qualitySchema = z.object({
  /** TQ; null where chance and the best are equal. */
  value: z.number().nullable(),
  /** The returns that count as 0 and as 1. */
  random: z.number(),
  best: z.number(),
  /** Whether these were given, or are the lowest and highest return of the reference, or of the recording itself. */
  scale: z.enum(["given", "reference", "recording"]),
});

/** A measure, and what multiple of the reference's it is; null without a reference, or where that is 0. */
const localSchema = z.object({ value: z.number(), relative: z.number().nullable() });

const measuresSchema = z.object({
  quality: qualitySchema.nullable(),
  /** SACo against the reference; without one, the pairs alone. */
  stateActionCoverage: z
    .object({
      value: z.number().nullable(),
      pairs: z.int(),
      referencePairs: z.int().nullable(),
      exact: z.boolean(),
    })
    .nullable(),
  /** RPSV, in squared units of the return. */
  positiveSidedVariance: z.number().nullable(),
  actionVariance: localSchema.nullable(),
  stateSimilarity: localSchema.nullable(),
  transitionDiversity: localSchema.nullable(),
  /** Of the tags "behaviour" and "success", where both are there: to the base of the behaviours that were seen. */
  behaviourEntropy: z.number().nullable(),
  /** Of the tag that tells sources. */
  operators: z.array(
    z.object({
      operator: z.string(),
      episodes: z.int(),
      success: z.number().nullable(),
      meanReturn: z.number(),
      length: z.number().nullable(),
      actionVariance: z.number(),
      regularity: z.number(),
      score: z.number(),
      tier: z.enum(["better", "okay", "worse"]),
    }),
  ),
  /** Quality and coverage of each source, on one scale and against one reference; null where it has none. */
  sources: z
    .object({
      tag: z.string(),
      values: z.array(
        z.object({
          value: z.string(),
          episodes: z.int(),
          quality: z.number().nullable(),
          coverage: z.number().nullable(),
        }),
      ),
    })
    .nullable(),
  /** Why measures are missing, in sentences. */
  missing: z.array(z.string()),
});

export const cardSchema = z.object({
  kind: z.enum(["trajectories", "decisions"]),
  rows: z.int(),
  episodes: z.int(),
  observations: z.string(),
  actions: z.string(),
  /** Undiscounted return of each episode; of a decision log, the reward of each row. Null when there is none. */
  returns: summarySchema.nullable(),
  lengths: summarySchema.nullable(),
  /** Share of episodes that ended so. */
  terminated: z.number(),
  truncated: z.number(),
  /** The values of each tag, most frequent first, at most 20. */
  tags: z.record(z.string(), z.array(z.object({ value: z.string(), episodes: z.int(), meanReturn: z.number() }))),
  coverage: actionsSchema,
  /** Of a decision log: probabilities of the logged actions. */
  propensities: summarySchema
    .extend({
      /** Mean of 1/propensity² : what importance weighting by 1/propensity does to the sample, as a share kept. */
      effectiveShare: z.number(),
    })
    .nullable(),
  /** Of trajectories, the published measures; null for a decision log, and where they were not asked for. */
  measures: measuresSchema.nullable(),
  /** Rows that repeat an earlier one in observation, action and reward. */
  duplicates: z.int(),
  /** Episodes that repeat an earlier one in all of these, from the first step to the last; of a decision log 0. */
  duplicateEpisodes: z.int(),
  /** Against a recording to test on, where one was given: what it shares with this one. */
  overlap: z
    .object({
      /** Episodes of the other (of a decision log: rows) that are in this one too. */
      shared: z.int(),
      of: z.int(),
      /** Whether some of this recording was recorded after the other began; null without timestamps in both. */
      later: z.boolean().nullable(),
    })
    .nullable(),
  /** Features that never change. */
  constantFeatures: z.array(z.string()),
  extras: z.array(z.string()),
  warnings: z.array(z.string()),
  provenance: z.object({
    environment: z.string(),
    fingerprint: z.string(),
    lineage: z.array(z.string()),
    license: z.string().exactOptional(),
  }),
});

export type Card = z.output<typeof cardSchema>;
export type CardMeasures = z.output<typeof measuresSchema>;
