/** repertoire record: a policy, or a mixture of them, played and kept. */
import { Command } from "commander";
import { openProgress } from "../algorithms/logging/index.ts";
import { card, concat, returns, type Trajectories, writeRecording } from "../data/index.ts";
import { seedFrom, type WrappedEnvironment } from "../envs/index.ts";
import { collect, demonstrate } from "../policies/index.ts";
import { problem } from "../problems.ts";
import { fold, randomKey } from "../tensor/index.ts";
import { type Assignments, assignment, wholeNumber } from "./flags.ts";
import { interruptible } from "./interruption.ts";
import { outputFile } from "./outputs.ts";
import { mixture, performer } from "./performers.ts";
import { printJson, say } from "./printing.ts";
import { settleFlags } from "./settings.ts";
import { worldOf } from "./sources.ts";

interface Flags {
  readonly out?: string;
  readonly policy: string;
  readonly mix?: string;
  readonly episodes?: number;
  readonly steps?: number;
  readonly deterministic?: boolean;
  readonly envSet?: Assignments;
  readonly tag?: { readonly [name: string]: string | number | boolean };
  readonly seed: number;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const endings = [".parquet", ".jsonl", ".jsonl.gz"];

export const recordCommand = (): Command =>
  new Command("record")
    .description("Plays a policy in a registered environment and writes what happened as a recording.")
    .argument("<env>", "an environment, e.g. CartPole-v1 or PointMaze-medium-v0")
    .usage("<env> -o <file> [options]")
    .option("-o, --out <file>", "the recording to write: .parquet, .jsonl or .jsonl.gz")
    .option(
      "-p, --policy <policy>",
      "random, expert[:skill=0.9,style=left,…] (the dials depend on the environment), or a policy file (.onnx)",
      "random",
    )
    .option("--mix <shares>", 'several policies and their shares of the episodes, e.g. "expert:0.2,random:0.8"')
    .option("--episodes <n>", "how many episodes (default: 100)", wholeNumber("--episodes"))
    .option("--steps <n>", "how many steps instead; the last episode is cut off", wholeNumber("--steps"))
    .option("--deterministic", "take each policy's best action instead of one by chance")
    .option("--env-set <key=value>", "an option of the environment; may be repeated", assignment("--env-set"))
    .option("--tag <key=value>", "a label for every episode; may be repeated", assignment("--tag"))
    .option("--seed <n>", "everything random follows from it", wholeNumber("--seed", 0), 0)
    .option("--config <file>", "a JSON object of these options; flags win over it")
    .option("--overwrite", "replace the file if it exists")
    .option("--json", "print what was recorded as JSON")
    .addHelpText("after", "\nEnvironments: repertoire environments lists them.")
    .action(record);

async function record(env: string, _: Flags, command: Command): Promise<void> {
  await settleFlags(command);
  const flags = command.opts<Flags>();
  const where = "repertoire record";
  const path = await outputFile(flags.out, endings, { where, ...(flags.overwrite ? { overwrite: true } : {}) });
  const world = await worldOf(env, flags.envSet);
  const recording = await played(world, flags);
  await writeRecording(path, recording);
  const { rows, episodes, returns: spread } = card(recording, { measures: false });
  const { fingerprint } = recording.provenance;
  if (flags.json) printJson({ path, environment: env, episodes, steps: rows, returns: spread, fingerprint });
  const mean = returns(recording).reduce((a, b) => a + b, 0) / episodes;
  say(
    `${path}: ${episodes} episodes, ${rows} steps in ${env}; mean return ${Number(mean.toPrecision(4))}.\nNext: repertoire card ${path}`,
    flags,
  );
}

async function played(world: Awaited<ReturnType<typeof worldOf>>, flags: Flags): Promise<Trajectories> {
  const { steps, seed, mix } = flags;
  const episodes = flags.episodes ?? (steps === undefined ? 100 : undefined);
  if (mix === undefined) {
    using bar = openProgress({ label: "record", total: episodes ?? steps!, unit: "episodes" });
    const amount = steps === undefined ? { episodes: episodes! } : { steps };
    return await part(flags.policy, amount, seed, world, flags, (done) => bar.update(done));
  }
  if (episodes === undefined || steps !== undefined) {
    throw problem("bad-usage", {
      where: "repertoire record",
      reason: "--mix shares out episodes, and --steps was given",
      next: "Say how many --episodes instead.",
    });
  }
  using bar = openProgress({ label: "record", total: episodes, unit: "episodes" });
  const recordings: Trajectories[] = [];
  let before = 0;
  for (const [i, share] of mixture(mix, episodes).entries()) {
    const own = seedFrom(fold(randomKey(seed), "part", i));
    const amount = { episodes: share.episodes };
    recordings.push(await part(share.policy, amount, own, world, flags, (done) => bar.update(before + done)));
    before += share.episodes;
  }
  return concat(...(recordings as [Trajectories, ...Trajectories[]]));
}

/** What one policy does. */
async function part(
  written: string,
  amount: { readonly episodes: number } | { readonly steps: number },
  seed: number,
  world: () => WrappedEnvironment,
  { envSet, tag: tags = {}, deterministic }: Flags,
  onEpisode: (done: number) => void,
): Promise<Trajectories> {
  using looked = world();
  const expert = await performer(written, looked, envSet);
  if ("policy" in expert) {
    await using policy = expert.policy;
    const how = deterministic ? { deterministic } : {};
    return await collect(interruptible(policy), world, { seed, tags, onEpisode, ...amount, ...how });
  }
  if ("steps" in amount || deterministic) {
    const reason = `${expert.name} knows the world it acts in, and is recorded by whole episodes, by chance`;
    throw problem("bad-usage", {
      where: "repertoire record",
      reason,
      next: "Say --episodes N, without --steps and --deterministic.",
    });
  }
  return demonstrate(expert.name, world, expert.actor, { episodes: amount.episodes, seed, tags });
}
