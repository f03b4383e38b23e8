/**
 * Recordings of graded quality from one training run, as D4RL's (Fu and others 2020, arXiv:2004.07219): random, medium,
 * medium-replay, medium-expert, expert.
 */
import * as z from "zod";
import { concat } from "../../data/concat.ts";
import type { Trajectories } from "../../data/trajectories.ts";
import { filterEpisodes, tag } from "../../data/views.ts";
import { type Environment, make, prepare, seedFrom } from "../../envs/index.ts";
import { evaluate } from "../../evaluation/index.ts";
import { builtin, exists, readJson, writeAtomically } from "../../files.ts";
import { collect, loadPolicy, type OnnxPolicy, type Policy, randomPolicy } from "../../policies/index.ts";
import { problem } from "../../problems.ts";
import { fold, randomKey } from "../../tensor/index.ts";
import { type AnyAlgorithm, learnsByPlay } from "../define.ts";
import { type TrainOnlineOptions, trainOnline } from "./train-online.ts";

export const tierNames = ["random", "medium", "medium-replay", "medium-expert", "expert"] as const;
export type TierName = (typeof tierNames)[number];

export interface TiersOptions<A extends AnyAlgorithm = AnyAlgorithm>
  extends Pick<TrainOnlineOptions<A>, "options" | "schedule" | "seed" | "threads" | "progress" | "signal"> {
  /** The run behind the tiers lives here, and resumes. */
  readonly folder: string;
  /** Steps of each tier; medium-expert has twice as many, medium-replay what was played until the medium policy. */
  readonly rows: number;
  /** How often the policy is judged on the way. Default 20. */
  readonly judgements?: number;
  /** Episodes of a judgement. Default 10. */
  readonly episodes?: number;
  /** How far the medium policy is from the random one to the expert. Default 1/3, as in D4RL. */
  readonly medium?: number;
}

export interface Judged {
  /** Steps that were played before it. */
  readonly step: number;
  /** Mean return of its best actions. */
  readonly return: number;
}

export interface Tiers {
  /** The run was stopped; the same call takes it up again. */
  readonly interrupted: boolean;
  readonly random: number;
  readonly judgements: readonly Judged[];
  readonly medium?: Judged;
  readonly expert?: Judged;
  readonly recordings: { readonly [tier in TierName]?: Trajectories };
}

const judgedSchema = z.object({ step: z.int().min(0), return: z.number() });

/**
 * Trains a method in an environment, and records policies of three qualities: by chance, the first that came `medium` of
 * the way, and the best. They act by chance as they learned to, so that the recordings cover more than one way.
 * @throws what trainOnline throws; Problem "no-medium" when no judged policy is better than chance
 */
export async function tiers<A extends AnyAlgorithm>(
  algorithm: A,
  environment: string,
  given: TiersOptions<A>,
): Promise<Tiers> {
  const { folder, rows, judgements = 20, episodes = 10, medium: share = 1 / 3, ...run } = given;
  const { seed = 0 } = given;
  const steps = stepsOf(algorithm, run);
  await prepare(environment);
  const world = (): Environment => make(environment);
  const { join } = builtin.path();
  const policies = join(folder, "policies");
  await builtin.fsPromises().mkdir(policies, { recursive: true });
  const key = fold(randomKey(seed), "tiers");
  const starts = seedFrom(fold(key, "judgements"));

  const every = Math.max(1, Math.floor(steps / judgements));
  const pathOf = (step: number, ending: string): string => join(policies, `${step}.${ending}`);
  const { played, interrupted } = await trainOnline(algorithm, world, {
    ...(run as TrainOnlineOptions<A>),
    folder: join(folder, "run"),
    record: true,
    evaluateEvery: every,
    async evaluate(policy: OnnxPolicy, step: number) {
      const judged = await evaluate(policy, world, { episodes, seed: starts });
      await policy.save(pathOf(step, "onnx"));
      const note: Judged = { step, return: judged.return.value };
      await writeAtomically(pathOf(step, "json"), `${JSON.stringify(note)}\n`);
      return { return: note.return };
    },
  });
  const judged = await readJudgements(policies);
  const chance = randomPolicy(world());
  const random = (await evaluate(chance, world, { episodes, seed: starts, deterministic: false })).return.value;
  if (interrupted) return { interrupted, random, judgements: judged, recordings: {} };

  const expert = judged.reduce((best, one) => (one.return > best.return ? one : best));
  const enough = random + share * (expert.return - random);
  const medium = judged.find((one) => one.return >= enough)!;
  if (!(expert.return > random)) throw problem("no-medium", { environment, random, best: expert.return });

  const recorded = async (policy: Policy, tier: TierName): Promise<Trajectories> => {
    const collected = await collect(policy, world, { steps: rows, seed: seedFrom(fold(key, tier)) });
    return tag(collected, "tier", tier);
  };
  await using mediumPolicy = await loadPolicy(pathOf(medium.step, "onnx"));
  await using expertPolicy = await loadPolicy(pathOf(expert.step, "onnx"));
  const recordings = {
    random: await recorded(chance, "random"),
    medium: await recorded(mediumPolicy, "medium"),
    expert: await recorded(expertPolicy, "expert"),
    "medium-replay": tag(
      filterEpisodes(played!, ({ tags }) => Number(tags.step) < medium.step),
      "tier",
      "medium-replay",
    ),
  };
  const mixed = concat(recordings.medium, recordings.expert);
  return {
    interrupted,
    random,
    judgements: judged,
    medium,
    expert,
    recordings: { ...recordings, "medium-expert": mixed },
  };
}

function stepsOf(algorithm: AnyAlgorithm, { options, schedule }: Pick<TiersOptions, "options" | "schedule">): number {
  const own = learnsByPlay(algorithm) ? options : schedule;
  const { steps } = (own ?? {}) as { readonly steps?: number };
  if (steps !== undefined) return steps;
  const wanted = "the steps to train for, since judgements are spread over them";
  throw problem("bad-option", { where: "tiers", name: "steps", given: null, wanted });
}

async function readJudgements(folder: string): Promise<readonly Judged[]> {
  const { join } = builtin.path();
  const files = (await builtin.fsPromises().readdir(folder)).filter((file) => file.endsWith(".json"));
  const judged: Judged[] = [];
  for (const file of files) {
    const path = join(folder, file);
    const parsed = judgedSchema.safeParse(await readJson(path, "judgement"));
    if (!parsed.success || !(await exists(path.replace(/json$/, "onnx")))) {
      const reason = "it is not what this run wrote, or the policy beside it is missing";
      throw problem("broken-file", { path, what: "judgement", reason });
    }
    judged.push(parsed.data);
  }
  return judged.sort((a, b) => a.step - b.step);
}
